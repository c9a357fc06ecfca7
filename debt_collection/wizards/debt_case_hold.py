from odoo import fields, models


class DebtCaseHold(models.TransientModel):
    """Asks until when, and why, several cases are put on hold."""

    _name = "debt.case.hold"
    _description = "Put cases on hold"
    _inherit = ["debt.case.selection"]

    date_to = fields.Date(
        string="Until",
        required=True,
        default=lambda self: self.env["debt.hold"].default_get(["date_to"])["date_to"],
        help="Last day of the hold, inclusive.",
    )
    reason = fields.Char(required=True)
    release_on_payment = fields.Boolean(
        help="Release the hold earlier, as soon as money for the case arrives."
    )

    def action_confirm(self):
        """Put the cases on hold; closed ones are left alone."""
        self.env["debt.hold"].create(
            [
                {
                    "case_id": case.id,
                    "date_to": self.date_to,
                    "reason": self.reason,
                    "release_on_payment": self.release_on_payment,
                }
                for case in self._get_open_cases()
            ]
        )
        return {"type": "ir.actions.act_window_close"}
