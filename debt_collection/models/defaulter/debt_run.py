from odoo import models
from odoo.tools import SQL


class DebtRun(models.Model):
    """Runs: who has paid leaves the defaulter lists."""

    _inherit = "debt.run"

    def _judge(self):
        """Withdraw debtors whose case is settled."""
        released = super()._judge()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT l.id FROM debt_defaulter_line l
                  JOIN debt_defaulter_list d ON d.id = l.list_id
                       AND d.state IN ('approved', 'exported')
                  LEFT JOIN debt_case c ON c.id = l.case_id
                 WHERE l.company_id = %s AND l.state = 'listed'
                   AND (c.id IS NULL OR c.state = 'closed' AND c.outcome <> 'merged'
                        OR c.amount_overdue - c.amount_credit <= 0)
                """,
                self.company_id.id,
            )
        )
        if rows:
            lines = self.env["debt.defaulter.line"].browse(row[0] for row in rows)
            lines._withdraw(self.env._("Paid or settled."))
        return released


class DebtCase(models.Model):
    """Cases: merged ones take their place on lists along."""

    _inherit = "debt.case"

    def _merge_into(self, target):
        """Places on lists follow the case."""
        result = super()._merge_into(target)
        lines = self.env["debt.defaulter.line"].sudo().search([("case_id", "in", self.ids)])
        lines.case_id = target
        return result
