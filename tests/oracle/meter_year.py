#!/usr/bin/env python3
"""Random meters live random years, here (meter_model.py) and in the real core; every state must agree.

usage: meter_year.py DRIVER [METERS [DAYS [SEED]]]
A third of the meters also has a clock that goes wrong: by seconds to decades, stopped, at 29 February
and at the end of 2099. A meter's history depends on its seed alone.
"""
import random
import subprocess
import sys

from meter_acts import Acts
from meter_model import DAY, MINUTE, PART_DAY, PART_PRICES, PART_TIERS, PART_YEAR, RATES, date_of, day_of

STARTS = [(2027, 12, 30, 0), (2028, 2, 27, 613), (2026, 6, 15, 1439), (2027, 3, 31, 60), (2098, 12, 31, 5)]
CLOCK_STARTS = STARTS + [(2099, 12, 1, 0), (2099, 12, 30, 1200)]
FACTORY = ("constant", "auto", "warning_cut", "wallet", "opening", "base")
TERMS = ("alarm1", "alarm2", "overdraft", "hoarding", "emergency", "permit", "free", "friendly_from",
         "friendly_to", "friendly_days", "friendly_holidays", "power", "delay", "return", "trips")


def periods(rng):
    starts = sorted(rng.sample(range(1440), rng.randint(1, 14)))
    return [(start, rng.randint(1, RATES)) for start in starts]


def zones(rng):
    days = sorted(rng.sample(range(366), rng.randint(1, 14)))
    dates = [date_of(day_of(2028, 1, 1) + d) for d in days]
    return [(d.month, d.day, rng.randint(1, 8)) for d in dates]


def prices(rng):
    return [rng.choice((0, rng.randrange(12000), rng.randrange(12000))) for _ in range(RATES)]


def tiers(rng):
    count, yearly = rng.randint(0, 7), rng.random() < 0.5
    ends = sorted(rng.sample(range(100, 200000 if yearly else 20000), max(0, count - 1)))
    return {"prices": [rng.randrange(8000) for _ in range(count)], "upto": ends,
            "yearly": yearly and count > 0, "from": (rng.randint(1, 12), rng.randint(1, 28))}


def tiers_text(t):
    row = t["prices"] + [0] * (7 - len(t["prices"])) + t["upto"] + [0] * (6 - len(t["upto"]))
    return [len(t["prices"]), int(t["yearly"]), *t["from"], *row]


def terms(rng):
    alarms = sorted((rng.randrange(6000), rng.choice((0, rng.randrange(3000)))))
    some = rng.random
    hours = rng.randrange(1440), rng.randrange(1440)
    return {"alarm1": alarms[1], "alarm2": alarms[0], "overdraft": rng.choice((0, 1, 500, 3000)),
            "hoarding": rng.choice((0, 30000, 100000)), "emergency": rng.choice((0, 700, 3000)),
            "permit": rng.choice((0, 0, 1000)), "free": rng.choice((0, 0, 1500, 8000)),
            "friendly_from": hours[0], "friendly_to": hours[some() < 0.5],
            "friendly_days": rng.choice((0, 0x41, 0x7F)) if some() < 0.3 else 0,
            "friendly_holidays": int(some() < 0.3), "power": rng.choice((0, 3000, 8000)),
            "delay": rng.choice((0, 1, 60, 600)), "return": rng.choice((0, 30, 3600)),
            "trips": rng.choice((0, 1, 3)), "prices": prices(rng)}


def terms_text(t):
    return [t[name] for name in TERMS] + t["prices"]


def settle_days(rng):
    if rng.random() < 0.3:
        return [(0, 0)] * 3
    days = [(rng.randint(1, 28), rng.randrange(24)) for _ in range(rng.randint(1, 3))]
    return days + [(0, 0)] * (3 - len(days))


def demand_minutes(rng):
    return rng.choice(((15, 1), (15, 15), (15, 5), (30, 1), (60, 2), (60, 60), (1, 1), (5, 1)))


def flat(rows):
    return [value for row in rows for value in row]


class Story:
    """One meter's life: tells the driver and the model the same, and notes what must be answered."""

    def __init__(self, seed, clock):
        self.rng, self.clock = random.Random(seed), clock
        rng = self.rng
        start = rng.choice(CLOCK_STARTS if clock else STARTS)
        self.cfg = {"start": day_of(*start[:3]) * DAY + start[3] * MINUTE,
                    "constant": rng.choice((100, 300, 400, 800, 1200, 1600, 6400, 20000)),
                    "auto": rng.randrange(2), "warning_cut": rng.randrange(2),
                    "wallet": int(rng.random() < 0.2), "opening": rng.randrange(20000),
                    "base": rng.choice((0, 123456)), "demand": demand_minutes(rng),
                    "settle": settle_days(rng), "terms": terms(rng), "schedule": periods(rng)}
        self.meter, self.wanted, self.conversions = Acts(self.cfg), [], 0
        self.seen, self.poor = (True, True), rng.random() < 0.7
        head = [*start, *(self.cfg[name] for name in FACTORY), *self.cfg["demand"]]
        head += flat(self.cfg["settle"]) + terms_text(self.cfg["terms"])
        head += [len(self.cfg["schedule"])] + flat(self.cfg["schedule"])
        self.lines = [" ".join(map(str, head))]
        self.tables()

    def tell(self, act, *numbers):
        self.lines.append(" ".join(map(str, (self.meter.mono, act, *numbers))))

    def expect(self, *values):
        self.wanted.append((self.lines[-1], " ".join(map(str, values))))

    def look(self, much):
        self.meter.run(1)
        now = (self.meter.known, self.meter.closed())
        assert self.seen != (False, True) or now != (False, False), "cut while the clock is suspect"
        self.seen = now
        self.tell("show")
        self.expect(*self.meter.show())
        if much:
            self.tell("tell")
            self.expect(*self.meter.tell())
            self.tell("settled")
            none = [1, 0, 0] + [0] * (2 + 2 * RATES + 4 * (1 + RATES))
            self.expect(*(self.meter.settled or none))

    # tables

    def reload(self):
        self.tell("reload")
        self.meter.turn()

    def write_year(self, which):
        year = self.meter.years[which] = zones(self.rng)
        self.tell("year", which, len(year), *flat(year))
        self.expect("OK")

    def write_day(self, which):
        table = self.rng.randint(1, 8)
        day = self.meter.days[which][table] = periods(self.rng)
        self.tell("day", which, table, len(day), *flat(day))
        self.expect("OK")

    def write_week(self):
        self.meter.week = self.rng.choice(((0x41, self.rng.randint(1, 8)), (self.rng.randrange(128), 0)))
        self.tell("week", *self.meter.week)
        self.expect("OK")

    def write_holiday(self):
        date = date_of(self.meter.now // DAY + self.rng.randrange(60))
        row = (date.year - 2000, date.month, date.day, self.rng.randint(1, 8))
        if date.year < 2100 and row[:3] not in [h[:3] for h in self.meter.holidays.values()]:
            nth = self.rng.choice((0, 31, 32, 253, self.rng.randrange(254)))
            self.meter.holidays[nth] = row
            self.tell("holiday", nth, *row)
            self.expect("OK")

    def tables(self):
        self.meter.run(1)
        rng = self.rng
        if rng.random() < 0.8:
            for which in (0, 1):
                self.write_year(which)
                for _ in range(rng.randrange(8)):
                    self.write_day(which)
        if rng.random() < 0.6:
            self.write_week()
        for _ in range(rng.choice((0, 3, 20))):
            self.write_holiday()
        self.reload()

    # acts

    def act_pulse(self):
        much = self.cfg["constant"] if self.meter.closed() else 1    # an open relay leaves a trickle
        most = self.rng.choice((1, 10, 3 * much, 10 * much, 40 * much))
        pulses = self.rng.randrange(most + 1)
        self.tell("pulse", pulses)
        self.meter.pulse(pulses)

    def act_reverse(self):
        pulses = self.rng.randrange(self.cfg["constant"])
        self.tell("reverse", pulses)
        self.meter.back(pulses)

    def act_buy(self):
        rng = self.rng
        short = max(0, -self.meter.balance())    # people buy when they have to, and what they must
        if self.poor and self.meter.balance() > self.meter.terms["alarm1"]:
            return
        level = rng.choice((0, self.meter.terms["permit"], self.meter.terms["alarm2"],
                            self.meter.terms["alarm1"]))
        amount = rng.choice((0, 1, short, short + 1, short + level, short + level + 1,
                             short + rng.randrange(3000), rng.randrange(3000 if self.poor else 30000)))
        count = self.meter.orders + rng.choice((1, 1, 1, 1, 1, 0, 2, 7))
        if rng.random() < 0.1 and self.meter.last_order:
            amount, count = self.meter.last_order
        self.tell("buy", amount, count)
        self.expect(self.meter.buy(amount, count))

    def act_control(self):
        command = self.rng.choice((0x1A, 0x1B, 0x1C, 0x1C, 0x1C, 0x3A, 0x3B, 0x3B))
        self.tell("control", command)
        self.expect(self.meter.control(command))

    def act_button(self):
        self.tell("button")
        self.meter.button()

    def act_card(self):
        self.tell("card")
        self.meter.card()

    def act_emergency(self):
        self.tell("emergency")
        self.expect(self.meter.emergency_take())

    def act_power(self):
        watts = self.rng.randrange(12000)
        self.tell("power", watts)
        self.meter.power(watts)

    def act_off(self):
        seconds = self.rng.choice((1, 60, 7200, 3 * DAY))
        self.tell("off", seconds)
        self.expect(self.meter.off(seconds))

    def act_convert(self):
        old, new = self.rng.randint(1, 9999), self.rng.randint(1, 9999)
        if old < 3 * new:
            self.conversions += 1
            self.tell("convert", self.conversions, old, new)
            self.expect(self.meter.convert(old, new))

    def act_exchange(self):
        if self.meter.known:
            self.tell("exchange")
            self.expect(self.meter.exchange())
            self.tables()

    def act_terms(self):
        new = terms(self.rng)
        self.tell("terms", *terms_text(new))
        self.expect(self.meter.terms_set(new))

    def act_tiers(self):
        new = tiers(self.rng)
        self.tell("tiers", *tiers_text(new))
        self.expect(self.meter.tiers_set(new))

    def act_settle(self):
        days = settle_days(self.rng)
        self.tell("settle", *flat(days))
        self.expect(self.meter.settle_set(days))

    def act_demand(self):
        new = demand_minutes(self.rng)
        self.tell("demand", *new)
        self.expect(self.meter.demand_set(*new))

    def act_table(self):
        write = self.rng.choice((lambda: self.write_year(self.rng.randrange(2)),
                                 lambda: self.write_day(self.rng.randrange(2)),
                                 self.write_week, self.write_holiday))
        write()
        self.reload()

    def act_switch(self):
        rng = self.rng
        part = rng.choice((PART_YEAR, PART_DAY, PART_PRICES, PART_TIERS))
        if part == PART_PRICES:
            self.meter.spare[part] = prices(rng)
            self.tell("spare_prices", *self.meter.spare[part])
            self.expect("OK")
        elif part == PART_TIERS:
            self.meter.spare[part] = tiers(rng)
            self.tell("spare_tiers", *tiers_text(self.meter.spare[part]))
            self.expect("OK")
        minute = self.meter.now // MINUTE + rng.choice((-5, 1, 100, rng.randrange(40000)))
        self.meter.switch[part] = rng.choice((minute, minute // 1440 * 1440))
        self.tell("switch", part, self.meter.switch[part])
        self.expect("OK")
        self.meter.turn()

    def act_clock(self):
        rng, now = self.rng, self.meter.now
        jump = rng.choice((1, -1, 7, -7, 60, 1000)) * rng.choice((1, 60, 3600, DAY, 400 * DAY))
        date = date_of((now + jump) // DAY)
        if 2026 <= date.year <= 2099:
            minute = (now + jump) % DAY // MINUTE
            self.tell("clock", date.year, date.month, date.day, minute)
            self.expect(self.meter.clock(date.year, date.month, date.day, minute))

    def act_chip(self):
        rng = self.rng
        jump = rng.choice((0, 1, -1, 7, -7, 9)) * rng.choice((1, 60, 3600, DAY, 400 * DAY))
        seconds = rng.choice((1, 3600))
        self.tell("chip", jump, seconds)
        self.expect(self.meter.chip_wrong(jump, seconds))

    COMMON = (("pulse", 60), ("reverse", 4), ("buy", 14), ("control", 6), ("button", 8), ("card", 3),
              ("emergency", 3), ("power", 8), ("off", 2), ("convert", 1), ("terms", 1), ("tiers", 1),
              ("settle", 1), ("demand", 1), ("table", 2), ("switch", 2))
    RARE = (("clock", 4), ("chip", 4))

    def live(self, days):
        weights = dict(self.COMMON + (self.RARE if self.clock else ()))
        exchange = self.rng.randrange(2 * days) * DAY
        while self.meter.mono < days * DAY:
            gap = self.rng.choice((1, 2, 59, 600, 3600, 9000, DAY, 4 * DAY))
            self.meter.run(self.rng.choice((gap, self.rng.randint(1, gap))))
            if self.meter.mono > exchange:
                exchange = days * DAY
                self.act_exchange()
            else:
                getattr(self, "act_" + self.rng.choices(list(weights), list(weights.values()))[0])()
            self.look(self.rng.random() < 0.2)


def compare(driver, seed, days):
    story = Story(seed, seed % 3 == 2)
    story.live(days)
    done = subprocess.run([driver], input="\n".join(story.lines) + "\n", capture_output=True, text=True,
                          check=False)
    got = done.stdout.splitlines()
    for i, (step, want) in enumerate(story.wanted):
        have = got[i] if i < len(got) else f"nothing (exit {done.returncode} {done.stderr})"
        if want != have:
            line = story.lines.index(step)
            before = "\n".join(story.lines[max(0, line - 6):line + 1])
            sys.exit(f"seed {seed}, after\n{before}\nmeter says {have}\nnot        {want}")
    return len(got)


def main():
    driver = sys.argv[1]
    meters, days, first = (int(sys.argv[i]) if len(sys.argv) > i else default
                           for i, default in ((2, 20), (3, 365), (4, 0)))
    compared = sum(compare(driver, seed, days) for seed in range(first, first + meters))
    print(f"{compared} answers agree, {meters} meters, {days} days each")


if __name__ == "__main__":
    main()
