"""What a debtor reads, in every language; what comes back; sending and approving by people."""

import io
from datetime import timedelta
from unittest import skipUnless
from unittest.mock import patch

from freezegun import freeze_time
from lxml import html

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger
from odoo.tools.pdf import PdfFileReader

from odoo.addons.debt_collection.models.outreach import debt_notice
from odoo.addons.debt_collection.tests.common import TODAY, DebtCommon
from odoo.addons.debt_collection.tests.test_notice_letter import (
    ADDRESS,
    NoticeCase,
    has_wkhtmltopdf,
)
from odoo.addons.debt_collection.tools.permission import ContactPermission
from odoo.addons.mail.tests.common import MockEmail

# What a letter and an e-mail of each level hold, by language: words of the salutation, of the
# level, of the table and of the payment block, the date of the deadline.
WORDS = {
    "en_US": {
        "salutation": "Dear Sir or Madam,",
        "courtesy": "falls due shortly",
        "reminder": "simply been overlooked",
        "formal_reminder": "neither the money nor an answer",
        "formal_notice": "take legal action",
        "table": ["Document", "Due date", "Days late", "Open amount", "Total USD"],
        "pay": ["How to pay", "Payment reference"],
        "closing": "Kind regards",
        "deadline": "03/25/2026",
    },
    "de_DE": {
        "salutation": "Sehr geehrte Damen und Herren,",
        "courtesy": "in Kürze fällig",
        "reminder": "nur Ihrer Aufmerksamkeit entgangen",
        "formal_reminder": "noch eine Antwort von Ihnen",
        "formal_notice": "gerichtliche Schritte einzuleiten",
        "table": ["Beleg", "Fällig am", "Tage überfällig", "Offener Betrag", "Summe USD"],
        "pay": ["So zahlen Sie", "Verwendungszweck"],
        "closing": "Mit freundlichen Grüßen",
        "deadline": "25.03.2026",
    },
    "fr_FR": {
        "salutation": "Madame, Monsieur,",
        "courtesy": "arrive prochainement à échéance",
        "reminder": "un simple oubli",
        "formal_reminder": "ni paiement ni réponse",
        "formal_notice": "engager une procédure judiciaire",
        "table": ["Pièce", "Échéance", "Jours de retard", "Montant dû", "Total USD"],
        "pay": ["Comment payer", "Référence"],
        "closing": "Cordialement",
        "deadline": "25/03/2026",
    },
    "es_ES": {
        "salutation": "Estimados señores:",
        "courtesy": "vence en los próximos días",
        "reminder": "un simple olvido",
        "formal_reminder": "ni una respuesta por su parte",
        "formal_notice": "emprender acciones legales",
        "table": ["Documento", "Vencimiento", "Días de retraso", "Importe pendiente", "Total USD"],
        "pay": ["Cómo pagar", "Concepto"],
        "closing": "Atentamente",
        "deadline": "25/03/2026",
    },
}
LEVELS = ("courtesy", "reminder", "formal_reminder", "formal_notice")


class MessageCase(DebtCommon, MockEmail):
    """A debtor with a late invoice; nothing sent yet."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoice = cls._create_overdue_invoice(10)
        cls.bank = cls.env["res.partner.bank"].create(
            {"acc_number": "DE89370400440532013000", "partner_id": cls.company.partner_id.id}
        )

    def _get_text(self, body):
        """The words of an HTML text, one space between them."""
        text = html.fromstring(f"<div>{body}</div>").text_content()
        return " ".join(text.replace("\ufeff", "").split())

    def _send_queue(self, notices):
        mails = notices.mail_id.sudo()
        with self.mock_mail_gateway(mail_unlink_sent=True):
            mails.send()


@tagged("post_install", "-at_install")
class TestContent(MessageCase):
    """Texts by level, channel and language."""

    def test_languages(self):
        """Each level on each channel speaks the debtor's language, tables and dates included."""
        notice = self._run_day(release=False).notice_ids
        languages = self.env["res.lang"]
        for code in WORDS:
            languages._activate_lang(code)
        self.env["ir.module.module"].search(
            [("name", "=", "debt_collection")]
        ).sudo()._update_translations(list(WORDS))
        for code, words in WORDS.items():
            self.debtor.lang = code
            for key in LEVELS:
                level = self.env.ref(f"debt_collection.level_{key}")
                for channel in ("email", "letter", "sms"):
                    with self.subTest(lang=code, level=key, channel=channel):
                        draft = notice.sudo()._preview(level_id=level.id, channel=channel)
                        draft.deadline = TODAY + timedelta(days=7)
                        subject, body = draft._get_messages()[draft.id]
                        if channel == "sms":
                            self.assertIn("100", body)
                            self.assertLess(len(body), 306, "two parts at most")
                            continue
                        self.assertTrue(subject)
                        text = self._get_text(body)
                        self.assertTrue(text.startswith(words["salutation"]), text[:80])
                        self.assertIn(words[key], text)
                        for word in (*words["table"], *words["pay"], words["closing"]):
                            self.assertIn(word, text)
                        self.assertIn(self.invoice.name, text)
                        if key != "courtesy":
                            self.assertIn(words["deadline"], text)

    def test_tones_differ(self):
        """No two levels say the same."""
        notice = self._run_day(release=False).notice_ids.sudo()
        for channel in ("email", "letter", "sms", "call"):
            texts = set()
            for key in LEVELS:
                level = self.env.ref(f"debt_collection.level_{key}")
                draft = notice._preview(level_id=level.id, channel=channel)
                texts.add(str(draft._get_messages()[draft.id]))
            self.assertEqual(len(texts), 4, channel)

    def test_credits_and_total(self):
        """Credits are named and taken off; the payment block asks for the rest."""
        self._create_credit_note(30)
        notice = self._run_day().notice_ids
        text = self._get_text(notice.body)
        self.assertIn("Total USD $ 100.00", text)
        self.assertIn("Less credits in your favour that are not allocated yet $ -30.00", text)
        self.assertIn("Left to pay $ 70.00", text)
        self.assertIn("Amount $ 70.00", text)
        self.assertEqual(notice.amount_due, 70)

    def test_credits_one_by_one(self):
        """Each credit stands beside the items with number, date, amount and currency of its own."""
        euro = self.setup_other_currency("EUR", rates=[("2016-01-01", 0.5)])
        note = self._create_credit_note(30)
        foreign = self._create_credit_note(10, currency_id=euro.id)
        payment = self.env["account.payment"].create(
            {"partner_id": self.debtor.id, "amount": 5, "partner_type": "customer"}
        )
        payment.action_post()
        notice = self._run_day().notice_ids
        text = self._get_text(notice.body)
        for words in (
            f"{note.name} · Credit note 02/16/2026 $ -30.00",
            f"{payment.move_id.name} · Payment 03/18/2026 $ -5.00",
            f"{foreign.name} · Credit note 02/16/2026 -10.00 €",
            "Total USD $ 100.00",
            "not allocated yet $ -35.00",
            "Left to pay $ 65.00",
            "Credits in your favour that are not allocated yet -10.00 €",
            "All together, converted to USD $ 45.00",
        ):
            with self.subTest(words):
                self.assertIn(words, text)
        told = notice.credits_told
        self.assertEqual([one["amount_company"] for one in told], [30.0, 20.0, 5.0])
        self._pay(self.invoice)
        self.assertEqual(notice.credits_told, told, "what was told stays as it was told")

    def test_currencies_apart(self):
        """A subtotal and a payment for each currency."""
        euro = self.setup_other_currency("EUR", rates=[("2016-01-01", 0.5)])
        self._create_overdue_invoice(12, 80, currency_id=euro.id)
        notice = self._run_day().notice_ids
        text = self._get_text(notice.body)
        self.assertIn("Total USD $ 100.00", text)
        self.assertIn("Total EUR 80.00 €", text)
        self.assertEqual(text.count("How to pay"), 2)

    def test_how_to_pay(self):
        """Account, bank, holder, and the reference of the only document."""
        self.bank.bank_id = self.env["res.bank"].create({"name": "Good & Co", "bic": "GOODDEFF"})
        self.invoice.payment_reference = "RF18 5390 0754 7034"
        notice = self._run_day().notice_ids
        text = self._get_text(notice.body)
        for words in ("DE89370400440532013000", "Good & Co · BIC GOODDEFF", "RF18 5390 0754 7034"):
            self.assertIn(words, text)
        self.assertIn("Good &amp; Co", notice.body)

    def test_payment_code(self):
        """Odoo's payment code, where it makes one: a picture to fetch, or data for paper."""
        notice = self._run_day(release=False).notice_ids.sudo()
        bank = type(self.bank)
        with (
            patch.object(bank, "build_qr_code_url", return_value="/report/barcode/?x=1") as url,
            patch.object(bank, "build_qr_code_base64", return_value="data:image/png;base64,AA"),
        ):
            page = html.fromstring(str(notice._render_part("debt_collection.notice_items")))
            paper = html.fromstring(
                str(notice._render_part("debt_collection.notice_items", printed=True))
            )
        self.assertEqual(page.xpath("//img/@src"), [f"{notice.get_base_url()}/report/barcode/?x=1"])
        self.assertEqual(paper.xpath("//img/@src"), ["data:image/png;base64,AA"])
        amount, _free, structured, currency, debtor = url.call_args.args
        self.assertEqual((amount, currency, debtor), (100, self.company.currency_id, self.debtor))
        self.assertEqual(structured, self.invoice.payment_reference)

    def test_no_code_to_draw(self):
        """A server that cannot draw the code still tells account and reference."""
        notice = self._run_day(release=False).notice_ids.sudo()
        logger = "odoo.addons.debt_collection.models.outreach.debt_notice_message"
        with (
            patch.object(type(self.bank), "build_qr_code_base64", side_effect=OSError("no cairo")),
            self.assertLogs(logger, "WARNING"),
        ):
            page = str(notice._render_part("debt_collection.notice_items", printed=True))
        self.assertIn("DE89", page)
        self.assertNotIn("<img", page)

    def test_pay_online(self):
        """A link to the page to pay where the company takes payments of visitors; else none."""
        notice = self._run_day(release=False).notice_ids.sudo()
        self.assertFalse(notice.pay_url)
        provider = self.env["payment.provider"].sudo().search(
            [("company_id", "=", self.company.id)], limit=1
        ) or self.env["payment.provider"].sudo().create(
            {"name": "Test", "company_id": self.company.id}
        )
        self.env["ir.config_parameter"].sudo().set_param(
            "account_payment.enable_portal_payment", "True"
        )
        provider.write({"state": "test", "is_published": True})
        self.env.cr.cache.clear()
        notice.invalidate_recordset(["pay_url"])
        self.assertIn(f"/collections/pay/{notice.id}?token=", notice.pay_url)
        self.assertFalse(self.invoice.access_token, "invoices are left alone")
        self.assertIn("Pay online", notice.items_html)

    def test_preview_before_approval(self):
        """What waits can be read as it would leave, and reading changes nothing."""
        notice = self._run_day(release=False).notice_ids
        read = notice.with_user(self.manager).read(["preview_subject", "preview_html"])[0]
        self.assertIn("payment reminder", read["preview_subject"])
        self.assertIn(self.invoice.name, read["preview_html"])
        self.assertIn("Dear Sir or Madam", read["preview_html"])
        self.assertRecordValues(
            notice, [{"state": "to_approve", "recipient_id": False, "body": False}]
        )
        notice.action_approve()
        self.assertIn(self._get_text(read["preview_html"]), self._get_text(notice.body))

    @skipUnless(has_wkhtmltopdf(), "wkhtmltopdf is not installed")
    def test_statement_attached(self):
        """Where level or company ask for it, the e-mail carries the items as PDF, kept here."""
        self.company.debt_attach_statement = True
        notice = self._run_day().notice_ids
        self.assertEqual(notice.mail_id.sudo().attachment_ids, notice.pdf_id)
        self.assertEqual(notice.page_count, 1)
        reader = PdfFileReader(io.BytesIO(notice.pdf_id.raw))
        text = "".join(reader.getPage(0).extract_text().split())
        for words in ("Statementofopenitems", "LateLtd", self.invoice.name, "100.00"):
            self.assertIn(words, text)
        self._send_queue(notice)
        self.assertTrue(notice.pdf_id.exists(), "kept when Odoo deletes the e-mail")


@tagged("post_install", "-at_install")
class TestBack(MessageCase):
    """Answers and bounces through Odoo's mail gateway."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.alias_domain = cls.env["mail.alias.domain"].create(
            {"name": "books.example.com", "bounce_alias": "bounce", "catchall_alias": "catchall"}
        )
        cls.company.alias_domain_id = cls.alias_domain
        cls.debtor.debt_user_id = cls.officer_a
        cls.notice = cls._run_day().notice_ids
        cls.case = cls.notice.case_id

    def setUp(self):
        super().setUp()
        self.message_id = self.notice.mail_id.sudo().message_id
        self._send_queue(self.notice)

    def _receive(self, body, sender=None, headers=""):
        raw = (
            f"From: {sender or self.debtor.email}\nTo: catchall@books.example.com\n"
            f"Subject: Re: reminder\nMessage-ID: <{abs(hash(body))}@example.com>\n"
            f"{headers or f'In-Reply-To: {self.message_id}'}\n"
            f"Content-Type: text/plain; charset=utf-8\n\n{body}\n"
        )
        with self.mock_mail_gateway():
            self.env["mail.thread"].sudo().message_process(False, raw)

    def _bounce(self):
        raw = (
            "From: MAILER-DAEMON@example.com\nTo: bounce@books.example.com\nSubject: Undelivered\n"
            "Message-ID: <bounce1@example.com>\nMIME-Version: 1.0\n"
            'Content-Type: multipart/report; report-type=delivery-status; boundary="XX"\n\n'
            "--XX\nContent-Type: text/plain\n\nNo such user\n"
            "--XX\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; example.com\n\n"
            f"Final-Recipient: rfc822; {self.debtor.email}\nAction: failed\nStatus: 5.1.1\n\n"
            f"--XX\nContent-Type: message/rfc822\n\nMessage-ID: {self.message_id}\n"
            f"To: {self.debtor.email}\nSubject: reminder\n\nText\n--XX--\n"
        )
        with self.mock_mail_gateway():
            self.env["mail.thread"].sudo().message_process(False, raw)

    def test_reply(self):
        """The answer stands on the case and in the log; the officer is asked to look at it."""
        self._receive("We paid last week, see the receipt <b>.")
        case = self.case
        self.assertTrue(case.reply_date)
        self.assertIn("We paid last week", "".join(case.message_ids.mapped("body")))
        entry = case.contact_ids.filtered(lambda contact: contact.direction == "in")
        self.assertRecordValues(
            entry,
            [{"channel": "email", "notice_id": self.notice.id, "automatic": True}],
        )
        self.assertIn("We paid last week", entry.note)
        task = case.activity_ids
        self.assertEqual(task.user_id, self.officer_a)
        self.assertIn("Late Ltd", task.summary)
        self.assertIn(self.officer_a.partner_id, case.message_ids.notified_partner_ids)
        case.with_user(self.officer_a).action_mark_reply_read()
        self.assertFalse(case.reply_date)

    def test_reply_is_dealt_with_by_a_contact(self):
        """Whoever logs a contact has dealt with the answer; what the system logs has not."""
        self._receive("Please call me")
        self.assertTrue(self.case.reply_date)
        self.env["debt.contact"].with_user(self.officer_a).create(
            {
                "case_id": self.case.id,
                "channel": "call",
                "outcome": "no_answer",
                "no_next_step_reason": "Later",
            }
        )
        self.assertFalse(self.case.reply_date)

    def test_officer_writes_by_email(self):
        """A colleague who answers by e-mail is no debtor."""
        self._receive("I take care of it", sender=self.officer_a.email)
        self.assertFalse(self.case.reply_date)
        self.assertNotIn("in", self.case.contact_ids.mapped("direction"))

    def test_reply_to_the_case(self):
        """An answer to something written on the case itself counts too."""
        message = self.case.message_post(body="Hello", partner_ids=self.debtor.ids)
        self._receive("Hello back", headers=f"In-Reply-To: {message.message_id}")
        self.assertTrue(self.case.reply_date)

    def test_bounce(self):
        """Came back: notice, case, log and officer know; next time another way is taken."""
        self.assertEqual(self.notice.state, "sent")
        self._bounce()
        self.assertEqual(self.notice.state, "bounced")
        self.assertIn(self.debtor.email, self.notice.error_message)
        self.assertEqual(self.case.error_message, self.notice.error_message)
        self.assertIn("bounced", self.case.contact_ids.mapped("outcome"))
        self.assertEqual(self.case.activity_ids.user_id, self.officer_a)
        with freeze_time(TODAY + timedelta(days=1)):
            self._run_day(1)
            self.assertEqual(self.notice.state, "bounced", "not sent again by itself")
        with freeze_time(TODAY + timedelta(days=11)):
            again = self._run_day(11).notice_ids
            self.assertNotEqual(again.channel, "email")
            self.assertIn("come back", again.note)

    def test_another_address_after_a_bounce(self):
        """A corrected address is used at once."""
        self._bounce()
        self.debtor.email = "found@late.example.com"
        with freeze_time(TODAY + timedelta(days=11)):
            self.assertEqual(self._run_day(11).notice_ids.channel, "email")


@tagged("post_install", "-at_install")
class TestSend(MessageCase):
    """The dialog that sends from the case."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.debtor.write(
            {
                "debt_user_id": cls.officer_a.id,
                "phone": "+32470000001",
                "street": "Road 1",
                "city": "Town",
            }
        )
        cls.case = cls._run_day().notice_ids.case_id

    def setUp(self):
        super().setUp()
        self._send_queue(self.case.notice_ids)

    def _open(self, user=None):
        action = self.case.with_user(user or self.officer_a).action_send_notice()
        model = self.env["debt.notice.send"].with_user(user or self.officer_a)
        return Form(model.with_context(**action["context"]))

    def test_send_as_shown(self):
        """What the officer reads and changes is what leaves, word for word."""
        dialog = self._open()
        self.assertEqual(dialog.channel, "email")
        self.assertEqual(dialog.recipient_id, self.debtor)
        self.assertIn(self.debtor.email, dialog.destination)
        self.assertIn(self.invoice.name, dialog.body)
        self.assertIn("payment reminder", dialog.subject)
        dialog.subject = "As we said on the telephone"
        dialog.body = str(dialog.body).replace(
            "Perhaps it has simply been overlooked", "As agreed with <em>you</em>"
        )
        dialog.save().action_send()
        notice = self.case.notice_ids.sorted("id")[-1]
        self.assertRecordValues(
            notice,
            [
                {
                    "state": "queued",
                    "edited": True,
                    "automatic": False,
                    "subject": "As we said on the telephone",
                    "decided_by_id": self.officer_a.id,
                    "amount_total": 100.0,
                }
            ],
        )
        self.assertIn("As agreed with <em>you</em>", notice.body)
        self.assertNotIn("simply been overlooked", notice.body)
        self.assertEqual(notice.item_ids.mapped("amount"), [100.0])
        self._send_queue(notice)
        self.assertEqual(notice.state, "sent")
        self.assertIn("As agreed with", self._mails[0]["body"])

    def test_scripts_do_not_leave(self):
        """Whatever somebody pastes into the text, scripts are taken out."""
        dialog = self._open()
        dialog.body = "<p>Hello<script>alert(1)</script></p>"
        dialog.save().action_send()
        self.assertNotIn("<script", self.case.notice_ids.sorted("id")[-1].body)

    def test_channels(self):
        """Another channel: its addressee and its text; the letter waits to be printed."""
        dialog = self._open()
        dialog.channel = "sms"
        self.assertIn("+32470000001", dialog.destination)
        self.assertIn("100.00", dialog.sms_body)
        dialog.channel = "letter"
        self.assertIn("Road 1", dialog.destination)
        self.assertEqual(dialog.subject, "Payment reminder")
        dialog.save().action_send()
        notice = self.case.notice_ids.sorted("id")[-1]
        self.assertRecordValues(notice, [{"state": "queued", "channel": "letter"}])
        self.assertIn("call or write to us", notice.body)

    def test_forbidden(self):
        """The gate says no: the dialog says why and does not send; asked again at dispatch."""
        no = ContactPermission(("lawyer on file",), ("lawyer",))

        def refuse(partners, *_args, **_kwargs):
            return dict.fromkeys(partners.ids, no)

        count = len(self.case.notice_ids)
        with patch.object(type(self.debtor), "_get_contact_permissions", refuse):
            dialog = self._open()
            self.assertIn("lawyer on file", dialog.obstacle)
            with self.assertRaises(UserError):
                dialog.save().action_send()
        self.assertEqual(len(self.case.notice_ids), count)
        wizard = self._open().save()
        real = type(self.debtor)._get_contact_permissions
        asked = []

        def later(partners, *args, **kwargs):
            asked.append(args)
            return (real if len(asked) == 1 else refuse)(partners, *args, **kwargs)

        wizard.invalidate_recordset()
        with patch.object(type(self.debtor), "_get_contact_permissions", later):
            wizard.action_send()
        notice = self.case.notice_ids.sorted("id")[-1]
        self.assertEqual((notice.state, notice.error_message), ("failed", "lawyer on file"))

    def test_level_after_approval(self):
        """An officer cannot go round the manager: the text waits, and is kept as written."""
        dialog = self._open()
        dialog.level_id = self.level_formal_notice
        self.assertTrue(dialog.needs_approval)
        dialog.body = "<p>My own last words</p>"
        dialog.save().action_send()
        notice = self.case.notice_ids.sorted("id")[-1]
        self.assertEqual(notice.state, "to_approve")
        self.assertIn("My own last words", notice.with_user(self.manager).preview_html)
        notice.with_user(self.manager).action_approve()
        self.assertEqual(notice.state, "queued")
        self.assertIn("My own last words", notice.body)
        self.assertEqual(self.case.open_item_ids.level_id, self.level_formal_notice)

    def test_amount_moved_since(self):
        """Part paid after the text was written: it does not leave as it is; nothing is lost."""
        dialog = self._open()
        dialog.level_id = self.level_formal_notice
        dialog.body = "<p>You owe us 100</p>"
        dialog.save().action_send()
        notice = self.case.notice_ids.sorted("id")[-1]
        self._pay(self.invoice, 40)
        notice.with_user(self.manager).action_approve()
        self.assertEqual(notice.state, "failed")
        self.assertIn("amount moved", notice.error_message)
        again = self._open(self.manager)
        self.assertIn("You owe us 100", again.body)
        again.body = "<p>You owe us 60</p>"
        again.save().action_send()
        self.assertEqual(notice.state, "queued")
        self.assertIn("You owe us 60", notice.body)

    def test_nothing_to_ask(self):
        """Everything paid: one clear error, no notice."""
        self._pay(self.invoice)
        with self.assertRaises(UserError):
            self._open()

    def test_strangers(self):
        """Readers and officers of other cases do not send."""
        with self.assertRaises(AccessError):
            self.case.with_user(self.officer_b).action_send_notice()
        reader = self._create_user("reader_t", "debt_collection.group_reader")
        with self.assertRaises(AccessError):
            self.case.with_user(reader).action_send_notice()


@tagged("post_install", "-at_install")
class TestBulk(MessageCase):
    """The manager's queue: many at once, each with its fate."""

    def test_bulk(self):
        """Selected across levels: approved or rejected together, the bad one does not stop them."""
        bad = self._create_debtor(
            "Bad Ltd",
            email=False,
            debt_strategy_id=self._create_strategy(
                {"days": 5, "mode": "approval", "fallback_channel": False}
            ).id,
        )
        late = self._create_debtor("Very late")
        self._create_overdue_invoice(10, 50, partner=bad)
        self._create_overdue_invoice(40, 70, partner=late)
        notices = self._run_day(release=False).notice_ids
        action = self.env.ref("debt_collection.debt_notice_approval_action")
        queue = (
            self.env["debt.notice"].with_user(self.manager).search([("state", "=", "to_approve")])
        )
        self.assertIn("level_id", action.context)
        self.assertEqual(queue, notices.sorted(lambda n: (n.date, n.id), reverse=True))
        queue.action_approve()
        states = {notice.partner_id.name: notice.state for notice in notices}
        self.assertEqual(states, {"Late Ltd": "queued", "Bad Ltd": "failed", "Very late": "queued"})

    def test_bulk_reject(self):
        """Rejected together, with one reason on each."""
        other = self._create_debtor("Other Ltd")
        self._create_overdue_invoice(10, 50, partner=other)
        notices = self._run_day(release=False).notice_ids
        self.env["debt.notice.reject"].with_user(self.manager).create(
            {"notice_ids": [Command.set(notices.ids)], "reason": "Fair on Monday"}
        ).action_confirm()
        self.assertEqual(set(notices.mapped("state")), {"rejected"})
        self.assertEqual(set(notices.mapped("state_reason")), {"Fair on Monday"})

    @mute_logger("odoo.addons.debt_collection.models.outreach.debt_notice_dispatch")
    def test_queries_do_not_grow(self):
        """Queueing e-mails: what one more costs stays within a bound."""
        for number in range(40):
            self._create_overdue_invoice(10, 50, partner=self._create_debtor(f"Many {number}"))
        notices = self._run_day(send=False).notice_ids.sudo()
        counts = []
        for size in (10, 30):
            batch, notices = notices[:size], notices[size:]
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            batch._dispatch_batch()
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - start)
            self.assertEqual(set(batch.mapped("state")), {"queued"})
        self.assertLess(counts[1] - counts[0], 20 * 6, f"{counts} statements for 10 and 30")
        self.assertTrue(debt_notice.SEND_AT_ONCE)


@tagged("post_install", "-at_install")
class TestPaper(NoticeCase):
    """What a debtor takes out of the letter box."""

    # 1,234.50 as each language writes it
    usd_amounts = {
        "de_DE": "1.234,50",
        "fr_FR": "1\u202f234,50",
        "es_ES": "1.234,50",
        "en_US": "1,234.50",
    }

    @skipUnless(has_wkhtmltopdf(), "wkhtmltopdf is not installed")
    def test_paper_speaks_the_language(self):
        """What is printed has the words, the table and the numbers of the debtor's language."""
        for code in WORDS:
            self.env["res.lang"]._activate_lang(code)
        self.env["ir.module.module"].search(
            [("name", "=", "debt_collection")]
        ).sudo()._update_translations(list(WORDS))
        notices, invoices = {}, {}
        for code in WORDS:
            debtor = self._create_debtor(f"Reads {code}", lang=code, **ADDRESS)
            notices[code], invoices[code] = self._plan_letter(debtor, amount=1234.5)
        for code, notice in notices.items():
            notice.with_user(self.officer_a).action_print()
            text = self._squeeze("".join(self._read(notice.pdf_id.sudo().raw)))
            for word in (
                *WORDS[code]["table"],
                WORDS[code]["reminder"],
                WORDS[code]["closing"],
                invoices[code].name,
                self.usd_amounts[code],
                "DE89370400440532013000",
            ):
                with self.subTest(lang=code, word=word):
                    self.assertIn(self._squeeze(word), text)
