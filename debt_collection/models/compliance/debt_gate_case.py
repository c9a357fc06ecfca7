"""What the gate says about a case as a whole: when to call, and whether to contact at all."""

from dataclasses import replace
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import format_datetime

from ...tools.compliance import clock
from ...tools.compliance.decision import evaluate
from ...tools.compliance.sentences import Sentence, render
from .circumstances import SENSITIVE
from .debt_gate import MASKED


class DebtGate(models.AbstractModel):
    """See the module."""

    _inherit = "debt.gate"

    @api.model
    def _make_plain_request(self, company, action, at, address=""):
        """Return a question about a debtor as such: any debt, whoever of the debtor's people."""
        return self._make_request(company, self.env["res.partner"], action, at, address)

    @api.model
    def _prune(self, facts, company, book, at, horizons):
        """Leave out contacts that no count looks at, so that debtors share their answers.

        Days are what is counted, and zones differ by quarters of an hour: a contact's time is cut
        down to its quarter, which changes no day. Where minutes count, where the debtor has
        circumstances, wishes or agreements, nothing is left out.

        :param horizons: dict that keeps the days looked back for each set of jurisdictions
        """
        if not facts.contacts or facts.flags or facts.blocked or facts.call_consents:
            return facts
        if facts.jurisdictions not in horizons:
            horizons[facts.jurisdictions] = self._get_horizon(facts, company, book)
        days = horizons[facts.jurisdictions]
        if days is None:
            return facts
        since = clock.as_utc(at) - timedelta(days=days + 2)
        contacts = [
            replace(
                one, at=one.at.replace(minute=one.at.minute // 15 * 15, second=0, microsecond=0)
            )
            for one in facts.contacts
            if days and one.at > since
        ]
        return replace(facts, contacts=tuple(sorted(contacts, key=lambda one: one.at)))

    @api.model
    def _get_horizon(self, facts, company, book):
        """Return how many days back the rules count contacts; None: to the minute, or for ever."""
        days = 0
        for action in ("call", "letter"):
            for rule in book.find(facts.jurisdictions, action):
                free = rule.actors and company.debt_actor not in rule.actors
                if free and rule.rule_set not in facts.adopted:
                    continue
                if rule.type == "FREQ":
                    if rule.parameters.after_conversation or rule.parameters.period == "minutes":
                        return None
                    length = {"week": 7, "month": 31}.get(rule.parameters.period)
                    days = max(days, length or rule.parameters.length)
                elif rule.type == "COOLOFF" and rule.parameters.trigger == "conversation":
                    days = max(days, rule.parameters.days + 1)
        return days

    @api.model
    def _judge_case(self, company, call, facts, book):
        """Judge a call and any contact at all.

        :return: (values of ``STORED`` without the case, values of the check's row)
        """
        decision = evaluate(call, facts, book)
        begin, end = self._find_span(call, facts, book, decision)
        letter = evaluate(replace(call, action="letter", address=""), facts, book)
        words = self._say(decision) if decision.decision not in ("allow", "warn") else None
        if words and begin:
            words = self.env._(
                "%(words)s From %(time)s on.",
                words=words,
                time=format_datetime(self.env, begin.replace(tzinfo=None), dt_format="short"),
            )
        refused = None if letter.allowed else self._say(letter)
        until = letter.next_moment if refused else None
        values = (
            decision.decision,
            begin and begin.replace(tzinfo=None),
            end and end.replace(tzinfo=None),
            words,
            refused,
            until and fields.Date.subtract(until.date(), days=1),
        )
        places = facts.jurisdictions
        row = self._prepare_row(company, None, call, decision, "run")
        return values, {**row, "jurisdiction": places[0] if places else None}

    @api.model
    def _say(self, decision):
        """Return what stands in the way in one line; protected circumstances are not named."""
        said = dict.fromkeys(
            render(
                Sentence(MASKED) if one.values.get("flag") in SENSITIVE else one.words, self.env._
            )
            for one in decision.hits
            if one.strength > 1
        )
        return " ".join(said)
