"""Tours: escalate to legal and get the file; place at an agency and import its payments."""

from datetime import datetime, time, timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon


@tagged("post_install", "-at_install")
class TestToursLegal(AccountTestInvoicingCommon, HttpCase):
    """A case that is ripe, on the real clock."""

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
            login="debt_tour_legal",
            groups="base.group_user,debt_collection.group_manager",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.debtor = cls.env["res.partner"].create({"name": "Debtor Large", "is_company": True})
        cls.today = fields.Date.today()
        due = cls.today - timedelta(days=120)
        cls.invoice = cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": cls.debtor.id,
                "invoice_date": due - timedelta(days=30),
                "invoice_date_due": due,
                "invoice_payment_term_id": False,
                "invoice_line_ids": [
                    Command.create({"name": "Service", "price_unit": 5000, "tax_ids": False})
                ],
            }
        )
        cls.invoice.action_post()
        cls.env["debt.run"].create({"company_id": cls.company.id})._execute(
            send=False, release=False
        )
        cls.case = cls.env["debt.case"].search([("partner_id", "=", cls.debtor.id)])
        cls._make_ripe()

    @classmethod
    def get_default_groups(cls):
        """The test user manages collections, beside what accounting tests need."""
        return super().get_default_groups() | cls.quick_ref("debt_collection.group_manager")

    @classmethod
    def _make_ripe(cls):
        """Attempts, and a formal notice whose deadline is over."""
        cls.env["debt.contact"].create(
            [
                {
                    "case_id": cls.case.id,
                    "channel": channel,
                    "outcome": "no_answer",
                    "no_next_step_reason": "Nobody there",
                    "date": datetime.combine(cls.today - timedelta(days=days), time(10)),
                }
                for days, channel in ((40, "call"), (30, "letter"), (10, "call"))
            ]
        )
        sent = cls.today - timedelta(days=30)
        cls.env["debt.notice"].sudo().create(
            {
                "company_id": cls.company.id,
                "case_id": cls.case.id,
                "partner_id": cls.debtor.id,
                "level_id": cls.env.ref("debt_collection.level_formal_notice").id,
                "date": sent,
                "date_sent": fields.Datetime.to_datetime(sent),
                "state": "sent",
                "channel": "email",
                "legal_kind": "default_notice",
                "deadline": sent + timedelta(days=14),
                "deadline_state": "passed",
            }
        )
        cls.case.sudo()._set_escalation("formal_notice")

    def test_escalate_and_get_the_file(self):
        """A credit manager takes the case to pre-legal and makes its legal file."""
        self.start_tour(
            "/odoo/collections-worklist",
            "debt_collection_legal",
            login="debt_tour_legal",
            timeout=240,
        )
        self.assertEqual(self.case.escalation, "pre_legal")
        self.assertEqual(len(self.case.legal_file_hash), 64)

    def test_place_and_import(self):
        """The case is placed at an agency; its file of payments comes in."""
        agency = self.env["res.partner"].create({"name": "Tour Recoveries"})
        contract = self.env["debt.agency.contract"].create(
            {
                "name": "Tour contract",
                "partner_id": agency.id,
                "company_id": self.company.id,
                "journal_id": self.company_data["default_journal_bank"].id,
                "tier_ids": [Command.create({"rate": 10})],
            }
        )
        self.env["debt.exchange.mapping"].create(
            {
                "name": "Tour payments",
                "company_id": self.company.id,
                "column_ids": [
                    Command.create({"field": field, "heading": heading})
                    for field, heading in (
                        ("placement", "Placement"),
                        ("date", "Day"),
                        ("amount", "Sum"),
                        ("reference", "Ref"),
                    )
                ],
            }
        )
        self.env["ir.sequence"].search([("code", "=", "debt.referral")]).write(
            {"prefix": "REF/TOUR", "number_next": 1, "padding": 0}
        )
        referral = self.env["debt.referral"].create(
            {"case_id": self.case.id, "kind": "agency", "contract_id": contract.id}
        )
        self.assertEqual(referral.name, "REF/TOUR1")
        self.start_tour(
            "/odoo/collections-referrals",
            "debt_collection_agency",
            login="debt_tour_legal",
            timeout=240,
        )
        self.assertEqual(referral.state, "placed")
        self.assertEqual(referral.amount_collected, 100)
        self.assertEqual(self.invoice.amount_residual, 4900)
