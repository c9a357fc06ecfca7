from odoo import models


class AccountPartialReconcile(models.Model):
    """Reconciliations: what is undone is owed again."""

    _inherit = "account.partial.reconcile"

    def unlink(self):
        """A reconciliation is undone: what was settled is owed again, at once."""
        lines = self.debit_move_id | self.credit_move_id
        result = super().unlink()
        lines.exists()._filter_receivable()._remember_debt_movement()
        return result
