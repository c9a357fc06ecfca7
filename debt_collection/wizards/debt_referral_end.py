from odoo import api, fields, models
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
    notice_days = fields.Integer(
        string="Days to finish", compute="_compute_notice_days", help="Which the contract gives."
    )

    @api.depends("referral_ids")
    def _compute_notice_days(self):
        for wizard in self:
            days = wizard.referral_ids.contract_id.mapped("recall_days")
            wizard.notice_days = max(days, default=0)

    def action_confirm(self):
        """Take the placed items back, or announce the recall where the contract gives notice."""
        self.ensure_one()
        self.referral_ids._check_can_work()
        if self.how == "returned" and not self.return_code_id:
            raise UserError(self.env._("Choose the return code."))
        if self.how == "recalled":
            self.referral_ids._do_recall(self.reason)
        else:
            self.referral_ids._do_end(self.how, self.reason, self.return_code_id)
        return {"type": "ir.actions.act_window_close"}
