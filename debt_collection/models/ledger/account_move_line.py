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
        pairs = self._get_debt_pairs(closed=True)
        drafts = self.env["debt.case.item"].sudo()
        if pairs:
            drafts = drafts.search(
                [("move_line_id", "in", self.ids), ("exit_reason", "=", "cancelled")]
            )
        result = super().unlink()
        drafts._set_deleted()
        self.env["debt.case"].sudo()._refresh_debtors(pairs)
        return result

    def _reconcile_post_hook(self, data):
        """Money moved: refresh the cases concerned in the same transaction."""
        result = super()._reconcile_post_hook(data)
        self._refresh_debt_cases(money=True)
        return result

    # === LINK TO THE CASES ===

    def _get_debt_pairs(self, closed=False):
        """Debtors of these lines who have a case, or had one about them.

        One indexed query; nothing else happens for everybody who is not in collection.

        :param closed: also debtors whose cases are all closed: credits that go away may leave
            them owing again what they had covered
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
                       AND (%(closed)s OR state <> 'closed')
                    UNION
                    SELECT c.company_id, c.partner_id
                      FROM debt_case_item i JOIN debt_case c ON c.id = i.case_id
                     WHERE i.move_line_id = ANY(%(lines)s)
                    """,
                    partners=[partner_id for _company_id, partner_id in pairs if partner_id],
                    companies=list({company_id for company_id, _partner_id in pairs}),
                    closed=closed,
                    lines=lines.ids,
                )
            )
        )

    def _refresh_debt_cases(self, money=False, closed=False):
        """Bring the cases of these lines up to date now.

        :param money: money or a credit arrived
        :param closed: see ``_get_debt_pairs``
        """
        pairs = self._get_debt_pairs(closed)
        if pairs:
            waiting = self.env.cr.precommit.data.get("debt_collection.pairs", {})
            money = any([waiting.pop(pair, False) for pair in pairs]) or money
            self.env["debt.case"].sudo()._refresh_debtors(pairs, money)

    def _schedule_debt_refresh(self):
        """Bring the cases of these lines up to date before the transaction commits.

        For movements that are usually followed by a reconciliation in the same transaction, which
        then does it at once.
        """
        pairs = self._get_debt_pairs()
        if not pairs:
            return
        paid = {
            (line.company_id.id, line.partner_id.commercial_partner_id.id)
            for line in self.sudo()
            if line.balance < 0 and line.account_id.account_type == "asset_receivable"
        }
        precommit = self.env.cr.precommit
        waiting = precommit.data.setdefault("debt_collection.pairs", {})
        if not waiting:
            precommit.add(self.env["debt.case"].sudo()._refresh_scheduled)
        for pair in pairs:
            waiting[pair] = waiting.get(pair, False) or pair in paid
