"""The legal file: the documents beside the PDF."""

import hashlib
from html import escape

from odoo import api, fields, models
from odoo.tools.misc import file_path

from ...tools import legal_pdf

FONTS = ("web/static/fonts/lato/Lato-Reg-webfont.ttf", "web/static/fonts/lato/Lato-Bol-webfont.ttf")


class DebtLegalFileContent(models.AbstractModel):
    """Documents of the ZIP, and their list in the PDF."""

    _inherit = "debt.legal.file.content"

    @api.model
    def _get_fonts(self):
        """Names of the fonts the files are drawn with."""
        return legal_pdf.use_fonts(*(file_path(path) for path in FONTS))

    @api.model
    def _get_attachment_sources(self, case, date):
        """Hook: records whose attachments belong into the ZIP.

        :return: list of (folder in the ZIP, model, ids)
        """
        return [
            ("invoices", "account.move", self._get_moves(case, date).ids),
            ("documents", "debt.case", case.ids),
            ("documents", "res.partner", case.partner_id.ids),
            ("notices", "debt.notice", self._get_sent_notices(case, date).ids),
        ]

    @api.model
    def _get_files(self, case, date):
        """The documents beside the PDF, as they are stored on the day.

        Invoices as sent, notices as printed, proofs of service, and what is attached to the case,
        the debtor or an invoice (contract, order, delivery note). Of an invoice that was never
        printed a copy is drawn from the books.

        :return: list of (name in the ZIP, bytes); each name once
        """
        until = self._until(date)
        attachments = self.env["ir.attachment"].sudo()
        files, printed = [], set()
        for folder, model, ids in self._get_attachment_sources(case, date):
            found = attachments.search(
                [
                    ("res_model", "=", model),
                    ("res_id", "in", ids),
                    ("type", "=", "binary"),
                    ("create_date", "<", until),
                    ("res_field", "in", (False, "invoice_pdf_report_file")),
                ],
                order="id",
            )
            files += [
                (f"{folder}/{attachment.name.replace('/', '-')}", attachment.raw or b"")
                for attachment in found
            ]
            if model == "account.move":
                printed.update(
                    found.filtered(lambda a: a.mimetype == "application/pdf").mapped("res_id")
                )
        for move in self._get_moves(case, date).filtered(lambda m: m.id not in printed):
            name = (move.name or str(move.id)).replace("/", "-")
            files.append((f"invoices/{name}.pdf", self._draw_invoice(move)))
        files += self._get_texts(case, date)
        files += self._get_proofs(case, date)
        return legal_pdf.number(files)

    def _get_texts(self, case, date):
        """The text of each notice as it was sent, as HTML that any browser shows."""
        files = []
        for notice in self._get_sent_notices(case, date).filtered("body"):
            day = fields.Date.to_string(notice.date_sent)
            name = f"{day} {notice.level_id.name or notice.id}".replace("/", "-")
            page = f'<!DOCTYPE html>\n<meta charset="utf-8">\n<title>{escape(name)}</title>\n'
            subject = f"<h1>{escape(notice.subject or '')}</h1>\n"
            files.append((f"notices/{name}.html", f"{page}{subject}{notice.body}".encode()))
        return files

    def _get_proofs(self, case, date):
        """Proofs of service that were on file on the day."""
        files = []
        services = self._get_sent_notices(case, date).service_ids
        for row in services.filtered(lambda r: r.date <= date and r.proof).sorted("id"):
            stored = (
                self.env["ir.attachment"]
                .sudo()
                .search(
                    [
                        ("res_model", "=", row._name),
                        ("res_id", "=", row.id),
                        ("res_field", "=", "proof"),
                    ],
                    limit=1,
                )
            )
            name = (row.proof_name or f"proof-{row.id}").replace("/", "-")
            files.append((f"service/{name}", stored.raw or b""))
        return files

    def _draw_invoice(self, move):
        """A copy of an invoice from the books; the same invoice gives the same bytes.

        :param move: account.move
        :rtype: bytes
        """
        return legal_pdf.render(
            title=f"{self._show_label(move, 'move_type')} {move.name or ''}",
            facts=[
                (self.env._("Creditor"), self._get_party(move.company_id.partner_id)),
                (self.env._("Customer"), self._get_party(move.partner_id)),
                (self.env._("Dated"), self._show_date(move.invoice_date or move.date)),
                (self.env._("Due"), self._show_date(move.invoice_date_due)),
                (self.env._("Origin"), move.invoice_origin or ""),
            ],
            sections=[
                {
                    "title": self.env._("Copy from the books"),
                    "text": [],
                    "tables": [self._get_invoice_table(move)],
                }
            ],
            foot=f"{move.company_id.name} · {move.name}",
            fonts=self._get_fonts(),
        )

    def _get_enclosures(self, files):
        """The list of the documents with their hashes, so that the PDF proves the ZIP.

        :param files: list of (name, bytes)
        :return: section, or None
        """
        return files and {
            "title": self.env._("Enclosures"),
            "text": [self.env._("Documents in the ZIP beside this file, each with its SHA-256.")],
            "tables": [
                self._make_table(
                    [self.env._("Document"), "SHA-256"],
                    [[name, hashlib.sha256(content).hexdigest()] for name, content in files],
                    widths=(2, 3),
                )
            ],
        }
