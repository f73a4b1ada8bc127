"""Do the fuzzers find bugs? Plants each of fuzz/planted/*.patch in a copy of the tree, builds the fuzz
target that its first line names, and lets it search.

    planted.py [--seconds N] [--jobs N] [--seed N] [NAME ...]    all by default; N 600 by default
    planted.py --check                                           does every patch apply?

One line a patch: how long it took to find. Exit 1 when one is not found in time.
"""
import argparse
import concurrent.futures
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PATCHES = os.path.join(ROOT, "fuzz/planted")
SCRATCH = os.path.join(ROOT, "build-planted")
TREE = os.path.join(SCRATCH, "tree")
BUILD = os.path.join(SCRATCH, "build")


class Patch:
    def __init__(self, name):
        self.name = name
        self.path = os.path.join(PATCHES, name + ".patch")
        if not os.path.exists(self.path):
            sys.exit(f"planted: no patch \"{name}\"")
        with open(self.path, encoding="utf-8") as f:
            head = re.match(r"Target: (\w+)\nPlanted: (.+)\n", f.read())
        if not head:
            sys.exit(f"planted: {self.path} does not open with Target: and Planted:")
        self.target, self.what = head.groups()

    def apply(self, *options, tree=TREE):
        # an unrelated repository above the copy must not be looked at
        return subprocess.run(["git", "apply", *options, self.path], cwd=tree, check=False,
                              capture_output=True, text=True,
                              env={**os.environ, "GIT_CEILING_DIRECTORIES": SCRATCH})


def check(patches):
    failed = 0
    for patch in patches:
        done = patch.apply("--check", tree=ROOT)
        good = os.path.exists(os.path.join(ROOT, f"fuzz/fuzz_{patch.target}.c"))
        if done.returncode != 0 or not good:
            print(f"{patch.path}: does not apply{'' if good else ', no such target'}: {done.stderr}")
            failed += 1
    return failed


def copy_tree():
    """Brings the copy up to date; files that are the same keep their times."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True,
                            capture_output=True, text=True).stdout.split("\n")
    wanted = {p for p in listed if p and os.path.isfile(os.path.join(ROOT, p))}
    for path in wanted:
        source, copy = os.path.join(ROOT, path), os.path.join(TREE, path)
        with open(source, "rb") as f:
            content = f.read()
        if os.path.exists(copy):
            with open(copy, "rb") as f:
                if f.read() == content:
                    continue
        os.makedirs(os.path.dirname(copy), exist_ok=True)
        shutil.copy(source, copy)
    for folder, _, names in os.walk(TREE):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.relpath(path, TREE) not in wanted:
                os.remove(path)


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    if done.returncode != 0:
        sys.exit(f"planted: {' '.join(command)}\n{done.stdout[-3000:]}{done.stderr[-1000:]}")


def build(patch):
    """@return a program with the bug in it"""
    done = patch.apply()
    if done.returncode != 0:
        sys.exit(f"planted: {patch.name} does not apply: {done.stderr}")
    try:
        run("ninja", "-C", BUILD, "fuzz/fuzz_" + patch.target)
        program = os.path.join(SCRATCH, patch.name)
        shutil.copy(os.path.join(BUILD, "fuzz/fuzz_" + patch.target), program)
        return program
    finally:
        patch.apply("-R")


def search(patch, program, options):
    """@return seconds until found, None when not"""
    with tempfile.TemporaryDirectory() as learnt:
        began = time.monotonic()
        done = subprocess.run(
            [program, f"-max_total_time={options.seconds}", "-timeout=10", f"-seed={options.seed}",
             f"-artifact_prefix={learnt}/", learnt, f"{TREE}/fuzz/corpus/{patch.target}"],
            capture_output=True, check=False,
            env={**os.environ, "UBSAN_OPTIONS": "halt_on_error=1"})
        took = time.monotonic() - began
    os.remove(program)
    said = (done.stdout + done.stderr).decode("utf-8", "replace")
    why = re.search(r"SUMMARY: (.*)", said)
    return (took, why.group(1)[:70] if why else "") if done.returncode != 0 else None


def hunt(patches, options):
    os.makedirs(TREE, exist_ok=True)
    copy_tree()
    if not os.path.exists(os.path.join(BUILD, "build.ninja")):
        run("meson", "setup", BUILD, TREE, "-Db_sanitize=address,undefined", "-Db_lundef=false",
            "-Dweb=false", "-Doptimization=1", "-Dfuzz=true", "-Dwerror=false",
            env={"CC": "clang", **os.environ, **({"CC": "ccache clang"} if shutil.which("ccache")
                                                 else {"CC": "clang"})})
    missed = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        waiting = [(patch, pool.submit(search, patch, build(patch), options)) for patch in patches]
        for patch, future in waiting:
            found = future.result()
            missed += found is None
            print(f"{patch.name:28} {patch.target:18} "
                  + (f"found in {found[0]:6.1f} s  {found[1]}" if found
                     else f"NOT FOUND in {options.seconds} s: {patch.what}"), flush=True)
    print(f"{len(patches) - missed} of {len(patches)} planted bugs found")
    return missed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--seed", type=int, default=0, help="0: another one each time")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    names = options.names or sorted(os.path.basename(p)[:-6] for p in glob.glob(f"{PATCHES}/*.patch"))
    patches = [Patch(name) for name in names]
    sys.exit(1 if (check(patches) if options.check else hunt(patches, options)) else 0)


main()
