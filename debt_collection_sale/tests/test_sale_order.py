"""Orders of debtors on credit hold: held, released with reason, cured by payment."""

from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.debt_collection.tests.common_escalation import EscalationCommon


@tagged("post_install", "-at_install")
class TestSaleOrder(EscalationCommon):
    """A debtor with the lawyers, and a new order."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.case.sudo()._set_escalation("pre_legal")
        cls.env["debt.credit.rule"]._apply(cls.company, cls.case.escalation_date)
        cls.seller = cls._create_user("seller_t", "sales_team.group_sale_salesman_all_leads")
        cls.order = cls._create_order(cls.debtor)

    @classmethod
    def _create_order(cls, partner):
        return (
            cls.env["sale.order"]
            .with_user(cls.seller)
            .create(
                {
                    "partner_id": partner.id,
                    "order_line": [
                        Command.create({"product_id": cls.product_a.id, "price_unit": 70})
                    ],
                }
            )
        )

    @classmethod
    def get_default_groups(cls):
        """The test user sells too."""
        return super().get_default_groups() | cls.quick_ref("sales_team.group_sale_manager")

    def _get_queue(self):
        return self.env["debt.held.document"].search([("res_id", "=", self.order.id)])

    def test_held_and_released(self):
        """The seller is told, the order waits; a credit manager releases it and it is confirmed."""
        action = self.order.action_confirm()
        self.assertEqual(action["tag"], "display_notification")
        self.assertEqual(self.order.state, "draft")
        held = self._get_queue()
        self.assertEqual((held.state, held.amount, held.user_id), ("waiting", 80.5, self.seller))
        self.order.action_confirm()
        self.assertEqual(len(self._get_queue()), 1, "queued once")
        self.assertTrue(self.order.debt_held)
        with self.assertRaises(AccessError):
            held.with_user(self.officer_a).action_release()
        with self.assertRaisesRegex(UserError, "why"):
            held.with_user(self.manager)._do_release(" ")
        action = held.with_user(self.manager).action_release()
        self.env["debt.credit.release"].with_user(self.manager).with_context(
            **action["context"]
        ).create({"reason": "Paid in advance"}).action_confirm()
        self.assertEqual((held.state, self.order.state), ("released", "sale"))
        self.assertEqual(held.released_by_id, self.manager)

    def test_cured_by_payment(self):
        """The debtor pays: the hold ends by itself, and the seller is asked to go on."""
        self.order.action_confirm()
        self._pay(self.invoice)
        self.assertEqual(self._get_queue().state, "cured")
        self.assertEqual(self.order.activity_ids.user_id, self.seller)
        self.order.action_confirm()
        self.assertEqual(self.order.state, "sale")

    def test_others_are_confirmed(self):
        """Of several orders only those of the debtor are held."""
        other = self._create_order(self._create_debtor("Good Ltd"))
        (self.order | other).action_confirm()
        self.assertEqual((self.order.state, other.state), ("draft", "sale"))

    def test_cancelled_order_leaves_the_queue(self):
        """Nobody has to release what was cancelled."""
        self.order.action_confirm()
        self.order._action_cancel()
        self.assertEqual(self._get_queue().state, "dropped")

    def test_order_in_the_legal_file(self):
        """What the customer signed is attached to the order: the ZIP carries it."""
        self._pay(self.invoice)
        order = self._create_order(self.debtor)
        order.sudo().action_confirm()
        self.env["ir.attachment"].create(
            {
                "name": "signed order.txt",
                "raw": b"Agreed.",
                "res_model": "sale.order",
                "res_id": order.id,
            }
        )
        invoice = order.sudo()._create_invoices()
        invoice.write({"invoice_date": "2025-10-01", "invoice_date_due": "2025-11-01"})
        invoice.invoice_payment_term_id = False
        invoice.action_post()
        self._run_day(1, send=False, release=False)
        case = self._get_case()
        files = self.env["debt.legal.file.content"]._get_files(case, date(2099, 1, 1))
        self.assertIn("orders/signed order.txt", [name for name, _content in files])
