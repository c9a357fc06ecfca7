from odoo import fields, models


class AccountMove(models.Model):
    """Documents: tell the cases what happens to them, and link to their case."""

    _inherit = "account.move"

    debt_case_id = fields.Many2one(
        "debt.case", string="Collection case", compute="_compute_debt_case_id"
    )

    def _compute_debt_case_id(self):
        """The case in which items of the document are, or were last."""
        by_move = {}
        items = self.env["debt.case.item"]
        if items.has_access("read"):
            for item in items.search([("move_line_id", "in", self.line_ids.ids)], order="id"):
                by_move[item.move_line_id.move_id] = item.case_id
        for move in self:
            move.debt_case_id = by_move.get(move, False)

    def write(self, vals):
        """Tell the cases when a document is posted, reset, cancelled, blocked or unblocked."""
        result = super().write(vals)
        if {"state", "payment_state"} & vals.keys():
            lines = self.line_ids._filter_receivable()
            credits = lines.filtered(lambda line: line.balance < 0)
            posted = vals.get("state") == "posted"
            credits._remember_debt_movement(money=posted, returning=not posted)
            (lines - credits)._remember_debt_movement()
        return result

    def action_view_debt_case(self):
        """Open the collection case of the document."""
        self.ensure_one()
        return self.debt_case_id._get_records_action()
