from odoo import fields, models


class DebtReportReissue(models.TransientModel):
    """Why a frozen report is issued again."""

    _name = "debt.report.reissue"
    _description = "Re-issue a monthly report"

    run_id = fields.Many2one("debt.report.run", required=True)
    reason = fields.Char(required=True)

    def action_confirm(self):
        """Make the next version and open it."""
        self.ensure_one()
        return self.run_id._do_reissue(self.reason)._get_records_action()
