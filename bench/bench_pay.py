"""Pay -> light: sales through the HTTP interface of a real station while collection runs without a
pause, over the ethernet model, the GPRS model, and with one dead meter on the line.

usage: bench_pay.py [--sales N] [--workers N] [--only ethernet|gprs|dead]

The time of a sale is the order's own timeline: from the transaction that took the money to the
reading that shows the relay closed. Every sale is accounted for at the end: in the order book, in
the ledger (rebuilt from zero) and in the meters' own purchase counts.
"""
import argparse
import os
import random
import re
import statistics
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "e2e"))
import park  # noqa: E402

# name, network, one dead meter, median ms, p99 ms
CASES = [
    ("ethernet", "ethernet", False, 1000, 3000),
    ("gprs", "gprs", False, 5000, 15000),
    ("dead", "ethernet", True, 1000, 3000),
]
LIGHT_WAIT_S = 180


def collect_without_pause(site):
    for box in ("box1.ini", "box2.ini"):
        path = os.path.join(site.dir, box)
        with open(path, encoding="utf-8") as f:
            text = f.read()
        with open(path, "w", encoding="utf-8") as f:
            f.write(re.sub(r"(?m)^round_s\s*=.*$", "round_s = 0", text))


def one_sale(api, room, key):
    """@return milliseconds from paid to relay closed"""
    status, sale = api.sell(room["room_id"], "50.00", key)
    if status not in (200, 201):
        raise park.Failure(f"sale refused: {status} {sale}")
    order_id = sale["order"]["id"]

    def lit():
        steps = park.step_times(api.order(order_id))
        return steps if "relay_closed" in steps else None

    return park.wait_until(f"order {order_id} to show the relay closed", LIGHT_WAIT_S, lit,
                           0.1)["relay_closed"]


def run_sales(api, rooms, sales, workers):
    times, problems, lock = [], [], threading.Lock()
    random.Random(1).shuffle(rooms)  # customers do not come line by line
    queues = [rooms[i::workers] for i in range(workers)]

    def work(number):
        try:
            mine = queues[number]
            for i in range(number, sales, workers):
                ms = one_sale(api, mine[i // workers % len(mine)], f"bench-pay-{i:06d}")
                with lock:
                    times.append(ms)
        except (park.Failure, OSError) as failure:
            with lock:
                problems.append(str(failure))

    threads = [threading.Thread(target=work, args=(n,), daemon=True) for n in range(workers)]
    for t in threads:
        t.start()
    while any(t.is_alive() for t in threads):
        time.sleep(5)
        print(f"  {len(times)} of {sales} sales lit", file=sys.stderr)
        if problems:
            break
    if problems:
        raise park.Failure(problems[0])
    return sorted(times)


def run_case(case, sales, workers):
    name, network, dead, goal_median, goal_p99 = case
    with park.Park(network=network) as site:
        collect_without_pause(site)
        site.start_all()
        api = site.operator()
        rooms = park.wait_until("every meter to be read", 180, api.all_read, 0.5)
        victim = rooms[0]
        if dead:
            site.control(f"dead:{victim['meter_no']}")
            rooms = [r for r in rooms if r["room_id"] != victim["room_id"]]
        before = {r["meter_no"]: site.meter(r["meter_no"])["purchase_count"] for r in rooms}
        times = run_sales(api, rooms, sales, workers)
        counted = sum(site.meter(no)["purchase_count"] - n for no, n in before.items())
        site.stop()
        balanced = "ledger=balanced" in site.ledger()
    median = statistics.median(times)
    p99 = times[min(len(times) - 1, int(len(times) * 0.99))]
    good = (balanced and counted == sales == len(times) and median <= goal_median
            and p99 <= goal_p99)
    print(f"pay: case={name} sales={len(times)} median_ms={median:.0f} p99_ms={p99} "
          f"max_ms={times[-1]} goal_median_ms={goal_median} goal_p99_ms={goal_p99} "
          f"meters_counted={counted} ledger={'balanced' if balanced else 'broken'} "
          f"{'ok' if good else 'SHORT'}", flush=True)
    return good


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--sales", type=int, default=1000)
    options.add_argument("--workers", type=int, default=12)
    options.add_argument("--only", choices=[c[0] for c in CASES])
    given = options.parse_args()
    good = True
    for case in CASES:
        if given.only in (None, case[0]):
            good = run_case(case, given.sales, given.workers) and good
    sys.exit(0 if good else 1)


try:
    main()
except park.Failure as problem:
    print(f"pay: {problem}")
    sys.exit(1)
