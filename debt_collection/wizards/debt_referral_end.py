from odoo import fields, models
from odoo.exceptions import UserError


class DebtReferralEnd(models.TransientModel):
    """Asks why placed debts come back, and from whom the initiative came."""

    _name = "debt.referral.end"
    _description = "Take back referrals"

    referral_ids = fields.Many2many("debt.referral", string="Referrals", readonly=True)
    how = fields.Selection(
        [("recalled", "We recall it"), ("returned", "They return it")],
        default="recalled",
        required=True,
    )
    return_code_id = fields.Many2one("debt.return.code")
    reason = fields.Char(required=True)

    def action_confirm(self):
        """Take the placed items back."""
        self.ensure_one()
        self.referral_ids._check_can_work()
        if self.how == "returned" and not self.return_code_id:
            raise UserError(self.env._("Choose the return code."))
        self.referral_ids._do_end(self.how, self.reason, self.return_code_id)
        return {"type": "ir.actions.act_window_close"}
