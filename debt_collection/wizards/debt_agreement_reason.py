from odoo import fields, models
from odoo.exceptions import AccessError


class DebtAgreementReason(models.TransientModel):
    """Asks for the reason before an agreement is withdrawn, refused, cancelled or undone."""

    _name = "debt.agreement.reason"
    _description = "Reason of a step"

    res_model = fields.Char(required=True, readonly=True)
    res_ids = fields.Json(required=True, readonly=True)
    # Each verb has a _check_can_<verb> and a _do_<verb>(reason) on the agreement.
    verb = fields.Selection(
        [
            ("withdraw", "Withdraw"),
            ("refuse", "Refuse"),
            ("cancel", "Cancel"),
            ("undo", "Undo"),
            ("default", "Declare in default"),
            ("reject", "Reject"),
        ],
        required=True,
        readonly=True,
    )
    reason = fields.Char(required=True)

    def action_confirm(self):
        """Take the step with the reason given."""
        self.ensure_one()
        if self.res_model not in self.env["debt.case"]._get_agreement_models():
            raise AccessError(self.env._("Reasons are asked for agreements only."))
        records = self.env[self.res_model].browse(self.res_ids).exists()
        getattr(records, f"_check_can_{self.verb}")()
        getattr(records, f"_do_{self.verb}")(self.reason)
        return {"type": "ir.actions.act_window_close"}
