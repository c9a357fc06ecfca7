from odoo import models
from odoo.tools import SQL

# Facts of a line that decide whether it is in collection (amounts come through reconciliation).
WATCHED_FIELDS = {"date_maturity", "no_followup", "partner_id", "account_id", "company_id"}


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def write(self, vals):
        """Tell the cases when a due date, the follow-up flag or the debtor of a line changes."""
        result = super().write(vals)
        if WATCHED_FIELDS & vals.keys():
            self._refresh_debt_cases()
        return result

    def unlink(self):
        """Let the items of deleted lines leave their cases."""
        pairs = self._get_debt_pairs()
        result = super().unlink()
        self.env["debt.case"].sudo()._refresh_debtors(pairs)
        return result

    def _reconcile_post_hook(self, data):
        """Money moved: refresh the cases concerned in the same transaction."""
        result = super()._reconcile_post_hook(data)
        self._refresh_debt_cases()
        return result

    # === LINK TO THE CASES ===

    def _get_debt_pairs(self):
        """Debtors of these lines who have a case, or had one about them.

        One indexed query; nothing else happens for everybody who is not in collection.

        :return: set of (company id, commercial partner id)
        """
        lines = self.filtered(lambda line: line.account_id.account_type == "asset_receivable")
        if not lines:
            return set()
        sudo_lines = lines.sudo()
        pairs = {
            (line.company_id.id, line.partner_id.commercial_partner_id.id) for line in sudo_lines
        }
        return set(
            self.env.execute_query(
                SQL(
                    """
                    SELECT company_id, partner_id FROM debt_case
                     WHERE partner_id = ANY(%(partners)s) AND company_id = ANY(%(companies)s)
                       AND state <> 'closed'
                    UNION
                    SELECT c.company_id, c.partner_id
                      FROM debt_case_item i JOIN debt_case c ON c.id = i.case_id
                     WHERE i.move_line_id = ANY(%(lines)s)
                    """,
                    partners=[partner_id for _company_id, partner_id in pairs if partner_id],
                    companies=list({company_id for company_id, _partner_id in pairs}),
                    lines=lines.ids,
                )
            )
        )

    def _refresh_debt_cases(self):
        """Bring the cases of these lines up to date now."""
        pairs = self._get_debt_pairs()
        if pairs:
            self.env.cr.precommit.data.get("debt_collection.pairs", set()).difference_update(pairs)
            self.env["debt.case"].sudo()._refresh_debtors(pairs)

    def _schedule_debt_refresh(self):
        """Bring the cases of these lines up to date before the transaction commits.

        For movements that are usually followed by a reconciliation in the same transaction, which
        then does it at once.
        """
        pairs = self._get_debt_pairs()
        if not pairs:
            return
        precommit = self.env.cr.precommit
        waiting = precommit.data.setdefault("debt_collection.pairs", set())
        if not waiting:
            precommit.add(self.env["debt.case"].sudo()._refresh_scheduled)
        waiting.update(pairs)
