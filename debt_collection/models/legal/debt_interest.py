"""Interest and compensation for late payment, as of a day: one producer, to the cent.

What an agreement gives (rate of the company, in the settings) goes before what the law gives (the
LATE_CHARGE rules of compliance with their reference rates); what the law forbids of it (CAP rules)
is taken off. The arithmetic is that of ``tools.compliance.charges``.
"""

from datetime import timedelta
from decimal import Decimal

from odoo import api, fields, models
from odoo.tools import SQL, format_date

from ...tools.compliance import charges, check_money, clock, vocabulary
from ...tools.compliance.facts import Charge, Request

HUNDRED = Decimal(100)


class DebtInterest(models.AbstractModel):
    """Computes what the overdue items of a debtor bear, from the ledger alone.

    Simple interest from the day after the due date to the day itself, on what was open between
    payments: what was paid on a day bears interest for that day still.
    """

    _name = "debt.interest"
    _description = "Interest for late payment"

    @api.model
    def _compute_claims(self, case, date):
        """Interest on each overdue item that was open at the end of a day.

        :param case: debt.case
        :param date: last day that bears interest
        :return: dict with ``basis`` (words, empty: no rate is known), ``notes`` (words about gaps
            and limits), ``items`` (dicts with ``line``, ``currency``, ``stretches`` of (first day,
            last day, days, principal, percent, exact interest), ``interest``, ``compensation``)
            and ``totals`` (dict currency → (interest, compensation))
        """
        case.ensure_one()
        rates, rules, facts, depths = self._get_rates(case, date)
        result = {"basis": rates["words"], "notes": list(rates["notes"]), "items": [], "totals": {}}
        compensated = set()
        for line, balances in self._get_balances(case, date):
            stretches = self._split(balances, rates["values"])
            since = rates["values"][0][0] if rates["values"] else None
            if since and balances and balances[0][0] < since:
                result["notes"].append(
                    self.env._(
                        "%(document)s: the rate before %(date)s is not on file, nothing was "
                        "computed for it.",
                        document=line.move_id.name,
                        date=format_date(self.env, since),
                    )
                )
            currency = line.currency_id
            digits = currency.decimal_places
            interest = charges.accrue(
                [(row[3], row[2], row[4]) for row in stretches], rates["day_count"], digits
            )
            interest, note = self._limit(rules, facts, depths, rates, balances, interest, date)
            if note:
                result["notes"].append(f"{line.move_id.name}: {note}")
            compensation = Decimal(0)
            if line.move_id not in compensated:
                compensated.add(line.move_id)
                compensation = self._get_compensation(rules, facts, depths, line.move_id)
            if not stretches and not compensation:
                continue
            result["items"].append(
                {
                    "line": line,
                    "currency": currency,
                    "stretches": [
                        (*row, row[3] * row[2] * row[4] / HUNDRED / rates["day_count"])
                        for row in stretches
                    ],
                    "interest": interest,
                    "compensation": compensation,
                }
            )
            before = result["totals"].get(currency, (Decimal(0), Decimal(0)))
            result["totals"][currency] = (before[0] + interest, before[1] + compensation)
        return result

    # === THE RATE ===

    def _get_rates(self, case, date):
        """Which rate holds against the debtor, from when, and why.

        :return: (dict with ``values``, ``day_count``, ``agreed``, ``words``, ``notes``; the rules
            on interest and fees; facts; depths)
        """
        company, partner = case.company_id, case.partner_id
        moment = fields.Datetime.to_datetime(date)
        facts = self.env["debt.gate"].sudo()._load_facts(partner, company, moment, addresses=())
        facts = facts[partner.id]
        book, _versions = self.env["debt.rule"]._get_book(company.id)
        depths = book.depths(facts.jurisdictions)
        request = Request(action="interest", at=clock.as_utc(moment), actor=company.debt_actor)
        rules = [
            rule
            for action in ("interest", "fee")
            for rule in book.find(facts.jurisdictions, action)
            if not rule.actors or request.actor in rule.actors or rule.rule_set in facts.adopted
        ]
        rates = {"values": [], "day_count": 365, "agreed": None, "words": "", "notes": []}
        if company.debt_interest_rate:
            rate = Decimal(str(company.debt_interest_rate))
            rates.update(
                values=[(None, rate)],
                agreed=rate,
                day_count=int(company.debt_interest_day_count),
                words=self.env._(
                    "Agreed: %(rate)s %% a year, a year of %(days)s days (%(law)s).",
                    rate=f"{rate.normalize():f}",
                    days=company.debt_interest_day_count,
                    law=company.debt_interest_source or self.env._("contract"),
                ),
            )
            return rates, rules, facts, depths
        rule = check_money.find_basis(rules, "interest", facts, depths)
        if rule:
            self._add_legal_rates(rates, rule, date)
        return rates, rules, facts, depths

    def _add_legal_rates(self, rates, rule, date):
        """Put the rates of a LATE_CHARGE rule with their sources into ``rates``."""
        terms = rule.parameters
        known = self.env["debt.interest.rate"]._get_values(terms.index, date)
        if terms.index and not known:
            rates["notes"].append(
                self.env._(
                    "No value of %(index)s is on file: enter it below Configuration ▸ Reference "
                    "rates.",
                    index=terms.index,
                )
            )
            return
        values = [(day, Decimal(str(rate)) + terms.margin) for day, rate, _s in known]
        rates["values"] = values or [(None, terms.margin)]
        rates["day_count"] = terms.day_count
        sources = "; ".join(dict.fromkeys(source for _d, _r, source in known))
        rates["words"] = self.env._(
            "By law: %(index)s + %(margin)s percentage points a year, a year of %(days)s days "
            "(%(law)s).",
            index=terms.index,
            margin=f"{terms.margin.normalize():f}",
            days=terms.day_count,
            law=rule.source,
        )
        if sources:
            rates["notes"].append(
                self.env._("%(index)s as published: %(law)s.", index=terms.index, law=sources)
            )
        reset = self._get_last_reset(terms.resets, date)
        if known and reset and known[-1][0] < reset:
            rates["notes"].append(
                self.env._(
                    "The value of %(index)s from %(reset)s is not on file: the one of %(last)s was "
                    "carried on.",
                    index=terms.index,
                    reset=format_date(self.env, reset),
                    last=format_date(self.env, known[-1][0]),
                )
            )

    def _get_last_reset(self, resets, date):
        """The last day up to ``date`` on which a reference rate is read anew, or None.

        :param resets: days of the year, as ``01-01``
        """
        days = [
            fields.Date.to_date(f"{year}-{reset}")
            for reset in resets
            for year in (date.year - 1, date.year)
        ]
        return max((day for day in days if day <= date), default=None)

    # === THE BALANCES ===

    def _get_balances(self, case, date):
        """Overdue items that were open at the end of the day, and what was open of them when.

        :return: list of (account.move.line, list of (first day, last day, amount)), by due date
        """
        content = self.env["debt.legal.file.content"]
        found = [
            (line, residual)
            for line, _company_residual, residual in content._get_open_lines(case, date)
            if residual > 0 and line.move_id.is_invoice() and (line.date_maturity or date) < date
        ]
        paid = {}
        rows = self.env.execute_query(
            SQL(
                """
                SELECT debit_move_id, max_date, sum(debit_amount_currency)
                  FROM account_partial_reconcile
                 WHERE debit_move_id = ANY(%s) AND max_date <= %s
                 GROUP BY debit_move_id, max_date ORDER BY max_date
                """,
                [line.id for line, _residual in found],
                date,
            )
        )
        for line_id, day, amount in rows:
            paid.setdefault(line_id, []).append((day, Decimal(str(amount))))
        result = []
        for line, residual in found:
            open_now = Decimal(str(residual))
            parts = paid.get(line.id, [])
            begin = line.date_maturity + timedelta(days=1)
            balance = open_now + sum((amount for day, amount in parts if day >= begin), Decimal(0))
            balances = []
            for day, amount in parts:
                if day < begin:
                    continue
                balances.append((begin, day, balance))
                balance -= amount
                begin = day + timedelta(days=1)
            if begin <= date:
                balances.append((begin, date, balance))
            result.append((line, balances))
        return result

    def _split(self, balances, values):
        """Stretches of one balance and one rate.

        :param balances: list of (first day, last day, amount)
        :param values: list of (first day or None, percent a year), ascending
        :return: list of (first day, last day, days, amount, percent)
        """
        result = []
        for first, last, amount in balances:
            for place, (since, rate) in enumerate(values):
                following = values[place + 1][0] if place + 1 < len(values) else None
                begin = first if since is None else max(first, since)
                end = min(last, following - timedelta(days=1)) if following else last
                if begin <= end and amount > 0 and rate > 0:
                    result.append((begin, end, (end - begin).days + 1, amount, rate))
        return result

    # === LIMITS AND LUMP SUMS ===

    def _limit(self, rules, facts, depths, rates, balances, interest, date):
        """What of the interest may be claimed.

        :return: (amount, words of the limit, or nothing)
        """
        if not interest:
            return interest, ""
        request = Request(
            action="interest",
            at=clock.as_utc(fields.Datetime.to_datetime(date)),
            charge=Charge(
                kind="interest",
                asked=interest,
                principal=balances[-1][2],
                principal_at_default=balances[0][2],
                contract_rate=rates["agreed"],
                capital=balances[0][2],
            ),
        )
        about = [rule for rule in rules if "interest" in rule.expanded]
        money = check_money.judge(about, request, facts, depths)
        if money.amount is None or money.amount >= interest:
            return interest, ""
        stopping = [one for one in money.hits if one.severity != vocabulary.WARN]
        source = stopping[0].rule if stopping else ""
        return money.amount, self.env._(
            "%(asked)s would have accrued, %(amount)s may be claimed (%(law)s).",
            asked=interest,
            amount=money.amount,
            law=source,
        )

    def _get_compensation(self, rules, facts, depths, move):
        """The fixed sum the law gives for one late invoice, where its currency is the invoice's."""
        rule = check_money.find_basis(rules, "fixed_compensation", facts, depths)
        if not rule or rule.parameters.currency != move.currency_id.name:
            return Decimal(0)
        charge = Charge(kind="fixed_compensation", invoices=(Decimal(str(move.amount_total)),))
        return check_money.compute(rule.parameters, charge) or Decimal(0)
