"""The text of a notice: one producer for the preview, the dialog and what leaves."""

import logging
from functools import cache
from urllib.parse import urljoin

import lxml.html
from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import format_date, html2plaintext

_logger = logging.getLogger(__name__)

# Class of the element that holds the items in a text, so that they can be brought up to date.
ITEMS_CLASS = "o_debt_items"


class DebtNotice(models.Model):
    _inherit = "debt.notice"

    items_html = fields.Html(
        string="Items (as told)", compute="_compute_items_html", sanitize=False
    )
    salutation = fields.Char(compute="_compute_salutation")
    closing_html = fields.Html(string="Closing", compute="_compute_closing_html", sanitize=False)
    preview_subject = fields.Char(string="Subject (preview)", compute="_compute_preview")
    preview_html = fields.Html(
        string="What the debtor reads", compute="_compute_preview", sanitize=False
    )
    amount_due = fields.Monetary(
        string="Left to pay",
        compute="_compute_amount_due",
        currency_field="company_currency_id",
        help="What is told less the credits, in the company's currency.",
    )
    contact_phone = fields.Char(string="Whom to call", compute="_compute_contact_phone")
    pay_url = fields.Char(string="Page to pay", compute="_compute_pay_url")

    # === PARTS OF A TEXT, FOR TEMPLATES ===

    @api.depends("item_ids", "amount_credit", "lang", "channel")
    def _compute_items_html(self):
        """The table of items, credits, totals and how to pay, for templates and letters."""
        for notice in self:
            notice.items_html = notice._render_part("debt_collection.notice_items")

    @api.depends("recipient_id", "lang")
    def _compute_salutation(self):
        """How the addressee is greeted: a person by name, a company as such."""
        for notice in self:
            html = notice._render_part("debt_collection.notice_salutation")
            notice.salutation = Markup(html).striptags()

    @api.depends("user_id", "lang")
    def _compute_closing_html(self):
        """Who writes, and how to reach that person."""
        for notice in self:
            notice.closing_html = notice._render_part("debt_collection.notice_closing")

    @api.depends("item_ids")
    def _compute_pay_url(self):
        """Where the debtor may pay online what is open of the items."""
        for notice in self:
            notice.pay_url = notice._get_pay_url()

    @api.depends("amount_total", "amount_credit")
    def _compute_amount_due(self):
        self.mapped("company_currency_id")
        for notice in self:
            notice.amount_due = notice.amount_total - notice.amount_credit

    @api.depends("user_id", "company_id")
    def _compute_contact_phone(self):
        """The officer's number, else the company's."""
        for notice in self:
            notice.contact_phone = notice.user_id.phone or notice.company_id.phone

    def _render_part(self, template, **values):
        """Render one of our QWeb templates in the language of the notice.

        :param template: xml id
        :param values: more values for the template, beside ``notice``
        :return: Markup
        """
        self.ensure_one()
        lang = self.lang or self.env.lang
        return self.env["ir.qweb"]._render(
            template,
            {
                "notice": self.with_context(lang=lang),
                "format_date": cache(lambda day: format_date(self.env, day, lang_code=lang)),
                "printed": self.channel == "letter",
                **values,
            },
            lang=lang,
            minimal_qcontext=True,
        )

    # === AMOUNTS AND HOW TO PAY ===

    def _get_currency_totals(self):
        """Subtotals of the notice, by currency: what is owed, and the credits that are taken off.

        :return: list of dict: currency, lines (debt.notice.item), credits (see ``_get_credits``),
            open, credit, due (negative where the credits are more)
        """
        self.ensure_one()
        lines_of = self.item_ids.grouped("currency_id")
        credits_of = {}
        for credit in self._get_credits():
            credits_of.setdefault(credit["currency"], []).append(credit)
        totals = []
        for currency in dict.fromkeys((*lines_of, *credits_of)):
            lines = lines_of.get(currency, self.item_ids.browse())
            taken_off = credits_of.get(currency, [])
            amount = sum(lines.mapped("amount"))
            credit = sum(one["amount"] for one in taken_off)
            totals.append(
                {
                    "currency": currency,
                    "lines": lines.sorted(lambda line: (line.date_due, line.id)),
                    "credits": taken_off,
                    "open": amount,
                    "credit": credit,
                    "due": currency.round(amount - credit),
                }
            )
        return totals

    def _get_moves(self):
        """The documents behind the items that still exist."""
        lines = self.item_ids.item_id.move_line_id | self.item_ids.move_line_id
        return lines.sudo().move_id

    def _get_bank(self, currency, moves):
        """The bank account to pay to: the one the documents name, else the company's own.

        :param currency: res.currency of the payment
        :param moves: account.move behind the items
        :return: res.partner.bank, may be empty
        """
        self.ensure_one()
        owner = self.company_id.partner_id.sudo()
        banks = moves.partner_bank_id.filtered(lambda bank: bank.partner_id == owner)
        banks = (banks | owner.bank_ids).filtered("active")
        fitting = banks.filtered(lambda bank: bank.currency_id == currency)
        return (fitting or banks.filtered(lambda bank: not bank.currency_id))[:1]

    def _get_payment_reference(self, lines, moves):
        """What the debtor gives as reference: that of the only document, else all numbers.

        :param lines: debt.notice.item that are paid together
        :param moves: account.move behind the items
        :return: (structured reference or "", free text)
        """
        self.ensure_one()
        numbers = [item.document_number for item in lines if item.document_number]
        free = ", ".join(dict.fromkeys(numbers))
        if len(moves) == 1 and moves.payment_reference:
            return moves.payment_reference, moves.payment_reference
        return "", free

    def _get_payment(self, printed=False):
        """How to pay: account, reference and code to scan, one for each currency.

        :param printed: for paper: the code as data; for e-mails as address of a picture
        :return: list of dict: currency, amount, bank, holder, reference, qr
        """
        self.ensure_one()
        moves = self._get_moves()
        payments = []
        for total in self._get_currency_totals():
            bank = self._get_bank(total["currency"], moves)
            if not bank or total["due"] <= 0:
                continue
            structured, free = self._get_payment_reference(total["lines"], moves)
            picture = self._build_code(bank, total, structured, free, printed)
            if picture and not printed:
                picture = urljoin(self.get_base_url(), picture)
            payments.append(
                {
                    "currency": total["currency"],
                    "amount": total["due"],
                    "bank": bank,
                    "holder": bank.acc_holder_name or self.company_id.name,
                    "reference": free if len(free) <= 140 else "",
                    "qr": picture or False,
                }
            )
        return payments

    def _build_code(self, bank, total, structured, free, printed):
        """The code to scan (EPC, EMV… whatever Odoo's modules make for the account), or False.

        Account and reference stand beside it: a server that cannot draw codes stops no notice.

        :param bank: res.partner.bank
        :param total: see ``_get_currency_totals``
        :param structured, free: payment reference
        :param printed: see ``_get_payment``
        """
        build = bank.build_qr_code_base64 if printed else bank.build_qr_code_url
        debtor = self.partner_id.sudo()
        try:
            return build(total["due"], free[:140], structured, total["currency"], debtor)
        except Exception as error:
            _logger.warning("No payment code on notice %s: %s", self.id, error)
            return False

    # === THE WHOLE TEXT ===

    def _get_messages(self):
        """Subject and text of each notice on its channel, as they would leave now.

        :return: dict id (of a record or a new one) → (subject or False, Markup, or str for SMS)
        """
        self._get_moves().fetch(["payment_reference", "partner_bank_id", "state"])
        messages = {}
        for channel, notices in self.grouped("channel").items():
            by_template = notices.grouped(lambda notice: notice._get_text_template())
            for template, group in by_template.items():
                template = template.sudo()
                if channel == "sms":
                    bodies = template._render_field("body", group._ids, compute_lang=True)
                    messages.update((key, (False, body)) for key, body in bodies.items())
                    continue
                values = template._generate_template(group._ids, ("subject", "body_html"))
                for key, value in values.items():
                    messages[key] = (value["subject"], Markup(value["body_html"] or ""))
        return messages

    def _get_text_template(self):
        """Hook: the template of this notice's text; its level's.

        :return: mail.template, or sms.template for SMS
        """
        self.ensure_one()
        return self.level_id._get_text_template(self.channel)

    def _get_own_message(self):
        """The text a person wrote, with today's table of items in it.

        :return: (subject, Markup or str)
        """
        self.ensure_one()
        if self.channel == "sms":
            return False, html2plaintext(self.body or "")
        return self.subject, self._replace_items(self.body)

    def _replace_items(self, body):
        """Put the table of items as it is now into a text.

        :param body: HTML with an element of class ``ITEMS_CLASS``, or without
        :return: Markup
        """
        tree = lxml.html.fragment_fromstring(str(body or ""), create_parent="div")
        for node in tree.find_class(ITEMS_CLASS)[:1]:
            fresh = lxml.html.fragment_fromstring(str(self.items_html), create_parent="div")
            inner = fresh.find_class(ITEMS_CLASS)[:1] or [fresh]
            inner[0].tail = node.tail
            node.getparent().replace(node, inner[0])
        return Markup("".join(lxml.html.tostring(child, encoding="unicode") for child in tree))

    def _preview(self, **values):
        """The same notice, in memory alone, settled as at its dispatch.

        :param values: what is to be different: channel, level_id, recipient_id…
        :return: new debt.notice
        """
        self.ensure_one()
        draft = self.new(values, origin=self._origin or None)
        draft.update(draft._get_address(draft.channel))
        return draft

    @api.depends("channel", "level_id", "item_ids", "state", "body")
    def _compute_preview(self):
        """What is stored once it left, else what would be written now."""
        for notice in self:
            if notice.body or notice.state in ("sent", "cancelled", "rejected"):
                notice.preview_subject, notice.preview_html = notice.subject, notice.body
                continue
            draft = notice.sudo()._preview()
            message = draft._get_messages()[draft.id]
            notice.preview_subject = message[0]
            notice.preview_html = notice._get_body_html(message[1])

    @api.model
    def _get_body_html(self, text):
        """A text of any channel as HTML.

        :param text: Markup, or str of an SMS
        :return: Markup
        """
        if isinstance(text, Markup):
            return text
        return Markup("<p>%s</p>") % Markup("<br/>").join((text or "").splitlines())
