from odoo import fields, models


class DebtDisputeLine(models.Model):
    """One disputed item: in full or in part."""

    _name = "debt.dispute.line"
    _description = "Disputed item"
    _inherit = ["debt.agreement.line"]

    agreement_id = fields.Many2one(
        "debt.dispute", string="Dispute", required=True, ondelete="cascade", index=True
    )
    amount_upheld = fields.Monetary(readonly=True, copy=False)

    _live_idx = models.Index("(move_line_id) WHERE live")
