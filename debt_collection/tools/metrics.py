"""Metrics of collections as plain functions: numbers in, a number out, None where it has no value.

Amounts are of one currency; sales and receivables are on the same tax basis (both with tax). Each
function's first line is the formula; reports show it to people beside the figure.
"""


def get_ratio(part, whole):
    """Return part ÷ whole; None without a whole."""
    return part / whole if whole else None


def dso(receivables, sales, days):
    """Receivables at the end ÷ sales of the period × days of the period."""
    return receivables / sales * days if sales else None


def dso_countback(receivables, months):
    """Days of the latest months whose sales add up to the receivables.

    :param receivables: open at the end
    :param months: (sales, days) of each month, the latest first
    :return: days; receivables beyond all given months are counted at the rate of the oldest month
        that had sales
    """
    if not any(sales > 0 for sales, _days in months):
        return None
    left, total, rate = receivables, 0.0, None
    for sales, days in months:
        if left <= 0:
            return total
        if sales <= 0:
            total += days  # a month without sales makes the oldest debts older
            continue
        rate = days / sales
        if left <= sales:
            return total + left * rate
        left -= sales
        total += days
    return total + left * rate if left > 0 else total


def best_possible_dso(current, sales, days):
    """Receivables not due yet at the end ÷ sales of the period × days of the period."""
    return dso(current, sales, days)


def average_days_delinquent(total_dso, best):
    """DSO − best possible DSO."""
    return None if total_dso is None or best is None else total_dso - best


def collection_effectiveness(opening, sales, closing, current, months=1):
    """(opening + sales ÷ months − closing) ÷ (opening + sales ÷ months − not due at the end).

    Two variants exist for several months: with the average month's sales (``months``: their
    number; the Credit Research Foundation's) and with all sales (``months=1``). Name the one used.
    """
    opening += sales / months
    return get_ratio(opening - closing, opening - current)


def item_effectiveness(collected, opening_overdue):
    """Collected on what was overdue at the beginning ÷ what was overdue at the beginning."""
    return get_ratio(collected, opening_overdue)


def delinquency(overdue, receivables):
    """Overdue ÷ receivables."""
    return get_ratio(overdue, receivables)


def roll_matrix(pairs, buckets):
    """Follow items from one snapshot to the next: where the balance of each bucket went.

    :param pairs: (bucket before, open before, bucket after or None, open after) of each item that
        was open before
    :param int buckets: number of buckets
    :return: for each bucket before a list of shares: of each bucket after, and settled; None where
        nothing was in the bucket
    """
    sums = [[0.0] * (buckets + 1) for _bucket in range(buckets)]
    for before, amount, after, left in pairs:
        kept = min(max(left, 0.0), amount) if after is not None else 0.0
        if after is not None:
            sums[before][after] += kept
        sums[before][buckets] += amount - kept
    return [[amount / sum(row) for amount in row] if sum(row) > 0 else None for row in sums]


def flow_to_loss(matrix, first):
    """Product of the rates by which each bucket rolls into the next, up to the last one."""
    product = 1.0
    for bucket in range(first, len(matrix) - 1):
        if matrix[bucket] is None:
            return None
        product *= matrix[bucket][bucket + 1]
    return product


def cure_rate(pairs):
    """Overdue before that is settled or not due now ÷ overdue before.

    :param pairs: as ``roll_matrix``; bucket 0 is what is not due
    """
    cured = overdue = 0.0
    for before, amount, after, left in pairs:
        if before == 0:
            continue
        overdue += amount
        if after is None or not left or after == 0:
            cured += amount
    return get_ratio(cured, overdue)


def kept_rate(kept, partly, broken):
    """Kept ÷ (kept + partly kept + broken), of the promises that fell due."""
    return get_ratio(kept, kept + partly + broken)


def kept_rate_amount(received, promised):
    """Received on promises that fell due, up to what was promised ÷ promised."""
    return get_ratio(received, promised)


def right_party_rate(right_party, attempts):
    """Contacts with the debtor ÷ attempts of ours."""
    return get_ratio(right_party, attempts)


def recovery_rate(collected, outstanding):
    """Collected ÷ (overdue at the beginning + fell overdue)."""
    return get_ratio(collected, outstanding)


def liquidation_rate(collected, assigned):
    """Collected ÷ overdue at the beginning (the balance assigned)."""
    return get_ratio(collected, assigned)


def at_risk_rate(late, count):
    """Documents 90 or more days overdue ÷ open documents."""
    return get_ratio(late, count)


def collection_progress(promised, to_collect):
    """Promised ÷ to be collected."""
    return get_ratio(promised, to_collect)


def expected_receipts(amounts):
    """Sum of amount × probability, for each class of outcomes.

    :param amounts: (amount, probabilities of the classes) of each item
    :return: list of sums, a class each
    """
    items = list(amounts)
    classes = max((len(shares) for _amount, shares in items), default=0)
    return [
        sum(amount * shares[place] for amount, shares in items if place < len(shares))
        for place in range(classes)
    ]


def provision(balances, rates):
    """Sum over the buckets of balance × loss rate."""
    return sum(balance * rate for balance, rate in zip(balances, rates, strict=True))


def loss_rates(sales, paid_until, loss):
    """Loss ÷ what was still open when each bucket began.

    :param sales: of the period looked back at
    :param paid_until: paid, in total, by the beginning of each bucket after the first
    :param loss: never paid
    """
    return [get_ratio(loss, sales - paid) for paid in (0.0, *paid_until)]
