"""Recovery forecast: live promises, plan instalments, and the rest by what rolled so far.

Every amount is in one of the three, never in two: what is promised or on a plan is not part of the
rest. Plain numbers in, plain numbers out.
"""

from dataclasses import dataclass

DAYS_A_MONTH = 30.4
# Half the width of a range that holds four of five outcomes of a normal distribution.
SPREAD = 1.2816
# Where one month of history is all there is, its rate may be wrong by half.
UNKNOWN_DEVIATION = 0.5
WITHOUT_HISTORY = 0.5


@dataclass
class Period:
    """What is expected in one week (or month), and the range."""

    promises: float = 0.0
    plans: float = 0.0
    rest: float = 0.0
    variance: float = 0.0

    @property
    def total(self):
        """Expected in all."""
        return self.promises + self.plans + self.rest

    @property
    def low(self):
        """Lower end of the range; never below nothing."""
        return max(0.0, self.total - SPREAD * self.variance**0.5)

    @property
    def high(self):
        """Upper end of the range."""
        return self.total + SPREAD * self.variance**0.5


def get_rates(months):
    """Return (mean, deviation) of monthly collection rates, bucket by bucket.

    :param months: for each month a list of the share collected of each bucket, None where there
        was nothing in it
    """
    rates = []
    for shares in zip(*months, strict=True):
        known = [share for share in shares if share is not None]
        if not known:
            rates.append((0.0, 0.0))
            continue
        mean = sum(known) / len(known)
        if len(known) > 1:
            deviation = (sum((s - mean) ** 2 for s in known) / (len(known) - 1)) ** 0.5
        else:
            deviation = mean * UNKNOWN_DEVIATION
        rates.append((mean, deviation))
    return rates


def forecast(promises, plans, balances, rates, periods, days=7):
    """Return what is expected in each of the coming periods.

    :param promises: (days from now, amount, probability) of each live promise
    :param plans: the same of plan instalments not due yet
    :param balances: what is left in each bucket once promises and plans are taken out
    :param rates: (mean, deviation) of the share of each bucket collected within a month
    :param int periods: how many
    :param int days: length of a period
    :rtype: list[Period]
    """
    result = [Period() for _period in range(periods)]
    for name, expected in (("promises", promises), ("plans", plans)):
        for away, amount, probability in expected:
            place = max(away, 0) // days
            if place < periods:
                period = result[place]
                setattr(period, name, getattr(period, name) + amount * probability)
                period.variance += amount**2 * probability * (1 - probability)
    share_of_month = days / DAYS_A_MONTH
    for balance, (mean, deviation) in zip(balances, rates, strict=True):
        left = balance
        hazard = 1 - (1 - min(mean, 1.0)) ** share_of_month
        for period in result:
            coming = left * hazard
            period.rest += coming
            period.variance += (left * deviation * share_of_month) ** 2
            left -= coming
    return result


def add_up(periods):
    """Return one period that holds all of them; ranges add up as independent ones do."""
    total = Period()
    for period in periods:
        total.promises += period.promises
        total.plans += period.plans
        total.rest += period.rest
        total.variance += period.variance
    return total
