"""The pages in a real browser, over the real station and the simulated park.

Screenshots stay in GRIDTILL_SHOTS (default: a folder beside the build). Skips where there is no
Chromium or no node.
"""
import os
import shutil
import subprocess
import sys

import park

SKIPPED = 77


def main():
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    node = shutil.which("node")
    if not chromium or not node:
        print("pages: skipped: needs chromium and node")
        return SKIPPED
    shots = os.environ.get("GRIDTILL_SHOTS") or os.path.join(os.environ["GRIDTILL_BUILD"], "shots")
    with park.Park() as site:
        site.start_all()
        link = f"http://127.0.0.1:{site.http_port}/#/setup?token={site.setup_token()}"
        done = subprocess.run([node, os.path.join(park.ROOT, "web/test/pages.mjs"), link, shots],
                              env={**os.environ, "CHROMIUM": chromium}, timeout=170, check=False)
        if done.returncode != 0:
            return 1
        if "ledger=balanced" not in site.ledger():
            raise park.Failure("the ledger does not balance")
    return 0


try:
    sys.exit(main())
except park.Failure as failure:
    print(f"pages: {failure}")
    sys.exit(1)
