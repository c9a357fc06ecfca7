"""Tours: escalate to legal and get the file; place at an agency and import its payments."""

from datetime import datetime, time, timedelta

from odoo import Command, fields
from odoo.tests import tagged

from odoo.addons.debt_collection.tests.common_tours import BrowserCommon


@tagged("post_install", "-at_install")
class TestToursLegal(BrowserCommon):
    """A case that is ripe."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls._create_tour_user("debt_tour_legal", "debt_collection.group_manager")
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
        self._start("/odoo/collections-worklist", "debt_collection_legal", "debt_tour_legal")
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
        self._start("/odoo/collections-referrals", "debt_collection_agency", "debt_tour_legal")
        self.assertEqual(referral.state, "placed")
        self.assertEqual(referral.amount_collected, 100)
        self.assertEqual(self.invoice.amount_residual, 4900)
