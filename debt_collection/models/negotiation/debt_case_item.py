"""Claims of promises and plans on items: what is agreed on is not asked for."""

from odoo import api, models
from odoo.tools import SQL, format_date


class DebtCaseItem(models.Model):
    _inherit = "debt.case.item"

    @api.model
    def _get_claims_on_items(self, date):
        """Add what is promised, on a running plan, part of a settlement, or put off.

        Reductions of an item count for its plan first: what the plan leaves out stays collectible.
        """
        return [
            *super()._get_claims_on_items(date),
            SQL(
                """
                SELECT i.id, 'promised', GREATEST(pl.amount - COALESCE(pl.amount_received, 0), 0),
                       to_char(p.date, 'YYYY-MM-DD')
                  FROM debt_promise_line pl
                  JOIN debt_promise p ON p.id = pl.agreement_id AND p.date_made <= %(date)s
                  JOIN debt_case_item i ON i.move_line_id = pl.move_line_id AND i.date_out IS NULL
                 WHERE pl.live
                """,
                date=date,
            ),
            SQL(
                """
                SELECT i.id, 'on_plan',
                       GREATEST(pl.amount - GREATEST(
                           pl.amount_start - l.amount_residual_currency, 0), 0), p.reference
                  FROM debt_plan_line pl
                  JOIN debt_plan p ON p.id = pl.agreement_id AND p.date_start <= %(date)s
                  JOIN account_move_line l ON l.id = pl.move_line_id
                  JOIN debt_case_item i ON i.move_line_id = pl.move_line_id AND i.date_out IS NULL
                 WHERE pl.live
                UNION ALL
                SELECT i.id, 'on_plan', NULL, p.reference
                  FROM debt_plan_installment part
                  JOIN debt_plan p ON p.id = part.plan_id AND p.state = 'active'
                       AND p.date_start <= %(date)s
                  JOIN debt_case_item i ON i.move_line_id = part.move_line_id
                       AND i.date_out IS NULL
                """,
                date=date,
            ),
            SQL(
                """
                SELECT i.id, CASE c.kind WHEN 'settlement' THEN 'promised' ELSE 'hold' END,
                       GREATEST(cl.amount - GREATEST(
                           cl.amount_start - l.amount_residual_currency, 0), 0),
                       CASE c.kind WHEN 'settlement' THEN to_char(c.date_pay, 'YYYY-MM-DD')
                            ELSE c.reason END
                  FROM debt_concession_line cl
                  JOIN debt_concession c ON c.id = cl.agreement_id AND c.date_start <= %(date)s
                  JOIN account_move_line l ON l.id = cl.move_line_id
                  JOIN debt_case_item i ON i.move_line_id = cl.move_line_id AND i.date_out IS NULL
                 WHERE cl.live AND (c.kind = 'settlement' OR c.date_until >= %(date)s)
                """,
                date=date,
            ),
        ]

    @api.model
    def _describe_claim(self, kind, amount, note):
        """Put promises into words."""
        if kind == "promised":
            return self.env._("Promised for %(date)s", date=format_date(self.env, note))
        if kind == "on_plan":
            return self.env._("On plan %(name)s", name=note or "")
        return super()._describe_claim(kind, amount, note)
