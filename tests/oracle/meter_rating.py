#!/usr/bin/env python3
"""Station and meter rate the same year: what a meter charged must be what rating.h asks for it.

A simple meter (four rates, tiers by year or month, money) lives a year; the steps of its registers,
each within one rate, are the uses that the station rates, at rate price plus tier price.
usage: meter_rating.py METER_DRIVER RATING_DRIVER [METERS]
"""
import random
import subprocess
import sys

from meter_model import DAY, HOUR, RATES, day_of
from meter_year import TERMS, flat, terms_text, tiers_text

USED_RATES, ZONE_S, YEAR = 4, 8 * HOUR, 2027


def answers(driver, lines):
    done = subprocess.run([driver], input="\n".join(lines) + "\n", capture_output=True, text=True,
                          check=True)
    return [line.split() for line in done.stdout.splitlines()]


def compare(meter_driver, rating_driver, seed):
    rng = random.Random(seed)
    prices = [rng.randrange(12000) for _ in range(USED_RATES)]
    count, yearly = rng.randint(1, 6), rng.random() < 0.7
    ends = sorted(rng.sample(range(100, 300000 if yearly else 30000), count))
    extra = [rng.randrange(6000) for _ in range(count)]
    tiers = {"prices": extra, "upto": ends[:-1], "yearly": yearly, "from": (1, 1)}
    terms = dict.fromkeys(TERMS, 0) | {"overdraft": 2 ** 31 - 1}
    terms["prices"] = prices + [0] * (RATES - USED_RATES)
    hours = sorted(rng.sample(range(24), USED_RATES))
    schedule = [(hour * 60, rng.randint(1, USED_RATES)) for hour in hours]
    constant = rng.choice((300, 1200, 6400))
    head = [YEAR, 11, 20, 0, constant, 1, 0, 0, 0, 0, 15, 1, *[0] * 6, *terms_text(terms)]
    lines = [" ".join(map(str, head + [len(schedule)] + flat(schedule))),
             "0 tiers " + " ".join(map(str, tiers_text(tiers)))]
    moments = sorted(rng.sample(range(2, 400 * DAY, 2), 1500))
    for at in moments:
        lines += [f"{at} pulse {rng.randrange(4 * constant)}", f"{at + 1} show"]
    shown = answers(meter_driver, lines)[1:]
    start = day_of(YEAR, 11, 20) * DAY - ZONE_S
    plan = ["P", start * 1000, USED_RATES, count, 1, 0, int(yearly), *ends, *[0] * count, 0, 1, 1]
    lines = [" ".join(map(str, plan + [tier + rate for tier in extra for rate in prices]))]
    before = [0] * USED_RATES
    for at, row in zip(moments, shown):
        now = [int(value) for value in row[6:6 + USED_RATES]]
        ms = (start + at) * 1000
        step = [n - b for n, b in zip(now, before)] + [0] * (RATES - USED_RATES)
        lines.append(" ".join(map(str, ["U", ms, ms, 0, 0, *step])))
        before = now
    spent = 0
    for at, row, rated in zip(moments, shown, answers(rating_driver, lines), strict=True):
        spent += int(rated[1])
        if rated[0] != "OK" or -int(row[15]) != spent:
            sys.exit(f"seed {seed}, second {at}: the meter charged {-int(row[15])} fen, the station "
                     f"{spent} ({rated[0]})")
    return spent


def main():
    meters = int(sys.argv[3]) if len(sys.argv) > 3 else 6
    spent = sum(compare(sys.argv[1], sys.argv[2], seed) for seed in range(meters))
    print(f"{meters} meters, {meters * 1500} steps: {spent} fen agree")


main()
