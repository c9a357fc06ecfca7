"""Statements of account: figures, language, portfolio, the gate, files, the contact log."""

import base64
import io
from datetime import timedelta
from unittest.mock import patch

import openpyxl

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.debt_collection.tests.common import TODAY
from odoo.addons.debt_collection.tests.common_reports import ReportCommon


@tagged("post_install", "-at_install")
class TestStatement(ReportCommon):
    def _document(self, kind="open", partner=None, user=None, days=60):
        statement = self.env["debt.statement"]
        if user:
            statement = statement.with_user(user)
        [(_debtor, document)] = statement._get_documents(
            partner or self.debtor, self.company, kind, self._day(days), TODAY
        )
        return document

    def _wizard(self, partners, **values):
        return self.env["debt.statement.wizard"].create(
            {"partner_ids": [(6, 0, partners.ids)], **values}
        )

    def test_open_items(self):
        """Open items by currency with their total, and the ageing below."""
        self._invoice(70, 100)
        self._invoice(10, 40)
        self._invoice(50, 500, currency_id=self.eur.id)
        document = self._document()
        tables = {table["title"]: table for table in document["tables"]}
        usd = tables[f"Open items in {self.company.currency_id.name}"]
        self.assertEqual([row[-1] for row in usd["rows"]], [100.0, 40.0])
        self.assertEqual(usd["total"][-1], 140.0)
        self.assertEqual(tables["Open items in EUR"]["total"][-1], 500.0)
        ages = {row[0]: row[1:] for row in tables["By age"]["rows"]}
        self.assertEqual(
            ages[self.company.currency_id.name], [40.0, 0.0, 100.0, 0.0, 0.0, 0.0, 140.0]
        )
        self.assertEqual(document["address"][0], "Late Ltd")

    def test_activity(self):
        """Opening balance, every movement with the running balance, closing as in the ledger."""
        old = self._invoice(100, 300)
        self._pay_on(old, 40, 120)
        self._invoice(20, 50)
        [table] = [t for t in self._document("activity")["tables"] if "Activity" in t["title"]]
        self.assertEqual(
            [row[3:] for row in table["rows"]],
            [[None, None, 300.0], [None, 120.0, 180.0], [50.0, None, 230.0]],
        )
        self.assertEqual(table["total"][-1], 230.0)

    def test_agreements(self):
        """Live promises are told."""
        self._create_overdue_invoice(40, 200)
        self._run_day()
        case = self._get_case()
        self.env["debt.promise"].create(
            {
                "case_id": case.id,
                "currency_id": self.company.currency_id.id,
                "amount": 200,
                "date": TODAY + timedelta(days=7),
                "line_ids": [(0, 0, {"item_id": case.item_ids.id, "amount": 200})],
            }
        )
        self.env["debt.hold"].create(
            {
                "case_id": case.id,
                "reason": "Not before the audit is over",
                "date_from": TODAY,
                "date_to": TODAY + timedelta(days=5),
            }
        )
        words = str(self._document()["tables"])
        self.assertIn("Promised for", words)
        self.assertNotIn("audit", words, "why we wait stays inside")
        [table] = [t for t in self._document()["tables"] if t["title"] == "Agreed payments"]
        self.assertIn("200.00", table["rows"][0][2])

    def test_language(self):
        """The statement is in the debtor's language, whoever makes it."""
        self.env["res.lang"]._activate_lang("fr_FR")
        self.debtor.lang = "fr_FR"
        self._invoice(70, 1234.5)
        document = self._document()
        renderer = self.env["debt.report.renderer"]
        html = str(renderer._render_pages([(document, "fr_FR")], self.company))
        self.assertRegex(html, r"1.?234,50")
        self.assertIn(f"{self._day(70):%d/%m/%Y}", html)

    def test_portfolio(self):
        """Nobody gets a statement of a debtor who is another officer's."""
        self._create_overdue_invoice(40, 200)
        self._run_day()
        self._get_case().user_id = self.officer_b
        self.assertTrue(self._document(user=self.officer_b)["tables"])
        with self.assertRaises(AccessError):
            self._document(user=self.officer_a)

    def test_files(self):
        """One PDF with a page each, one workbook with a sheet a table; errors say what to do."""
        other = self._create_debtor("=Evil Ltd")
        self._invoice(70, 100)
        self._invoice(70, 60, partner=other)
        wizard = self._wizard(self.debtor | other)
        wizard.action_xlsx()
        book = openpyxl.load_workbook(io.BytesIO(base64.b64decode(wizard.file)))
        self.assertEqual(len(book.sheetnames), 4)
        pages = []

        def _print(renderer, html, landscape):
            pages.append(str(html))
            return b"%PDF"

        with patch.object(self.env.registry["debt.report.renderer"], "_print", _print):
            wizard.action_pdf()
        self.assertEqual(pages[0].count('class="page"'), 2)
        with self.assertRaises(UserError):
            self._wizard(self.env["res.partner"]).action_pdf()
        with self.assertRaises(UserError):
            self._wizard(
                self.debtor, kind="activity", date_from=TODAY, date_to=self._day(5)
            ).action_pdf()

    def test_send(self):
        """Mailed where the rules allow it and there is an address; logged; the rest is told."""
        silent = self._create_debtor("Silent", email=False)
        held = self._create_debtor("Held")
        for partner in (self.debtor, silent, held):
            self._create_overdue_invoice(40, 100, partner=partner)
        self._run_day()
        self.env["debt.hold"].create(
            {
                "case_id": self._get_case(held).id,
                "reason": "Lawyer",
                "date_from": TODAY,
                "date_to": TODAY + timedelta(days=9),
            }
        )
        wizard = self._wizard(self.debtor | silent | held)
        before = self.env["debt.contact"].search_count([])
        with patch.object(
            self.env.registry["debt.report.renderer"], "_print", lambda *args: b"%PDF"
        ):
            wizard.action_send()
        self.assertIn("1 statements", wizard.message)
        self.assertIn("Silent: no e-mail address", wizard.message)
        self.assertIn("Lawyer", wizard.message)
        contact = self.env["debt.contact"].search([], limit=1, order="id desc")
        self.assertEqual(self.env["debt.contact"].search_count([]), before + 1)
        self.assertRecordValues(
            contact, [{"partner_id": self.debtor.id, "outcome": "sent", "automatic": True}]
        )
        mail = self.env["mail.mail"].sudo().search([], limit=1, order="id desc")
        self.assertIn("statement of account", mail.subject)
        self.assertEqual(mail.attachment_ids.mapped("name"), ["Statement of account.pdf"])
        self.assertEqual(mail.recipient_ids, self.debtor)
        url = self.env["debt.consent"]._get_opt_out_url(self.debtor.email, self.company)
        self.assertIn(f'href="{url.replace("&", "&amp;")}"', mail.body_html)
        self.assertIn(url, mail.headers)
        self.assertNotIn("Pay online", mail.body_html, "nobody takes payments online here")

    def _get_open_names(self):
        """Numbers of the debtor's invoices, oldest due first."""
        moves = self.env["account.move"].search([("partner_id", "=", self.debtor.id)])
        return moves.sorted("invoice_date_due").mapped("name")

    def test_mail_in_the_debtors_language(self):
        """Words and links in the debtor's language; a page to pay where there is one."""
        self.env["res.lang"]._activate_lang("fr_FR")
        self.env["ir.module.module"].search(
            [("name", "=", "debt_collection")]
        )._update_translations(["fr_FR"])
        self.debtor.lang = "fr_FR"
        self._create_overdue_invoice(40, 100)
        self._run_day()
        wizard = self._wizard(self.debtor)
        with (
            patch.object(
                self.env.registry["debt.report.renderer"], "_print", lambda *args: b"%PDF"
            ),
            patch.object(self.env.registry["debt.notice"], "_may_pay_online", lambda *a: True),
        ):
            wizard.action_send()
            move = self.env["account.move"].search([("partner_id", "=", self.debtor.id)])
            self._create_overdue_invoice(30, 50)
            links = wizard._get_pay_links(self.debtor)
            self.assertEqual([name for name, _url in links], self._get_open_names())
        mail = self.env["mail.mail"].sudo().search([], limit=1, order="id desc")
        self.assertIn("relevé", mail.subject)
        self.assertIn(move.access_token, mail.body_html, "the page of the only document")
        self.assertIn("portal_pay", mail.body_html)

    def test_mailing_of_many(self):
        """More than can be waited for: one after the other in the background, each only once."""
        debtors = self.debtor
        for number in range(4):
            debtors |= self._create_debtor(f"Many {number}")
        debtors |= self._create_debtor("Silent", email=False)
        for debtor in debtors:
            self._create_overdue_invoice(40, 100, partner=debtor)
        self._run_day()
        self.env["debt.case"].search([("partner_id", "in", debtors.ids)]).user_id = self.officer_a
        wizard = (
            self.env["debt.statement.wizard"]
            .with_user(self.officer_a)
            .create({"partner_ids": [(6, 0, debtors.ids)]})
        )
        module = "odoo.addons.debt_collection.wizards.debt_statement_wizard"
        with patch(f"{module}.SEND_AT_ONCE", 3):
            action = wizard.action_send()
        mailing = self.env["debt.statement.mailing"].browse(action["res_id"])
        self.assertRecordValues(mailing, [{"state": "running", "todo_count": 6, "sent_count": 0}])
        self.assertFalse(mailing.with_user(self.officer_b).search([("id", "=", mailing.id)]))
        self.assertTrue(mailing.with_user(self.officer_a).search([("id", "=", mailing.id)]))
        before = self.env["debt.contact"].search_count([])
        renderer = self.env.registry["debt.report.renderer"]
        printed = []

        def fail_on_second(_renderer, html, _landscape):
            printed.append(html)
            if len(printed) == 2:
                raise ValueError("The printer is broken")
            return b"%PDF"

        with (
            patch.object(renderer, "_print", fail_on_second),
            patch.object(self.env.registry["ir.cron"], "_commit_progress", lambda *a, **k: 1),
            self.assertLogs("odoo.addons.debt_collection.models.insight", "ERROR"),
        ):
            self.env["debt.statement.mailing"]._cron_send()
            self.env["debt.statement.mailing"]._cron_send()
        mailing.invalidate_recordset()
        self.assertRecordValues(
            mailing, [{"state": "done", "todo_count": 0, "sent_count": 4, "left_out_count": 2}]
        )
        reasons = mailing.line_ids.filtered(lambda line: line.state == "left_out")
        self.assertEqual(reasons.mapped("reason"), ["The printer is broken", "no e-mail address"])
        self.assertEqual(self.env["debt.contact"].search_count([]), before + 4)
        contact = self.env["debt.contact"].search([], limit=1, order="id desc")
        self.assertEqual(contact.user_id, self.officer_a, "in the name of who asked for it")
        with self.assertRaises(AccessError), patch(f"{module}.SEND_AT_ONCE", 3):
            wizard.with_user(self.officer_b).create(
                {"partner_ids": [(6, 0, debtors.ids)]}
            ).action_send()
