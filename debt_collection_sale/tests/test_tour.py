"""Tour: an order is held, a credit manager releases it."""

from datetime import timedelta

from odoo import Command, fields
from odoo.tests import tagged

from odoo.addons.debt_collection.tests.common_tours import BrowserCommon


@tagged("post_install", "-at_install")
class TestTour(BrowserCommon):
    """A debtor on hold by hand, and a quotation."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls._create_tour_user(
            "debt_tour_sale", "debt_collection.group_manager,sales_team.group_sale_manager"
        )
        cls.debtor = cls.env["res.partner"].create({"name": "Late Tour", "is_company": True})
        cls.env["debt.credit.hold"].create(
            {
                "partner_id": cls.debtor.id,
                "company_id": cls.company.id,
                "reason": "Cheque came back",
                "date": fields.Date.today() - timedelta(days=3),
            }
        )
        cls.order = cls.env["sale.order"].create(
            {
                "partner_id": cls.debtor.id,
                "user_id": cls.manager.id,
                "order_line": [Command.create({"product_id": cls.product_a.id})],
            }
        )

    @classmethod
    def get_default_groups(cls):
        """The test user manages collections and sales."""
        return super().get_default_groups() | cls.quick_ref("sales_team.group_sale_manager")

    def test_hold_and_release(self):
        """Confirming holds the order; the release confirms it."""
        self._start(
            f"/odoo/sale.order/{self.order.id}",
            "debt_collection_sale_confirm_form",
            "debt_tour_sale",
        )
        self.assertEqual(self.order.state, "draft")
        self._start("/odoo/collections-held", "debt_collection_sale_hold", "debt_tour_sale")
        self.assertEqual(self.order.state, "sale")
