from odoo import api, fields, models

from ..const import ESCALATION_RANK, ESCALATIONS


class DebtEscalate(models.TransientModel):
    """Takes cases up or back, and shows beforehand what stands against it."""

    _name = "debt.escalate"
    _description = "Escalate cases"

    case_ids = fields.Many2many("debt.case", string="Cases", required=True, readonly=True)
    target = fields.Selection(ESCALATIONS, string="New escalation", required=True)
    reason = fields.Char(required=True)
    back = fields.Boolean(compute="_compute_obstacles")
    obstacles = fields.Text(compute="_compute_obstacles")

    @api.depends("target", "case_ids")
    def _compute_obstacles(self):
        for wizard in self:
            cases = wizard.case_ids._origin or wizard.case_ids
            wizard.back = wizard._goes_back(cases)
            if not wizard.target or not cases:
                wizard.obstacles = False
            elif wizard.back:
                wizard.obstacles = "\n".join(cases._get_deescalation_obstacles(wizard.target))
            else:
                found = cases._get_escalation_obstacles(wizard.target)
                wizard.obstacles = (
                    cases._describe_obstacles(wizard.target, found) if found else False
                )

    def _goes_back(self, cases):
        """Whether every case stands beyond the escalation that is chosen."""
        rank = ESCALATION_RANK.get(self.target, 0)
        return bool(cases) and all(ESCALATION_RANK[case.escalation] > rank for case in cases)

    def action_confirm(self):
        """Move the cases: all of them or none."""
        self.ensure_one()
        if self._goes_back(self.case_ids):
            self.case_ids._deescalate(self.target, self.reason)
        else:
            self.case_ids._escalate(self.target, self.reason)
        return {"type": "ir.actions.act_window_close"}
