from odoo import fields, models


class DebtPromiseLine(models.Model):
    """One promised item."""

    _name = "debt.promise.line"
    _description = "Promised item"
    _inherit = ["debt.agreement.line"]

    agreement_id = fields.Many2one(
        "debt.promise", string="Promise", required=True, ondelete="cascade", index=True
    )
    state = fields.Selection(related="agreement_id.state")
    date = fields.Date(related="agreement_id.date", string="Promised for")
    amount_received = fields.Monetary(readonly=True, copy=False)

    _live_uniq = models.UniqueIndex(
        "(move_line_id) WHERE live",
        "This item is promised already: replace or withdraw that promise.",
    )
