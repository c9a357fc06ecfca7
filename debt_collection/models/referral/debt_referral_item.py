from odoo import api, fields, models
from odoo.exceptions import UserError


class DebtReferralItem(models.Model):
    """One item given away, with number, due date and amount as they were then."""

    _name = "debt.referral.item"
    _description = "Item of a referral"
    _order = "date_due, id"

    referral_id = fields.Many2one("debt.referral", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="referral_id.company_id", store=True, index=True)
    company_currency_id = fields.Many2one(
        related="referral_id.currency_id", string="Company currency"
    )
    case_id = fields.Many2one(related="referral_id.case_id")
    item_id = fields.Many2one(
        "debt.case.item",
        required=True,
        ondelete="restrict",
        index=True,
        domain="[('case_id', '=', case_id), ('date_out', '=', False)]",
    )
    state = fields.Selection(
        [("draft", "To place"), ("placed", "Placed"), ("ended", "Ended")],
        compute="_compute_state",
        store=True,
        precompute=True,
    )
    document_number = fields.Char(compute="_compute_evidence", store=True, precompute=True)
    date_due = fields.Date(compute="_compute_evidence", store=True, precompute=True)
    currency_id = fields.Many2one(
        "res.currency", compute="_compute_evidence", store=True, precompute=True
    )
    amount = fields.Monetary(string="Placed", readonly=True)
    amount_company = fields.Monetary(
        string="Placed (company currency)", currency_field="company_currency_id", readonly=True
    )
    amount_residual = fields.Monetary(related="item_id.amount_residual", string="Open now")

    _placed_uniq = models.UniqueIndex(
        "(item_id) WHERE state = 'placed'", "This item is with somebody else already."
    )

    @api.depends("referral_id.state")
    def _compute_state(self):
        for line in self:
            state = line.referral_id.state
            line.state = state if state in ("draft", "placed") else "ended"

    @api.depends("item_id")
    def _compute_evidence(self):
        for line in self:
            item = line.item_id
            line.document_number = item.document_number
            line.date_due = item.date_due
            line.currency_id = item.currency_id

    def _freeze(self):
        """Keep what is open on the day of placement."""
        self.write(
            {
                "amount": self.item_id.amount_residual,
                "amount_company": self.item_id.amount_residual_company,
            }
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_placed(self):
        if self.filtered(lambda line: line.referral_id.state != "draft"):
            raise UserError(self.env._("What was placed is kept as it was."))
