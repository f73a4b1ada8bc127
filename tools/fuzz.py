"""Runs fuzz targets for a bounded time and says how far they came.

    fuzz.py [--seconds N] [--seed N] [--jobs N] [--keep] BUILD TARGET ... | all

BUILD is a folder configured with -Dfuzz=true. Each target starts from fuzz/corpus/TARGET; with --keep
what it learns stays in BUILD/found/TARGET for the next run. One line a target: executions, edges and
functions of src/ covered, of those linked into it. For several targets a line a codec follows, which
counts each function at the best of its targets. Exit 1 when an input was found; the input is kept.
"""
import argparse
import concurrent.futures
import glob
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Outcome:
    def __init__(self, target, said, code, folder):
        self.target = target
        self.said = said
        done = re.search(r"stat::number_of_executed_units: (\d+)", said)
        self.executions = int(done.group(1)) if done else 0
        self.functions = {}  # (file, function) -> (edges covered, edges)
        for hit in re.finditer(r"COVERED_FUNC: hits: \d+ edges: (\d+)/(\d+) (\S+) \S*?/\.\./(src/\S+?):",
                               said):
            self.functions[(hit.group(4), hit.group(3))] = (int(hit.group(1)), int(hit.group(2)))
        self.inputs = sorted(p for p in glob.glob(os.path.join(folder, target + "-*")))
        self.failed = code != 0 or bool(self.inputs)


def fuzz(target, options):
    program = os.path.join(options.build, "fuzz/fuzz_" + target)
    if not os.access(program, os.X_OK):
        sys.exit(f"fuzz: no target \"{target}\" in {options.build}")
    with tempfile.TemporaryDirectory() as scratch:
        found = os.path.join(options.build, "found")
        learnt = os.path.join(found, target) if options.keep else scratch
        os.makedirs(learnt, exist_ok=True)
        os.makedirs(found, exist_ok=True)
        for old in glob.glob(os.path.join(found, target + "-*")):
            os.remove(old)
        command = [program, f"-max_total_time={options.seconds}", "-timeout=10",
                   "-print_final_stats=1", "-print_coverage=1", f"-seed={options.seed}",
                   f"-artifact_prefix={os.path.join(found, target)}-", learnt]
        corpus = os.path.join(ROOT, "fuzz/corpus", target)
        done = subprocess.run(command + ([corpus] if os.path.isdir(corpus) else []),
                              capture_output=True, check=False,
                              env={"UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
                                   **os.environ})
    return Outcome(target, (done.stdout + done.stderr).decode("utf-8", "replace"), done.returncode,
                   found)


def percent(functions):
    """Edges and functions covered, as text."""
    covered = sum(c for c, _ in functions.values())
    total = sum(t for _, t in functions.values())
    entered = sum(1 for c, _ in functions.values() if c > 0)
    return (f"{covered:6}/{total:<6} {100 * covered / max(total, 1):5.1f} %"
            f" {entered:5}/{len(functions)}")


def codec_lines(outcomes):
    best = {}
    for outcome in outcomes:
        for key, (covered, total) in outcome.functions.items():
            folder = re.match(r"src/codec/(\w+)/", key[0])
            if folder:
                mine = best.setdefault(folder.group(1), {})
                mine[key] = max(mine.get(key, (0, total)), (covered, total))
    for codec in sorted(best):
        yield f"{'codec/' + codec:24} {'':>10} {percent(best[codec])}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=int(os.environ.get("FUZZ_SECONDS", "5")))
    parser.add_argument("--seed", type=int, default=0, help="0: another one each time")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("build")
    parser.add_argument("targets", nargs="+")
    options = parser.parse_args()
    targets = options.targets
    if targets == ["all"]:
        targets = sorted(os.path.basename(p)[5:-2] for p in glob.glob(f"{ROOT}/fuzz/fuzz_*.c"))
    print(f"{'target':24} {'executions':>10} {'edges':>20} functions")
    outcomes = []
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for outcome in pool.map(lambda target: fuzz(target, options), targets):
            print(f"{outcome.target:24} {outcome.executions:10} {percent(outcome.functions)}"
                  + ("  FAILED" if outcome.failed else ""), flush=True)
            outcomes.append(outcome)
    if len(targets) > 1:
        print("\n".join(codec_lines(outcomes)))
    for outcome in outcomes:
        if outcome.failed:
            why = [line for line in outcome.said.splitlines()
                   if re.search(r"ERROR|SUMMARY|runtime error|Assert|guarantee", line)]
            print(f"{outcome.target} found: {' '.join(outcome.inputs) or '(no input kept)'}")
            print("\n".join(why[:10]) or outcome.said[-2000:])
    sys.exit(1 if any(outcome.failed for outcome in outcomes) else 0)


main()
