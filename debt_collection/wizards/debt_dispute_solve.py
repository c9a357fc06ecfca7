from odoo import Command, api, fields, models


class DebtDisputeSolve(models.TransientModel):
    """Decides a dispute: what is upheld item by item, and what the debtor is told."""

    _name = "debt.dispute.solve"
    _description = "Solve a dispute"

    dispute_id = fields.Many2one("debt.dispute", required=True, readonly=True)
    kind = fields.Selection(related="dispute_id.kind")
    finding = fields.Text(related="dispute_id.finding")
    currency_id = fields.Many2one(related="dispute_id.currency_id")
    line_ids = fields.One2many("debt.dispute.solve.line", "wizard_id")
    amount_disputed = fields.Monetary(related="dispute_id.amount", string="Disputed")
    amount_upheld = fields.Monetary(string="Credited", compute="_compute_amount_upheld")
    reason = fields.Char(string="Decision in a few words", required=True)
    reply = fields.Text(
        string="Answer to the debtor", help="Sent as a message. Empty: nothing is sent."
    )

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        dispute = self.env["debt.dispute"].browse(values.get("dispute_id"))
        values["line_ids"] = [
            Command.create(
                {
                    "line_id": line.id,
                    "amount": line.amount,
                    "amount_open": line.amount_open,
                    "amount_upheld": min(line.amount, line.amount_open),
                }
            )
            for line in dispute.line_ids
        ]
        return values

    @api.depends("line_ids.amount_upheld")
    def _compute_amount_upheld(self):
        for wizard in self:
            wizard.amount_upheld = sum(wizard.line_ids.mapped("amount_upheld"))

    def action_confirm(self):
        """Decide: credit what is upheld, answer the debtor."""
        self.ensure_one()
        self.dispute_id._solve(
            {line.line_id: line.amount_upheld for line in self.line_ids}, self.reply, self.reason
        )
        return {"type": "ir.actions.act_window_close"}

    def action_reject(self):
        """Decide that nothing is upheld; follow-up goes on with all of it."""
        self.ensure_one()
        nothing = dict.fromkeys(self.line_ids.line_id, 0.0)
        self.dispute_id._solve(nothing, self.reply, self.reason, upheld=False)
        return {"type": "ir.actions.act_window_close"}


class DebtDisputeSolveLine(models.TransientModel):
    """How much of one item is upheld."""

    _name = "debt.dispute.solve.line"
    _description = "Item of a decision"

    wizard_id = fields.Many2one("debt.dispute.solve", required=True, ondelete="cascade", index=True)
    line_id = fields.Many2one("debt.dispute.line", string="Item", required=True)
    currency_id = fields.Many2one(related="line_id.currency_id")
    amount = fields.Monetary(string="Disputed", readonly=True)
    amount_open = fields.Monetary(string="Open now", readonly=True)
    amount_upheld = fields.Monetary(string="Credit")
