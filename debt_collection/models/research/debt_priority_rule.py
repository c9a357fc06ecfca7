from odoo import api, fields, models
from odoo.tools import SQL

from ...const import RISK_GRADES


class DebtPriorityRule(models.Model):
    """Priority rules can look at the risk grade: 1 is A, 5 is E, 0 is unknown."""

    _inherit = "debt.priority.rule"

    metric = fields.Selection(
        selection_add=[("risk", "Risk grade (1: A … 5: E)")], ondelete={"risk": "cascade"}
    )

    @api.model
    def _get_metric_sql(self, date):
        result = super()._get_metric_sql(date)
        grades = "".join(key for key, _label in RISK_GRADES)
        result["risk"] = SQL("strpos(%s, COALESCE(c.risk_grade, '-'))", grades)
        return result
