"""Hold the tree to the plan: layers, sizes, names.

The table of docs/architecture.md headed "folder | may include" is the only list of allowed edges.
Exit 1 when anything breaks a rule; prints a size report otherwise.
"""
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FILE_LINES_MAX = 500
HEADER_LINES_MAX = 200
FUNCTION_LINES_MAX = 60
BAD_NAMES = {"utils", "util", "common", "misc", "helpers", "helper", "stuff"}

problems = []


def complain(path, line, text):
    problems.append(f"{path}:{line}: {text}" if line else f"{path}: {text}")


def tracked(*patterns):
    out = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "--", *patterns],
                         cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [p for p in out.split("\n") if p and os.path.exists(os.path.join(ROOT, p))]


def allowed_edges():
    edges = {}
    with open(os.path.join(ROOT, "docs/architecture.md"), encoding="utf-8") as plan:
        for line in plan:
            row = re.match(r"\| `(\w+)` \| ([^|]*) \|", line)
            if row:
                edges[row.group(1)] = set(re.findall(r"`([\w/.]+)`", row.group(2)))
    return edges


def folder_of(path):
    """src/codec/modbus/frame.h -> codec"""
    return path.split("/")[1] if path.count("/") > 1 else ""


def check_layers(path, lines, edges):
    own = folder_of(path)
    if own not in edges:
        complain(path, 0, f"folder {own} has no row in the table of docs/architecture.md")
        return
    if "*" in edges[own] or own == "prog":
        return
    for number, line in enumerate(lines, 1):
        found = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
        if not found:
            continue
        target = found.group(1)
        if "/" not in target:
            if not target.endswith("_embedded.h"):
                complain(path, number, f'"{target}": includes start at src/')
            continue
        other = target.split("/")[0]
        if target.endswith("_priv.h") and os.path.dirname(target) != os.path.dirname(path[4:]):
            complain(path, number, f"{target} is private to its folder")
        if own == "codec" and other == "codec":
            same = target.split("/")[1] == path.split("/")[2]
            if not same and target.split("/")[1] not in ("compose", "describe", "stream", "items") and \
                    path.split("/")[2] not in ("detect",):
                complain(path, number, f"one codec includes another: {target}")
            continue
        if other != own and other not in edges[own] and target not in edges[own]:
            complain(path, number, f"layer {own} must not include {target}")


def check_sizes(path, lines):
    limit = HEADER_LINES_MAX if path.endswith(".h") else FILE_LINES_MAX
    if len(lines) > limit:
        complain(path, 0, f"{len(lines)} lines, at most {limit}")
    start = None
    for number, line in enumerate(lines, 1):
        if line.startswith("{"):
            start = number
        elif line.startswith("}") and start is not None:
            if number - start - 1 > FUNCTION_LINES_MAX:
                complain(path, start, f"function of {number - start - 1} lines, "
                                      f"at most {FUNCTION_LINES_MAX}")
            start = None


def check_names(path):
    stem = os.path.splitext(os.path.basename(path))[0]
    if stem in BAD_NAMES:
        complain(path, 0, "a file is named after one noun")


def check_markers(path, lines):
    for number, line in enumerate(lines, 1):
        if re.search(r"\b(TODO|FIXME|HACK)\b", line):
            complain(path, number, "unfinished work is an issue, not a comment")


def report(paths):
    totals = {}
    for path in paths:
        with open(os.path.join(ROOT, path), encoding="utf-8") as f:
            key = "/".join(path.split("/")[:2])
            files, lines = totals.get(key, (0, 0))
            totals[key] = (files + 1, lines + sum(1 for _ in f))
    for key in sorted(totals):
        print(f"  {key:24} {totals[key][0]:4} files {totals[key][1]:6} lines")


def main():
    edges = allowed_edges()
    sources = tracked("src/*.c", "src/*.h", "src/*.def")
    for path in sources:
        with open(os.path.join(ROOT, path), encoding="utf-8") as f:
            lines = f.read().split("\n")
        check_layers(path, lines, edges)
        check_names(path)
        check_markers(path, lines)
        if not path.endswith(".def"):
            check_sizes(path, lines)
    for folder in sorted({os.path.dirname(p) for p in sources}):
        if not os.path.exists(os.path.join(ROOT, folder, "README.md")):
            complain(folder, 0, "has no README.md")
    report(tracked("src/*.c", "src/*.h", "src/*.def", "tests/*.c", "tests/*.py", "fuzz/*.c",
                   "bench/*.c", "web/src/*"))
    for problem in problems:
        print(problem, file=sys.stderr)
    sys.exit(1 if problems else 0)


main()
