from odoo import api, fields, models

from ..models.outreach import pdf_files


class DebtNoticePrint(models.TransientModel):
    """The file of printed letters, with the pages of each debtor, and what comes next."""

    _name = "debt.notice.print"
    _description = "Printed letters"

    notice_ids = fields.Many2many("debt.notice", string="Letters", readonly=True)
    letter_count = fields.Integer(compute="_compute_counts")
    page_count = fields.Integer(compute="_compute_counts")

    @api.depends("notice_ids")
    def _compute_display_name(self):
        for wizard in self:
            wizard.display_name = self.env._("Letters")

    @api.depends("notice_ids")
    def _compute_counts(self):
        for wizard in self:
            wizard.letter_count = len(wizard.notice_ids)
            wizard.page_count = sum(wizard.notice_ids.mapped("page_count"))

    def action_open(self):
        """Open the one PDF with all letters."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/debt_collection/letters/{self.id}.pdf",
            "target": "new",
        }

    def action_mark_posted(self):
        """Note that all of these letters were handed to the post."""
        self.ensure_one()
        self.notice_ids.action_mark_posted()
        return {"type": "ir.actions.act_window_close"}

    def _join(self):
        """Return bytes of one PDF with all letters, in the order of the list."""
        self.ensure_one()
        self.notice_ids.check_access("read")
        return pdf_files.join([notice.pdf_id.raw for notice in self.notice_ids.sudo()])
