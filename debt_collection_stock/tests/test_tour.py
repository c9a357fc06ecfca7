"""Tour: a delivery is held at its validation, a credit manager releases it, it leaves."""

from datetime import timedelta

from odoo import Command, fields
from odoo.tests import tagged

from odoo.addons.debt_collection.tests.common_tours import BrowserCommon


@tagged("post_install", "-at_install")
class TestTour(BrowserCommon):
    """A debtor on hold by hand, and goods ready to leave."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls._create_tour_user(
            "debt_tour_stock", "debt_collection.group_manager,stock.group_stock_manager"
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
        warehouse = cls.env["stock.warehouse"].search(
            [("company_id", "=", cls.company.id)], limit=1
        )
        product = cls.env["product.product"].create({"name": "Pump", "is_storable": True})
        cls.env["stock.quant"]._update_available_quantity(product, warehouse.lot_stock_id, 10)
        cls.delivery = cls.env["stock.picking"].create(
            {
                "partner_id": cls.debtor.id,
                "picking_type_id": warehouse.out_type_id.id,
                "user_id": cls.manager.id,
                "move_ids": [Command.create({"product_id": product.id, "product_uom_qty": 2})],
            }
        )
        cls.delivery.action_confirm()
        cls.delivery.action_assign()

    @classmethod
    def get_default_groups(cls):
        """The test user keeps the warehouse too."""
        return super().get_default_groups() | cls.quick_ref("stock.group_stock_manager")

    def test_hold_and_release(self):
        """Validating holds the delivery; after the release it leaves."""
        path = f"/odoo/stock.picking/{self.delivery.id}"
        self._start(path, "debt_collection_stock_validate_form", "debt_tour_stock")
        self.assertEqual(self.delivery.state, "assigned")
        self._start("/odoo/collections-held", "debt_collection_stock_release", "debt_tour_stock")
        self._start(path, "debt_collection_stock_send_form", "debt_tour_stock")
        self.assertEqual(self.delivery.state, "done")
