from odoo import fields, models


class DebtPlanLine(models.Model):
    """One debt that a plan is about."""

    _name = "debt.plan.line"
    _description = "Item on a plan"
    _inherit = ["debt.agreement.line"]

    agreement_id = fields.Many2one(
        "debt.plan", string="Plan", required=True, ondelete="cascade", index=True
    )
    # the interest of a plan and the debts of a novation need not be overdue
    item_id = fields.Many2one(required=False)
    currency_id = fields.Many2one(related="agreement_id.currency_id")

    _live_uniq = models.UniqueIndex("(move_line_id) WHERE live", "This item is on a plan already.")
