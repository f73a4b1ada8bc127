"""The whole chain once: read every meter, sell to a dark room, see its light.

Prints one line, exit 0; any shortfall names itself, exit 1.
"""
import sys
import time

import park


def main():
    with park.Park() as site:
        site.start_all()
        api = site.operator()
        started = time.monotonic()
        rooms = park.wait_until("every meter to be read", 120, api.all_read, 0.2)
        read_s = time.monotonic() - started
        if len(rooms) != 257:
            raise park.Failure(f"the board shows {len(rooms)} rooms, expected 257")
        dark = [r for r in rooms if r["state"] == "in_debt" and r["relay"] == "open"]
        if not dark:
            raise park.Failure("no room is dark for debt")
        room = min(dark, key=lambda r: -float(r["balance"]))
        before = site.meter(room["meter_no"])
        status, sale = api.sell(room["room_id"], "50.00", "smoke-sale-0001")
        if status not in (200, 201):
            raise park.Failure(f"the sale was refused: {status} {sale}")
        order_id = sale["order"]["id"]

        def lit():
            order = api.order(order_id)
            return order if "relay_closed" in park.step_times(order) else None

        order = park.wait_until("the relay to close", 60, lit)
        after = site.meter(room["meter_no"])
        if after["purchase_count"] != before["purchase_count"] + 1:
            raise park.Failure(f"the meter's purchase count is {after['purchase_count']}, "
                               f"expected {before['purchase_count'] + 1}")
        if not after["relay_closed"]:
            raise park.Failure("the meter's relay is open")
        pay_to_light = park.step_times(order)["relay_closed"]
        site.stop()
        if "ledger=balanced" not in site.ledger():
            raise park.Failure("the ledger does not balance")
        site.run("gridtill", "export-ledger", "--config", "station.ini", "--out", "ledger.jsonl")
        site.verify("ledger.jsonl")
        print(f"smoke: meters={len(rooms)} read_s={read_s:.1f} pay_to_light_ms={pay_to_light} "
              "ledger=balanced")


try:
    main()
except park.Failure as failure:
    print(f"smoke: {failure}")
    sys.exit(1)
