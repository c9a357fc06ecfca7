"""Referrals: placed, collected by others, taken back; contracts, bills, files."""

import base64
import csv
import io
from datetime import timedelta

import openpyxl
from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.debt_collection.tests.common import TODAY
from odoo.addons.debt_collection.tests.common_escalation import EscalationCommon


@tagged("post_install", "-at_install")
class TestReferral(EscalationCommon):
    """A ripe case of 1,000.00, 100 days late, and an agency with two tiers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_ripe(cls.case)
        cls.agency = cls.env["res.partner"].create({"name": "Northwind Recoveries"})
        cls.product = cls.env["product.product"].create(
            {"name": "Commission", "type": "service", "supplier_taxes_id": False}
        )
        cls.contract = cls.env["debt.agency.contract"].create(
            {
                "name": "Northwind 2026",
                "partner_id": cls.agency.id,
                "company_id": cls.company.id,
                "date_start": TODAY,
                "fee_placement": 5,
                "direct_commission": 50,
                "product_id": cls.product.id,
                "journal_id": cls.company_data["default_journal_bank"].id,
                "tier_ids": [
                    Command.create({"rate": 10}),
                    Command.create({"days_from": 90, "rate": 20}),
                    Command.create({"days_from": 90, "amount_from": 5000, "rate": 15}),
                ],
            }
        )
        cls.mapping = cls.env["debt.exchange.mapping"].create(
            {
                "name": "Northwind: payments",
                "company_id": cls.company.id,
                "contract_id": cls.contract.id,
                "delimiter": ";",
                "decimal": ",",
                "date_format": "%d.%m.%Y",
                "column_ids": [
                    Command.create({"field": field, "heading": heading})
                    for field, heading in (
                        ("placement", "Order"),
                        ("document", "Invoice"),
                        ("date", "Day"),
                        ("amount", "Sum"),
                        ("reference", "Ref"),
                    )
                ],
            }
        )

    def _refer(self, place=True, **values):
        referral = self.env["debt.referral"].create(
            {"case_id": self.case.id, "kind": "agency", "contract_id": self.contract.id, **values}
        )
        if place:
            referral.action_place()
        return referral

    def _import(self, text, mapping=None):
        wizard = self.env["debt.referral.import"].create(
            {
                "mapping_id": (mapping or self.mapping).id,
                "file": base64.b64encode(text.encode()),
                "file_name": "payments.csv",
            }
        )
        return wizard.action_import()

    # === PLACEMENT ===

    def test_placed_leaves_follow_up(self):
        """Placed: nothing is collectible, no notice is planned, the mark says with whom."""
        referral = self._refer()
        item = self.case.open_item_ids
        self.assertEqual((referral.state, referral.amount_placed), ("placed", 1000))
        self.assertEqual((referral.rate, referral.days_placed), (20, 100))
        self.assertEqual(self.case.escalation, "agency")
        self.assertEqual(item.amount_collectible, 0)
        self.assertIn("Northwind", item.claim_words)
        run = self._run_day(30)
        self.assertEqual(self._get_decision(run).decision, "claimed")
        self.assertEqual(referral.stage_id.name, "Handed over")
        self.assertEqual(referral.stage_deadline, TODAY + timedelta(days=7))
        self.assertTrue(referral.activity_ids)

    def test_place_tells_everything(self):
        """All that stands against a placement is told at once; nothing is placed."""
        other = self._create_debtor("Fresh Ltd")
        self._create_overdue_invoice(10, 50, partner=other)
        self._run_day(1, send=False, release=False)
        self.contract.date_start = TODAY + timedelta(days=9)
        referral = self._refer(place=False, case_id=self._get_case(other).id)
        with self.assertRaises(UserError) as caught:
            referral.action_place()
        for words in ("not in force", "attempts", "not worth it", "Formal notice"):
            self.assertIn(words, str(caught.exception))
        self.assertEqual(referral.state, "draft")

    def test_placed_once(self):
        """An item is with one recipient at a time."""
        self._refer()
        again = self._refer(place=False)
        self.assertFalse(again.item_ids)
        again.sudo().item_ids = [Command.create({"item_id": self.case.open_item_ids.id})]
        with self.assertRaisesRegex(UserError, "somebody else already"):
            again.action_place()

    def test_recall_and_place_again(self):
        """Recalled: collectible again, and the next placement knows the earlier one."""
        referral = self._refer()
        with self.assertRaises(UserError):
            referral.action_place_again()
        with self.assertRaises(UserError):
            self.case._deescalate("amicable", "Pays")
        context = referral.action_end()["context"]
        self.env["debt.referral.end"].with_context(**context).create(
            {"reason": "Term over"}
        ).action_confirm()
        self.assertEqual((referral.state, referral.date_end), ("recalled", TODAY))
        self.assertEqual(self.case.open_item_ids.amount_collectible, 1000)
        again = self.env["debt.referral"].browse(referral.action_place_again()["res_id"])
        self.assertEqual(again.previous_id, referral)
        again.recipient_id = self.agency
        again.action_place()
        self.assertEqual(again.state, "placed")

    def test_recall_after_notice(self):
        """Where the contract gives days to finish, the run takes the items back after them."""
        self.contract.recall_days = 10
        referral = self._refer()
        wizard = self.env["debt.referral.end"].create(
            {"referral_ids": referral.ids, "reason": "Too slow"}
        )
        self.assertEqual(wizard.notice_days, 10)
        wizard.action_confirm()
        self.assertEqual(
            (referral.state, referral.date_recall), ("placed", TODAY + timedelta(days=10))
        )
        _name, content = referral._export_file("csv")
        self.assertIn(str(referral.date_recall), content.decode("utf-8-sig"), "the agency is told")
        for days, state in ((9, "placed"), (10, "recalled")):
            with freeze_time(TODAY + timedelta(days=days)):
                self._run_day(days, send=False, release=False)
                self.assertEqual(referral.state, state)
        self.assertEqual(referral.end_reason, "Too slow")
        self.assertEqual(self.case.open_item_ids.amount_collectible, 1000)

    def test_term_without_success(self):
        """When the term ends: recalled by itself if nothing came in, else somebody is asked."""
        self.contract.write({"term_days": 30, "recall_automatic": True})
        referral = self._refer()
        with freeze_time(TODAY + timedelta(days=33)):
            self._run_day(33, send=False, release=False)
        self.assertEqual(referral.state, "recalled")
        again = self.env["debt.referral"].browse(referral.action_place_again()["res_id"])
        again.contract_id = self.contract
        again.action_place()
        self._pay(self.invoice, 100)
        with freeze_time(TODAY + timedelta(days=66)):
            self._run_day(66, send=False, release=False)
            self._run_day(67, send=False, release=False)
        self.assertEqual(again.state, "placed")
        asked = again.activity_ids.filtered(lambda task: "term" in (task.summary or ""))
        self.assertEqual(len(asked), 1, "asked once, though the run came late")

    def test_returned_with_code(self):
        """A return needs its code, and is a change of status."""
        referral = self._refer()
        wizard = self.env["debt.referral.end"].create(
            {"referral_ids": referral.ids, "how": "returned", "reason": "Bankrupt"}
        )
        with self.assertRaisesRegex(UserError, "return code"):
            wizard.action_confirm()
        wizard.return_code_id = self.env.ref("debt_collection.return_code_insolvent")
        wizard.action_confirm()
        self.assertEqual(referral.return_code_id.code, "INSOLVENT")
        self.assertIn("Returned", self.case.change_ids[0].after)

    def test_closes_when_settled(self):
        """Everything paid: the referral closes by itself."""
        referral = self._refer()
        self._pay(self.invoice)
        self.assertEqual(referral.state, "closed")

    def test_frozen(self):
        """What was placed is not edited, nor deleted; figures cannot be written."""
        referral = self._refer()
        with self.assertRaises(UserError):
            referral.recipient_id = self.debtor
        with self.assertRaises(AccessError):
            referral.write({"amount_placed": 1})
        with self.assertRaises(UserError):
            referral.unlink()

    def test_bookkeeping_goes_on(self):
        """Resetting a placed invoice and merging the debtor work as before."""
        referral = self._refer()
        other = self._create_debtor("Other Ltd")
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge([self.debtor.id, other.id], other)
        self.assertEqual(referral.partner_id, other)
        self.invoice.button_draft()
        self.assertEqual(referral.state, "placed")
        self._run_day(1, send=False, release=False)
        self.assertEqual(referral.state, "closed")

    # === MONEY ===

    def test_direct_payment_is_found_once(self):
        """Paid to us: kept, half the commission, taken back when undone, told with the export."""
        referral = self._refer()
        payment = self._pay(self.invoice, 400)
        row = referral.payment_ids
        self.assertEqual((row.amount_company, row.commission, row.direct), (400, 40, True))
        self._run_day(1, send=False, release=False)
        self.assertEqual(len(referral.payment_ids), 1)
        referral._export_file("xlsx")
        self.assertEqual(row.date_told, TODAY)
        payment.move_id.line_ids.remove_move_reconcile()
        self._run_day(2, send=False, release=False)
        self.assertEqual(referral.amount_collected, 0)
        self.assertEqual(referral.commission, 0)

    def test_import_registers_payments(self):
        """The agency's file: rows become payments in the books, the residual falls."""
        referral = self._refer()
        self._import(
            f"Order;Invoice;Day;Sum;Ref\n{referral.name};{self.invoice.name};17.03.2026;250,50;N1\n"
        )
        row = referral.payment_ids
        self.assertEqual((row.amount_company, row.commission, row.direct), (250.5, 50.1, False))
        self.assertEqual(self.invoice.amount_residual, 749.5)
        self.assertEqual(row.payment_id.debt_referral_id, referral)
        self._run_day(1, send=False, release=False)
        self.assertEqual(len(referral.payment_ids), 1, "a remittance is no direct payment")

    def test_import_dialog_of_the_web_client(self):
        """The web client asks for sizes of files: the dialog reads the file all the same."""
        referral = self._refer()
        text = f"Order;Invoice;Day;Sum;Ref\n{referral.name};;17.03.2026;10;N1\n"
        wizard = self.env["debt.referral.import"].with_context(bin_size=True)
        wizard = wizard.create(
            {
                "mapping_id": self.mapping.id,
                "file": base64.b64encode(text.encode()),
                "file_name": "payments.csv",
            }
        )
        wizard.invalidate_recordset()
        self.assertEqual((wizard.problems, wizard.row_count), (False, 1))

    def test_import_tells_every_bad_line(self):
        """Every bad line with its number, and nothing half-imported."""
        referral = self._refer()
        good = f"{referral.name};{self.invoice.name};17.03.2026;10;N1"
        text = "\n".join(
            [
                "Order;Invoice;Day;Sum;Ref",
                good,
                f"{referral.name};NONE;17.03.2026;10;N2",
                "REF/0000;;17.03.2026;10;N3",
                f"{referral.name};;2026-03-17;abc;N4",
                f"{referral.name};;17.04.2026;5000;N1",
            ]
        )
        with self.assertRaises(UserError) as caught:
            self._import(text)
        told = str(caught.exception)
        for words in (
            "Line 3: NONE is not among",
            "Line 4: there is no placement",
            "Line 5: “2026-03-17” is no date",
            "Line 5: “abc” is no amount",
            "Line 6: the date",
            "Line 6: $\xa05,000.00 is more than",
            "Line 6: N1 is in the file twice",
        ):
            self.assertIn(words, told)
        self.assertNotIn("Line 2", told)
        self.assertFalse(referral.payment_ids)
        self._import(f"Order;Invoice;Day;Sum;Ref\n{good}\n")
        with self.assertRaisesRegex(UserError, "imported before"):
            self._import(f"Order;Invoice;Day;Sum;Ref\n{good}\n")
        with self.assertRaisesRegex(UserError, "no column Ref"):
            self._import(f"Order;Invoice;Day;Sum\n{referral.name};;17.03.2026;1\n")

    def test_import_workbook(self):
        """The same as XLSX: bad lines told by the number of the row, nothing half-imported."""
        referral = self._refer()
        rows = [
            ["Order", "Invoice", "Day", "Sum", "Ref"],
            [referral.name, self.invoice.name, TODAY, 10, "N1"],
            [referral.name, "NONE", TODAY, "x", "N2"],
        ]
        with self.assertRaises(UserError) as caught:
            self._import_workbook(rows)
        self.assertIn("Line 3", str(caught.exception))
        self.assertNotIn("Line 2", str(caught.exception))
        self.assertFalse(referral.payment_ids)
        self._import_workbook(rows[:2])
        self.assertEqual(referral.payment_ids.amount_company, 10)

    def _import_workbook(self, rows):
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        stream = io.BytesIO()
        book.save(stream)
        return (
            self.env["debt.referral.import"]
            .create(
                {
                    "mapping_id": self.mapping.id,
                    "file": base64.b64encode(stream.getvalue()),
                    "file_name": "payments.xlsx",
                }
            )
            .action_import()
        )

    def test_format_names_what_it_needs(self):
        """A format without the columns it cannot do without is refused."""
        with self.assertRaisesRegex(ValidationError, "Amount"):
            self.mapping.column_ids.filtered(lambda c: c.field == "amount").unlink()
            self.mapping._check_columns()

    def test_import_notes_and_returns(self):
        """Notes come into the contact log; a code gives the placement back."""
        referral = self._refer()
        mapping = self.env["debt.exchange.mapping"].create(
            {
                "name": "Notes",
                "content": "notes",
                "company_id": self.company.id,
                "column_ids": [
                    Command.create({"field": field, "heading": field})
                    for field in ("placement", "date", "note", "code", "their_number")
                ],
            }
        )
        self._import(
            "placement,date,note,code,their_number\n"
            f"{referral.name},2026-03-17,Nobody at home,,NW-7\n"
            f"{referral.name},2026-03-18,Bankrupt,INSOLVENT,NW-7\n",
            mapping,
        )
        self.assertEqual((referral.reference, referral.state), ("NW-7", "returned"))
        notes = self.case.contact_ids.mapped("note")
        self.assertIn("Northwind Recoveries: Nobody at home", notes)

    def test_bill(self):
        """Commissions and fees become one draft vendor bill; nothing is billed twice."""
        referral = self._refer()
        self._pay(self.invoice, 400)
        self.assertEqual(self.contract.unbilled, 45)
        bill = self.env["account.move"].browse(self.contract.action_bill()["res_id"])
        self.assertEqual((bill.move_type, bill.amount_untaxed), ("in_invoice", 45))
        self.assertEqual(bill.partner_id, self.agency)
        self.assertEqual(referral.payment_ids.bill_id, bill)
        with self.assertRaisesRegex(UserError, "no commission to bill"):
            self.contract.action_bill()
        with self.assertRaises(AccessError):
            self.contract.with_user(self.officer_a).action_bill()

    def test_export(self):
        """The placements as CSV, with what the agency needs."""
        referral = self._refer()
        name, content = referral._export_file("csv")
        self.assertTrue(name.endswith(".csv"))
        text = content.decode("utf-8-sig")
        for words in (referral.name, "Late Ltd", self.invoice.name, "1000.0"):
            self.assertIn(words, text)
        name, content = referral._export_file("xlsx")
        self.assertTrue(content.startswith(b"PK"))
        self._pay(self.invoice, 400)
        for new in ("400.0", "0"):
            _name, content = referral._export_file("csv")
            rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
            self.assertEqual(rows[0]["Paid to us directly"], "400.0")
            self.assertEqual(float(rows[0]["Of which new"]), float(new), "told once")
        self.assertEqual(referral.payment_ids.date_told, TODAY)

    def test_net_recovery_by_channel(self):
        """What came in while an agency had the debt is the agency's, with commission and fee."""
        referral = self._refer()
        self._pay(self.invoice, 400)
        self.env["debt.cost"].create(
            {"case_id": self.case.id, "referral_id": referral.id, "name": "Search", "amount": 15}
        )
        self.env.flush_all()
        rows = self.env["debt.recovery"].search([("case_id", "=", self.case.id)])
        self.assertEqual(set(rows.mapped("channel")), {"agency"})
        self.assertEqual(rows.recipient_id, self.agency)
        # 400 less half of 20 % commission, the fee of the placement and the search
        self.assertEqual(sum(rows.mapped("net")), 400 - 40 - 5 - 15)
        self.assertEqual(self.case.amount_net_recovered, 340)

    def test_comparison(self):
        """Placements by age and size, with what came in."""
        self._refer()
        self._pay(self.invoice, 400)
        self.env.flush_all()
        row = self.env["debt.referral.analysis"].search([("recipient_id", "=", self.agency.id)])
        self.assertEqual((row.age_band, row.size_band), ("2", "2"))
        self.assertEqual((row.amount_collected, row.recovery, row.net), (400, 40, 360))

    # === ROLES ===

    def test_legal_desk(self):
        """Legal refers what is pre-legal or beyond and only that; officers read their own."""
        self.case.sudo()._set_escalation("pre_legal")
        referral = (
            self.env["debt.referral"]
            .with_user(self.legal)
            .create({"case_id": self.case.id, "kind": "attorney", "recipient_id": self.agency.id})
        )
        referral.action_place()
        self.assertEqual((referral.state, self.case.escalation), ("placed", "legal"))
        other = self._create_debtor("Early Ltd")
        self._create_overdue_invoice(10, 50, partner=other)
        self._run_day(1, send=False, release=False)
        with self.assertRaises(AccessError):
            self.env["debt.referral"].with_user(self.legal).create(
                {"case_id": self._get_case(other).id, "kind": "attorney"}
            )
        self.case.user_id = self.officer_b
        self.assertFalse(self.env["debt.referral"].with_user(self.officer_a).search([]))
        self.assertEqual(self.env["debt.referral"].with_user(self.officer_b).search([]), referral)
        with self.assertRaises(AccessError):
            referral.with_user(self.officer_b).action_end()
        with self.assertRaises(AccessError):
            referral.with_user(self.reader).write({"reference": "x"})

    def test_key_dates(self):
        """A key date becomes a task of the person who looks after the referral."""
        referral = self._refer()
        with freeze_time(TODAY):
            referral.date_ids = [
                Command.create({"name": "Hearing", "date": fields.Date.add(TODAY, days=9)})
            ]
        task = referral.activity_ids.filtered(lambda a: a.summary == "Hearing")
        self.assertEqual(task.date_deadline, TODAY + timedelta(days=9))
