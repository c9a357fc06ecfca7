from odoo import fields, models


class DebtCase(models.Model):
    """Cases: the legal file in one click, and the hash of the last one."""

    _inherit = "debt.case"

    legal_file_ids = fields.One2many("debt.legal.file", "case_id", string="Legal files")
    legal_file_hash = fields.Char(
        string="Hash of the legal file", compute="_compute_legal_file", help="SHA-256 of the ZIP."
    )
    legal_file_date = fields.Date(string="Legal file as of", compute="_compute_legal_file")

    def _compute_legal_file(self):
        for case in self:
            latest = case.legal_file_ids[:1]
            case.legal_file_hash, case.legal_file_date = latest.hash_archive, latest.date

    def action_legal_file(self):
        """Make the legal file as of today and open it."""
        self.ensure_one()
        file = self.env["debt.legal.file"]._make(
            self,
            fields.Date.context_today(self),
            with_research=self.env["debt.assessment"].has_access("read"),
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Legal file"),
            "res_model": "debt.legal.file",
            "res_id": file.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_view_legal_files(self):
        """Open the legal files of the case."""
        return self._action_view_related("debt_collection.debt_legal_file_action")

    def _merge_into(self, target):
        """Legal files follow the case."""
        result = super()._merge_into(target)
        self.sudo().legal_file_ids.case_id = target
        return result
