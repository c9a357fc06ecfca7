from odoo import api, fields, models
from odoo.tools import SQL


class DebtSegment(models.Model):
    """Segments can look at the risk grade: new cases know it before they are assigned."""

    _inherit = "debt.segment"

    @api.model
    def _assign_new_cases(self, company):
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT c.partner_id FROM debt_case c
                 WHERE c.company_id = %s AND c.state <> 'closed' AND c.date_sync IS NULL
                   AND c.risk_grade IS NULL
                   AND NOT EXISTS (SELECT FROM debt_risk_profile p
                                    WHERE p.company_id = c.company_id
                                      AND p.partner_id = c.partner_id AND p.current IS TRUE)
                """,
                company.id,
            )
        )
        if rows:
            self.env["debt.risk.profile"].sudo()._compute_profiles(
                company, fields.Date.context_today(self), [row[0] for row in rows]
            )
        self.env["debt.case"]._stamp_risk_grades(company)
        return super()._assign_new_cases(company)
