"""Query counts at two sizes: what grows with the number of debtors, and what must not."""

from contextlib import contextmanager
from unittest.mock import patch

from lxml import etree

from odoo import Command
from odoo.tests import tagged

from odoo.addons.debt_collection.tests.common import TODAY, DebtCommon

SMALL, LARGE = 10, 100

# What the worklist shows (the columns of the list view and of the kanban cards).
WORKLIST_FIELDS = [
    "display_name",
    "partner_id",
    "user_id",
    "team_id",
    "state",
    "escalation",
    "level_id",
    "item_count",
    "amount_overdue",
    "amount_credit",
    "amount_net",
    "currency_id",
    "currency_totals",
    "oldest_due_date",
    "days_overdue",
    "last_contact_date",
    "last_notice_date",
    "next_action_date",
    "next_action",
    "priority_score",
    "priority_explanation",
    "phone",
    "email",
    "partner_lang",
    "country_id",
    "blocking_words",
    "notice_count",
    "contact_count",
    "error_message",
]


@tagged("post_install", "-at_install")
class TestPerformance(DebtCommon):
    """Ten and a hundred debtors, two late invoices each, cache as warm as a server's is."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.large = cls._create_debtors("Large", LARGE)

    @classmethod
    def _create_debtors(cls, name, number):
        """Debtors with two late invoices each, made in one go."""
        partners = cls.env["res.partner"].create(
            [
                {
                    "name": f"{name} {index}",
                    "is_company": True,
                    "email": f"{name.lower()}{index}@example.com",
                }
                for index in range(number)
            ]
        )
        moves = cls.env["account.move"].create(
            [
                {
                    "move_type": "out_invoice",
                    "partner_id": partner.id,
                    "invoice_date": "2026-01-05",
                    "invoice_date_due": due,
                    "invoice_payment_term_id": False,
                    "invoice_line_ids": [
                        Command.create({"name": "x", "price_unit": 50, "tax_ids": False})
                    ],
                }
                for partner in partners
                for due in ("2026-03-05", "2026-03-08")
            ]
        )
        moves.action_post()
        return partners

    def _exclude(self, partners, excluded=True):
        """Take debtors out of follow-up behind everybody's back, or back into it."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move_line SET no_followup = %s WHERE partner_id = ANY(%s)",
            (excluded, partners.ids),
        )
        self.env.invalidate_all()

    @contextmanager
    def _count(self):
        """Count the queries of a block, everything flushed before and after.

        :return: list that holds the number afterwards
        """
        self.env.flush_all()
        result = []
        before = self.env.cr.sql_log_count
        yield result
        self.env.flush_all()
        result.append(self.env.cr.sql_log_count - before)

    def _count_both(self, action):
        """Queries of an action with few debtors and with all of them.

        :param action: function of no argument, called twice; the first call warms the caches
        :return: (queries with SMALL, queries with LARGE debtors)
        """
        counts = []
        for hidden in (self.large[SMALL:], self.large.browse()):
            savepoint = self.env.cr.savepoint()
            if hidden:
                self._exclude(hidden)
            warm = self.env.cr.savepoint()
            action()
            warm.close(rollback=True)
            self.env.invalidate_all()
            with self._count() as queries:
                action()
            counts += queries
            savepoint.close(rollback=True)
            self.env.invalidate_all()
        return tuple(counts)

    def _execute(self, day="2026-03-18", send=False):
        """Run the whole day for all debtors there are."""
        run = self.env["debt.run"].create({"date": day, "company_id": self.company.id})
        run._execute(send=send)
        return run

    # === THE RUN ===

    def test_first_run(self):
        """Sync, decide, plan and score: the same number of statements for ten and a hundred."""
        small, large = self._count_both(self._execute)
        self.assertEqual(self._execute().notices_planned, LARGE)
        self.assertEqual(large, small)
        self.assertLess(large, 120)

    def test_rerun(self):
        """A day on which nothing happened."""
        self._execute("2026-03-16")
        run_of_today = lambda: self._execute("2026-03-17")  # noqa: E731
        small, large = self._count_both(run_of_today)
        self.assertLessEqual(large, small, "those excluded leave, which costs a little")
        self.assertLess(large, 120)

    def test_preview(self):
        """The preview is the run and one row of decisions more."""

        def preview():
            run = self.env["debt.run"].create({"date": TODAY, "company_id": self.company.id})
            run.action_preview()

        small, large = self._count_both(preview)
        self.assertEqual(large, small)

    # === DISPATCH ===

    def test_dispatch(self):
        """An e-mail costs a bounded number of statements, batches of fifty share the rest."""

        def dispatch(number):
            run = self._execute()
            notices = run.notice_ids.sudo()[:number]
            with self._count() as queries:
                self.env["debt.notice"].sudo()._dispatch(
                    [("id", "in", notices.ids)], lambda _count: True
                )
            self.assertEqual(set(notices.mapped("state")), {"queued"})
            return queries[0]

        counts = []
        for number in (SMALL, SMALL, LARGE):
            savepoint = self.env.cr.savepoint()
            counts.append(dispatch(number))
            savepoint.close(rollback=True)
            self.env.invalidate_all()
        _cold, small, large = counts
        per_notice = (large - small) / (LARGE - SMALL)
        self.assertLess(per_notice, 6)
        self.assertLess(small, 200)

    # === SCREENS ===

    def test_worklist(self):
        """Reading the worklist costs no statement per row."""
        self._execute()
        cases = self.env["debt.case"].with_user(self.manager)

        def read(limit):
            self.env.invalidate_all()
            with self._count() as queries:
                rows = cases.web_search_read(
                    [("state", "!=", "closed"), ("company_id", "=", self.company.id)],
                    {name: {} for name in WORKLIST_FIELDS},
                    limit=limit,
                )["records"]
            self.assertEqual(len(rows), limit)
            self.assertTrue(all(row["next_action"] and row["currency_totals"] for row in rows))
            return queries[0]

        read(SMALL)
        small, large = read(SMALL), read(LARGE)
        self.assertLessEqual(large, small + 1)
        self.assertLess(large, 40)

    def test_worklist_of_an_officer(self):
        """Nor do the rules of the portfolio."""
        self._execute()
        self.env["debt.case"].search([]).user_id = self.officer_a
        self.env.flush_all()
        cases = self.env["debt.case"].with_user(self.officer_a)

        def read(limit):
            self.env.invalidate_all()
            with self._count() as queries:
                rows = cases.web_search_read(
                    [("state", "!=", "closed")], {name: {} for name in WORKLIST_FIELDS}, limit=limit
                )["records"]
            self.assertEqual(len(rows), limit)
            return queries[0]

        read(SMALL)
        small, large = read(SMALL), read(LARGE)
        self.assertLessEqual(large, small + 1)

    def _get_specification(self, xmlid):
        """What the web client reads for a view: its fields, relations by their name."""
        arch = self.env["debt.case"].get_view(self.env.ref(xmlid).id, "list")["arch"]
        names = {node.get("name") for node in etree.fromstring(arch).iter("field")}
        fields = self.env["debt.case"]._fields
        return {
            name: {"fields": {"display_name": {}}} if fields[name].relational else {}
            for name in names
        }

    def test_worklist_columns(self):
        """Every column of the list, optional ones too, as an officer with a colleague away."""
        self._execute()
        cases = self.env["debt.case"].search([])
        cases[::2].user_id = self.officer_a
        cases[1::2].user_id = self.officer_b
        self.env["debt.absence"].create(
            {
                "user_id": self.officer_b.id,
                "substitute_id": self.officer_a.id,
                "date_to": TODAY,
            }
        )
        self.env.flush_all()
        specification = self._get_specification("debt_collection.debt_case_view_list")
        self.assertIn("priority_explanation", specification)
        mine = cases.with_user(self.officer_a).browse()
        domain = [("state", "=", "open"), ("is_snoozed", "=", False), ("is_mine", "=", True)]

        def read(limit):
            self.env.invalidate_all()
            with self._count() as queries:
                rows = mine.web_search_read(domain, specification, limit=limit)["records"]
            self.assertEqual(len(rows), limit)
            return queries[0]

        read(SMALL)
        small, large = read(SMALL), read(LARGE)
        self.assertLessEqual(large, small + 1)
        self.assertLess(large, 45)

    def test_timeline(self):
        """The timeline of one debtor costs the same, however many others there are."""
        self._execute()
        rows = self.env["debt.timeline"]
        specification = {"date": {}, "summary": {}, "amount": {}, "user_id": {}}

        def read():
            self.env.invalidate_all()
            with self._count() as queries:
                found = rows.web_search_read(
                    [("partner_id", "=", self.large[0].id)], specification
                )["records"]
            self.assertTrue(found)
            return queries[0]

        read()
        self.assertLess(read(), 20)

    def test_items_of_a_case(self):
        """The list of items with amounts and marks: no statement per item."""
        self._execute()
        items = self.env["debt.case.item"].search([("case_id.company_id", "=", self.company.id)])
        names = [
            "document_number",
            "date_due",
            "days_overdue",
            "amount_residual",
            "amount_collectible",
            "claim_words",
            "level_id",
            "move_id",
        ]

        def read(records):
            records = records.browse(records.ids)  # as a search gives them
            self.env.invalidate_all()
            with self._count() as queries:
                records.web_read({name: {} for name in names})
            return queries[0]

        read(items[:SMALL])
        self.assertLessEqual(read(items), read(items[:SMALL]) + 1)

    def test_notices_and_decisions(self):
        """Notices and the decisions of a run, with their reasons in words."""
        run = self._execute()
        for records, names in (
            (run.line_ids, ["partner_id", "decision", "reason", "amount", "level_id", "case_id"]),
            (run.notice_ids, ["display_name", "state", "channel", "amount_total", "level_id"]),
        ):

            def read(part, fields_=tuple(names)):
                part = part.browse(part.ids)  # as a search gives them
                self.env.invalidate_all()
                with self._count() as queries:
                    part.web_read({name: {} for name in fields_})
                return queries[0]

            with self.subTest(records._name):
                read(records[:SMALL])
                self.assertLessEqual(read(records), read(records[:SMALL]) + 1)

    def test_partners(self):
        """The figures on a list of partners."""
        self._execute()

        def read(partners):
            self.env.invalidate_all()
            with self._count() as queries:
                partners.read(["debt_case_count", "debt_overdue"])
            return queries[0]

        read(self.large[:SMALL])
        self.assertLessEqual(read(self.large), read(self.large[:SMALL]) + 1)

    # === BOOKKEEPING ===

    def _count_payment(self, invoice):
        """Queries of registering a payment in full."""
        savepoint = self.env.cr.savepoint()
        self._pay(invoice)  # warm
        self.env.flush_all()
        savepoint.close(rollback=True)
        self.env.invalidate_all()
        savepoint = self.env.cr.savepoint()
        with self._count() as queries:
            self._pay(invoice)
        savepoint.close(rollback=True)
        self.env.invalidate_all()
        return queries[0]

    @contextmanager
    def _without_hooks(self):
        """Bookkeeping as it is without the addon."""
        lines = self.env.registry["account.move.line"]
        with patch.object(lines, "_remember_debt_movement", lambda *_args, **_kwargs: None):
            yield

    def test_payment_without_case(self):
        """Who is not in collection pays for at most two statements more."""
        invoice = self._create_overdue_invoice(-20)
        with self._without_hooks():
            bare = self._count_payment(invoice)
        self.assertLessEqual(self._count_payment(invoice) - bare, 2)

    def test_payment_with_case(self):
        """A case is brought up to date with a bounded number of statements."""
        invoice = self._create_overdue_invoice(10)
        self._execute(send=True)
        with self._without_hooks():
            bare = self._count_payment(invoice)
        self.assertLessEqual(self._count_payment(invoice) - bare, 60)

    def test_posting_invoices(self):
        """Posting invoices of debtors without a case: one statement for all of them."""

        def post(number):
            moves = self.env["account.move"].create(
                [
                    {
                        "move_type": "out_invoice",
                        "partner_id": partner.id,
                        "invoice_date": "2026-03-18",
                        "invoice_line_ids": [
                            Command.create({"name": "x", "price_unit": 50, "tax_ids": False})
                        ],
                    }
                    for partner in self.large[:number]
                ]
            )
            self.env.flush_all()
            with self._count() as queries:
                moves.action_post()
            return queries[0]

        def added(number):
            counts = []
            for hooks in (False, False, True):
                savepoint = self.env.cr.savepoint()
                if hooks:
                    counts.append(post(number))
                else:
                    with self._without_hooks():
                        counts.append(post(number))
                savepoint.close(rollback=True)
                self.env.invalidate_all()
            return counts[2] - counts[1]

        self.assertLessEqual(added(SMALL), 2)

    def test_install_has_nothing_to_fill(self):
        """No stored column of ours lies on the ledger's large tables."""
        for model in ("account.move", "account.move.line", "account.partial.reconcile"):
            stored = [
                name
                for name, field in self.env[model]._fields.items()
                if name.startswith("debt_") and field.store
            ]
            with self.subTest(model):
                self.assertEqual(stored, [])
