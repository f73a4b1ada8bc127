"""Count passed, failed and skipped tests of one meson test log (a JSON object a line)."""
import json
import sys

counts = {"OK": 0, "FAIL": 0, "SKIP": 0}
try:
    with open(sys.argv[1], encoding="utf-8") as log:
        for line in log:
            result = json.loads(line)["result"]
            kind = {"OK": "OK", "EXPECTEDFAIL": "OK", "SKIP": "SKIP"}.get(result, "FAIL")
            counts[kind] += 1
except (OSError, IndexError):
    counts["FAIL"] += 1  # no log: nothing ran
print(counts["OK"], counts["FAIL"], counts["SKIP"])
