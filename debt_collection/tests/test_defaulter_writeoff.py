"""Defaulter lists and write-off proposals: who is named, what is given up, and by whom."""

import io
from datetime import timedelta

import openpyxl
from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools.pdf import PdfFileReader

from odoo.addons.debt_collection.tests.common import TODAY
from odoo.addons.debt_collection.tests.common_escalation import EscalationCommon


@tagged("post_install", "-at_install")
class TestDefaulterWriteoff(EscalationCommon):
    """The debtor owes 1,000.00 for 100 days and got a formal notice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.case.sudo()._set_escalation("formal_notice")
        cls.regulator = cls.env["res.partner"].create({"name": "Energy Regulator"})
        cls.other_manager = cls._create_user("manager_2", "debt_collection.group_manager")

    def _add_case(self, name, amount=800, days=120, **values):
        debtor = self._create_debtor(name, **values)
        self._create_overdue_invoice(days, amount, partner=debtor)
        self._run_day(0, send=False, release=False)
        case = self._get_case(debtor)
        case.sudo()._set_escalation("formal_notice")
        return case

    def _create_list(self, **values):
        record = (
            self.env["debt.defaulter.list"]
            .with_user(self.manager)
            .create(
                {
                    "company_id": self.company.id,
                    "recipient_id": self.regulator.id,
                    "legal_basis": "Art. 12",
                    **values,
                }
            )
        )
        record.action_prepare()
        return record

    def _get_lines(self, record):
        return {line.partner_name: (line.state, line.exclusion) for line in record.line_ids}

    # === DEFAULTERS ===

    def test_who_is_named(self):
        """Exclusions: on hold, below the threshold, consumers without basis; each with its word."""
        held = self._add_case("Held Ltd")
        self.env["debt.hold"].create({"case_id": held.id, "reason": "Talks"})
        self._add_case("Small Ltd", amount=100)
        self._add_case("Jane Roe", is_company=False)
        self._add_case("Young Ltd", days=30)
        lines = self._get_lines(self._create_list())
        self.assertEqual(
            lines,
            {
                "Late Ltd": ("listed", False),
                "Held Ltd": ("excluded", "hold"),
                "Small Ltd": ("excluded", "threshold"),
                "Jane Roe": ("excluded", "consumer"),
            },
        )
        with self.assertRaisesRegex(UserError, "basis for consumers"):
            self._create_list(consumers=True)
        lines = self._get_lines(self._create_list(consumers=True, consumer_basis="Art. 13"))
        self.assertEqual(lines["Jane Roe"], ("listed", False))

    def test_each_kind_of_exclusion(self):
        """Disputed, promised and on a plan: each left out with its word."""
        disputed, promised, planned = (
            self._add_case(name) for name in ("Disputed Ltd", "Promised Ltd", "Planned Ltd")
        )
        self._dispute(disputed)
        self.env["debt.promise"].create(
            {
                "case_id": promised.id,
                "date": TODAY + timedelta(days=5),
                "line_ids": [Command.create({"item_id": promised.open_item_ids.id, "amount": 800})],
            }
        )
        self.env["debt.authority"].search([("action", "=", "plan")]).unlink()
        self.env["debt.authority"].create({"action": "plan", "role": "manager"})
        plan = self.env["debt.plan"].with_user(self.manager)
        plan = plan.create(
            {"case_id": planned.id, "date_first": TODAY + timedelta(days=10), "number": 2}
        )
        plan.action_submit()
        self.env["debt.agreement.accept"].with_user(self.manager).with_context(
            **plan.action_accept()["context"]
        ).create({"accepted_by": "Mr. Plan", "how": "signed"}).action_confirm()
        lines = self._get_lines(self._create_list())
        self.assertEqual(lines["Disputed Ltd"], ("excluded", "disputed"))
        self.assertEqual(lines["Promised Ltd"], ("excluded", "promised"))
        self.assertEqual(lines["Planned Ltd"], ("excluded", "on_plan"))

    def _dispute(self, case):
        reason = self.env["debt.dispute.reason"].search([("kind", "=", "dispute")], limit=1)
        return self.env["debt.dispute"].create(
            {
                "case_id": case.id,
                "reason_id": reason.id,
                "description": "Wrong price",
                "line_ids": [Command.create({"item_id": case.open_item_ids.id, "amount": 100})],
            }
        )

    def test_looked_at_again(self):
        """Who disputes before the list is handed over is not named; who pays leaves at once."""
        second = self._add_case("Second Ltd")
        third = self._add_case("Third Ltd")
        record = self._create_list()
        record.action_submit()
        self._dispute(second)
        record.with_user(self.other_manager).action_approve()
        self.assertEqual(self._get_lines(record)["Second Ltd"], ("excluded", "disputed"))
        self._dispute(third)
        record.action_export_csv()
        self.assertEqual(self._get_lines(record)["Third Ltd"], ("excluded", "disputed"))
        self._pay(self.invoice)
        self.env["debt.case"]._follow_movements()  # as at the commit of the payment
        self.assertEqual(self._get_lines(record)["Late Ltd"][0], "withdrawn")

    def test_documents_are_drawn(self):
        """PDF, XLSX and CSV name the same debtors, with recipient and legal basis."""
        record = self._create_list()
        record.action_submit()
        record.with_user(self.other_manager).action_approve()
        with self.allow_pdf_render():
            drawn = record.with_context(force_report_rendering=True)
            action = drawn.action_export_pdf()
        pdf = self._get_file(action)
        pages = PdfFileReader(io.BytesIO(pdf)).pages
        text = " ".join(" ".join(page.extract_text().split()) for page in pages)
        for words in (record.name, "Art. 12", self.regulator.name, "Late Ltd", "1,000.00"):
            self.assertIn(words, text)
        sheet = openpyxl.load_workbook(io.BytesIO(self._get_file(record.action_export_xlsx())))
        cells = [cell for row in sheet.active.iter_rows(values_only=True) for cell in row]
        self.assertIn("Late Ltd", cells)
        self.assertIn(1000, cells)
        rows = self._get_file(record.action_export_csv()).decode("utf-8-sig").splitlines()
        self.assertEqual(len(rows), 2)
        self.assertIn("Late Ltd", rows[1])

    def _get_file(self, action):
        number = int(action["url"].split("/")[3].split("?")[0])
        return self.env["ir.attachment"].browse(number).raw

    def test_approval_and_export(self):
        """Numbered by another manager; only then handed over, as PDF, XLSX and CSV."""
        record = self._create_list()
        record.action_submit()
        with self.assertRaisesRegex(UserError, "somebody else"):
            record.action_approve()
        with self.assertRaisesRegex(UserError, "approved list"):
            record.action_export_csv()
        with self.assertRaises(UserError):
            record.minimum_amount = 1
        with self.assertRaises(AccessError):
            record.with_user(self.senior).action_approve()
        record.with_user(self.other_manager).action_approve()
        self.assertTrue(record.name.startswith("DL/2026/"))
        for form in ("csv", "xlsx"):
            action = getattr(record, f"action_export_{form}")()
            attachment = self.env["ir.attachment"].browse(int(action["url"].split("/")[3][:-14]))
            self.assertTrue(attachment.name.endswith(form))
        document = record._get_document()
        self.assertIn(["Legal basis", "Art. 12"], document["facts"])
        self.assertEqual(document["tables"][0]["rows"][0][1], "Late Ltd")
        self.assertEqual(record.state, "exported")
        with self.assertRaises(UserError):
            record.sudo().unlink()

    def test_withdrawn_when_paid(self):
        """Who pays is withdrawn by the run, and the recipient has to be told."""
        record = self._create_list()
        record.action_submit()
        record.with_user(self.other_manager).action_approve()
        record.action_export_xlsx()
        self._pay(self.invoice)
        self._run_day(1, send=False, release=False)
        self.assertEqual(record.line_ids.state, "withdrawn")
        self.assertEqual(record.to_withdraw_count, 1)
        self.assertTrue(record.activity_ids)
        record.action_export_withdrawals()
        self.assertEqual(record.to_withdraw_count, 0)
        self.assertIn("Withdrawals", record._get_document(withdrawals=True)["title"])

    # === WRITE-OFFS ===

    def _propose(self, date=TODAY):
        self.env["debt.writeoff.rule"]._propose(self.company, date)
        return self.env["debt.writeoff.proposal"].search([("case_id", "=", self.case.id)])

    def test_rules(self):
        """Age, amount, costs, limitation, return code: all conditions of a rule together."""
        rules = self.env["debt.writeoff.rule"]
        rules.search([]).active = False
        with self.assertRaises(ValidationError):
            rules.create({"name": "Everything"})
        table = [
            ({"minimum_days": 101}, False),
            ({"minimum_days": 100}, True),
            ({"minimum_days": 100, "maximum_amount": 999}, False),
            ({"maximum_amount": 1000}, True),
            ({"cost_share": 50}, False),
            ({"limitation": True}, False),
            ({"insolvent": True}, False),
            ({"returned": True}, False),
        ]
        for values, proposed in table:
            with self.subTest(values=values):
                rule = rules.create({"name": "Rule", **values})
                found = self._propose()
                self.assertEqual(bool(found), proposed)
                found.sudo().unlink()
                rule.active = False
        self.env["debt.cost"].create({"case_id": self.case.id, "name": "Court", "amount": 500})
        rules.create({"name": "Costs", "cost_share": 50})
        self.assertEqual(self._propose().reason, "Costs")

    def test_limitation(self):
        """Time-barred by the rules the gate goes by; an acknowledgement begins the term anew."""
        rules = self.env["debt.writeoff.rule"]
        rules.search([]).active = False
        rules.create({"name": "Limitation", "limitation": True})
        self.debtor.debt_jurisdiction_ids = self.env["debt.jurisdiction"].search(
            [("code", "=", "DE")]
        )
        item = self.case.open_item_ids
        self.assertEqual((item.date_due.year, str(item.limitation_date)), (2025, "2029-01-01"))
        self.assertFalse(self._propose(TODAY.replace(year=2028, month=12, day=31)))
        flag = self.env["debt.debtor.flag"].create(
            {
                "partner_id": self.debtor.id,
                "kind": "acknowledgement",
                "date_from": "2027-05-01",
            }
        )
        item.invalidate_recordset()
        self.assertFalse(self._propose(TODAY.replace(year=2029, month=1, day=1)))
        flag.active = False
        item.invalidate_recordset()
        proposal = self._propose(TODAY.replace(year=2029, month=1, day=1))
        self.assertEqual(proposal.reason, "Limitation")

    def test_insolvency(self):
        """A circumstance that says so, while it lasts."""
        rules = self.env["debt.writeoff.rule"]
        rules.search([]).active = False
        rules.create({"name": "Insolvent", "insolvent": True})
        self.env["debt.debtor.flag"].create(
            {
                "partner_id": self.debtor.id,
                "kind": "bankruptcy",
                "date_from": TODAY + timedelta(days=1),
            }
        )
        self.assertFalse(self._propose())
        self.assertTrue(self._propose(TODAY + timedelta(days=1)))

    def test_what_is_set_aside_is_not_proposed(self):
        """On hold: not collectible, so not proposed; rejected: not again for a while."""
        self.env["debt.writeoff.rule"].create({"name": "Old", "minimum_days": 90})
        hold = self.env["debt.hold"].create({"case_id": self.case.id, "reason": "Talks"})
        self.assertFalse(self._propose())
        hold.action_release()
        proposal = self._propose()
        self.assertEqual(self._propose(), proposal, "proposed once")
        with self.assertRaises(AccessError):
            proposal.with_user(self.reader).action_reject()
        proposal.with_user(self.manager).action_reject()
        self.assertEqual(len(self._propose()), 1)

    def test_written_off_under_authority(self):
        """What the person may grant is booked at once; the item leaves, the case closes."""
        self.env["debt.writeoff.rule"].create({"name": "Old", "minimum_days": 90})
        self.company.debt_writeoff_account_id = self.company_data["default_account_expense"]
        self.env["debt.authority"].search([]).unlink()
        self.env["debt.authority"].create({"action": "write_off", "role": "manager"})
        proposal = self._propose()
        proposal.with_user(self.manager).action_accept()
        concession = proposal.concession_ids
        self.assertEqual((proposal.state, concession.state), ("accepted", "done"))
        self.assertEqual(self.invoice.amount_residual, 0)
        self.assertEqual(self.case.item_ids.exit_reason, "written_off")

    def test_problem_stays_on_the_list(self):
        """A debt that cannot be written off says why and stays; nothing is half-done."""
        self.env["debt.writeoff.rule"].create({"name": "Old", "minimum_days": 90})
        proposal = self._propose()
        self.env["debt.hold"].create({"case_id": self.case.id, "reason": "Talks"})
        with freeze_time(TODAY + timedelta(days=1)):
            proposal.with_user(self.manager).action_accept()
        self.assertEqual(proposal.state, "proposed")
        self.assertIn("collectible", proposal.problem)
