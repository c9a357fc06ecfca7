"""The legal file: complete, the same to the byte, of one day; and what collecting costs."""

import base64
import io
import zipfile
from datetime import timedelta

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
        cls.env["ir.attachment"].create(
            {
                "name": "contract.txt",
                "raw": b"We agree.",
                "res_model": "debt.case",
                "res_id": cls.case.id,
            }
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
        self.assertEqual(len([name for name in names if name.endswith(".pdf")]), 2)

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
