"""Made-up rules: sixty (or as many as asked) of two to six atoms over forty facts, as gl, SQL, Polars and JSON.

A condition is an atom, ["not", atom], ["and", conditions] or ["or", conditions]; an atom is ["yes", fact], ["is", fact, word] or
["least", fact, number].

As a program it prints rules, their library in gl and patients as JSON, for `benches/peers/one`.
"""

import argparse
import json
import random

FLAGS = [f"b{n}" for n in range(30)]
CHOICES = {f"e{n}": [f"v{k}" for k in range(size)] for n, size in enumerate([3, 4, 5, 6, 4])}
NUMBERS = {f"n{n}": [10 + 7 * n + 15 * k for k in range(4)] for n in range(5)}
LARGEST = 120


def rules(count, seed=1):
    chance = random.Random(seed)

    def atom():
        fact = chance.choice([*FLAGS, *CHOICES, *NUMBERS])
        if fact in CHOICES:
            test = ["is", fact, chance.choice(CHOICES[fact])]
        elif fact in NUMBERS:
            test = ["least", fact, chance.choice(NUMBERS[fact])]
        else:
            test = ["yes", fact]
        return ["not", test] if chance.random() < 0.3 else test, fact

    def condition():
        atoms, seen = [], set()
        size = chance.randint(2, 6)
        while len(atoms) < size:
            test, fact = atom()
            if fact not in seen:
                seen.add(fact)
                atoms.append(test)
        outer, inner = chance.choice([("and", "or"), ("or", "and")])
        cut = chance.randint(1, size - 1)
        parts = [part[0] if len(part) == 1 else [inner, part] for part in (atoms[:cut], atoms[cut:])]
        return [outer, parts]

    return [condition() for _ in range(count)]


def written(condition, atom, join, negate):
    """A condition in some language: how it writes atoms, how it joins parts, how it negates."""
    kind = condition[0]
    if kind in ("and", "or"):
        return join(kind, [written(part, atom, join, negate) for part in condition[1]])
    if kind == "not":
        return negate(written(condition[1], atom, join, negate))
    return atom(condition)


def infix(condition, atom):
    return written(condition, atom, lambda kind, parts: "(" + f" {kind} ".join(parts) + ")", lambda part: f"(not {part})")


def in_gl(condition):
    tests = {"yes": "{1}", "is": "{1} is {2}", "least": "{1} at least {2} years"}
    return infix(condition, lambda atom: tests[atom[0]].format(*atom))


def in_sql(condition):
    tests = {"yes": "{1}", "is": "{1} = '{2}'", "least": "{1} >= {2}"}
    return infix(condition, lambda atom: tests[atom[0]].format(*atom))


def in_polars(condition):
    import functools
    import operator

    import polars as pl

    tests = {"yes": lambda c: c, "is": lambda c, word: c == word, "least": lambda c, number: c >= number}
    join = lambda kind, parts: functools.reduce(operator.and_ if kind == "and" else operator.or_, parts)
    return written(condition, lambda atom: tests[atom[0]](pl.col(atom[1]), *atom[2:]), join, operator.invert)


def files(conditions):
    """The library in gl: names and texts of its files. A file has at most two thousand rules."""
    head = [f'fact {fact}: yes/no "{fact}"' for fact in FLAGS]
    head += [f'fact {fact}: one of {", ".join(words)} "{fact}"' for fact, words in CHOICES.items()]
    head += [f'fact {fact}: quantity in years "{fact}" range 0 years..{LARGEST} years' for fact in NUMBERS]
    head += [f'action a{n} "a{n}"' for n in range(len(conditions))]
    yield "vocabulary.gl", "\n".join(head) + "\n"
    for start in range(0, len(conditions), 2000):
        name = f"part{start // 2000}"
        lines = [f'guideline {name} "{name}" version "1" status active', "use vocabulary", 'source S "Made up"']
        for n, condition in enumerate(conditions[start : start + 2000], start):
            lines.append(f"rule r{n}: when {in_gl(condition)} then consider a{n} cite S")
        yield f"{name}.gl", "\n".join(lines) + "\n"


def patients(count, seed=2):
    """Made-up patients: what is known of each, by fact. Of every fact 30 % is unknown."""
    chance = random.Random(seed)

    def known():
        for fact in FLAGS:
            yield fact, chance.random() < 0.5
        for fact, words in CHOICES.items():
            yield fact, chance.choice(words)
        for fact in NUMBERS:
            yield fact, chance.randrange(LARGEST)

    return [{fact: value for fact, value in known() if chance.random() >= 0.3} for _ in range(count)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Prints made-up rules and patients as JSON.")
    parser.add_argument("--rules", type=int, default=60)
    parser.add_argument("--patients", type=int, default=2000)
    asked = parser.parse_args()
    made = rules(asked.rules)
    print(json.dumps({"conditions": made, "files": dict(files(made)), "patients": patients(asked.patients)}))
