#!/usr/bin/env python3
"""Random rule sets, too large to try every patient, decided by Z3 and by gl: the same pairs must contradict each other.

    pip install z3-solver
    cargo build --release
    python3 tests/oracle/z3_pairs.py target/release/gl [SETS] [FIRST SEED]

For each set this writes a library of 40 rules over 40 facts with 12 assumptions, and asks gl for its contradictions. Z3, which
is told the same conditions over the reals and over sorts of its own, says of every pair of rules about comparable actions
whether a patient meets both. Compared are: the pairs; the rules that never fire; and of every witness, that with the
assumptions it implies both conditions, whatever else is true of the patient. Ends with 1 at the first difference and leaves
the files where it says.
"""

import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import z3

SIGNS, GRADES, TIMES, COUNTS, SETS_OF = 20, 7, 6, 3, 4
VALUES = ["none", "mild", "moderate", "severe"]
MEMBERS = ["motor", "sensory", "reflex"]
# Each action with the one that it is a kind of.
ACTIONS = {"scan": None, "mri": "scan", "ct": "scan", "contrast_mri": "mri", "drug": None, "nsaid": "drug", "opioid": "drug"}
COMPARISONS = {
    "at least": lambda x, y: x >= y,
    "at most": lambda x, y: x <= y,
    "over": lambda x, y: x > y,
    "under": lambda x, y: x < y,
}


class Patient:
    """What is true of somebody of whom everything is known, as variables of Z3."""

    def __init__(self):
        self.signs = [z3.Bool(f"sign_{i}") for i in range(SIGNS)]
        self.grades = [z3.Int(f"grade_{i}") for i in range(GRADES)]
        self.times = [z3.Real(f"time_{i}") for i in range(TIMES)]
        self.counts = [z3.Int(f"count_{i}") for i in range(COUNTS)]
        self.members = [[z3.Bool(f"set_{i}_{m}") for m in MEMBERS] for i in range(SETS_OF)]

    def bounds(self):
        inside = [z3.And(g >= 0, g < len(VALUES)) for g in self.grades]
        return inside + [x >= 0 for x in self.times + self.counts]


class Maker:
    """Conditions as text and as formulas."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.patient = Patient()

    def test(self):
        r, p = self.random, self.patient
        kind = r.randrange(10)
        if kind < 4:
            i = r.randrange(SIGNS)
            return f"sign_{i}", p.signs[i]
        if kind == 4:
            i, v = r.randrange(GRADES), r.randrange(len(VALUES))
            return f"grade_{i} is {VALUES[v]}", p.grades[i] == v
        if kind == 5:
            i, v = r.randrange(GRADES), r.randrange(len(VALUES))
            how = r.choice(["at least", "at most"])
            return f"grade_{i} {how} {VALUES[v]}", COMPARISONS[how](p.grades[i], v)
        if kind == 6:
            i, chosen = r.randrange(GRADES), sorted(r.sample(range(len(VALUES)), 2))
            names = ", ".join(VALUES[v] for v in chosen)
            return f"grade_{i} is in ({names})", z3.Or([p.grades[i] == v for v in chosen])
        if kind == 7:
            i, m = r.randrange(SETS_OF), r.randrange(len(MEMBERS))
            return f"set_{i} includes {MEMBERS[m]}", p.members[i][m]
        if kind == 8:
            i, v, how = r.randrange(COUNTS), r.randrange(1, 5), r.choice(list(COMPARISONS))
            return f"count_{i} {how} {v}", COMPARISONS[how](p.counts[i], v)
        i, v, how = r.randrange(TIMES), r.choice([2, 6, 12, 26]), r.choice(list(COMPARISONS))
        return f"time_{i} {how} {v} weeks", COMPARISONS[how](p.times[i], v)

    def condition(self, depth=2):
        r = self.random
        kind = r.randrange(8) if depth else 0
        if kind < 2:
            return self.test()
        if kind == 2:
            text, formula = self.condition(depth - 1)
            return f"not ({text})", z3.Not(formula)
        parts = [self.condition(depth - 1) for _ in range(r.randrange(2, 4))]
        texts, formulas = [f"({t})" for t, _ in parts], [f for _, f in parts]
        if kind == 3 and len(parts) == 3:
            return f"at least 2 of ({', '.join(texts)})", z3.AtLeast(*formulas, 2)
        if kind % 2:
            return " or ".join(texts), z3.Or(formulas)
        return " and ".join(texts), z3.And(formulas)

    def assumption(self):
        """Text, formula, and what the left side says."""
        r, p = self.random, self.patient
        kind = r.randrange(4)
        if kind == 0:
            (one, first), (other, second) = self.test(), self.test()
            return f"({one}) implies ({other})", z3.Implies(first, second), first
        if kind == 1:
            (one, first), (two, second), (other, third) = self.test(), self.test(), self.test()
            both = z3.And(first, second)
            return f"({one}) and ({two}) implies ({other})", z3.Implies(both, third), both
        if kind == 2:
            chosen = r.sample(range(SIGNS), 3)
            names = ", ".join(f"sign_{i}" for i in chosen)
            return f"at most one of ({names})", z3.AtMost(*[p.signs[i] for i in chosen], 1), True
        low, high = r.sample(range(TIMES), 2)
        return f"time_{low} at most time_{high}", p.times[low] <= p.times[high], True


def is_kind_of(action, other):
    while action is not None and action != other:
        action = ACTIONS[action]
    return action == other


def library(seed, folder):
    """Writes the library; returns its rules, each (name, advises, action, formula), and its assumptions."""
    maker = Maker(seed)
    words = [f"fact sign_{i}: yes/no" for i in range(SIGNS)]
    words += [f"fact grade_{i}: one of {' < '.join(VALUES)}" for i in range(GRADES)]
    words += [f"fact time_{i}: quantity in weeks" for i in range(TIMES)]
    words += [f"fact count_{i}: count" for i in range(COUNTS)]
    words += [f"fact set_{i}: any of {', '.join(MEMBERS)}" for i in range(SETS_OF)]
    words += [f"action {a}" + (f" is {parent}" if parent else "") for a, parent in ACTIONS.items()]
    known = z3.Solver()
    known.add(maker.patient.bounds())
    left_sides = []
    while len(left_sides) < 12:
        text, formula, left = maker.assumption()
        # Assumptions of whose left side nobody is left are errors of their own.
        if all(known.check(formula, side) == z3.sat for side in [*left_sides, left]):
            known.add(formula)
            left_sides.append(left)
            words.append(f"assume {text}")
    rules, text = [], ['guideline g "G" version "1"', "use words", 'source S "Source"']
    for number in range(40):
        condition, formula = maker.condition(3)
        unless = maker.random.randrange(3) == 0
        exception, without = maker.condition(1)
        modality = maker.random.choice(["recommend", "recommend", "consider", "avoid", "never"])
        action = maker.random.choice(list(ACTIONS))
        text += [f"rule r{number}:", f"  when {condition}"] + ([f"  unless {exception}"] if unless else [])
        text += [f"  then {modality} {action}", "  cite S"]
        formula = z3.And(formula, z3.Not(without)) if unless else formula
        rules.append((f"g.r{number}", modality in ("recommend", "consider"), action, formula))
    (folder / "words.gl").write_text("\n".join(words) + "\n")
    (folder / "g.gl").write_text("\n".join(text) + "\n")
    return maker.patient, rules, list(known.assertions())


def told(patient, name, value):
    """What a witness says of one fact, as a formula."""
    kind, number = name.split("_")
    number = int(number)
    if kind == "sign":
        return patient.signs[number] == (value == "yes")
    if kind == "grade":
        return patient.grades[number] == VALUES.index(value)
    if kind == "count":
        return patient.counts[number] == int(value)
    if kind == "time":
        amount, unit = value.split()
        weeks = {"week": 1, "weeks": 1, "day": (1, 7), "days": (1, 7), "hours": (1, 168), "minutes": (1, 10080)}[unit]
        weeks = z3.Q(*weeks) if isinstance(weeks, tuple) else weeks
        return patient.times[number] == z3.RealVal(amount) * weeks
    return z3.And([patient.members[number][MEMBERS.index(m)] == (is_there == "yes") for m, is_there in value.items()])


def disagree(seed, gl, folder):
    """What Z3 and gl do not agree on, as sentences."""
    patient, rules, assumptions = library(seed, folder)
    run = subprocess.run([gl, "check", str(folder), "--format", "json", "--all", "--max-findings", "100000"], capture_output=True, text=True)
    if run.returncode not in (0, 1):
        return [f"gl ended with {run.returncode}: {run.stderr}"], 0
    findings = json.loads(run.stdout)["findings"]
    undecided = [f["message"] for f in findings if f["code"] in ("GL738", "GL739")]
    guard = {name: formula for name, _, _, formula in rules}
    solver = z3.Solver()
    solver.add(assumptions)
    expected = set()
    for name, advises, action, formula in rules:
        for other, other_advises, avoided, against in rules:
            if advises and not other_advises and is_kind_of(action, avoided) and solver.check(formula, against) == z3.sat:
                expected.add((name, other, action))
    differences = [f"gl did not decide: {message}" for message in undecided]
    advising = {name for name, advises, _, _ in rules if advises}
    found = set()
    for finding in findings:
        names = [rule["rule"] for rule in finding.get("rules") or []]
        if finding["name"] == "contradiction":
            one, other = sorted(names, key=lambda n: n not in advising)
            found.add((one, other, finding["action"]))
        if finding.get("kind") in ("contradiction", "strength", "narrowing"):
            facts = [told(patient, name, value) for name, value in finding["witness"].items()]
            if solver.check(facts) != z3.sat:
                differences.append(f"nobody is like the witness of {names}: {finding['witness']}")
            elif solver.check(facts + [z3.Not(z3.And([guard[n] for n in names]))]) == z3.sat:
                differences.append(f"the witness of {names} does not suffice: {finding['witness']}")
    differences += [f"missed: {pair}" for pair in sorted(expected - found)]
    differences += [f"invented: {pair}" for pair in sorted(found - expected)]
    silent = {name for name, _, _, formula in rules if solver.check(formula) == z3.unsat}
    told_silent = {f["rules"][0]["rule"] for f in findings if f["name"] == "never-fires"}
    differences += [f"never fires, by Z3 alone: {name}" for name in sorted(silent - told_silent)]
    differences += [f"never fires, by gl alone: {name}" for name in sorted(told_silent - silent)]
    return differences, len(expected)


def main():
    gl = sys.argv[1]
    sets = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    first = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    pairs = 0
    for seed in range(first, first + sets):
        folder = Path(tempfile.mkdtemp(prefix="gl-z3-"))
        differences, met = disagree(seed, gl, folder)
        pairs += met
        if differences:
            print(f"seed {seed}, in {folder}:", *differences, sep="\n  ")
            return 1
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()
    print(f"{sets} rule sets, {pairs} contradicting pairs: Z3 and gl agree")
    return 0


if __name__ == "__main__":
    sys.exit(main())
