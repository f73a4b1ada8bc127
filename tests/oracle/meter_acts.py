"""What people, cards and the station do to the second meter of meter_model.py; each act returns what
the driver must answer, or None where it answers nothing."""
from meter_model import (CLOCK_ENDS, COUNT, COUNTING, DAY, HOARDING, HOUR, IDLE, KEPT_HOURS, LOCKED, MINUTE,
                         OTHER, REPEATED, TRIPPED, Meter, day_of)

DAYS_OFF_MAX = 3660


class Acts(Meter):
    def pulse(self, pulses):
        self.demand_until()
        self.held_rate = self.rate()
        if pulses:
            self.demand[0].pulses[self.slot()] = self.demand[0].pulses.get(self.slot(), 0) + pulses
        self.use(pulses)
        self.supply()

    def back(self, pulses):
        self.demand_until()
        self.held_rate = self.rate()
        if pulses:
            self.demand[1].pulses[self.slot()] = self.demand[1].pulses.get(self.slot(), 0) + pulses
        self.reverse.count(pulses, self.rate())

    def power(self, watts):
        if not self.terms["power"]:
            return
        over = self.known and watts > self.terms["power"]
        if self.load == IDLE and over:
            self.load_to(COUNTING)
        elif self.load == COUNTING and not over:
            self.load_to(IDLE)

    def off(self, seconds):
        return self.chip_wrong(None, seconds)

    def chip_wrong(self, jump, seconds):
        """The power goes, and perhaps the chip's time with it. @param jump 0: it stops"""
        self.demand_until()
        for demand in self.demand:
            demand.pulses = {}    # an interval under way is lost
        if jump is not None:
            self.chip_good, self.chip = jump != 0, self.chip + jump
        mono = self.mono + seconds
        read = self.chip + mono
        if not self.chip_good or read >= CLOCK_ENDS or not 0 <= read // DAY - self.freeze_day <= DAYS_OFF_MAX:
            self.known = False
        elif read < self.now or not self.known:
            self.known, self.now = True, read
        else:
            self.mono = mono - (read - self.now)    # what is missed is written as it comes by
            self.run(read - self.now, powered=False)
        self.mono = mono
        self.restart()
        self.load_restart()
        return "OK"

    def restart(self):
        self.settle_looked = 0
        self.demand_restart()
        self.turn()

    def clock(self, year, month, day, minute):
        self.demand_until()
        now = day_of(year, month, day) * DAY + minute * MINUTE
        if not self.known or now // DAY != self.now // DAY:
            if now // DAY > self.freeze_day or self.freeze_day - now // DAY > 62:
                self.freeze_day = now // DAY
            if now // HOUR > self.settle_hour or self.settle_hour > now // HOUR + KEPT_HOURS:
                self.settle_hour = now // HOUR
        self.known, self.now = True, now
        self.chip_good, self.chip = True, now - self.mono
        self.restart()
        return "OK"

    def button(self):
        self.release()
        if self.remote == "allowed":
            self.remote = "on"
        if self.load in (TRIPPED, LOCKED):
            self.load_to(IDLE)
        self.supply()

    def card(self):
        self.release()
        self.supply()

    def emergency_take(self):
        if self.emergency or not self.terms["emergency"]:
            return "REFUSED"
        if self.balance() > 0 or self.balance() <= -self.terms["overdraft"] - self.terms["emergency"]:
            return "CONFLICT"
        self.emergency = True
        if self.debt:
            self.debt, self.low = None, True
        self.supply()
        return "OK"

    def buy(self, amount, count):
        limit = self.terms["hoarding"] or 99999999
        if (amount, count) == self.last_order:
            result = 0
        elif count == self.orders:
            result = REPEATED
        elif count != self.orders + 1:
            result = COUNT
        elif amount == 0:
            result = OTHER
        elif self.balance() + amount > limit:
            result = HOARDING
        else:
            result = 0
            self.money += amount
            self.orders, self.last_order = count, (amount, count)
            self.supply()
        return f"{int(result != 0)} {result}"

    def control(self, command):
        if command in (0x1A, 0x3B) and not self.known:
            return 1
        if command == 0x1A:
            self.remote = "cut"
        elif command == 0x1B and self.remote == "cut":
            self.remote = "allowed"
        elif command == 0x1C:
            self.remote = "on"
            self.release()
            if self.load in (TRIPPED, LOCKED):
                self.load_to(IDLE)
        elif command in (0x3A, 0x3B):
            self.protected = command == 0x3A
        self.supply()
        return 0

    def convert(self, old, new):
        if not self.cfg["wallet"]:
            return "CONFLICT"
        self.money += self.balance() * old // new - self.balance()
        self.supply()
        return "OK"

    def exchange(self):
        moved = self.money, self.owed_e6, self.terms, self.tiers
        self.money, self.owed_e6, self.terms, self.tiers = 0, 0, self.cfg["terms"], None
        self.last_order = None
        self.hardware(0)    # issued with nothing in it, which may mean that it waits cut off
        self.money, self.owed_e6, self.terms, self.tiers = moved
        self.cycles()
        self.supply()
        return "OK"

    def terms_set(self, terms):
        self.demand_until()
        self.terms = terms
        self.load_restart()
        self.supply()
        return "OK"

    def tiers_set(self, tiers):
        self.tiers = tiers
        if self.known:
            self.cycles()
        return "OK"

    def settle_set(self, settle):
        self.settle_days, self.settle_looked = settle, 0
        if self.known:
            self.settle_hour = self.tier_since = self.free_since = self.now // HOUR
        return "OK"

    def demand_set(self, minutes, slide):
        self.demand_until()
        self.demand_min, self.demand_slide = minutes, slide
        self.demand_restart()
        return "OK"
