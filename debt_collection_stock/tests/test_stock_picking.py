"""Deliveries of debtors on credit hold: held at validation, released with reason, cured."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.debt_collection.tests.common_escalation import EscalationCommon


@tagged("post_install", "-at_install")
class TestStockPicking(EscalationCommon):
    """A debtor with the lawyers, and goods ready to leave."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.case.sudo()._set_escalation("pre_legal")
        cls.env["debt.credit.rule"]._apply(cls.company, cls.case.escalation_date)
        cls.storekeeper = cls._create_user("storekeeper_t", "stock.group_stock_user")
        cls.warehouse = cls.env["stock.warehouse"].search(
            [("company_id", "=", cls.company.id)], limit=1
        )
        cls.product = cls.env["product.product"].create(
            {"name": "Pump", "is_storable": True, "lst_price": 70}
        )
        cls.env["stock.quant"]._update_available_quantity(
            cls.product, cls.warehouse.lot_stock_id, 100
        )
        cls.delivery = cls._create_delivery(cls.debtor)

    @classmethod
    def get_default_groups(cls):
        """The test user keeps the warehouse too."""
        return super().get_default_groups() | cls.quick_ref("stock.group_stock_manager")

    @classmethod
    def _create_delivery(cls, partner, operation="out_type_id"):
        """Goods reserved for a customer, two pieces of 70.00."""
        picking_type = cls.warehouse[operation]
        customer = cls.env.ref("stock.stock_location_customers")
        incoming = operation == "in_type_id"
        source, target = customer, cls.warehouse.lot_stock_id
        if not incoming:
            source, target = target, source
        delivery = (
            cls.env["stock.picking"]
            .with_user(cls.storekeeper)
            .create(
                {
                    "partner_id": partner.id,
                    "picking_type_id": picking_type.id,
                    "location_id": source.id,
                    "location_dest_id": target.id,
                    "user_id": cls.storekeeper.id,
                    "move_ids": [
                        Command.create(
                            {
                                "product_id": cls.product.id,
                                "product_uom_qty": 2,
                                "location_id": source.id,
                                "location_dest_id": target.id,
                            }
                        )
                    ],
                }
            )
        )
        delivery.action_confirm()
        delivery.action_assign()
        delivery.move_ids.picked = True
        return delivery

    def _get_queue(self, delivery=None):
        return self.env["debt.held.document"].search(
            [("res_model", "=", "stock.picking"), ("res_id", "=", (delivery or self.delivery).id)]
        )

    def test_held_and_released(self):
        """The storekeeper is told, the goods stay reserved; released with a reason they leave."""
        self.assertEqual(self.delivery.debt_credit_effect, "block")
        action = self.delivery.button_validate()
        self.assertEqual(action["tag"], "display_notification")
        self.assertEqual(self.delivery.state, "assigned", "the reservation is untouched")
        self.assertEqual(self.delivery.move_ids.quantity, 2)
        held = self._get_queue()
        self.assertEqual(
            (held.kind, held.state, held.amount, held.user_id),
            ("delivery", "waiting", 140, self.storekeeper),
        )
        self.delivery.button_validate()
        self.assertEqual(len(self._get_queue()), 1, "queued once")
        found = self.env["stock.picking"].search([("debt_held", "=", True)])
        self.assertEqual(found, self.delivery)
        with self.assertRaises(AccessError):
            held.with_user(self.officer_a).action_release()
        with self.assertRaisesRegex(UserError, "why"):
            held.with_user(self.manager)._do_release(" ")
        held.with_user(self.manager)._do_release("Paid in advance")
        self.assertEqual((held.state, held.released_by_id), ("released", self.manager))
        self.assertEqual(self.delivery.state, "assigned", "the office does not ship goods")
        self.assertEqual(self.delivery.activity_ids.user_id, self.storekeeper)
        self.delivery.button_validate()
        self.assertEqual(self.delivery.state, "done")

    def test_cured_by_payment(self):
        """The debtor pays: the queue lets go by itself, and the storekeeper is asked to go on."""
        self.delivery.button_validate()
        self._pay(self.invoice)
        self.assertEqual(self._get_queue().state, "cured")
        self.assertEqual(self.delivery.activity_ids.user_id, self.storekeeper)
        self.delivery.button_validate()
        self.assertEqual(self.delivery.state, "done")

    def test_only_what_leaves_for_this_debtor(self):
        """Other customers' goods leave in the same click; what comes back in is no credit."""
        other = self._create_delivery(self._create_debtor("Good Ltd"))
        (self.delivery | other).button_validate()
        self.assertEqual((self.delivery.state, other.state), ("assigned", "done"))
        returned = self._create_delivery(self.debtor, "in_type_id")
        self.assertEqual(returned.debt_credit_effect, "none")
        returned.button_validate()
        self.assertEqual(returned.state, "done")

    def test_addresses_and_branches_are_held_too(self):
        """The hold of a company covers its delivery addresses and the companies below it."""
        partners = self.env["res.partner"].sudo()
        address = partners.create(
            {"name": "Gate 3", "type": "delivery", "parent_id": self.debtor.id}
        )
        branch = partners.create(
            {"name": "Branch", "is_company": True, "parent_id": self.debtor.id}
        )
        for partner in (address, branch):
            with self.subTest(partner=partner.name):
                delivery = self._create_delivery(partner)
                delivery.button_validate()
                self.assertEqual(self._get_queue(delivery).state, "waiting")
        self._pay(self.invoice)
        states = self.env["debt.held.document"].search([("kind", "=", "delivery")])
        self.assertEqual(set(states.mapped("state")), {"cured"})

    def test_warning_and_cancellation(self):
        """A hold that only warns lets goods leave; a cancelled delivery leaves the queue."""
        self.delivery.button_validate()
        self.delivery.action_cancel()
        self.assertEqual(self._get_queue().state, "dropped")
        self.env["debt.credit.hold"].search([("partner_id", "=", self.debtor.id)]).sudo().write(
            {"on_delivery": "warn"}
        )
        delivery = self._create_delivery(self.debtor)
        self.assertEqual(delivery.debt_credit_effect, "warn")
        delivery.button_validate()
        self.assertEqual(delivery.state, "done")
