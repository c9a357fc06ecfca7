"""Tour: an order is held, a credit manager releases it."""

from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon


@tagged("post_install", "-at_install")
class TestTour(AccountTestInvoicingCommon, HttpCase):
    """A debtor on hold by hand, and a quotation, on the real clock."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(patch("odoo.tests.common.CHECK_BROWSER_ITERATIONS", 900))
        cls.env["ir.asset"].create(
            {
                "name": "test: file absent from the Debian package",
                "bundle": "web.assets_backend",
                "directive": "remove",
                "path": "mail/static/lib/selfie_segmentation/selfie_segmentation.js",
            }
        )
        cls.company = cls.company_data["company"]
        cls.manager = new_test_user(
            cls.env,
            login="debt_tour_sale",
            groups="base.group_user,debt_collection.group_manager,sales_team.group_sale_manager",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
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
        groups = super().get_default_groups() | cls.quick_ref("debt_collection.group_manager")
        return groups | cls.quick_ref("sales_team.group_sale_manager")

    def test_hold_and_release(self):
        """Confirming holds the order; the release confirms it."""
        self.start_tour(
            f"/odoo/sale.order/{self.order.id}",
            "debt_collection_sale_confirm_form",
            login="debt_tour_sale",
            timeout=240,
        )
        self.assertEqual(self.order.state, "draft")
        self.start_tour(
            "/odoo/collections-held",
            "debt_collection_sale_hold",
            login="debt_tour_sale",
            timeout=240,
        )
        self.assertEqual(self.order.state, "sale")
