"""Letters: written, printed into one file, posted; SMS, fallback chain, collection contact."""

import base64
import io
from datetime import timedelta
from unittest import skipUnless
from unittest.mock import patch

import psycopg2
from freezegun import freeze_time
from lxml import html

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger
from odoo.tools.misc import find_in_path
from odoo.tools.pdf import PdfFileReader

from odoo.addons.debt_collection.models.outreach import pdf_files
from odoo.addons.debt_collection.tests.common import TODAY, DebtCommon
from odoo.addons.mail.tests.common import MockEmail
from odoo.addons.sms.tests.common import MockSMS


def has_wkhtmltopdf():
    """Whether PDFs can be made here."""
    try:
        return bool(find_in_path("wkhtmltopdf"))
    except OSError:
        return False


ADDRESS = {"street": "Long Road 1", "zip": "12345", "city": "Old Town"}


class NoticeCase(DebtCommon, MockEmail, MockSMS):
    """Debtors with a postal address; nothing sent yet."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.write({"street": "Works 5", "zip": "9999", "city": "Home"})
        cls.debtor.write(ADDRESS)
        cls.bank = cls.env["res.partner.bank"].create(
            {"acc_number": "DE89370400440532013000", "partner_id": cls.company.partner_id.id}
        )

    def _read(self, data):
        """Text of each page of a PDF."""
        reader = PdfFileReader(io.BytesIO(data))
        return [
            reader.getPage(index).extract_text().replace("\t", "").replace("\xa0", " ")
            for index in range(reader.numPages)
        ]

    def _squeeze(self, text):
        """A text without white space: extraction of PDF knows no spaces to rely on."""
        return "".join(text.split())

    def _plan_letter(self, partner=None, days=10, amount=100.0, **level):
        """A notice that goes out as a letter.

        :return: (debt.notice, account.move)
        """
        partner = partner or self.debtor
        strategy = self._create_strategy(
            {
                "days": 5,
                "channel": "letter",
                "letter_template_id": self.level_reminder.letter_template_id.id,
                **level,
            }
        )
        partner.debt_strategy_id = strategy
        invoice = self._create_overdue_invoice(days, amount, partner=partner)
        return self._run_day().notice_ids.filtered(lambda n: n.partner_id == partner), invoice


@tagged("post_install", "-at_install")
class TestLetter(NoticeCase):
    """From the decision to the post box."""

    def test_queue_waits_for_a_person(self):
        """Dispatched: written and waiting to be printed; nobody was contacted yet."""
        notice, invoice = self._plan_letter()
        self.assertRecordValues(notice, [{"state": "queued", "channel": "letter"}])
        self.assertEqual(notice.address_to, "Late Ltd\nLong Road 1\nOld Town  12345")
        self.assertEqual(notice.subject, "Payment reminder")
        self.assertIn(invoice.name, notice.body)
        self.assertFalse(notice.date_printed)
        self.assertFalse(notice.case_id.contact_ids)

    @skipUnless(has_wkhtmltopdf(), "wkhtmltopdf is not installed")
    def test_print_and_post(self):
        """Printed into one file with a page count each; posted by a person, then done."""
        first, invoice = self._plan_letter()
        other = self._create_debtor("Second & Sons <b>", **ADDRESS)
        other.debt_strategy_id = self.debtor.debt_strategy_id
        for number in range(40):
            self._create_overdue_invoice(10, 10 + number, partner=other)
        second = self._run_day().notice_ids
        notices = first | second
        officer = notices.with_user(self.officer_a)
        with self.assertRaises(UserError):
            officer.action_mark_posted()
        wizard = self.env["debt.notice.print"].browse(officer.action_print()["res_id"])
        self.assertEqual(notices.mapped("state"), ["queued", "queued"])
        self.assertEqual((first.page_count, second.page_count), (1, 2))
        self.assertEqual((wizard.letter_count, wizard.page_count), (2, 3))
        pages = self._read(wizard.with_user(self.officer_a)._join())
        self.assertEqual(len(pages), 3)
        page = self._squeeze(pages[0])
        for text in (
            "LateLtd",
            "LongRoad1",
            "Paymentreminder",
            invoice.name,
            "100.00",
            "DE89370400440532013000",
            self._squeeze(self.company.name),
        ):
            with self.subTest(text):
                self.assertIn(text, page)
        self.assertIn("Second&Sons<b>", self._squeeze(pages[1]), "a name is text")
        self.assertIn("1/2", self._squeeze(pages[1]))
        self.assertIn("2/2", self._squeeze(pages[2]))
        self.assertIn(
            self._squeeze(self.company.name), self._squeeze(pages[2]), "every page has its foot"
        )
        with (
            self.assertRaises(psycopg2.IntegrityError),
            mute_logger("odoo.sql_db"),
            self.cr.savepoint(),
        ):
            first.pdf_id.sudo().unlink()
        wizard.with_user(self.officer_a).action_mark_posted()
        self.assertEqual(notices.mapped("state"), ["sent", "sent"])
        self.assertRecordValues(
            first.case_id.contact_ids, [{"channel": "letter", "outcome": "sent"}]
        )

    @skipUnless(has_wkhtmltopdf(), "wkhtmltopdf is not installed")
    def test_paid_after_printing(self):
        """Printed, then paid: cancelled, and its PDF stays as it was made."""
        notice, invoice = self._plan_letter()
        notice.action_print()
        printed = notice.pdf_id
        self._pay(invoice)
        self.assertEqual(notice.state, "cancelled")
        self.assertTrue(printed.exists())
        with self.assertRaises(UserError):
            notice.action_print()

    @skipUnless(has_wkhtmltopdf(), "wkhtmltopdf is not installed")
    def test_part_paid_and_days_later(self):
        """Printed days later, part paid meanwhile: the letter tells that day."""
        notice, invoice = self._plan_letter()
        self._pay(invoice, 40)
        with freeze_time(TODAY + timedelta(days=3)):
            notice.action_print()
            text = self._squeeze(self._read(notice.pdf_id.raw)[0])
        self.assertIn("60.00", text)
        self.assertNotIn("100.00", text)
        self.assertEqual(notice.item_ids.days_overdue, 13)
        self.assertEqual(notice.deadline, TODAY + timedelta(days=10))

    def test_next_level_waits_for_the_post(self):
        """A letter nobody has posted holds back the level that would say it was sent."""
        self.debtor.debt_strategy_id = self._create_strategy(
            {"days": 5, "channel": "letter"}, {"days": 12, "channel": "letter"}
        )
        self._create_overdue_invoice(10)
        first = self._run_day().notice_ids
        with freeze_time(TODAY + timedelta(days=10)):
            run = self._run_day(10)
            self.assertFalse(run.notice_ids)
            self.assertEqual(self._get_decision(run).decision, "pending")
            first.sudo().date_printed = TODAY
            first.action_mark_posted()
            self.assertTrue(self._run_day(11).notice_ids)

    def test_paper_follows_the_company(self):
        """US Letter for companies that use it, A4 for the others, on margins of our own."""
        report = self.env.ref("debt_collection.report_letter").with_company(self.company)
        for ours, theirs in (
            ("paperformat_letter_us", "base.paperformat_us"),
            ("paperformat_letter_a4", "base.paperformat_euro"),
        ):
            self.company.paperformat_id = self.env.ref(theirs)
            self.assertEqual(report.get_paperformat(), self.env.ref(f"debt_collection.{ours}"))

    def test_needs_no_running_header_nor_fetch(self):
        """All furniture stands in the document, and nothing is fetched from anywhere."""
        notice, _invoice = self._plan_letter()
        document = notice._render_document(
            "debt_collection.letter_document",
            False,
            notice._get_paper_values(
                self.company, self.env.ref("debt_collection.paperformat_letter_a4")
            ),
        )
        tree = html.fromstring(document)
        self.assertFalse(tree.xpath("//link | //script | //header | //footer"))
        sources = tree.xpath("//img/@src")
        self.assertTrue(sources)
        self.assertTrue(all(source.startswith("data:") for source in sources))
        self.assertEqual(
            [line.strip() for line in tree.xpath("//div[@class='lines']//text()") if line.strip()],
            ["Late Ltd", "Long Road 1", "Old Town  12345"],
        )

    def test_reader_may_not_print(self):
        """Readers and officers of other cases neither print nor post."""
        notice, _invoice = self._plan_letter()
        notice.case_id.user_id = self.officer_a
        with self.assertRaises(AccessError):
            notice.with_user(self.officer_b).action_print()
        reader = self._create_user("reader_t", "debt_collection.group_reader")
        with self.assertRaises(AccessError):
            notice.with_user(reader).action_print()

    def test_parts_of_a_pdf(self):
        """A file without marks is one part; reading what is no PDF fails."""
        from reportlab.pdfgen.canvas import Canvas

        def make(pages):
            stream = io.BytesIO()
            canvas = Canvas(stream, pagesize=(300, 300))
            for number in range(pages):
                canvas.drawString(50, 150, f"page {number}")
                canvas.showPage()
            canvas.save()
            return stream.getvalue()

        parts = pdf_files.split_marked(make(3), make(1))
        self.assertEqual([pages for _data, pages in parts], [3])
        self.assertEqual(len(self._read(pdf_files.join([make(2), make(1)]))), 3)
        self.assertTrue(base64.b64decode(pdf_files.get_mark().split(",")[1]).startswith(b"\x89PNG"))


@tagged("post_install", "-at_install")
class TestWays(NoticeCase):
    """Who gets it, on which way, and what stands in for a missing way."""

    def _plan(self, **level):
        self.debtor.debt_strategy_id = self._create_strategy({"days": 5, **level})
        self._create_overdue_invoice(10)
        return self._run_day().notice_ids

    def test_collection_contact(self):
        """The contact for collections goes before the invoice address, and is spoken to."""
        children = self.env["res.partner"].create(
            [
                {"name": "Bills", "parent_id": self.debtor.id, "type": "invoice", "email": "i@x.y"},
                {
                    "name": "Pat Payer",
                    "parent_id": self.debtor.id,
                    "type": "collection",
                    "email": "pat@x.y",
                },
            ]
        )
        notice = self._plan()
        self.assertEqual(notice.recipient_id, children[1])
        self.assertIn("Dear Pat Payer", notice.body)

    def test_collection_contact_without_the_way(self):
        """A collection contact without telephone: the SMS goes to the next who has one."""
        self.env["res.partner"].create(
            {"name": "Pat", "parent_id": self.debtor.id, "type": "collection", "email": "pat@x.y"}
        )
        self.debtor.phone = "+32470000001"
        notice = self._plan(channel="sms")
        self.assertEqual(notice.recipient_id, self.debtor)

    def test_chain(self):
        """No e-mail, no telephone: the letter, and the notice says why."""
        self.debtor.email = False
        notice = self._plan(fallback_channel="sms", last_channel="letter")
        self.assertRecordValues(notice, [{"channel": "letter", "state": "queued"}])
        self.assertIn("no e-mail address for Late Ltd", notice.note)
        self.assertIn("no telephone number for Late Ltd", notice.note)
        self.assertIn("Letter instead", notice.note)
        self.assertIn("Letter instead", "".join(notice.case_id.message_ids.mapped("body")))

    def test_chain_ends(self):
        """Nothing works: failed, with every reason, and the case knows."""
        self.debtor.write({"email": "nonsense", "street": False})
        notice = self._plan(fallback_channel="letter", last_channel="sms")
        self.assertEqual(notice.state, "failed")
        for words in ("nonsense is no e-mail", "no postal address", "no telephone number"):
            self.assertIn(words, notice.error_message)
        self.assertEqual(notice.case_id.error_message, notice.error_message)

    def test_standard_levels(self):
        """As installed: no e-mail, but an address: a letter; the formal notice has a statement."""
        self.debtor.email = False
        self._create_overdue_invoice(10)
        self.assertEqual(self._run_day().notice_ids.channel, "letter")
        self.assertTrue(self.level_formal_notice.attach_statement)
        for level in self.strategy.level_ids:
            for channel in ("email", "letter", "sms", "call"):
                self.assertTrue(level._get_text_template(channel))

    def test_visit(self):
        """A visit: on the officer's list, with the address and what to say."""
        self.debtor.debt_user_id = self.officer_a
        notice = self._plan(
            channel="visit",
            script_template_id=self.level_formal_reminder.script_template_id.id,
        )
        activity = notice.case_id.activity_ids
        self.assertEqual(activity.user_id, self.officer_a)
        self.assertIn("Long Road 1", activity.note)
        self.assertIn("heard nothing from you", activity.note)
        activity.with_user(self.officer_a).action_feedback(feedback="Met the owner")
        self.assertRecordValues(notice, [{"state": "sent"}])
        self.assertEqual(notice.case_id.contact_ids.channel, "visit")

    def test_gate_is_asked_about_the_way_left(self):
        """The rules are asked about the channel that is really used."""
        asked = []
        real = type(self.debtor)._get_contact_permissions

        def spy(partners, company, channel, at=None, **kwargs):
            asked.append(channel)
            return real(partners, company, channel, at, **kwargs)

        self.debtor.email = False
        with patch.object(type(self.debtor), "_get_contact_permissions", spy):
            self._plan(fallback_channel="letter")
        self.assertIn("letter", asked)
        self.assertNotIn("email", asked)

    def test_snailmail(self):
        """Where the company uses it: the PDF waits in Snailmail's queue, its answer lands here."""
        if "snailmail.letter" not in self.env:
            self.skipTest("snailmail is not installed")
        if not has_wkhtmltopdf():
            self.skipTest("wkhtmltopdf is not installed")
        self.company.debt_post_letters = True
        self.debtor.country_id = self.env.ref("base.be")
        notice = self._plan(channel="letter")
        letter = self.env["snailmail.letter"].search(
            [("model", "=", "debt.notice"), ("res_id", "=", notice.id)]
        )
        self.assertEqual((notice.state, letter.state), ("queued", "pending"))
        self.assertEqual(letter.attachment_id.res_id, notice.id)
        answer = letter.notification_ids.sudo()
        answer.write({"notification_status": "exception", "failure_reason": "no credit"})
        self.assertEqual((notice.state, notice.error_message), ("failed", "no credit"))
        answer.write({"notification_status": "sent"})
        self.assertEqual(notice.state, "sent")


@tagged("post_install", "-at_install")
class TestSms(NoticeCase):
    """Queued, checked again when it leaves, answered for by the gateway."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.debtor.phone = "+32470000001"
        cls.debtor.debt_strategy_id = cls._create_strategy(
            {
                "days": 5,
                "channel": "sms",
                "sms_template_id": cls.level_reminder.sms_template_id.id,
            }
        )
        cls.invoice = cls._create_overdue_invoice(10)

    def _get_sms(self, notice):
        return (
            self.env["sms.sms"]
            .sudo()
            .search(
                [
                    ("mail_message_id.model", "=", "debt.notice"),
                    ("mail_message_id.res_id", "in", notice.ids),
                ]
            )
        )

    def test_sent(self):
        """Never in the transaction of the run; what the gateway says reaches notice and case."""
        with self.mockSMSGateway():
            notice = self._run_day().notice_ids
            self.assertFalse(self._sms, "the run contacts no gateway")
        sms = self._get_sms(notice)
        self.assertRecordValues(
            sms, [{"state": "outgoing", "number": "+32470000001", "partner_id": self.debtor.id}]
        )
        for words in (self.company.name, "100.00", "03/25/2026"):
            self.assertIn(words, sms.body)
        self.assertIn("100.00", notice.body)
        with self.mockSMSGateway():
            sms.send()
        self.assertEqual((notice.state, notice.phone_to), ("sent", "+32470000001"))
        self.assertRecordValues(notice.case_id.contact_ids, [{"channel": "sms", "outcome": "sent"}])

    def test_gateway_refuses(self):
        """No credit: the notice failed, the case says why; the next run tries once more."""
        notice = self._run_day().notice_ids
        first = self._get_sms(notice)
        with self.mockSMSGateway(sms_allow_unlink=True, sim_error="credit"):
            first.send()
        self.assertEqual(notice.state, "failed")
        self.assertTrue(notice.error_message)
        self.assertEqual(notice.case_id.error_message, notice.error_message)
        self._run_day(1)
        self.assertEqual(notice.state, "queued")
        self.assertEqual(self._get_sms(notice).mapped("state").count("outgoing"), 1)

    def test_never_delivered(self):
        """Sent, but the telephone was never reached: it came back, the officer is told."""
        notice = self._run_day().notice_ids
        sms = self._get_sms(notice)
        with self.mockSMSGateway():
            sms.send()
        tracker = self.env["sms.tracker"].sudo().search([("sms_uuid", "=", sms.uuid)])
        tracker._action_update_from_provider_error("invalid_destination")
        self.assertEqual(notice.state, "bounced")
        self.assertIn("bounced", notice.case_id.contact_ids.mapped("outcome"))
        self.assertTrue(notice.case_id.activity_ids)

    def test_paid_before_it_leaves(self):
        """Paid behind our back: the queue asks again, and nothing leaves."""
        notice = self._run_day().notice_ids
        sms = self._get_sms(notice)
        with patch.object(self.env.registry["account.move.line"], "_remember_debt_movement"):
            self._pay(self.invoice)
        with self.mockSMSGateway():
            sms._send()
            self.assertFalse(self._sms)
        self.assertEqual((notice.state, sms.state), ("cancelled", "canceled"))

    def test_queries_do_not_grow(self):
        """Twice as many messages cost no more statements a message than batches need."""
        for number in range(40):
            partner = self._create_debtor(
                f"Many {number}",
                phone="+32470000002",
                debt_strategy_id=self.debtor.debt_strategy_id.id,
            )
            self._create_overdue_invoice(10, 50, partner=partner)
        run = self._run_day(send=False)
        notices = run.notice_ids.sudo()
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

    def test_collapse(self):
        """Command and values of the items are kept with the notice."""
        notice = self._run_day().notice_ids
        with self.assertRaises(UserError):
            notice.unlink()
        self.assertEqual(notice.item_ids.mapped("amount"), [100.0])
        with self.assertRaises(AccessError):
            notice.with_user(self.officer_a).write({"item_ids": [Command.clear()]})
