"""What the gate says about a case as a whole: when to call, and whether to contact at all."""

from dataclasses import replace

from odoo import api, fields, models
from odoo.tools import format_datetime

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
