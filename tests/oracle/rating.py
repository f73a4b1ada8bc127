#!/usr/bin/env python3
"""An independent rating in a few lines, compared with the real one on random tariffs and uses.

It walks through time day by day and asks of each day what holds on it, where the real code computes
where things change; it shares nothing with it but the rounding rules that the header states.
usage: rating.py DRIVER [TARIFFS]
"""
import datetime
import random
import subprocess
import sys

ZONE = datetime.timezone(datetime.timedelta(hours=8))
UNIT, FIXED, CAPACITY, PERCENT = range(4)
USES = 25
RATES = 8


def seconds(year, month, day):
    return int(datetime.datetime(year, month, day, tzinfo=ZONE).timestamp())


def civil(second):
    return datetime.datetime.fromtimestamp(second, ZONE)


class Plan:
    def __init__(self, rng, start):
        self.start = start
        self.rates = rng.randint(1, RATES)
        self.tiers = rng.randint(1, 6)
        self.yearly = rng.random() < 0.5
        ends, persons = sorted(rng.sample(range(1, 300000), self.tiers)), 0
        self.ends, self.per_person = ends, []
        for _ in range(self.tiers):
            persons += rng.choice((0, 0, rng.randint(0, 5000)))
            self.per_person.append(persons)
        self.base = rng.randint(0, 6)
        days = sorted(rng.sample(range(365), rng.randint(1, 4)))
        self.seasons = []
        for day in days:
            first = datetime.date(2001, 1, 1) + datetime.timedelta(days=day)
            prices = [[rng.randint(0, 30000) for _ in range(self.rates)] for _ in range(self.tiers)]
            self.seasons.append((first.month, first.day, prices))
        self.fees = []
        for _ in range(rng.randint(0, 4)):
            kind = rng.randrange(4)
            self.fees.append((kind, rng.randint(0, (5000, 20000, 3000, 2000)[kind])))

    def text(self):
        flat = [self.start * 1000, self.rates, self.tiers, len(self.seasons), len(self.fees),
                int(self.yearly), *self.ends, *self.per_person, self.base]
        for month, day, prices in self.seasons:
            flat += [month, day, *[price for tier in prices for price in tier]]
        for fee in self.fees:
            flat += fee
        return "P " + " ".join(map(str, flat))

    def season_on(self, day):
        held = [s for s in range(len(self.seasons)) if self.seasons[s][:2] <= (day.month, day.day)]
        return held[-1] if held else len(self.seasons) - 1


class Account:
    def __init__(self, plans):
        self.plans, self.period, self.used, self.carry = plans, 0, 0, 0

    def plan_at(self, second):
        return [p for p in self.plans if p.start <= second][-1]

    def holds(self, second):
        """What a moment's consumption is rated by."""
        plan, day = self.plan_at(second), civil(second)
        return plan, plan.season_on(day), day.year, day.month

    def cuts(self, start, end):
        """Moments where something changes: candidates are midnights and the versions' starts."""
        day = civil(start).replace(hour=0, minute=0, second=0)
        moments = {p.start for p in self.plans}
        while day.timestamp() < end:
            day += datetime.timedelta(days=1)
            moments.add(int(day.timestamp()))
        found, before = [], self.holds(start)
        for moment in sorted(m for m in moments if start < m < end):
            now = self.holds(moment)
            if now != before:
                found.append(moment)
            before = now
        return found + [end]

    def rate(self, start, end, persons, capacity, quantity):
        amounts, given, at = [], [0] * RATES, start
        for cut in self.cuts(start, end):
            upto = [q * (cut - start) // (end - start) if end > start else q for q in quantity]
            amounts += self.piece(at, cut, persons, capacity, [u - g for u, g in zip(upto, given)])
            given, at = upto, cut
        total = sum(amounts) + self.carry
        self.carry = total % 10000
        return total // 10000, len(amounts), sum(amounts)

    def piece(self, start, end, persons, capacity, quantity):
        plan, season, year, month = self.holds(start)
        period = year * 12 + (0 if plan.yearly else month - 1)
        if period != self.period:
            self.period, self.used = period, 0
        total, lines = sum(quantity), []
        for tier in range(plan.tiers):
            left = sum(quantity)
            limit = plan.ends[tier] + plan.per_person[tier] * max(0, persons - plan.base)
            part = left if tier == plan.tiers - 1 else min(left, max(0, limit - self.used))
            shares = [q * part // left if left else 0 for q in quantity]
            for rate in range(RATES):
                if sum(shares) < part and shares[rate] < quantity[rate]:
                    shares[rate] += 1
            self.used += part
            quantity = [q - s for q, s in zip(quantity, shares)]
            prices = plan.seasons[season][2][tier]
            lines += [s * prices[r] for r, s in enumerate(shares) if s]
        month_start = seconds(year, month, 1)
        month_end = seconds(year + month // 12, month % 12 + 1, 1)
        for kind, value in plan.fees:
            fen = value * (capacity if kind == CAPACITY else 1)
            if kind == UNIT:
                amount = total * value
            elif kind == PERCENT:
                amount = sum(lines) * value // 10000
            else:
                span = month_end - month_start
                amount = fen * 10000 * (end - month_start) // span - fen * 10000 * (start - month_start) // span
            if amount or (kind == UNIT and total):
                lines.append(amount)
        return lines


def scenario(rng):
    """@return (what the driver is told, what it must answer)"""
    first = seconds(2026, rng.randint(1, 12), rng.randint(1, 28))
    starts = [first] + sorted(rng.randrange(first, first + 500 * 86400) for _ in range(rng.randint(0, 2)))
    plans = [Plan(rng, start) for start in starts]
    account, told, expected, at = Account(plans), [p.text() for p in plans], [], first
    for _ in range(USES):
        span = rng.choice((0, 300, 3600, 86400, rng.randint(1, 90 * 86400)))
        rates = min(p.rates for p in plans)
        quantity = [rng.choice((0, rng.randint(0, 40000))) for _ in range(rates)] + [0] * (RATES - rates)
        persons, capacity = rng.randint(0, 9), rng.choice((0, 80, 1600))
        fen, lines, exact = account.rate(at, at + span, persons, capacity, list(quantity))
        told.append(" ".join(map(str, ("U", at * 1000, (at + span) * 1000, persons, capacity, *quantity))))
        expected.append(f"OK {fen} {account.period} {account.used} {account.carry} {lines} {exact}")
        at += span + rng.choice((0, 0, 7200))
    return told, expected


def main():
    driver, tariffs = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 60
    for seed in range(tariffs):
        told, expected = scenario(random.Random(seed))
        done = subprocess.run([driver], input="\n".join(told) + "\n", capture_output=True, text=True,
                              check=False)
        got = done.stdout.split("\n")[:-1]
        if done.returncode != 0 or got != expected:
            wrong = [i for i, pair in enumerate(zip(got, expected)) if pair[0] != pair[1]][:1]
            print(f"rating: seed {seed}: exit {done.returncode} {done.stderr}")
            for i in wrong:
                print(f"use {i}: got {got[i]}, expected {expected[i]}")
            return 1
    print(f"rating: {tariffs} tariffs, {tariffs * USES} uses agree")
    return 0


sys.exit(main())
