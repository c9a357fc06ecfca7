import base64

from odoo import api, fields, models
from odoo.exceptions import UserError


class DebtReferralImport(models.TransientModel):
    """Takes in a file of an agency with a saved format."""

    _name = "debt.referral.import"
    _description = "Import an agency's file"

    mapping_id = fields.Many2one("debt.exchange.mapping", string="Format", required=True)
    file = fields.Binary(required=True, attachment=False)
    file_name = fields.Char(string="File name")
    problems = fields.Text(compute="_compute_problems")
    row_count = fields.Integer(compute="_compute_problems")

    @api.depends("mapping_id", "file")
    def _compute_problems(self):
        for wizard in self:
            wizard.problems, wizard.row_count = False, 0
            if wizard.mapping_id and wizard.file:
                try:
                    rows, problems = wizard.mapping_id._read_file(
                        wizard._get_content(), wizard.file_name or ""
                    )
                    wizard.row_count = len(rows)
                    wizard.problems = "\n".join(problems) or False
                except UserError as error:
                    wizard.problems = str(error)

    def _get_content(self):
        # the web client asks for sizes instead of contents
        return base64.b64decode(self.with_context(bin_size=False).file)

    def action_import(self):
        """Import the file: all of it, or nothing.

        :return: action that shows what was made
        """
        self.ensure_one()
        self.env["debt.referral"].check_access("write")
        self.mapping_id.check_access("read")
        made = self.mapping_id._import_file(self._get_content(), self.file_name or "")
        xmlid = (
            "debt_contact_action"
            if made._name == "debt.contact"
            else ("debt_referral_payment_action")
        )
        action = self.env["ir.actions.act_window"]._for_xml_id(f"debt_collection.{xmlid}")
        return {**action, "domain": [("id", "in", made.ids)], "context": {}}
