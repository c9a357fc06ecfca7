"""Disputes on the case."""

from odoo import api, fields, models

from .debt_dispute import LIVE_STATES


class DebtCase(models.Model):
    _inherit = "debt.case"

    dispute_ids = fields.One2many("debt.dispute", "case_id", string="Disputes")
    dispute_count = fields.Integer(compute="_compute_dispute_figures")
    disputed_words = fields.Char(string="Disputed", compute="_compute_dispute_figures")

    def _compute_dispute_figures(self):
        counts, words = {}, {}
        for case, count in self.env["debt.dispute"]._read_group(
            [("case_id", "in", self.ids)], ["case_id"], ["__count"]
        ):
            counts[case] = count
        for case, currency, amount in self.env["debt.dispute"]._read_group(
            [("case_id", "in", self.ids), ("state", "in", LIVE_STATES), ("amount", ">", 0)],
            ["case_id", "currency_id"],
            ["amount:sum"],
        ):
            words.setdefault(case, []).append(currency.format(amount))
        for case in self:
            case.dispute_count = counts.get(case, 0)
            case.disputed_words = " + ".join(words.get(case, [])) or False

    def action_dispute(self):
        """Open the dialog that records a dispute or a complaint."""
        return self._action_agree("debt.dispute", self.env._("Dispute or complaint"))

    def action_view_disputes(self):
        """Open the disputes of the case."""
        return self._action_view_related("debt_collection.debt_dispute_action")

    @api.model
    def _get_agreement_models(self):
        return [*super()._get_agreement_models(), "debt.dispute"]

    @api.model
    def _judge_agreements(self, pairs, line_ids):
        """Disputes follow the settlement of their items."""
        result = super()._judge_agreements(pairs, line_ids)
        self.env["debt.dispute"].sudo()._judge_moved(line_ids)
        return result
