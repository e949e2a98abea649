#!/usr/bin/env python3
"""Compiled guidelines say the same as gl, row by row, in the engines themselves.

    tests/sql/agree.py --gl target/debug/gl --to duckdb --patients 2000 guidelines
    tests/sql/agree.py --gl target/release/gl --to duckdb --patients 20000 --populations 50 guidelines

makes up a population (or several, one after the other; the second line is a million patients), of whom 30 % is unknown and whose numbers lie on and beside every threshold, asks `gl cohort` about it and the
engine with the query of `gl compile`, and compares every rule of every patient. DuckDB and DataFusion are the wheels of these names,
PostgreSQL a server made for the test (`initdb` and `pg_ctl` in the path, or PG_BIN), Spark the wheel `pyspark` with a Java.
"""

import argparse
import csv
import datetime
import decimal
import hashlib
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

AS_OF = datetime.date(2026, 2, 1)


def gl(arguments, allowed=(0,)):
    run = subprocess.run(arguments, capture_output=True, text=True)
    if run.returncode not in allowed:
        sys.exit(f"{' '.join(arguments)}\n{run.stdout[-2000:]}{run.stderr[-4000:]}")
    return run.stdout


def columns_of(query):
    """The columns that the head of a query describes, with what it says of each."""
    head = query.split("Columns of the table:\n", 1)[1]
    columns = []
    for line in head.splitlines():
        found = re.match(r"^--   (\S+): (.*)$", line)
        if not found:
            break
        columns.append(found.groups())
    return columns


def rules_of(query):
    """The rules of the last SELECT: name, and the effects that the comments above it tell."""
    last = query.rsplit("\nSELECT\n", 1)[1]
    rules, effects = [], []
    for line in last.splitlines():
        comment = re.match(r"^  -- (recommend|consider|avoid|never) (?:(?:immediate|urgent|routine) )?(.*)$", line)
        if comment:
            effects += [(comment[1], action) for action in comment[2].split(", ")]
        column = re.search(r" END AS [\"`](.*?)[\"`],?$", line)
        if column:
            rules.append((column[1], effects))
            effects = []
    return rules


def thresholds(query, name):
    """Numbers that a column is compared with, in its own unit."""
    quoted = re.escape(f'"{name}"')
    numbers = set()
    for factor, number in re.findall(quoted + r"(?: \* ([0-9.]+))? (?:>=|<=|>|<|=) ([0-9.]+)", query):
        number = decimal.Decimal(number)
        numbers.add(round(number / decimal.Decimal(factor), 6) if factor else number)
    return sorted(numbers) or [decimal.Decimal(10)]


def dates(query, name):
    days = re.findall(re.escape(f'"{name}"') + r" (?:>=|<=|>|<|=) DATE '([0-9-]+)'", query)
    return [datetime.date.fromisoformat(day) for day in days]


def made_up(query, columns, count, unknown, seed):
    """Rows of values: None, bool, str, Decimal, date."""
    chance = random.Random(seed)
    near = {name: thresholds(query, name) for name, what in columns}
    days = {name: dates(query, name) for name, what in columns}
    rows = []
    for number in range(count):
        row = {}
        known = chance.choice([100, 100 - unknown, 100 - unknown, 40, 10])
        for name, what in columns:
            if name == "patient_id":
                row[name] = str(number)
            elif name == "as_of":
                row[name] = AS_OF
            elif chance.randrange(100) >= known:
                row[name] = None
            elif what == "BOOLEAN":
                # Rare signs are rarer than that in a register, and assumptions bind all that are yes.
                row[name] = chance.random() < 0.3
            elif what.startswith("text"):
                words = what.removeprefix("text, one of ").split(", ")
                row[name] = "another" if chance.random() < 0.002 else chance.choice(words)
            elif what == "DATE":
                about = days[name] + [AS_OF - datetime.timedelta(days=n) for n in (0, 1, 13, 14, 41, 42, 43, 183, 400)]
                row[name] = chance.choice(about) + datetime.timedelta(days=chance.choice([0, 0, 0, -1, 1]))
                if row[name] > AS_OF and chance.random() < 0.95:
                    row[name] = AS_OF
            else:
                step = decimal.Decimal("0.000001") if what.startswith("DECIMAL") else decimal.Decimal(1)
                value = chance.choice(near[name]) + chance.choice([0, 0, step, -step, 1, -1])
                value = value if what.startswith("DECIMAL") else value.to_integral_value()
                row[name] = value if value >= 0 else decimal.Decimal(0)
        rows.append(row)
    # Either a date or the time since it: the query leaves both together to gl.
    pairs = re.findall(r'"([^"]+)" IS NOT NULL AND "([^"]+)" IS NOT NULL THEN', query)
    for row in rows:
        for time, date in pairs:
            if row.get(date) is not None:
                row[time] = None
    return rows


def written(value, what):
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    unit = re.search(r", in (.*)$", what)
    if isinstance(value, decimal.Decimal) and unit:
        return f"{value:f} {unit[1]}"
    if isinstance(value, decimal.Decimal):
        return f"{value:f}"
    return str(value)


def name_in(engine, name):
    """The name of a column in an engine: PostgreSQL cuts names, so gl shortens them itself."""
    if engine != "postgres" or len(name) <= 63:
        return name
    return f"{name[:54]}~{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def interpreter(arguments, folder, columns, rows):
    """What gl says: for each patient None where it is set aside, else the effects that fire and those that are undecided."""
    source, target = os.path.join(folder, "patients.csv"), os.path.join(folder, "advice.csv")
    with open(source, "w", newline="") as file:
        out = csv.writer(file)
        out.writerow([name for name, _ in columns])
        out.writerows([[written(row[name], what) for name, what in columns] for row in rows])
    gl([arguments.gl, "cohort", *arguments.library, "--input", source, "--output", target, "--engine", "rows"], (0, 1))
    told = {row["patient_id"]: (set(), set()) for row in rows}
    with open(target, newline="") as file:
        for line in csv.DictReader(file):
            undecided = line["status"] == "undecided"
            told[line["patient_id"]][undecided].add((line["rule"], line["modality"], line["action"]))
    if os.path.exists(target + ".rejects.csv"):
        csv.field_size_limit(1 << 24)
        with open(target + ".rejects.csv", newline="") as file:
            for line in csv.DictReader(file):
                told[line["patient_id"]] = None
    return told


def types(columns, text, number):
    kinds = {"BOOLEAN": "BOOLEAN", "DATE": "DATE", "any type": text}
    for name, what in columns:
        if what in kinds:
            yield name, kinds[what]
        elif what.startswith("text"):
            yield name, text
        else:
            yield name, number if what.startswith("DECIMAL") else "BIGINT"


def plain_csv(folder, columns, rows):
    path = os.path.join(folder, "table.csv")
    with open(path, "w", newline="") as file:
        out = csv.writer(file)
        out.writerow([name for name, _ in columns])
        for row in rows:
            values = [row[name] for name, _ in columns]
            out.writerow(["" if v is None else f"{v:f}" if isinstance(v, decimal.Decimal) else str(v).lower() for v in values])
    return path


def duckdb(queries, folder, columns, rows):
    import duckdb

    connection = duckdb.connect()
    declared = ", ".join(f'"{name}" {kind}' for name, kind in types(columns, "VARCHAR", "DECIMAL(24, 6)"))
    connection.execute(f"CREATE TABLE patients ({declared})")
    connection.execute(f"COPY patients FROM '{plain_csv(folder, columns, rows)}' (HEADER, NULL '')")
    answers = []
    for query in queries:
        result = connection.execute(query)
        names = [column[0] for column in result.description]
        answers.append([dict(zip(names, row)) for row in result.fetchall()])
    return answers


def postgres(queries, folder, columns, rows):
    path = os.environ.get("PG_BIN", "")
    program = lambda name: os.path.join(path, name) if path else name
    os.chmod(folder, 0o755)
    home = tempfile.mkdtemp(prefix="gl-pg-")
    # A server does not run as root.
    user = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"] if os.getuid() == 0 else []
    if user:
        shutil.chown(home, "postgres", "postgres")
    run = lambda *call, **more: subprocess.run([*user, *call], check=True, capture_output=True, text=True, **more)
    data, port = os.path.join(home, "data"), str(20000 + os.getpid() % 20000)
    try:
        run(program("initdb"), "-D", data, "-A", "trust", "-U", "gl", "-E", "UTF8", "--no-sync")
        options = f"-k {home} -p {port} -c listen_addresses= -c fsync=off"
        run(program("pg_ctl"), "-D", data, "-w", "-o", options, "-l", os.path.join(home, "log"), "start")
        declared = ", ".join(f'"{name}" {kind}' for name, kind in types(columns, "TEXT", "NUMERIC"))
        plain_csv(folder, columns, rows)
        target = os.path.join(home, "query.sql")
        with open(target, "w") as file:
            file.write(f"CREATE TABLE patients ({declared});\n")
            file.write(f"\\copy patients FROM '{folder}/table.csv' WITH (FORMAT csv, HEADER)\n")
            for number, query in enumerate(queries):
                file.write(f"CREATE TABLE advice_{number} AS {query.strip().rstrip(';')};\n")
                file.write(f"\\copy advice_{number} TO STDOUT WITH (FORMAT csv, HEADER)\n\\echo ----\n")
        os.chmod(target, 0o644)
        call = [program("psql"), "-h", home, "-p", port, "-U", "gl", "-d", "postgres", "-q", "-v", "ON_ERROR_STOP=1", "-f", target]
        out = subprocess.run([*user, *call], capture_output=True, text=True)
        if out.returncode:
            sys.exit(out.stderr[-4000:])
        truth = {"t": True, "f": False, "": None}
        answers = [list(csv.DictReader(part.strip().splitlines())) for part in out.stdout.split("----\n")[:-1]]
        return [[{name: truth.get(value, value) for name, value in line.items()} for line in part] for part in answers]
    finally:
        subprocess.run([*user, program("pg_ctl"), "-D", data, "-m", "immediate", "stop"], capture_output=True)
        shutil.rmtree(home, ignore_errors=True)


def datafusion(queries, folder, columns, rows):
    import datafusion as df
    import pyarrow as pa

    kinds = {"BOOLEAN": pa.bool_(), "DATE": pa.date32(), "VARCHAR": pa.string(), "BIGINT": pa.int64(), "D": pa.decimal128(24, 6)}
    arrays = {}
    for name, kind in types(columns, "VARCHAR", "D"):
        values = [row[name] for row in rows]
        arrays[name] = pa.array([int(v) if kind == "BIGINT" and v is not None else v for v in values], kinds[kind])
    context = df.SessionContext()
    context.register_record_batches("patients", [pa.table(arrays).to_batches()])
    return [pa.Table.from_batches(context.sql(query.strip().rstrip(";")).collect()).to_pylist() for query in queries]


def spark(queries, folder, columns, rows):
    from pyspark.sql import SparkSession

    session = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    schema = ", ".join(f"`{name}` {kind}" for name, kind in types(columns, "STRING", "DECIMAL(24, 6)"))
    values = [[int(v) if k == "BIGINT" and v is not None else v for v, (_, k) in zip(row.values(), types(columns, "", ""))] for row in rows]
    session.createDataFrame(values, schema).createOrReplaceTempView("patients")
    return [[row.asDict() for row in session.sql(query.strip().rstrip(";")).collect()] for query in queries]


def main():
    reader = argparse.ArgumentParser()
    reader.add_argument("--gl", default="target/debug/gl")
    reader.add_argument("--to", default="duckdb", choices=["duckdb", "postgres", "datafusion", "spark"])
    reader.add_argument("--patients", type=int, default=1000)
    reader.add_argument("--unknown", type=int, default=30)
    reader.add_argument("--seed", type=int, default=1)
    reader.add_argument("--populations", type=int, default=1)
    reader.add_argument("library", nargs="+")
    arguments = reader.parse_args()
    # The names are quoted in one way here; the numbers are the same for all engines.
    plain = gl([arguments.gl, "compile", "--to", "duckdb", *arguments.library])
    query = gl([arguments.gl, "compile", "--to", arguments.to, *arguments.library])
    counting = gl([arguments.gl, "compile", "--to", arguments.to, "--report", "counts", *arguments.library])
    columns, rules = columns_of(plain), rules_of(plain)
    found = []
    for seed in range(arguments.seed, arguments.seed + arguments.populations):
        rows = made_up(plain, columns, arguments.patients, arguments.unknown, seed)
        found.append(compare(arguments, query, counting, columns, rules, rows))
    counts = {name: sum(counts[name] for counts, _ in found) for name in found[0][0]}
    differences = sum(number for _, number in found)
    patients = arguments.patients * arguments.populations
    print(f"{arguments.to}: {patients} patients, {len(rules)} columns: {counts}, {differences} differences")
    total = sum(counts.values()) - counts["refused"]
    if differences or min(counts["fires"], counts["undecided"], counts["fails"]) * 200 < total or not counts["refused"]:
        sys.exit(1)
    if counts["refused"] * 10 > 9 * patients:
        sys.exit("too few patients were compared")


def compare(arguments, query, counting, columns, rules, rows):
    """How often rules fire and so on, and how many differences there are."""
    with tempfile.TemporaryDirectory() as folder:
        told = interpreter(arguments, folder, columns, rows)
        answers, [numbers] = globals()[arguments.to]([query, counting], folder, columns, rows)
    if len(answers) != len(rows):
        sys.exit(f"{len(answers)} rows of {len(rows)} came back")
    counts = {"fires": 0, "undecided": 0, "fails": 0, "refused": 0}
    differences = []
    for answer in answers:
        patient = answer["patient_id"]
        expected = told[patient]
        if (expected is None) != (answer["refused"] is not None):
            differences.append((patient, "refused", answer["refused"], expected and "not refused by gl"))
            continue
        if expected is None:
            counts["refused"] += 1
            continue
        for name, effects in rules:
            rule = name.split(" ")[0]
            pieces = {(rule, modality, action) for modality, action in effects}
            says = answer[name_in(arguments.to, name)]
            counts["fires" if says else "undecided" if says is None else "fails"] += 1
            fires, undecided = pieces <= expected[0], pieces <= expected[1]
            none = not pieces & (expected[0] | expected[1])
            if (says is True) != fires or (says is None) != undecided or (says is False) != none:
                differences.append((patient, name, says, (fires, undecided)))
    expected = {"patients": len(rows), "refused": sum(answer["refused"] is not None for answer in answers)}
    for name, _ in rules:
        alike = [answer[name_in(arguments.to, name)] for answer in answers if answer["refused"] is None]
        expected |= {f"{name}: fires": alike.count(True), f"{name}: undecided": alike.count(None)}
    for name, number in expected.items():
        found = int(numbers[name_in(arguments.to, name)])
        if found != number:
            differences.append(("0", name, found, number))
    for difference in differences[:10]:
        patient = difference[0]
        stated = {name: value for name, value in rows[int(patient)].items() if value is not None}
        print(f"patient {patient}, {difference[1]}: the query says {difference[2]}, gl says {difference[3]}\n  {stated}")
    return counts, len(differences)


if __name__ == "__main__":
    main()
