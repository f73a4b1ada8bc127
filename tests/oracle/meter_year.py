#!/usr/bin/env python3
"""An independent meter in a few lines, compared with the real core over simulated days.

It shares nothing with the C code but the words of the register map: it sums all pulses and all costs
as exact integers from the beginning each time, and derives supply from what has happened, not from
a table. usage: meter_year.py DRIVER [SCENARIOS [DAYS]]
"""
import datetime
import random
import subprocess
import sys

START = datetime.datetime(2027, 12, 30)
NORMAL, LOW1, LOW2, OVERDRAFT, CUT, REARM = range(6)


class Meter:
    def __init__(self, cfg):
        self.cfg = cfg
        self.numerator = 0           # pulses x 100
        self.units = [0, 0, 0, 0]    # 0.01 kWh by rate
        self.cost_e6 = 0
        self.bought = 0
        self.orders = 0
        self.latched = False         # cut for debt, not yet re-armed
        self.remote = "on"
        self.protected = False
        self.day = 0
        self.freeze = None

    def rate(self, second):
        hour = second // 3600 % 24
        held = [i for i in range(4) if self.cfg["hours"][i] <= hour]
        return held[-1] if held else 3

    def balance(self):
        return self.cfg["opening"] + self.bought - self.cost_e6 // 10000

    def total(self):
        return sum(self.units)

    def until(self, second):
        if second // 86400 > self.day:
            self.day = second // 86400
            stamp = START + datetime.timedelta(days=self.day)
            self.freeze = (stamp.strftime("%y%m%d") + "00", self.total())

    def settle(self):
        if self.balance() <= -self.cfg["overdraft"]:
            self.latched = True
        elif self.latched and self.balance() > 0 and self.cfg["auto"]:
            self.latched = False

    def act(self, second, what, value):
        self.until(second)
        if what == "pulse":
            self.numerator += 100 * value
            new = self.numerator // self.cfg["constant"] - self.total()
            rate = self.rate(second)
            self.units[rate] += new
            self.cost_e6 += new * self.cfg["prices"][rate]
        elif what == "buy":
            self.bought += value
            self.orders += 1
        elif what == "button":
            if self.latched and self.balance() > 0:
                self.latched = False
            if self.remote == "allowed":
                self.remote = "on"
        elif what == "control":
            if value == 0x1A:
                self.remote = "cut"
            elif value == 0x1B and self.remote == "cut":
                self.remote = "allowed"
            elif value == 0x1C:
                self.remote = "on"
                if self.latched and self.balance() > 0:
                    self.latched = False
            elif value in (0x3A, 0x3B):
                self.protected = value == 0x3A
        self.settle()

    def credit(self):
        balance, cfg = self.balance(), self.cfg
        if self.latched:
            return REARM if balance > 0 else CUT
        if balance <= 0:
            return OVERDRAFT
        return LOW2 if balance <= cfg["alarm2"] else LOW1 if balance <= cfg["alarm1"] else NORMAL

    def line(self):
        closed = self.protected or (not self.latched and self.remote == "on")
        stamp, energy = self.freeze or ("00000000", 0)
        fields = [self.credit(), int(closed), self.total(), *self.units, self.balance(), self.orders,
                  stamp, energy, 0]
        return " ".join(map(str, fields))


def scenario(seed, days):
    rng = random.Random(seed)
    cfg = {"constant": rng.choice([100, 400, 800, 1200, 1600, 6400]), "auto": rng.randrange(2),
           "opening": rng.randrange(0, 5000), "alarm1": rng.randrange(500, 3000),
           "alarm2": rng.randrange(0, 500), "overdraft": rng.choice([0, 1, 500, 2000]),
           "prices": [rng.randrange(0, 20000) for _ in range(4)],
           "hours": sorted(rng.sample(range(24), 4))}
    head = [cfg["constant"], cfg["auto"], cfg["opening"], cfg["alarm1"], cfg["alarm2"],
            cfg["overdraft"], *cfg["prices"], *cfg["hours"]]
    lines, wanted = [" ".join(map(str, head))], []
    meter, second = Meter(cfg), 0
    meter.settle()
    while second < days * 86400:
        second += rng.choice([1, 2, 30, 600, 3600, 9000])
        roll = rng.random()
        if roll < 0.75:
            what, value = "pulse", rng.randrange(1, cfg["constant"] * 2)
        elif roll < 0.85:
            what, value = "buy", rng.choice([1, 100, 1000, 5000])
        elif roll < 0.93:
            what, value = "control", rng.choice([0x1A, 0x1B, 0x1C, 0x1C, 0x3A, 0x3B])
        else:
            what, value = "button", 0
        lines.append(f"{second} {what} {value}")
        meter.act(second, what, value)
        second += 1
        meter.until(second)
        lines.append(f"{second} show 0")
        wanted.append((f"{second} {what} {value}", meter.line()))
    return lines, wanted


def main():
    driver = sys.argv[1]
    scenarios = int(sys.argv[2]) if len(sys.argv) > 2 else 12
    days = int(sys.argv[3]) if len(sys.argv) > 3 else 20
    compared = 0
    for seed in range(scenarios):
        lines, wanted = scenario(seed, days)
        run = subprocess.run([driver], input="\n".join(lines) + "\n", capture_output=True, text=True,
                             check=True)
        got = run.stdout.splitlines()
        if len(got) != len(wanted):
            sys.exit(f"seed {seed}: {len(got)} answers to {len(wanted)} questions")
        for (step, want), have in zip(wanted, got):
            if want != have:
                sys.exit(f"seed {seed} after {step}: meter says {have}, oracle {want}")
        compared += len(got)
    print(f"{compared} states agree, {scenarios} meters, {days} days each")


if __name__ == "__main__":
    main()
