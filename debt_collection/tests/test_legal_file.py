"""The legal file: complete, the same to the byte, of one day; and what collecting costs."""

import base64
import io
import zipfile
from datetime import timedelta
from decimal import Decimal

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools.pdf import PdfFileReader

from odoo.addons.debt_collection.tests.common import TODAY
from odoo.addons.debt_collection.tests.common_escalation import EscalationCommon


@tagged("post_install", "-at_install")
class TestLegalFile(EscalationCommon):
    """A ripe case with notice, proof, contacts and costs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_ripe(cls.case)
        cls.notice = cls.case.notice_ids.filtered("legal_kind")
        cls.env["debt.notice.service"].create(
            {
                "notice_id": cls.notice.id,
                "date": TODAY - timedelta(days=20),
                "number": "RR 1 DE",
                "proof": base64.b64encode(b"%PDF-receipt"),
                "proof_name": "receipt.pdf",
            }
        )
        contract = cls.env["ir.attachment"].create(
            {
                "name": "contract.txt",
                "raw": b"We agree.",
                "res_model": "debt.case",
                "res_id": cls.case.id,
            }
        )
        cls.env.cr.execute(
            "UPDATE ir_attachment SET create_date = %s WHERE id = %s",
            [TODAY - timedelta(days=50), contract.id],
        )
        cls.env["debt.cost"].create(
            {
                "case_id": cls.case.id,
                "name": "Order for payment",
                "amount": 60,
                "amount_rebillable": 45,
            }
        )

    def _make(self, user=None, date=TODAY, **kwargs):
        user = user or self.manager
        files = self.env["debt.legal.file"].with_user(user)
        return files._make(self.case.with_user(user), date, **kwargs)

    def _read(self, file):
        reader = PdfFileReader(io.BytesIO(base64.b64decode(file.pdf)))
        return "\n".join(page.extract_text() for page in reader.pages)

    def test_complete(self):
        """Index, statement, notices with proof, contacts, costs; documents in the ZIP."""
        with freeze_time(TODAY + timedelta(days=1)):
            file = self._make()
        text = self._read(file)
        for words in (
            "Index",
            "Summary of the case",
            self.invoice.name,
            "1,000.00",
            "RR 1 DE",
            "Pay by then.",
            "No answer",
            "Order for payment",
            "60.00",
        ):
            self.assertIn(words, text)
        names = zipfile.ZipFile(io.BytesIO(base64.b64decode(file.archive))).namelist()
        self.assertIn("service/receipt.pdf", names)
        self.assertIn("documents/contract.txt", names)
        self.assertIn(f"invoices/{self.invoice.name.replace('/', '-')}.pdf", names)
        self.assertEqual(len([name for name in names if name.endswith(".pdf")]), 3)
        for name in names:
            if name != f"{file.name}.pdf":
                self.assertIn(name, text.replace("\n", ""), "listed with its hash")

    def test_reproducible(self):
        """Made again later by somebody else, after more has happened: the same bytes."""
        first = self._make()
        with freeze_time(TODAY + timedelta(days=40)):
            self._pay(self.invoice, 300)
            self._log_attempts(self.case, (-10, "call"))
            self._run_day(40, send=False, release=False)
            self.case.sudo()._set_escalation("management")
            second = self._make(date=TODAY)
            self.assertEqual(first.hash_archive, second.hash_archive)
            self.assertEqual(first.pdf, second.pdf)
            self.assertEqual(second.action_verify()["params"]["type"], "success")
            today = self._make(date=TODAY + timedelta(days=40))
            self.assertNotEqual(today.hash_pdf, first.hash_pdf)
            self.assertIn("700.00", self._read(today))
        self.assertEqual(self.case.legal_file_hash, today.hash_archive)

    def test_interest_agreed(self):
        """To the cent, on what was open between payments; the file names rate and source."""
        self.company.write(
            {"debt_interest_rate": 8, "debt_interest_source": "General terms, clause 9"}
        )
        due = TODAY - timedelta(days=100)
        with freeze_time(due + timedelta(days=40)):
            self._pay(self.invoice, 400)
        claims = self.env["debt.interest"]._compute_claims(self.case, TODAY)
        [item] = claims["items"]
        stretches = [row[2:5] for row in item["stretches"]]
        self.assertEqual(stretches, [(40, Decimal(1000), 8), (60, Decimal(600), 8)])
        # 1,000 x 8 % x 40/365 + 600 x 8 % x 60/365 = 8.7671 + 7.8904
        self.assertEqual(item["interest"], Decimal("16.66"))
        text = self._read(self._make())
        for words in ("General terms, clause 9", "16.66", "8.7671", "365 days"):
            self.assertIn(words, text)
        earlier = self.env["debt.interest"]._compute_claims(self.case, TODAY - timedelta(days=70))
        self.assertEqual(earlier["items"][0]["interest"], Decimal("6.58"))

    def test_interest_by_law(self):
        """The rule's margin on the dated reference rates, and the fixed sum for the invoice."""
        self.env["debt.rule"]._load_presets()
        self.company.country_id = self.debtor.country_id = self.env.ref("base.de")
        self.env["debt.interest.rate"].search([]).unlink()
        due = TODAY - timedelta(days=100)
        rates = self.env["debt.interest.rate"]
        name = "German base rate"
        rates.create({"name": name, "date": "2010-01-01", "rate": 1, "source": "Gazette 1"})
        rates.create(
            {"name": name, "date": due + timedelta(days=31), "rate": 2, "source": "Gazette 2"}
        )
        claims = self.env["debt.interest"]._compute_claims(self.case, TODAY)
        self.assertIn("BGB", claims["basis"])
        [item] = claims["items"]
        self.assertEqual([row[2:5] for row in item["stretches"]], [(30, 1000, 10), (70, 1000, 11)])
        # 1,000 x (30 x 10 % + 70 x 11 %) / 365
        self.assertEqual(item["interest"], Decimal("29.32"))
        notes = " ".join(claims["notes"])
        self.assertIn("Gazette 1; Gazette 2", notes)
        rates.search([]).unlink()
        claims = self.env["debt.interest"]._compute_claims(self.case, TODAY)
        self.assertFalse([item for item in claims["items"] if item["interest"]])
        self.assertIn("No value of German base rate", " ".join(claims["notes"]))

    def test_kept(self):
        """Files are evidence; nobody makes one of a day to come."""
        file = self._make()
        with self.assertRaises(UserError):
            file.with_user(self.manager).write({"date": TODAY})
        with self.assertRaises(UserError):
            file.unlink()
        with self.assertRaises(UserError):
            self._make(date=TODAY + timedelta(days=1))

    def test_research_only_if_allowed(self):
        """The ability-to-pay sheet is part of it only for those who may see it."""
        sheet = self.env["debt.assessment"].create({"case_id": self.case.id})
        sheet.line_ids = [(0, 0, {"kind": "income", "name": "Secret wage", "amount": 900})]
        sheet.action_confirm()
        self.assertIn("Secret wage", self._read(self._make(with_research=True)))
        self.assertNotIn("Secret wage", self._read(self._make(self.officer_a)))
        with self.assertRaises(AccessError):
            self._make(self.officer_a, with_research=True)
        secret = self._make(with_research=True)
        for user in (self.officer_a, self.reader):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                secret.with_user(user).read(["pdf"])
            self.assertNotIn(secret, self.case.with_user(user).legal_file_ids)
        self.assertTrue(secret.with_user(self.legal).pdf)
        with self.assertRaises(AccessError):
            self._make(self.reader)

    def test_costs(self):
        """Net recovery: payments since the items are in collection less costs; spent ones stay."""
        self._pay(self.invoice, 400)
        case = self.case
        self.assertEqual((case.amount_recovered, case.amount_cost), (400, 60))
        self.assertEqual(case.amount_net_recovered, 340)
        planned = case.cost_ids.copy({"state": "planned", "amount": 500})
        case.invalidate_recordset()
        self.assertEqual(case.amount_cost, 60)
        planned.unlink()
        with self.assertRaises(UserError):
            case.cost_ids.unlink()
        with self.assertRaises(AccessError):
            case.cost_ids.with_user(self.reader).write({"amount": 1})

    def test_costs_are_claimed(self):
        """The debtor's part becomes one draft invoice, which a credit hold lets pass."""
        case = self.case
        self.assertEqual(case._get_costs_to_claim(TODAY), 45)
        with self.assertRaises(AccessError):
            case.with_user(self.officer_a).action_claim_costs()
        with self.assertRaisesRegex(UserError, "settings"):
            case.with_user(self.manager).action_claim_costs()
        self.company.debt_cost_product_id = self.env["product.product"].create(
            {"name": "Costs of collecting", "type": "service", "taxes_id": False}
        )
        self.env["debt.credit.hold"].create(
            {"partner_id": self.debtor.id, "reason": "Late", "on_invoice": "block"}
        )
        case.with_user(self.manager).action_claim_costs()
        invoice = case.cost_ids.invoice_id
        self.assertEqual((invoice.state, invoice.amount_total), ("draft", 45))
        self.assertEqual(invoice.partner_id, self.debtor)
        with self.assertRaisesRegex(UserError, "nothing to claim"):
            case.with_user(self.manager).action_claim_costs()
        self.assertEqual(case._get_costs_to_claim(TODAY), 45, "claimed, but not booked yet")
        invoice.invoice_date = TODAY
        invoice.action_post()
        self.assertEqual(invoice.state, "posted")
        self.assertEqual(case._get_costs_to_claim(TODAY), 0)

    def test_net_recovery_by_channel(self):
        """A row a payment and a cost, by who had the debt on that day."""
        self._pay(self.invoice, 400)
        rows = self.env["debt.recovery"].search([("case_id", "=", self.case.id)])
        self.assertEqual(set(rows.mapped("channel")), {"own"})
        self.assertEqual(sum(rows.mapped("net")), 340)
        self.assertEqual(sum(rows.mapped("rebillable")), 45)
        self.assertEqual(sum(rows.mapped("net")), self.case.amount_net_recovered)
        self.case.user_id = self.officer_b
        recovery = self.env["debt.recovery"]
        self.assertFalse(recovery.with_user(self.officer_a).search([]))
        for user in (self.officer_b, self.legal, self.reader, self.manager):
            self.assertEqual(len(recovery.with_user(user).search([])), len(rows))
