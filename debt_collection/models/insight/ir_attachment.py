from odoo import api, models
from odoo.exceptions import UserError

FILES = ("pdf_file", "xlsx_file")


class IrAttachment(models.Model):
    """Files of frozen reports are as little changed or deleted as the reports."""

    _inherit = "ir.attachment"

    def write(self, vals):
        """Refuse other contents, and another owner."""
        if {"raw", "datas", "db_datas", "store_fname", "res_model", "res_id", "res_field"} & (
            vals.keys()
        ):
            self._check_not_of_frozen_report()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_frozen_report(self):
        self._check_not_of_frozen_report()

    def _check_not_of_frozen_report(self):
        """:raises UserError: where one of these is PDF or XLSX of a frozen report."""
        # Read by hand: searches for attachments leave out those of fields.
        run_ids = {
            one.res_id
            for one in self.sudo()
            if one.res_model == "debt.report.run" and one.res_field in FILES
        }
        if not run_ids:
            return
        runs = self.env["debt.report.run"].sudo().browse(run_ids).exists()
        if any(run.state in ("frozen", "signed") for run in runs):
            raise UserError(
                self.env._("A frozen report never changes. Re-issue it with a reason instead.")
            )
