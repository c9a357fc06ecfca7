from odoo import models

# Facts of a line that decide whether it is in collection (amounts come through reconciliation).
WATCHED_FIELDS = {"date_maturity", "no_followup", "partner_id", "account_id", "company_id"}


class AccountMoveLine(models.Model):
    """Journal items: the one place where movements of receivables reach the cases."""

    _inherit = "account.move.line"

    def write(self, vals):
        """Tell the cases when a due date, the follow-up flag or the debtor of a line changes."""
        watched = self._filter_receivable() if WATCHED_FIELDS & vals.keys() else self.browse()
        watched._remember_debt_movement()
        result = super().write(vals)
        watched._remember_debt_movement()
        return result

    def unlink(self):
        """Let the items of deleted lines leave their cases."""
        lines = self._filter_receivable()
        drafts = self.env["debt.case.item"].sudo()
        if lines:
            drafts = drafts.search(
                [("move_line_id", "in", lines.ids), ("exit_reason", "=", "cancelled")]
            )
            lines._remember_debt_movement()
        result = super().unlink()
        drafts._set_deleted()
        return result

    def _reconcile_post_hook(self, data):
        """Money moved: the cases concerned follow."""
        result = super()._reconcile_post_hook(data)
        self._filter_receivable()._remember_debt_movement(money=True, returning=False)
        return result

    def _filter_receivable(self):
        """The receivable lines among these."""
        return self.filtered(lambda line: line.account_id.account_type == "asset_receivable")

    def _remember_debt_movement(self, money=False, returning=True):
        """Have the cases of these receivable lines brought up to date.

        :param money: money or a credit arrived
        :param returning: something may be owed again; False: it can only have become less
        """
        if self:
            pairs = {
                (line.company_id.id, line.partner_id.commercial_partner_id.id)
                for line in self.sudo()
            }
            self.env["debt.case"]._remember_movement(pairs, self.ids, money, returning)
