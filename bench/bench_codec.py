"""`./dev bench codec`: our codecs beside their floors (bench_codec), beside the floor and the plain
reference parser in ../shared/bench/codec_ref.c where that is there (built in a temporary folder), and
beside libmodbus where that is installed. Ours and the reference take turns; the figures are
the medians of ROUNDS runs. Exit 1 when a frame was not read right."""
import os
import re
import statistics
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(ROOT, os.environ.get("GRIDTILL_BUILD", "build"), "bench")
REFERENCE = os.path.join(ROOT, "../shared/bench/codec_ref.c")
ROUNDS = 3
# What the reference calls what we call: its floor, its parser.
PAIRS = {"DL/T 645 one value": "645 single value", "DL/T 645 block of 5": "645 5-value block",
         "CJ/T 188 water, 4 values": "188 volume", "Modbus RTU 20 registers": "RTU 20 regs",
         "Q/GDW 1376.1 96-pt curve": "1376.1 96-pt curve"}


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def reference(folder):
    """@return a runnable file, or None"""
    if not os.path.exists(REFERENCE):
        return None
    program = os.path.join(folder, "codec_ref")
    subprocess.run(["cc", "-O2", "-o", program, REFERENCE], check=True, capture_output=True)
    return program


def reference_rows(said):
    """{name: (floor ns, parse ns)}"""
    rows = {}
    for name, what, ns in re.findall(r"^(.+?): (memcpy|reference parse).*?median=([\d.]+)", said, re.M):
        rows.setdefault(name, {})[what] = float(ns)
    return {name: (row["memcpy"], row["reference parse"]) for name, row in rows.items()
            if len(row) == 2}


def our_rows(said):
    """[(name, bytes, floor ns, parse ns, goal)], as printed"""
    return [(name.strip(), int(size), float(floor), float(parse), goal) for
            name, size, floor, parse, goal in re.findall(
                r"^(.+?)\s+bytes=(\d+)\s+floor_ns=([\d.]+)\s+parse_ns=([\d.]+)\s+ratio=\S+"
                r"(?:\s+goal=([\d.]+))?", said, re.M)]


def main():
    ours, theirs = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        program = reference(folder)
        for _ in range(ROUNDS):
            for name, size, floor, parse, goal in our_rows(
                    run(os.path.join(BUILD, "bench_codec"), *sys.argv[1:])):
                ours.setdefault(name, []).append((size, floor, parse, goal))
            if program:
                for name, row in reference_rows(run(program, "60")).items():
                    theirs.setdefault(name, []).append(row)
    print(f"{'frame':28} bytes floor ns  ours ns  ratio  goal      reference: floor ns  parse ns")
    for name, runs in ours.items():
        size, goal = runs[0][0], runs[0][3]
        floor = statistics.median(r[1] for r in runs)
        parse = statistics.median(r[2] for r in runs)
        ratio = statistics.median(r[2] / r[1] for r in runs)
        verdict = "" if not goal else f"{float(goal):4.1f} " + ("ok" if ratio <= float(goal)
                                                                  else "SHORT")
        line = f"{name:28} {size:5} {floor:8.1f} {parse:8.1f} {ratio:6.2f}  {verdict:10}"
        pair = theirs.get(PAIRS.get(name, ""))
        if pair:
            line += (f"            {statistics.median(r[0] for r in pair):7.1f}"
                     f"   {statistics.median(r[1] for r in pair):7.1f}")
        print(line.rstrip())
    peer = os.path.join(BUILD, "bench_libmodbus")
    print(run(peer).strip() if os.path.exists(peer) else "libmodbus: not installed")
    if not theirs:
        print("the reference ../shared/bench/codec_ref.c is not there")


try:
    main()
except subprocess.CalledProcessError as failure:
    print(f"{failure}\n{failure.stdout or ''}{failure.stderr or ''}", file=sys.stderr)
    sys.exit(1)
