from odoo import api, fields, models

from ..models.credit.debt_credit_hold import RELEASE_DAYS


class DebtCreditRelease(models.TransientModel):
    """Asks why a credit hold, or one document it stopped, is released."""

    _name = "debt.credit.release"
    _description = "Release credit"

    hold_ids = fields.Many2many("debt.credit.hold", readonly=True)
    document_ids = fields.Many2many("debt.held.document", readonly=True)
    reason = fields.Char(required=True)
    until = fields.Date(
        string="Credit until",
        default=lambda self: fields.Date.add(fields.Date.context_today(self), days=RELEASE_DAYS),
        help="The same rule does not stop the debtor again before the day after.",
    )

    @api.depends("reason")
    def _compute_display_name(self):
        for wizard in self:
            wizard.display_name = self.env._("Release")

    def action_confirm(self):
        """Release with the reason given."""
        self.ensure_one()
        self.document_ids._do_release(self.reason)
        self.hold_ids._do_release(self.reason, self.until)
        return {"type": "ir.actions.act_window_close"}
