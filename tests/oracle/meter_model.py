"""A second meter, written from docs/meter.md and in another way than the first.

It works in whole seconds of civil time, asks of each moment what holds then, and keeps exact sums
since the beginning instead of carries: 0.01 kWh from all pulses, money from all costs in 1e-6 yuan,
the steps of a price as one line with corners. It shares nothing with the C code but the words of the
driver's text.
"""
import datetime
import functools

DAY, HOUR, MINUTE = 86400, 3600, 60
NORMAL, LOW1, LOW2, OVERDRAFT, CUT, REARM, WARNED = range(7)
IDLE, COUNTING, TRIPPED, LOCKED = range(4)
PART_YEAR, PART_DAY, PART_PRICES, PART_TIERS = range(4)
RATES = 8
FLAT = 3
REPEATED, OTHER, COUNT, HOARDING = 2, 1, 32, 64
KEPT_HOURS = 62 * 24
CLOCK_ENDS = 4102444800    # 2100


@functools.lru_cache(maxsize=4096)
def date_of(day):
    return datetime.date.fromordinal(day + 719163)


def day_of(year, month, day):
    return datetime.date(year, month, day).toordinal() - 719163


class Register:
    def __init__(self, constant):
        self.constant, self.pulses, self.units = constant, 0, [0] * RATES

    def count(self, pulses, rate):
        """@return new units of 0.01 kWh"""
        before = self.pulses * 100 // self.constant
        self.pulses += pulses
        new = self.pulses * 100 // self.constant - before
        self.units[rate - 1] += new
        return new


class Demand:
    """Pulses by slot; each end of an interval sums what lies in it."""

    def __init__(self):
        self.pulses, self.done, self.peaks = {}, 0, [(0, 0)] * (1 + RATES)

    def restart(self, slot):
        self.pulses, self.done = {}, slot

    def until(self, slot, meter, rate):
        """Intervals that end until then."""
        if not self.pulses:
            self.done = max(self.done, slot)
            return
        length, slide = meter.demand_min // meter.demand_slide, meter.demand_slide
        last = max(self.pulses) + length
        for end in range(self.done + 1, min(slot, last) + 1):
            total = sum(self.pulses.get(s, 0) for s in range(end - length, end))
            mean = total * 600000 // (meter.cfg["constant"] * meter.demand_min)
            stamp = end * slide if meter.known else 0
            for at in (0, rate):
                if mean > self.peaks[at][0]:
                    self.peaks[at] = (mean, stamp)
        self.done = max(self.done, slot)
        self.pulses = {s: n for s, n in self.pulses.items() if s > slot - length}

    def flat(self):
        return [value for peak in self.peaks for value in peak]


class Meter:
    def __init__(self, cfg):
        self.cfg = cfg
        self.mono, self.now = 0, cfg["start"]     # seconds since the start, civil seconds since 1970
        self.known = self.chip_good = True
        self.chip = cfg["start"]                  # what the clock chip shows, less mono
        self.terms, self.tiers = cfg["terms"], None
        self.money, self.owed_e6 = cfg["opening"], 0
        self.orders, self.last_order = 0, None
        self.hardware(cfg["base"])

    def hardware(self, base):
        """All that a new meter does not take over with an account."""
        cfg = self.cfg
        self.base = base
        self.forward, self.reverse = Register(cfg["constant"]), Register(cfg["constant"])
        self.years, self.days, self.week, self.holidays = [None, None], [{}, {}], (0, 0), {}
        self.second, self.switch, self.spare = [0, 0], [0] * 4, [None] * 4
        self.settle_days = cfg["settle"]
        self.demand_min, self.demand_slide = cfg["demand"]
        self.demand = [Demand(), Demand()]
        self.debt, self.low, self.warned, self.emergency = None, False, False, False
        self.remote, self.protected = "on", False
        self.load, self.load_due, self.trips = IDLE, None, 0
        self.freeze, self.settled = None, None
        self.freeze_day, self.settle_hour = self.now // DAY, self.now // HOUR
        self.settle_looked = 0    # no day before it has one that is not yet written
        self.tier_used = self.free_used = 0
        self.tier_since = self.free_since = self.cycle_start(False)
        self.cycles()
        self.demand_restart()
        self.supply()

    # what holds now

    def schedule(self):
        day = self.now // DAY
        date = date_of(day)
        table = self.holiday(date)
        if not table and self.week[0] >> (date.isoweekday() % 7) & 1:
            table = self.week[1]
        if not table:
            zones = self.years[self.second[PART_YEAR]] or [(1, 1, 1)]
            begun = [z for z in zones if z[:2] <= (date.month, date.day)]
            table = (begun or zones)[-1][2]
        return self.days[self.second[PART_DAY]].get(table, self.cfg["schedule"])

    def holiday(self, date):
        wanted = (date.year - 2000, date.month, date.day)
        return next((h[3] for h in self.holidays.values() if h[:3] == wanted and h[3]), 0)

    def rate(self):
        if not self.known:
            return FLAT
        minute = self.now % DAY // MINUTE
        periods = self.schedule()
        begun = [p for p in periods if p[0] <= minute]
        return (begun or periods)[-1][1]

    def friendly(self):
        terms, date = self.terms, date_of(self.now // DAY)
        if terms["friendly_days"] >> (date.isoweekday() % 7) & 1:
            return True
        if terms["friendly_holidays"] and self.holiday(date):
            return True
        start, end, minute = terms["friendly_from"], terms["friendly_to"], self.now % DAY // MINUTE
        if start == end:
            return False
        return (minute - start) % 1440 < (end - start) % 1440

    def balance(self):
        return self.money - self.owed_e6 // 10000

    # energy and money

    def step_cost(self, units):
        """What the steps alone add to the first so many units of a cycle, in 1e-6 yuan."""
        if self.tiers is None or not self.tiers["prices"]:
            return 0
        total, begin = 0, 0
        for i, price in enumerate(self.tiers["prices"]):
            last = i == len(self.tiers["prices"]) - 1
            end = units if last else max(begin, min(units, self.tiers["upto"][i]))
            total += price * (end - begin)
            begin = end
        return total

    def use(self, pulses):
        rate = self.rate()
        new = self.forward.count(pulses, rate)
        free = max(0, min(new, self.terms["free"] - self.free_used))
        if self.cfg["wallet"]:
            self.owed_e6 += (new - free) * 10000
        else:
            self.owed_e6 += (new - free) * self.terms["prices"][rate - 1]
            self.owed_e6 += self.step_cost(self.tier_used + new) - self.step_cost(self.tier_used + free)
        self.tier_used += new
        self.free_used += new

    # demand

    def slot(self):
        return (self.now if self.known else self.mono) // MINUTE // self.demand_slide

    def demand_until(self):
        for demand in self.demand:
            demand.until(self.slot(), self, self.held_rate)

    def demand_restart(self):
        for demand in self.demand:
            demand.restart(self.slot())
        self.held_rate = self.rate()

    # supply: what has happened, not a table of states

    def supply(self):
        balance, terms = self.balance(), self.terms
        if balance > 0:
            self.emergency = False
        may_cut = self.known and not self.friendly()
        if self.debt == "cut" and balance > terms["permit"] and balance > 0:
            self.debt = "paid"
        elif self.debt == "paid" and balance <= 0:
            self.debt = "cut"
        if self.debt == "paid" and self.cfg["auto"]:
            self.release()
        if self.debt:
            return
        if balance <= self.limit() and may_cut:
            self.debt, self.warned, self.low = "cut", False, True
        elif balance > terms["alarm2"] and balance > 0:
            self.low = self.warned = False
        elif balance <= 0 or not self.cfg["warning_cut"]:
            self.low = True
        elif not self.low and may_cut:
            self.low = self.warned = True

    def limit(self):
        return -self.terms["overdraft"] - (self.terms["emergency"] if self.emergency else 0)

    def release(self):
        """Paid and told so: the supply comes back, without a warning cut on top."""
        if self.debt == "paid":
            self.debt, self.low = None, True
        self.warned = False

    def credit(self):
        balance, terms = self.balance(), self.terms
        if self.debt:
            return CUT if self.debt == "cut" else REARM
        if self.warned:
            return WARNED
        if balance <= 0:
            return OVERDRAFT
        if balance <= terms["alarm2"]:
            return LOW2 if self.low else LOW1
        return LOW1 if balance <= terms["alarm1"] else NORMAL

    def closed(self):
        wanted = not self.debt and not self.warned and self.remote == "on"
        return self.protected or (wanted and self.load not in (TRIPPED, LOCKED))

    # power limit

    def load_wait(self):
        wait = {COUNTING: self.terms["delay"], TRIPPED: self.terms["return"] or None}.get(self.load)
        self.load_due = None if wait is None else self.mono + wait

    def load_to(self, state):
        self.load = state
        self.load_wait()

    def load_time(self):
        if self.load == TRIPPED or not self.known:
            self.load_to(IDLE)
            return
        self.trips = min(255, self.trips + 1)
        most = self.terms["trips"]
        self.load_to(LOCKED if most and self.trips >= most else TRIPPED)

    def load_restart(self):
        if self.load == COUNTING or not self.terms["power"]:
            self.load = IDLE
        self.load_wait()

    # the calendar

    def cycle_start(self, yearly):
        """Hour at which the cycle began that holds now."""
        date = date_of(self.now // DAY)
        first = self.settle_days[0] if self.settle_days[0][0] else (1, 0)
        if yearly:
            starts = [(year, *self.tiers["from"], 0) for year in (date.year - 1, date.year)]
        else:
            before = (date.replace(day=1) - datetime.timedelta(days=1))
            starts = [(before.year, before.month, *first), (date.year, date.month, *first)]
        hours = [day_of(y, m, d) * 24 + h for y, m, d, h in starts]
        return max(h for h in hours if h <= self.now // HOUR)

    def cycles(self):
        hour = self.now // HOUR
        start = self.cycle_start(self.tiers is not None and self.tiers["yearly"])
        if start > self.tier_since or self.tier_since > hour + KEPT_HOURS:
            self.tier_since, self.tier_used = start, 0
        start = self.cycle_start(False)
        if start > self.free_since or self.free_since > hour + KEPT_HOURS:
            self.free_since, self.free_used = start, 0

    def settle_hours(self, day):
        of_month = date_of(day).day
        if not any(d for d, _ in self.settle_days):
            return [day * 24] if of_month == 1 else []
        return sorted({day * 24 + hour for d, hour in self.settle_days if d == of_month})

    def settlements(self):
        self.demand_until()
        hour = self.now // HOUR
        first = max(self.settle_hour // 24, self.settle_looked)
        for day in range(first, hour // 24 + 1):
            self.settle_looked = day
            for due in self.settle_hours(day):
                if self.settle_hour < due <= hour:
                    self.settled = [0, due, self.balance()] + self.registers()
                    self.settled += self.demand[0].flat() + self.demand[1].flat()
                    self.settle_hour = due
                    for demand in self.demand:
                        demand.peaks = [(0, 0)] * (1 + RATES)

    def midnights(self):
        day = self.now // DAY
        if day > self.freeze_day:
            stamp = date_of(day).strftime("%y%m%d") + "00"
            self.freeze = (stamp, self.base + sum(self.forward.units))
            self.freeze_day, self.trips = day, 0

    def switches(self):
        for part, minute in enumerate(self.switch):
            if minute and minute <= self.now // MINUTE:
                self.switch[part] = 0
                if part in (PART_YEAR, PART_DAY):
                    self.second[part] = 1 - self.second[part]
                elif part == PART_PRICES:
                    self.terms = dict(self.terms, prices=self.spare[part])
                else:
                    self.tiers = self.spare[part]
                    self.cycles()

    def turn(self, powered=True):
        """Everything that a moment of the calendar may bring."""
        self.demand_until()
        if self.known and self.now >= CLOCK_ENDS:
            self.known = False
            self.demand_restart()
        if self.known:
            self.midnights()
            self.settlements()
            self.cycles()
            self.switches()
        if powered:
            self.supply()
        self.held_rate = self.rate()

    def moments(self):
        """The next instant of today at which anything may turn."""
        start = self.now // DAY * DAY
        minutes = [p[0] for p in self.schedule()] + [1440]
        minutes += [self.terms["friendly_from"], self.terms["friendly_to"]]
        found = [start + m * MINUTE for m in minutes]
        found += [h * HOUR for h in self.settle_hours(self.now // DAY)]
        found += [m * MINUTE for m in self.switch if m]
        return min(f for f in found if f > self.now)

    def run(self, seconds, powered=True):
        end = self.mono + seconds
        while True:
            steps = [end - self.mono]
            if self.known:
                steps.append(self.moments() - self.now)
            if powered and self.load_due is not None:
                steps.append(max(0, self.load_due - self.mono))
            step = min(steps)
            self.mono += step
            self.now += step
            if self.known and steps[1] == step:
                self.turn(powered)
            if powered and self.load_due is not None and self.load_due <= self.mono:
                self.load_time()
            elif self.mono >= end:
                return

    # what the driver prints

    def registers(self):
        rows = [self.base + sum(self.forward.units), sum(self.reverse.units)]
        for pair in zip(self.forward.units, self.reverse.units):
            rows += pair
        return rows

    def show(self):
        stamp, energy = self.freeze or ("00000000", 0)
        forward = [self.base + sum(self.forward.units), *self.forward.units]
        return [self.credit(), int(self.closed()), self.load, int(self.known), 0, *forward,
                sum(self.reverse.units), self.balance(), self.orders, stamp, energy, 0]

    def tell(self):
        self.demand_until()
        return [self.rate(), *self.reverse.units, *self.demand[0].flat(), *self.demand[1].flat()]
