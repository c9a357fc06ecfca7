"""The legal file: everything about a case on one day, as PDF with index and as ZIP."""

import base64
import hashlib

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...tools import legal_pdf


class DebtLegalFile(models.Model):
    """One legal file that was made: of which day, with which hash. Append-only.

    The same case and day give the same bytes, so that the hash proves what was handed over.
    """

    _name = "debt.legal.file"
    _description = "Legal file"
    _order = "id desc"

    case_id = fields.Many2one("debt.case", required=True, ondelete="restrict", index=True)
    company_id = fields.Many2one(related="case_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="case_id.partner_id", string="Debtor")
    date = fields.Date(string="As of", required=True)
    with_research = fields.Boolean(string="With ability-to-pay sheet")
    user_id = fields.Many2one("res.users", string="Made by", default=lambda self: self.env.user)
    pdf = fields.Binary(string="File (PDF)", attachment=True, readonly=True)
    archive = fields.Binary(string="File with documents (ZIP)", attachment=True, readonly=True)
    name = fields.Char(string="File name", readonly=True)
    pdf_name = fields.Char(compute="_compute_names")
    archive_name = fields.Char(compute="_compute_names")
    hash_pdf = fields.Char(string="SHA-256 of the PDF", readonly=True)
    hash_archive = fields.Char(string="SHA-256 of the ZIP", readonly=True)

    @api.depends("name")
    def _compute_names(self):
        for file in self:
            file.pdf_name, file.archive_name = f"{file.name}.pdf", f"{file.name}.zip"

    @api.depends("case_id", "date")
    def _compute_display_name(self):
        for file in self:
            file.display_name = f"{file.case_id.display_name} · {file.date}"

    def write(self, vals):
        if not self.env.su:
            raise UserError(self.env._("Legal files are kept as they were made."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        raise UserError(self.env._("Legal files are kept as evidence."))

    @api.model
    def _make(self, case, date, with_research=False):
        """Make the file of a case as of a day, and keep it with its hashes.

        :param case: debt.case
        :param date: last day that counts
        :param with_research: the ability-to-pay sheet is part of it
        :return: debt.legal.file
        :raises AccessError: for readers, and where research is asked for by other roles
        """
        case.ensure_one()
        case.check_access("write")
        if with_research and not self.env["debt.assessment"].has_access("read"):
            raise AccessError(
                self.env._("Research is shown to senior officers, legal and credit managers only.")
            )
        if date > fields.Date.context_today(case):
            raise UserError(self.env._("A legal file cannot be made of a day to come."))
        name = f"{case.reference.replace('/', '-')}-{date}"
        pdf, archive = self._render(case, date, with_research, name)
        return self.sudo().create(
            {
                "case_id": case.id,
                "date": date,
                "with_research": with_research,
                "user_id": self.env.uid,
                "name": name,
                "pdf": base64.b64encode(pdf),
                "archive": base64.b64encode(archive),
                "hash_pdf": hashlib.sha256(pdf).hexdigest(),
                "hash_archive": hashlib.sha256(archive).hexdigest(),
            }
        )

    @api.model
    def _render(self, case, date, with_research, name):
        """The bytes of the file, in the language of the company, whoever makes it.

        :return: (PDF, ZIP)
        """
        company = case.company_id
        case = case.sudo().with_company(company)
        case = case.with_context(lang=company.partner_id.lang or "en_US", tz="UTC")
        content = case.env["debt.legal.file.content"]
        files = content._get_files(case, date)
        document = content._get_document(case, date, with_research, files)
        pdf = legal_pdf.render(**document, fonts=content._get_fonts())
        return pdf, legal_pdf.pack([(f"{name}.pdf", pdf), *files])

    def action_verify(self):
        """Make the file anew and compare: the hash tells whether anything is different."""
        self.ensure_one()
        self.check_access("read")
        self.case_id.check_access("read")
        pdf, archive = self._render(self.case_id, self.date, self.with_research, self.name)
        same = (hashlib.sha256(pdf).hexdigest(), hashlib.sha256(archive).hexdigest()) == (
            self.hash_pdf,
            self.hash_archive,
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if same else "warning",
                "message": self.env._("Made anew today, the file is the same to the byte.")
                if same
                else self.env._(
                    "Made anew today, the file is another one: something about that day was "
                    "recorded later, or documents were added."
                ),
            },
        }

    def action_download(self):
        """Download the ZIP."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/debt.legal.file/{self.id}/archive/{self.archive_name}?download=1",
            "target": "download",
        }
