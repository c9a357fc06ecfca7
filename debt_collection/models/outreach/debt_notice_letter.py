"""Notices on paper: queued, printed in one file or posted by Snailmail, marked when they left."""

from markupsafe import Markup

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date
from odoo.tools.image import image_data_uri

from ...tools.letter_pages import break_table
from . import pdf_files
from .debt_notice_message import ITEMS_CLASS

REPORT = "debt_collection.report_letter"
# Builds of wkhtmltopdf without patched Qt lay pages out a quarter wider than the paper and shrink
# them: this factor makes a millimetre a millimetre again (measured).
UNPATCHED_ZOOM = 1.302
# Height of the foot, from the lower edge of the page (mm).
FOOT_HEIGHT = 19
# Where the window of an envelope is on the right.
WINDOW_RIGHT = ("CH", "FR", "IT")

LETTER_STYLE = """
body { margin: 0; font-family: %(font)s; font-size: 9.5pt; line-height: 1.35; color: #222222;
       zoom: %(zoom)s; }
p { margin: 0 0 2mm 0; }
.letter { position: relative; }
.next { page-break-before: always; }
.mark { position: absolute; top: 0; left: 0; width: 7px; height: 1px; }
.letterhead { width: 100%%; height: 26mm; border-collapse: collapse; }
.letterhead td { vertical-align: top; padding: 0; }
.logo img { max-height: 20mm; max-width: 75mm; }
.logo .name { font-size: 17pt; font-weight: bold; }
.tagline { font-size: 8pt; color: #666666; }
.details { text-align: right; font-size: 8pt; line-height: 1.35; color: #555555; }
.details p { margin: 0; }
.window { position: absolute; top: 34mm; left: 0; width: 85mm; height: 42mm; }
.right { left: 85mm; }
.sender { font-size: 6.5pt; color: #666666; height: 5mm; white-space: nowrap; overflow: hidden; }
.lines { font-size: 10.5pt; line-height: 1.3; }
.facts { position: absolute; top: 37mm; left: 105mm; font-size: 8.5pt; border-collapse: collapse; }
.facts.left { left: 0; }
.facts td { padding: 0 4mm 0.6mm 0; vertical-align: top; color: #555555; }
.facts td + td { padding-right: 0; color: #222222; }
.text { padding-top: 50mm; }
h1 { font-size: 13pt; margin: 0 0 3mm 0; }
table { page-break-inside: auto; }
tr { page-break-inside: avoid; }
.foot { position: absolute; left: 0; right: 0; border-top: 0.3mm solid; padding-top: 1.5mm;
        font-size: 7pt; line-height: 1.3; color: #666666; text-align: center; }
.foot p { margin: 0; }
"""


class DebtNotice(models.Model):
    _inherit = "debt.notice"

    # === DISPATCH ===

    def _dispatch_letter(self, notices):
        """Write the letters; a person prints them, or Snailmail posts them."""
        notices._withdraw_pdf()
        written = notices.filtered(lambda notice: not notice.edited)
        messages = written._get_messages()
        for notice in notices:
            subject, body = messages.get(notice.id) or notice._get_own_message()
            notice._set_state("queued", subject=subject, body=body, date_printed=False)
        posted = notices.filtered(lambda notice: notice._is_posted_by_snailmail())
        if posted:
            posted._make_pdf()
            posted._post_by_snailmail()

    def _withdraw_pdf(self):
        """Let go of PDFs that did not leave; they stay in the database as they were made."""
        self.filtered("pdf_id").write({"pdf_id": False, "page_count": 0})

    # === PDF ===

    def _make_pdf(self, statement=False):
        """Make the PDFs of these notices in one go a company, and keep them.

        :param statement: the list of open items alone, as it goes with e-mails
        """
        for company, notices in self.grouped("company_id").items():
            files = notices._render_pdf(company, statement)
            attachments = self.env["ir.attachment"].create(
                [
                    {
                        "name": notice._get_pdf_name(statement),
                        "raw": data,
                        "mimetype": "application/pdf",
                        "res_model": "debt.notice",
                        "res_id": notice.id,
                    }
                    for notice, (data, _pages) in zip(notices, files, strict=True)
                ]
            )
            for notice, attachment, (_data, pages) in zip(notices, attachments, files, strict=True):
                notice.write({"pdf_id": attachment.id, "page_count": pages})

    def _get_pdf_name(self, statement=False):
        """Name of the file, in the debtor's language."""
        self.ensure_one()
        env = self.with_context(lang=self.lang).env
        heading = env._("Statement") if statement else self.subject or self.level_id.name
        return f"{heading} {self.partner_id.name} {self.date}.pdf".replace("/", "-")

    def _render_pdf(self, company, statement=False):
        """Render these notices of one company by one call of wkhtmltopdf.

        :param company: res.company whose letterhead is used
        :param statement: see ``_make_pdf``
        :return: list of (bytes of a PDF, number of its pages), one for each notice
        """
        report = self.env.ref(REPORT).sudo().with_company(company)
        paper = report.get_paperformat()
        values = self._get_paper_values(company, paper)
        engine = report.with_context(debt_letter=True)
        data = engine._run_wkhtmltopdf(
            [self._render_document("debt_collection.letter_document", statement, values)],
            report_ref=report,
        )
        foot = engine._run_wkhtmltopdf(
            [self.browse()._render_document("debt_collection.letter_foot", statement, values)],
            report_ref=report,
            specific_paperformat_args={"data-report-margin-top": 0, "data-report-margin-bottom": 0},
        )
        files = pdf_files.split_marked(data, foot)
        if len(files) != len(self):
            raise UserError(self.env._("The letters could not be told apart in the PDF."))
        return files

    def _render_document(self, template, statement, values):
        """One HTML document of these notices, complete in itself: nothing is fetched for it.

        :param template: xml id
        :param values: of ``_get_paper_values``
        :return: Markup
        """
        letters = [notice._get_letter(statement) for notice in self]
        for letter in letters:
            letter["body"] = break_table(letter["body"], ITEMS_CLASS, values["text_height"])
        document = self.env["ir.qweb"]._render(
            template, {**values, "letters": letters}, minimal_qcontext=True
        )
        return Markup("<!DOCTYPE html>") + document

    def _get_paper_values(self, company, paper):
        """What all letters of a company share.

        :param paper: report.paperformat
        :return: dict of values for the templates
        """
        company = company.with_context(bin_size=False)
        font = f'"{company.font}", "Liberation Sans", Arial, sans-serif'
        zoom = 1 if self.env["ir.actions.report"]._is_wkhtmltopdf_patched() else UNPATCHED_ZOOM
        logo = not company.uses_default_logo and (company.logo_web or company.logo)
        return {
            "company": company,
            "logo": image_data_uri(logo) if logo else False,
            "mark": pdf_files.get_mark(),
            "style": Markup(LETTER_STYLE % {"font": font, "zoom": zoom}),
            "foot_top": paper.print_page_height - FOOT_HEIGHT,
            "text_height": paper.print_page_height - paper.margin_top - paper.margin_bottom,
            "window_right": company.country_id.code in WINDOW_RIGHT,
        }

    def _get_letter(self, statement=False):
        """What the page of this notice shows.

        :return: dict: notice, heading, body, address (list of lines), sender, date
        """
        self.ensure_one()
        notice = self.with_context(lang=self.lang)
        sender = self.company_id.partner_id
        date = format_date(self.env, fields.Date.context_today(self), lang_code=self.lang)
        heading, body = self.subject, self.body
        if statement:
            heading = notice.env._("Statement of open items")
            items = self._render_part("debt_collection.notice_items", printed=True)
            body = self._render_part(
                "debt_collection.notice_statement", items=items, letter_date=date
            )
        address = self.address_to or self._get_postal_address(self.recipient_id)
        return {
            "notice": notice,
            "heading": heading,
            "body": body,
            "address": (address or self.recipient_id.name or "").splitlines(),
            "sender": " · ".join(
                filter(
                    None,
                    (
                        sender.name,
                        sender.street,
                        " ".join(filter(None, (sender.zip, sender.city))),
                    ),
                )
            ),
            "date": date,
        }

    # === PRINTING ===

    def action_print(self):
        """Print letters into one file, and show it with the pages of each debtor.

        Letters that wait for the officer are released by it. What was not printed yet is brought
        up to this day first.

        :return: action that opens the dialog with the file
        :raises UserError: when none of these is a letter that may be printed
        """
        self._check_can_work()
        letters = self.sudo().filtered(lambda notice: notice.channel == "letter")
        letters.filtered(lambda n: n.state in ("to_review", "ready", "failed"))._do_release()
        printable = letters.filtered(lambda notice: notice.state == "queued")
        fresh = printable.filtered(lambda notice: not notice.date_printed)
        stale = fresh.filtered(lambda notice: notice._is_dated() or notice in fresh._get_stale())
        stale._set_state("ready")
        stale._dispatch_batch()
        printable = letters.filtered(
            lambda notice: notice.channel == "letter" and notice.state == "queued"
        )
        if not printable:
            raise UserError(
                self.env._(
                    "There is no letter to print here. Choose notices of the channel Letter that "
                    "are on their way."
                )
            )
        printable._do_print()
        wizard = self.env["debt.notice.print"].create({"notice_ids": printable.ids})
        return wizard._get_records_action(name=self.env._("Letters"), target="new")

    def _is_dated(self):
        """Whether the letter was written on an earlier day: its days and its deadline moved on."""
        self.ensure_one()
        return self.deadline != self._get_address(self.channel)["deadline"]

    def _do_print(self):
        """Make the PDFs that are missing, and note when they were printed."""
        self.filtered(lambda notice: not notice.pdf_id)._make_pdf()
        self.filtered(lambda notice: not notice.date_printed).date_printed = fields.Datetime.now()

    def action_mark_posted(self):
        """Note that printed letters were handed to the post."""
        self._check_can_work()
        letters = self.sudo().filtered(
            lambda n: n.channel == "letter" and n.state == "queued" and n.date_printed
        )
        if not letters:
            raise UserError(self.env._("Print the letters first, then mark them as posted."))
        letters._set_sent()
        return True

    def action_open_pdf(self):
        """Open the PDF as it was sent; before that, as it would be printed now."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": f"/debt_collection/notice/{self.id}.pdf",
            "target": "new",
        }

    def _get_pdf(self):
        """Bytes of the PDF that was sent, or of the one that would be printed now.

        :raises AccessError: for who may not read the notice
        """
        self.ensure_one()
        self.check_access("read")
        notice = self.sudo()
        if notice.pdf_id:
            return notice.pdf_id.raw
        draft = notice
        if not notice.body or notice.state not in ("queued", "sent", "bounced"):
            draft = notice._preview(channel="letter")
            message = notice._get_own_message() if notice.edited else None
            subject, body = message or draft._get_messages()[draft.id]
            draft.update({"subject": subject, "body": body})
        return draft._render_pdf(notice.company_id, notice.channel == "email")[0][0]

    # === SNAILMAIL ===

    def _is_posted_by_snailmail(self):
        """Whether the company lets Snailmail print and post, and the address is complete."""
        self.ensure_one()
        return (
            self.company_id.debt_post_letters
            and "snailmail.letter" in self.env
            and self.env["snailmail.letter"]._is_valid_address(self.recipient_id)
        )

    def _post_by_snailmail(self):
        """Put the letters into Snailmail's queue: its own job sends them."""
        letters = self.env["snailmail.letter"].create(
            [
                {
                    "user_id": notice._get_officer().id or self.env.uid,
                    "model": "debt.notice",
                    "res_id": notice.id,
                    "partner_id": notice.recipient_id.id,
                    "company_id": notice.company_id.id,
                    "attachment_id": notice.pdf_id.id,
                }
                for notice in self
            ]
        )
        for letter in letters.filtered("cover"):
            pages = letter._append_cover_page(letter.attachment_id.raw)
            letter.attachment_id = letter.attachment_id.copy({"raw": pages})
        letters._snailmail_print(immediate=False)
        self.date_printed = fields.Datetime.now()

    def _withdraw_letters(self):
        """Take letters back that Snailmail has not sent yet."""
        if self and "snailmail.letter" in self.env:
            self.env["snailmail.letter"].sudo().search(
                [
                    ("model", "=", "debt.notice"),
                    ("res_id", "in", self.ids),
                    ("state", "in", ("pending", "error")),
                ]
            ).cancel()
