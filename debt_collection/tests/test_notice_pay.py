"""Paying a notice without a login: what is open at that moment, by a signed link alone."""

from unittest.mock import patch

from odoo import Command
from odoo.tests import HttpCase, JsonRpcException, tagged
from odoo.tools import mute_logger

from odoo.addons.account.models.account_payment_method import AccountPaymentMethod
from odoo.addons.debt_collection.models.outreach.debt_notice_pay import PATH
from odoo.addons.debt_collection.tests.test_notice_message import MessageCase


@tagged("post_install", "-at_install")
class TestPayPage(MessageCase, HttpCase):
    """A notice about two documents, and a provider that takes payments of visitors."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls._create_overdue_invoice(20, 50)
        methods = cls.env["payment.method"].with_context(active_test=False)
        cls.method = methods.search([("code", "=", "card")], limit=1)
        cls.provider = cls.env["payment.provider"].create(
            {
                "name": "Test",
                "company_id": cls.company.id,
                "state": "test",
                "is_published": True,
                "payment_method_ids": [Command.set(cls.method.ids)],
            }
        )
        cls.method.active = True
        cls.env["ir.config_parameter"].set_param("account_payment.enable_portal_payment", "True")
        method = AccountPaymentMethod._get_payment_method_information
        cls.startClassPatcher(
            patch.object(
                AccountPaymentMethod,
                "_get_payment_method_information",
                lambda methods: {
                    **method(methods),
                    "none": {"mode": "electronic", "type": ("bank",)},
                },
            )
        )
        cls.env["account.payment.method"].sudo().create(
            {"name": "Test", "code": "none", "payment_type": "inbound"}
        )
        cls.provider.journal_id = cls.company_data["default_journal_bank"]
        cls.env.cr.cache.clear()
        cls.notice = cls._run_day().notice_ids

    def setUp(self):
        super().setUp()
        self.env.cr.cache.clear()

    def _get_path(self, notice=None):
        url = (notice or self.notice)._get_pay_url()
        return url[url.index(PATH) :]

    def _ask(self, amount, notice=None, currency=None, **values):
        """Ask for a transaction, as the page does."""
        notice = notice or self.notice
        currency = currency or self.company.currency_id
        return self.make_jsonrpc_request(
            f"{PATH}/{notice.id}/transaction/{currency.id}",
            {
                "access_token": notice._sign_payment(),
                "provider_id": self.provider.id,
                "payment_method_id": self.method.id,
                "token_id": None,
                "amount": amount,
                "flow": "direct",
                "tokenization_requested": False,
                "landing_route": self._get_path(notice),
                **values,
            },
        )

    def _get_page(self, path=None):
        return self._get_text(self.url_open(path or self._get_path()).text)

    def test_link(self):
        """Several documents: one link for all of them, in the e-mail; it opens without a login."""
        self.assertIn(self._get_path().split("?")[0], self.notice.body)
        text = self._get_page()
        for words in (self.invoice.name, self.other.name, "To pay $ 150.00", "Payment method"):
            self.assertIn(words, text)

    def test_open_now(self):
        """What the page asks for is open at that moment, not on the day of the notice."""
        self._pay(self.other, 20)
        self._create_credit_note(15)
        text = self._get_page()
        self.assertIn("$ 30.00", text)
        self.assertIn("$ -15.00", text)
        self.assertIn("To pay $ 115.00", text)
        self._pay(self.invoice)
        self._pay(self.other)
        self.assertIn("Nothing is left to pay", self._get_page())

    def test_disputed_part(self):
        """What is disputed is not asked for; what is promised may be paid at any time."""
        item = self.notice.item_ids.item_id.filtered(lambda one: one.move_id == self.invoice)
        for kind, due in (("disputed", 90.0), ("promised", 150.0)):
            with self.subTest(kind):
                self.patch(
                    type(item),
                    "_get_split",
                    lambda items, _date, kind=kind: {
                        one.id: {"open": 100.0, "collectible": 40.0, kind: 60.0}
                        for one in items & item
                    },
                )
                self.assertEqual(self.notice._get_payable()[0]["due"], due)

    def test_currencies(self):
        """One currency at a time; each with its own amount."""
        euro = self.setup_other_currency("EUR", rates=[("2016-01-01", 0.5)])
        self._create_overdue_invoice(12, 80, currency_id=euro.id)
        self._run_day(1)
        self.notice = self.notice.sudo()
        self.notice._do_revise()
        self.notice._dispatch_batch()
        self.assertEqual(
            [(one["currency"].name, one["due"]) for one in self.notice._get_payable()],
            [("USD", 150.0), ("EUR", 80.0)],
        )
        self.assertIn("To pay $ 150.00", self._get_page())
        self.assertIn("To pay 80.00 €", self._get_page(f"{self._get_path()}&currency=EUR"))

    def test_pays(self):
        """The transaction belongs to all documents; done, it settles them."""
        self._ask(150)
        transaction = self.env["payment.transaction"].search([("invoice_ids", "in", self.other.id)])
        self.assertRecordValues(
            transaction,
            [{"amount": 150, "partner_id": self.debtor.id, "company_id": self.company.id}],
        )
        self.assertEqual(transaction.invoice_ids, self.invoice | self.other)
        transaction._set_done()
        transaction._post_process()
        self.assertFalse(self.invoice.amount_residual or self.other.amount_residual)
        self.assertEqual(self.notice.case_id.state, "closed")
        self.assertIn("Nothing is left to pay", self._get_page())

    @mute_logger("odoo.http")
    def test_refused(self):
        """Another amount, another notice's signature, somebody's saved card: nothing happens."""
        for values in (
            {"amount": 1.0},
            {"access_token": "x"},
            {"flow": "token", "token_id": 1},
        ):
            with self.subTest(values=values), self.assertRaises(JsonRpcException):
                self._ask(**{"amount": 150, **values})
        self.assertFalse(self.env["payment.transaction"].search([("amount", "=", 150)]))
        self.assertEqual(self.url_open(f"{self._get_path()}x").status_code, 404)
        self.assertEqual(self.url_open(f"{PATH}/{self.notice.id}").status_code, 404)

    def test_nobody_takes_payments(self):
        """No provider for visitors: no link in what is sent; an old link tells the bank account."""
        path = self._get_path()
        self.provider.is_published = False
        self.env.cr.cache.clear()
        self.assertFalse(self.notice._get_pay_url())
        text = self._get_page(path)
        self.assertNotIn("Payment method", text)
        self.assertIn("By bank transfer", text)
        self.assertIn("DE89370400440532013000", text)

    def test_on_paper(self):
        """A letter shows a code to scan: an address with a signature cannot be typed."""
        reports = self.env["ir.actions.report"]
        picture = reports.barcode("QR", self.notice._get_pay_url(), width=180, height=180)
        self.assertTrue(picture.startswith(b"\x89PNG"), "whatever the server has to draw with")
        self.notice.invalidate_recordset(["pay_url"])
        paper = str(self.notice._render_part("debt_collection.notice_items", printed=True))
        self.assertIn("scan this code", paper)
        self.assertIn("data:image/png;base64,", paper)
