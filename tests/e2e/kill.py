"""kill -9 in the middle of sales, again and again: no fen lost or doubled.

Each round starts a sale on its own room, kills the station (every third time a concentrator, every
third time the line is cut for a moment as well) somewhere in its first second, starts it again, and
repeats the sale with its key. At the end every order must be settled, every meter must count exactly
its confirmed orders, and the ledger, rebuilt from zero, must balance.

GRIDTILL_KILLS sets the number of kills (50); a failing seed is printed and can be given as
GRIDTILL_SEED.
"""
import os
import random
import sys
import threading
import time

import park

KILLS = int(os.environ.get("GRIDTILL_KILLS", "50"))
SEED = int(os.environ.get("GRIDTILL_SEED", str(random.SystemRandom().randrange(1 << 32))))
SETTLED = ("confirmed", "refused", "reversed")
AMOUNT_FEN = 100


def try_sale(site, session, room, key, outcome):
    """In a thread: the station may die under it."""
    try:
        outcome["answer"] = session.sell(room["room_id"], "1.00", key)
    except (OSError, ValueError, park.http.client.HTTPException):
        outcome["answer"] = None


def disturb(site, number):
    victim = ("station", "box1", "station", "box2")[number % 4]
    site.kill(victim)
    if number % 3 == 0:
        site.control("cut:1")
    site.start(victim)
    if number % 3 == 0:
        site.control("clear")
    return victim


def one_round(site, session, room, number, rng):
    """@return id of the order"""
    key = f"kill-{SEED}-{number:05d}"
    outcome = {}
    sale = threading.Thread(target=try_sale, args=(site, session, room, key, outcome))
    sale.start()
    time.sleep(rng.random() * (0.05 if number % 2 else 0.8))
    disturb(site, number)
    sale.join()
    again = park.Api(site.http_port)
    again.cookie, again.csrf = session.cookie, session.csrf
    status, body = again.sell(room["room_id"], "1.00", key)
    if status not in (200, 201):
        raise park.Failure(f"round {number}: the repeated sale was refused: {status} {body}")
    first = outcome["answer"]
    if first and first[0] in (200, 201) and first[1]["order"]["id"] != body["order"]["id"]:
        raise park.Failure(f"round {number}: one key made two orders")
    return body["order"]["id"]


def settle_all(session, orders):
    def open_orders():
        return [o for o in orders if session.order(o)["state"] not in SETTLED]

    left = {"orders": orders}

    def none_left():
        left["orders"] = [o for o in left["orders"]
                          if session.order(o)["state"] not in SETTLED]
        return not left["orders"]

    try:
        park.wait_until("every order to be settled", 90, none_left, 0.5)
    except park.Failure:
        states = {o: session.order(o)["state"] for o in open_orders()}
        raise park.Failure(f"orders not settled: {states}") from None


def check(site, session, rooms, orders, before):
    confirmed = {}
    for room, order_id in orders:
        state = session.order(order_id)["state"]
        if state == "confirmed":
            confirmed[room["meter_no"]] = confirmed.get(room["meter_no"], 0) + 1
    for room in rooms:
        number = room["meter_no"]
        now = site.meter(number)
        want = confirmed.get(number, 0)
        count = now["purchase_count"] - before[number]["purchase_count"]
        money = now.get("purchased_total_fen", 0) - before[number].get("purchased_total_fen", 0)
        if count != want:
            raise park.Failure(f"meter {number}: {want} orders confirmed, but it took {count} "
                               f"worth {money} fen")
    return sum(confirmed.values())


def main():
    rng = random.Random(SEED)
    with park.Park() as site:
        site.start_all()
        session = site.operator()
        rooms = park.wait_until("every meter to be read", 120, session.all_read, 0.5)
        rng.shuffle(rooms)
        rooms = rooms[:40]
        before = {r["meter_no"]: site.meter(r["meter_no"]) for r in rooms}
        orders = []
        for number in range(KILLS):
            room = rooms[number % len(rooms)]
            if number >= len(rooms):
                settle_all(session, [o for r, o in orders if r is room])
            orders.append((room, one_round(site, session, room, number, rng)))
        settle_all(session, [o for _, o in orders])
        confirmed = check(site, session, rooms, orders, before)
        site.stop()
        if "ledger=balanced" not in site.ledger():
            raise park.Failure("the ledger does not balance")
        print(f"kill: kills={KILLS} orders={len(orders)} confirmed={confirmed} ledger=balanced")


try:
    main()
except (park.Failure, OSError, park.http.client.HTTPException) as failure:
    print(f"kill: seed {SEED}: {failure!r}")
    sys.exit(1)
