"""Agreements on paper, by e-mail and online; reminders of what was agreed."""

import io
from datetime import datetime, timedelta
from unittest import skipUnless

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools.pdf import PdfFileReader

from odoo.addons.debt_collection.tests.common import TODAY
from odoo.addons.debt_collection.tests.common_negotiation import NegotiationCommon
from odoo.addons.debt_collection.tests.test_notice_letter import has_wkhtmltopdf
from odoo.addons.debt_collection.tools.permission import ContactPermission

# A picture of one pixel.
SIGNATURE = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9"
    "awAAAABJRU5ErkJggg=="
)


@tagged("post_install", "-at_install")
class TestAgreementMessage(NegotiationCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.debtor.write({"street": "Long Road 1", "city": "Brisbane", "zip": "4000"})
        cls.env["debt.authority"].search([]).unlink()
        cls.env["debt.authority"].create(
            [
                {"action": "plan", "role": "officer"},
                {"action": "settlement", "role": "officer"},
            ]
        )
        cls.company.debt_send_automatically = True

    @classmethod
    def _offer(cls, model="debt.plan", **values):
        """A plan of three instalments every ten days from day 10, or another offer, granted."""
        if model == "debt.plan":
            values = {
                "date_first": cls._get_day(10),
                "every": 10,
                "every_unit": "day",
                "business_days": False,
                "number": 3,
                **values,
            }
        offer = cls.env[model].with_user(cls.officer_a).create({"case_id": cls.case.id, **values})
        offer.action_submit()
        return offer

    @classmethod
    def _settlement(cls):
        return cls._offer("debt.concession", reason="Half now", amount_pay=75)

    def _get_mails(self, words):
        return self.env["mail.mail"].sudo().search([("subject", "ilike", words)])

    # === DIALOG ===

    def test_dialog_leaves_nothing_behind(self):
        """Submitting from the dialog is one request: refused, there is no draft either."""
        plans = self.env["debt.plan"].with_user(self.officer_a)
        vals = {
            "case_id": self.case.id,
            "date_first": self._get_day(-3),
            "business_days": False,
            "submit_now": True,
        }
        with self.assertRaisesRegex(UserError, "in the past"), self.env.cr.savepoint():
            plans.web_save(dict(vals), {})
        self.assertFalse(self.case.plan_ids)
        vals["date_first"] = self._get_day(10)
        [saved] = plans.web_save(dict(vals), {"state": {}})
        plan = plans.browse(saved["id"])
        self.assertEqual(plan.state, "approved")
        self.assertEqual(plan.action_open_submitted()["res_id"], plan.id)
        self.assertEqual(plan.state, "approved")
        draft = plans.web_save({**vals, "submit_now": False}, {})
        self.assertEqual(plans.browse(draft[0]["id"]).state, "draft")

    # === PAPER ===

    @skipUnless(has_wkhtmltopdf(), "wkhtmltopdf is not installed")
    def test_paper(self):
        """The PDF stands on the letterhead and names debts, instalments, terms."""
        plan = self._offer(note="Payable by transfer")
        report = self.env["ir.actions.report"].with_user(self.officer_a)
        report = report.with_context(force_report_rendering=True)
        data, kind = report._render_qweb_pdf("debt_collection.report_debt_plan", plan.ids)
        self.assertEqual(kind, "pdf")
        text = PdfFileReader(io.BytesIO(data)).getPage(0).extract_text().replace("\t", " ")
        for words in (
            "Payment plan",
            plan.reference,
            self.invoice.name,
            self.company.name,
            "Long Road 1",
            "Payable by transfer",
            "Place, date",
        ):
            self.assertIn(words, text)

    def test_paper_of_a_settlement(self):
        settlement = self._settlement()
        text = settlement._render_agreement()
        self.assertIn(settlement.currency_id.format(75), text)
        self.assertIn("rest is forgiven", text)
        deferment = self.env["debt.concession"].create(
            {"case_id": self.case.id, "kind": "deferment", "reason": "Budget"}
        )
        with self.assertRaisesRegex(UserError, "written agreements"):
            deferment.action_print()

    # === BY E-MAIL ===

    @skipUnless(has_wkhtmltopdf(), "wkhtmltopdf is not installed")
    def test_sent(self):
        """The debtor gets the PDF and the page; log and gate know of it."""
        plan = self._offer()
        plan.action_send_offer()
        mail = self._get_mails(plan.reference)
        self.assertEqual(mail.recipient_ids, self.debtor)
        self.assertIn(plan.access_token, mail.body_html)
        self.assertEqual(mail.attachment_ids.mimetype, "application/pdf")
        self.assertTrue(plan.date_offered)
        contact = self.case.contact_ids
        self.assertRecordValues(contact, [{"channel": "email", "outcome": "sent"}])
        check = self.env["debt.check"].search([("partner_id", "=", self.debtor.id)])
        self.assertIn("dispatch", check.mapped("kind"))

    def test_not_sent(self):
        """One clear error where it cannot or may not go; nothing is queued."""
        settlement = self._settlement()
        self.env["debt.hold"].create({"case_id": self.case.id, "reason": "With our lawyer"})
        with self.assertRaisesRegex(UserError, "With our lawyer"):
            settlement.action_send_offer()
        self.case.action_release_holds()
        self.debtor.email = False
        with self.assertRaisesRegex(UserError, "no e-mail address"):
            settlement.action_send_offer()
        self.assertFalse(self._get_mails(settlement.reference))
        self.assertFalse(settlement.date_offered)

    # === ONLINE ===

    def test_accepted_online(self):
        """Who, when and from where is kept, with the signed paper; the plan begins."""
        plan = self._offer()
        public = plan.with_user(self.env.ref("base.public_user")).sudo()
        public._accept_online("Mrs. Baker", SIGNATURE, "203.0.113.9")
        self.assertRecordValues(
            plan,
            [
                {
                    "state": "active",
                    "accepted_by": "Mrs. Baker",
                    "accepted_how": "portal",
                    "accepted_date": TODAY,
                }
            ],
        )
        self.assertIn("203.0.113.9", plan.acceptance_note)
        self.assertTrue(plan.signature)
        if has_wkhtmltopdf():
            self.assertIn("application/pdf", plan.message_ids.attachment_ids.mapped("mimetype"))
        self.assertEqual(plan.activity_ids.user_id, self.officer_a)
        with self.assertRaisesRegex(UserError, "no open offer"):
            public._accept_online("Mrs. Baker", SIGNATURE, "203.0.113.9")

    def test_too_late_online(self):
        plan = self._offer()
        with self._on_day(15), self.assertRaisesRegex(UserError, "no open offer"):
            plan.sudo()._accept_online("Mrs. Baker", SIGNATURE, "203.0.113.9")
        self._pay(self.invoice)
        with self.assertRaisesRegex(UserError, "only"):
            plan.sudo()._accept_online("Mrs. Baker", SIGNATURE, "203.0.113.9")
        self.assertEqual(plan.state, "approved")

    # === REMINDERS ===

    def _get_triggers(self, job):
        return self.env["ir.cron.trigger"].search([("cron_id", "=", job.id)]).mapped("call_at")

    def _remind(self, day, hour=12):
        """The run of a day, at an hour."""
        moment = datetime.combine(self._get_day(day), datetime.min.time()) + timedelta(hours=hour)
        with freeze_time(moment):
            self._run_day(day)

    def test_one_message_about_all_that_comes_up(self):
        """Promise and settlement of the same day: one e-mail, once, no task."""
        promise = self._promise(days=7, items={self.item: 60})
        settlement = self._offer(
            "debt.concession",
            reason="Half now",
            line_ids=[(0, 0, {"item_id": self.other_item.id, "amount": 50})],
            amount_pay=25,
            date_pay=self._get_day(7),
        )
        settlement._do_accept("Mrs. Baker", TODAY, "call")
        for day, count in ((5, 0), (6, 1), (7, 1)):
            self._remind(day)
            mails = self._get_mails("payment we agreed on")
            self.assertEqual(len(mails), count, f"day {day}")
        self.assertIn(promise.currency_id.format(60), mails.body_html)
        self.assertIn(settlement.currency_id.format(25), mails.body_html)
        self.assertEqual(promise.date_reminded, self._get_day(6))
        self.assertEqual(settlement.date_reminded, self._get_day(6))
        self.assertFalse(promise.activity_id)
        contact = self.case.contact_ids.filtered(lambda c: c.purpose == "reminder")
        self.assertRecordValues(contact, [{"channel": "email", "outcome": "sent"}])

    def test_instalments(self):
        """Each instalment of a running plan; those that are paid already are not mentioned."""
        plan = self._offer()
        plan._do_accept("Mrs. Baker", TODAY, "signed")
        self._remind(9)
        self.assertEqual(len(self._get_mails("payment we agreed on")), 1)
        with self._on_day(10):
            self._pay(self.invoice, payment_date=self._get_day(10))
        self._remind(19)
        self.assertEqual(len(self._get_mails("payment we agreed on")), 1, "paid ahead")
        self._remind(29)
        self.assertEqual(len(self._get_mails("payment we agreed on")), 2)
        self.assertIn(plan.reference, self._get_mails("payment we agreed on")[0].body_html)

    def test_by_sms(self):
        """Without an e-mail address an SMS goes."""
        self.debtor.write({"email": False, "phone": "+1 415 555 2671"})
        self._promise(days=7)
        self._remind(6)
        sms = self.env["sms.sms"].sudo().search([("partner_id", "=", self.debtor.id)])
        self.assertIn("payment we agreed on", sms.body)
        self.assertFalse(self.case.activity_ids)

    def test_nobody_can_be_written_to(self):
        """Opted out, unreachable, or not wanted by the company: the officer calls."""
        self.env["debt.consent"]._opt_out(self.debtor.email, self.company, "link")
        promise = self._promise(days=7)
        self._remind(6)
        self.assertFalse(self._get_mails("payment we agreed on"))
        self.assertIn("comes up", promise.activity_id.summary)
        self.assertEqual(promise.date_reminded, self._get_day(6))

    def test_waits_for_a_lawful_hour(self):
        """At night nothing goes; it goes at the first lawful hour, by the job that waited."""
        promise = self._promise(days=7)
        moment = datetime.combine(self._get_day(6), datetime.min.time())
        closed = ContactPermission(("quiet hours",), ("hours",), moment.replace(hour=8))
        partners = type(self.env["res.partner"])
        ask = partners._get_contact_permissions
        self.patch(
            partners,
            "_get_contact_permissions",
            lambda self, *_args, **_options: dict.fromkeys(self.ids, closed),
        )
        self._remind(6, hour=3)
        self.assertFalse(promise.date_reminded)
        self.assertFalse(self._get_mails("payment we agreed on"))
        self.patch(partners, "_get_contact_permissions", ask)
        job = self.env.ref("debt_collection.ir_cron_remind_agreed")
        self.assertIn(moment.replace(hour=8), self._get_triggers(job))
        with freeze_time(moment.replace(hour=9)), self.enter_registry_test_mode():
            job.method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(promise.date_reminded, self._get_day(6))
        self.assertEqual(len(self._get_mails("payment we agreed on")), 1)
