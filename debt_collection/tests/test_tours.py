from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon


@tagged("post_install", "-at_install")
class TestTours(AccountTestInvoicingCommon, HttpCase):
    """Screens in a real browser, on the real clock: a frozen one stops the browser too."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # A busy machine may need more than ten seconds to start a browser; a skip would hide it.
        cls.startClassPatcher(patch("odoo.tests.common.CHECK_BROWSER_ITERATIONS", 900))
        # Debian's package lacks this file; its absence alone would fail every tour.
        cls.env["ir.asset"].create(
            {
                "name": "test: file absent from the Debian package",
                "bundle": "web.assets_backend",
                "directive": "remove",
                "path": "mail/static/lib/selfie_segmentation/selfie_segmentation.js",
            }
        )
        cls.company = cls.company_data["company"]
        cls.officer = new_test_user(
            cls.env,
            login="debt_tour_officer",
            groups="base.group_user,debt_collection.group_officer",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        due = fields.Date.today() - timedelta(days=40)
        moves = cls.env["account.move"].create(
            [
                {
                    "move_type": "out_invoice",
                    "partner_id": partner.id,
                    "invoice_date": due - timedelta(days=30),
                    "invoice_date_due": due,
                    "invoice_payment_term_id": False,
                    "invoice_line_ids": [
                        Command.create({"name": "Service", "price_unit": amount, "tax_ids": False})
                    ],
                }
                for partner, amount in ((cls.partner_a, 500.0), (cls.partner_b, 90.0))
            ]
        )
        moves.action_post()
        cls.env["debt.run"].create({"company_id": cls.company.id})._execute(send=False)

    @classmethod
    def get_default_groups(cls):
        """The test user manages collections, beside what accounting tests need."""
        return super().get_default_groups() | cls.quick_ref("debt_collection.group_manager")

    def test_worklist(self):
        """An officer opens the case on top of the worklist and comes back."""
        self.start_tour(
            "/odoo/collections-worklist",
            "debt_collection_worklist",
            login="debt_tour_officer",
            timeout=240,
        )
