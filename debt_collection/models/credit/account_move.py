from odoo import api, fields, models
from odoo.exceptions import UserError

from .debt_credit_rule import CREDIT_EFFECTS


class AccountMove(models.Model):
    """New customer invoices: a hold warns on the form, and may refuse to post."""

    _inherit = "account.move"

    debt_credit_effect = fields.Selection(
        CREDIT_EFFECTS, string="Credit hold", compute="_compute_debt_credit"
    )
    debt_credit_words = fields.Char(compute="_compute_debt_credit")

    @api.depends("partner_id", "state", "move_type")
    def _compute_debt_credit(self):
        for move in self:
            move.debt_credit_effect, move.debt_credit_words = move._judge_credit()

    def _judge_credit(self):
        """What the holds on the debtor mean for this draft now.

        :return: (key of CREDIT_EFFECTS, words)
        """
        self.ensure_one()
        if self.state != "draft" or not self.partner_id or not self._is_new_credit():
            return "none", False
        effect, holds = self.partner_id._get_credit_effect(self.company_id, "invoice")
        return effect, ", ".join(holds.mapped("reason")) or False

    def _is_new_credit(self):
        """Hook: whether the document gives credit; costs of collecting are no new business."""
        return self.move_type == "out_invoice"

    def _post(self, soft=True):
        """Refuse new invoices to debtors whose hold says so; nothing else is touched."""
        for move in self:
            effect, words = move._judge_credit()
            if effect == "block":
                raise UserError(
                    self.env._(
                        "%(partner)s gets no new invoice: %(reason)s. A credit manager can release "
                        "the credit hold with a reason; it ends by itself when the debt is paid.",
                        partner=move.partner_id.display_name,
                        reason=words,
                    )
                )
        return super()._post(soft=soft)
