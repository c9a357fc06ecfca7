from odoo import api, fields, models


class DebtCaseSelection(models.AbstractModel):
    """A dialog about one case or many, selected in the worklist."""

    _name = "debt.case.selection"
    _description = "Selected cases"

    case_ids = fields.Many2many("debt.case", string="Cases", required=True)
    case_count = fields.Integer(compute="_compute_case_count")

    @api.depends("case_ids")
    def _compute_case_count(self):
        for wizard in self:
            wizard.case_count = len(wizard.case_ids)

    def _get_open_cases(self):
        """The selected cases that are not closed, as far as the user may work on all of them.

        :raises AccessError: when one of them is not the user's to work on
        """
        self.ensure_one()
        self.case_ids.check_access("write")
        return self.case_ids.filtered(lambda case: case.state != "closed")
