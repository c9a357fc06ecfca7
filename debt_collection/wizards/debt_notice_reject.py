from odoo import fields, models


class DebtNoticeReject(models.TransientModel):
    """Asks why notices are rejected."""

    _name = "debt.notice.reject"
    _description = "Reject notices"

    notice_ids = fields.Many2many("debt.notice")
    reason = fields.Char(required=True)

    def action_confirm(self):
        """Reject the notices with the reason given."""
        self.ensure_one()
        self.notice_ids._check_can_approve()
        self.notice_ids._do_reject(self.reason)
        return {"type": "ir.actions.act_window_close"}
