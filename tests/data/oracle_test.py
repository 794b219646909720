"""Random tables, written and read by Python's csv and json modules, against what gend reads.

    oracle_test.py PRINT_TABLE
"""

import csv
import io
import json
import os
import random
import subprocess
import sys
import tempfile

PIECES = ["", "a", "b c", ",", "\t", '"', '""', "\n", "\r\n", "\\", "ü", "€", "😀", "0", "-1.5", " ",
          "null", "[", "}", ":", "'", "\x7f", "\u2028"]


def text(rng):
    return "".join(rng.choice(PIECES) for _ in range(rng.randrange(6)))


def names(rng):
    found = []
    while len(found) < rng.randrange(1, 6) or not found:
        name = text(rng)
        if name and name not in found:
            found.append(name)
    return found


def separated(rng, delimiter):
    """A file by csv.writer, and what csv.reader finds in it."""
    columns = names(rng)
    rows = [[text(rng) for _ in columns] for _ in range(rng.randrange(1, 30))]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=rng.choice(["\n", "\r\n"]),
                        quoting=rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    writer.writerows([columns] + rows)
    written = out.getvalue()
    if rng.random() < 0.3:
        written = written.rstrip("\r\n") if not rows[-1][-1].endswith(("\r", "\n")) else written
    read = list(csv.reader(io.StringIO(written, newline=""), delimiter=delimiter, strict=True))
    return ("\ufeff" if rng.random() < 0.2 else "") + written, read[0], read[1:]


def value(rng, depth=0):
    kind = rng.randrange(8 if depth < 3 else 6)
    if kind < 2:
        return text(rng)
    if kind == 2:
        return rng.randrange(-10**6, 10**30)
    if kind == 3:
        return rng.uniform(-1e9, 1e9)
    if kind == 4:
        return rng.choice([True, False])
    if kind == 5:
        return None
    if kind == 6:
        return [value(rng, depth + 1) for _ in range(rng.randrange(4))]
    return {text(rng) + str(i): value(rng, depth + 1) for i in range(rng.randrange(4))}


def cell(v, ascii_only):
    if isinstance(v, str):
        return v
    if v is None:
        return ""
    return json.dumps(v, separators=(",", ":"), ensure_ascii=ascii_only)


def objects(rng, lines):
    columns = names(rng)
    rows = [[value(rng) for _ in columns] for _ in range(rng.randrange(1, 20))]
    ascii_only = rng.random() < 0.5
    records = []
    for i, row in enumerate(rows):
        members = list(zip(columns, row))
        if i > 0 and rng.random() < 0.5:
            rng.shuffle(members)
        records.append(dict(members))
    written = dump(rng, records, lines, ascii_only)
    return written, columns, [[cell(v, ascii_only) for v in row] for row in rows]


def plain(rng, lines):
    rows = [value(rng, 3) for _ in range(rng.randrange(1, 20))]
    return dump(rng, rows, lines, True), [""], [[cell(v, True)] for v in rows]


def dump(rng, records, lines, ascii_only):
    if lines:
        return "\n".join(json.dumps(r, ensure_ascii=ascii_only) for r in records) + "\n"
    return json.dumps(records, ensure_ascii=ascii_only, indent=rng.choice([None, 1, "\t"]))


def parse(out):
    """The tables that print_table printed; a number for complaints."""
    at = 0

    def line():
        nonlocal at
        end = out.index(b"\n", at)
        found, at = out[at:end], end + 1
        return found

    def field():
        nonlocal at
        colon = out.index(b":", at)
        size = int(out[at:colon])
        found, at = out[colon + 1:colon + 1 + size], colon + size + 2
        return found.decode()

    tables = []
    while at < len(out):
        a, b = line().split()
        if a == b"complaints":
            tables.append(int(b))
            continue
        columns = [field() for _ in range(int(a))]
        tables.append((columns, [[field() for _ in columns] for _ in range(int(b))]))
    return tables


def main():
    seed = int(os.environ.get("GEND_TEST_SEED", random.SystemRandom().randrange(2**32)))
    print(f"GEND_TEST_SEED={seed}")
    rng = random.Random(seed)
    makers = {"csv": lambda: separated(rng, ","), "tsv": lambda: separated(rng, "\t"),
              "json": lambda: rng.choice([objects, plain])(rng, False),
              "ndjson": lambda: rng.choice([objects, plain])(rng, True)}
    with tempfile.TemporaryDirectory() as folder:
        wanted, files = [], []
        for i in range(2000):
            ending = rng.choice(list(makers))
            written, columns, rows = makers[ending]()
            path = os.path.join(folder, f"{i}.{ending}")
            with open(path, "wb") as f:
                f.write(written.encode())
            files.append(path)
            wanted.append((columns, rows, written))
        found = []
        for begin in range(0, len(files), 500):
            found += parse(subprocess.run([sys.argv[1]] + files[begin:begin + 500], check=True,
                                          stdout=subprocess.PIPE, timeout=60).stdout)
    assert len(found) == len(wanted), (len(found), len(wanted))
    for path, table, (columns, rows, written) in zip(files, found, wanted):
        if table != (columns, rows):
            sys.exit(f"{path}: {written!r}\nfound  {table!r}\nwanted {(columns, rows)!r}")
    print(f"{len(found)} tables agree")


main()
