from odoo import fields, models


class DebtCaseSnooze(models.TransientModel):
    """Asks until when, and why, cases are left out of the worklist."""

    _name = "debt.case.snooze"
    _description = "Snooze cases"
    _inherit = ["debt.case.selection"]

    date_to = fields.Date(
        string="Back on",
        required=True,
        default=lambda self: fields.Date.add(fields.Date.context_today(self), days=7),
        help="On this day the case is on the worklist again.",
    )
    reason = fields.Char(required=True)

    def action_confirm(self):
        """Snooze the cases; closed ones are left alone."""
        self.env["debt.snooze"].create(
            [
                {"case_id": case.id, "date_to": self.date_to, "reason": self.reason}
                for case in self._get_open_cases()
            ]
        )
        return {"type": "ir.actions.act_window_close"}
