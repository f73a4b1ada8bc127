"""Branch coverage of the codecs and of what guards money in the meter, by unit tests and fuzz corpora.

    coverage.py BUILD [FOLDER]    BUILD is made with -Db_coverage=true; FOLDER: only lines under it

Builds and runs the tests whose names start with TESTS, then prints, for the files that start with
COVERED, covered and total branches a folder, then file:line of every line with a branch that was never
taken. Lines of GT_ASSERT are not counted: what a program guarantees itself cannot be made to fail.
tests/coverage.txt names other lines that cannot be reached, each with its reason:

    src/codec/dlt645/frame.c | text found in the line | reason

Exit 1 when a branch is neither taken nor named there, or when a name there matches no such branch.
"""
import collections
import glob
import gzip
import json
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
COVERED = ("src/codec/", "src/element/", "src/crypto/suite", "src/meter/card", "src/meter/keypad",
           "src/meter/security", "src/meter/dlt645_security")
TESTS = ("element/", "crypto/suite", "meter/card", "meter/keypad", "meter/security",
         "meter/dlt645_security", "codec/", "prog/decode", "prog/encode", "corpus/decode_text",
         *("corpus/" + os.path.basename(os.path.dirname(p))
           for p in glob.glob(f"{ROOT}/src/codec/*/README.md")))
EXCLUSIONS = os.path.join(ROOT, "tests/coverage.txt")


def run_tests(build):
    subprocess.run(["ninja", "-C", build, "build.ninja"], check=True, capture_output=True)
    tests = [test for test in json.loads(subprocess.run(
        ["meson", "introspect", "--tests", build], check=True, capture_output=True).stdout)
        if test["name"].startswith(TESTS)]
    for old in glob.glob(f"{build}/**/*.gcda", recursive=True):
        os.remove(old)
    programs = [os.path.relpath(test["cmd"][0], build) for test in tests]
    for command in (["ninja", "-C", build, *programs],
                    ["meson", "test", "-C", build, "--no-rebuild", "--quiet",
                     "--num-processes", str(os.cpu_count()), *(test["name"] for test in tests)]):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"coverage: {command[0]} failed\n{done.stdout[-3000:]}{done.stderr[-1000:]}")


def gcov(build):
    """{file: {line: [hits a branch]}} of all objects together"""
    files = collections.defaultdict(dict)
    folders = sorted({row.split("/")[1] for row in COVERED})
    data = [p for f in folders for p in glob.glob(f"{build}/src/{f}/**/*.gcda", recursive=True)]
    if not data:
        sys.exit("coverage: no test has run in " + build)
    with tempfile.TemporaryDirectory() as folder:
        for path in data:
            subprocess.run(["gcov", "--json-format", "--branch-probabilities", "--preserve-paths",
                            os.path.abspath(path)], cwd=folder, check=True, capture_output=True)
            for made in glob.glob(f"{folder}/*.gz"):
                with gzip.open(made) as f:
                    add(files, json.load(f), build)
                os.remove(made)
    return files


def add(files, report, build):
    for source in report["files"]:
        path = os.path.relpath(os.path.realpath(os.path.join(build, source["file"])), ROOT)
        if not path.startswith(COVERED):
            continue
        for line in source["lines"]:
            hits = [branch["count"] for branch in line["branches"]]
            seen = files[path].get(line["line_number"])
            if seen is None or len(seen) != len(hits):
                # a macro's or an inline function's branches, once more: the richer copy counts
                files[path][line["line_number"]] = max(seen or [], hits, key=len)
            else:
                files[path][line["line_number"]] = [a + b for a, b in zip(seen, hits)]


def exclusions():
    rows = []
    with open(EXCLUSIONS, encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            if line.strip() and not line.startswith("#"):
                parts = [part.strip() for part in line.split("|")]
                if len(parts) < 3 or not parts[-1]:
                    sys.exit(f"tests/coverage.txt:{number}: expected FILE | TEXT | REASON")
                rows.append([number, parts[0], "|".join(parts[1:-1]).strip(), 0])
    return rows


def main():
    build = os.path.realpath(sys.argv[1])
    only = sys.argv[2].rstrip("/") if len(sys.argv) > 2 else "src/"
    run_tests(build)
    named = exclusions()
    totals = collections.defaultdict(lambda: [0, 0, 0])
    missing = []
    for path, lines in sorted(gcov(build).items()):
        with open(os.path.join(ROOT, path), encoding="utf-8") as f:
            text = f.read().split("\n")
        for number, hits in sorted(lines.items()):
            code = text[number - 1]
            if not hits or "GT_ASSERT" in code:
                continue
            untaken = hits.count(0)
            if untaken and re.match(r"\s*switch \(", code):
                hits.remove(0)  # no case matches: -Wswitch-enum sees to it that there is one
                untaken -= 1
            total = totals[os.path.dirname(path)]
            total[0] += len(hits) - untaken
            total[1] += len(hits)
            rows = [row for row in named if row[1] == path and row[2] in code] if untaken else []
            for row in rows:
                row[3] += 1
            if rows:
                total[2] += untaken
            elif untaken and path.startswith(only):
                missing.append(f"{path}:{number}: {untaken} of {len(hits)} branches never taken: "
                               f"{code.strip()}")
    for folder, (taken, total, excused) in sorted(totals.items()):
        print(f"{folder:24} {taken:5} of {total:5} branches, {excused} excluded, "
              f"{100 * (taken + excused) / total:5.1f} %")
    print("\n".join(missing))
    stale = [row for row in named if row[3] == 0]
    for number, path, code, _ in stale:
        print(f"tests/coverage.txt:{number}: no untaken branch of {path} has \"{code}\"")
    print(f"{len(missing)} lines to cover or to exclude")
    sys.exit(1 if missing or stale else 0)


main()
