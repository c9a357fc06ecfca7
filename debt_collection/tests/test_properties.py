"""What holds for any ledger: figures tie to it, no line is collected twice, runs are idempotent."""

from datetime import timedelta

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from odoo import Command
from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.debt_collection.tests.common import TODAY, DebtCommon

DEBTORS = 3
TOLERANCE = 5.0

CENTS = st.integers(min_value=1, max_value=30000)
DOCUMENT = st.fixed_dictionaries(
    {
        "debtor": st.integers(min_value=0, max_value=DEBTORS - 1),
        "refund": st.sampled_from([False, False, False, True]),
        "cents": st.one_of(CENTS, st.sampled_from([499, 500, 501])),
        "late": st.one_of(st.integers(min_value=-8, max_value=60), st.sampled_from([-1, 0, 1])),
        "instalments": st.sampled_from([False, False, True]),
        "excluded": st.sampled_from([False, False, False, False, True]),
        "paid": st.sampled_from([0.0, 0.0, 0.4, 1.0]),
    }
)
LEDGER = st.lists(DOCUMENT, min_size=3, max_size=8)


class Undo(Exception):
    """Takes one example's ledger back."""


@tagged("post_install", "-at_install")
class TestProperties(DebtCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.debt_tolerance = TOLERANCE
        cls.debtors = [cls._create_debtor(f"Debtor {index}") for index in range(DEBTORS)]

    def _create_entry(self, lines, journal):
        """Post one entry: its receivable lines and what balances them.

        :param lines: list of (debtor, cents, due date)
        """
        receivable = self.company_data["default_account_receivable"]
        values = [
            {
                "account_id": receivable.id,
                "partner_id": self.debtors[debtor].id,
                "balance": cents / 100,
                "date_maturity": due,
                "no_followup": False,
            }
            for debtor, cents, due in lines
        ]
        values.append(
            {
                "account_id": self.company_data["default_account_revenue"].id,
                "balance": -sum(cents for _debtor, cents, _due in lines) / 100,
            }
        )
        move = self.env["account.move"].create(
            {
                "move_type": "entry",
                "journal_id": self.company_data[journal].id,
                "date": min(due for _debtor, _cents, due in lines) - timedelta(days=60),
                "line_ids": [Command.create(line) for line in values],
            }
        )
        move.action_post()
        return move.line_ids.filtered(lambda line: line.account_id == receivable)

    def _post(self, documents):
        """Post the documents of an example in one entry (entries, since they are quick to make).

        :return: list of (receivable line, share of it that will be paid)
        """
        lines, shares, excluded = [], [], []
        for document in documents:
            due = TODAY - timedelta(days=document["late"])
            sign = -1 if document["refund"] else 1
            cents = document["cents"]
            parts = [(cents, due)]
            if document["instalments"]:
                half = cents // 2
                parts = [(half, due), (cents - half, due + timedelta(days=20))]
            for part, day in parts:
                if part:
                    lines.append((document["debtor"], sign * part, day))
                    shares.append(0.0 if document["refund"] else document["paid"])
                    excluded.append(document["excluded"])
        posted = self._create_entry(lines, "default_journal_misc")
        for line, left_out in zip(posted, excluded, strict=True):
            if left_out:
                line.no_followup = True
        return list(zip(posted, shares, strict=True))

    def _settle(self, posted):
        """Pay the share of each line that the example names."""
        paid = [(line, round(line.balance * share * 100)) for line, share in posted]
        paid = [(line, cents) for line, cents in paid if cents]
        if not paid:
            return
        payments = self._create_entry(
            [
                (self.debtors.index(line.partner_id), -cents, line.date_maturity)
                for line, cents in paid
            ],
            "default_journal_bank",
        )
        for (line, _cents), payment in zip(paid, payments, strict=True):
            (line | payment).reconcile()

    # === CHECKS, ON THE TABLES ===

    def _query(self, text, **values):
        """Rows as another transaction would see them after the commit."""
        self.env.cr.precommit.run()
        self.env.flush_all()
        return self.env.execute_query(SQL(text, company=self.company.id, **values))

    def _check_ties_to_the_ledger(self, date):
        """Cases hold just the overdue, chaseable lines of their debtors, with their residuals."""
        rows = self._query(
            """
            WITH line AS (
                SELECT l.id, l.partner_id, l.amount_residual AS residual,
                       l.amount_residual > 0 AND l.date_maturity < %(date)s
                       AND NOT l.no_followup AS overdue
                  FROM account_move_line l JOIN account_account a ON a.id = l.account_id
                 WHERE a.account_type = 'asset_receivable' AND l.parent_state = 'posted'
                   AND l.company_id = %(company)s AND NOT l.reconciled
            )
            SELECT c.partner_id, c.amount_overdue, c.item_count,
                   (SELECT COALESCE(sum(residual), 0) FROM line
                     WHERE overdue AND line.partner_id = c.partner_id),
                   (SELECT array_agg(id ORDER BY id) FROM line
                     WHERE overdue AND line.partner_id = c.partner_id),
                   (SELECT array_agg(move_line_id ORDER BY move_line_id) FROM debt_case_item i
                     WHERE i.case_id = c.id AND i.date_out IS NULL),
                   c.amount_credit,
                   (SELECT COALESCE(-sum(residual), 0) FROM line
                     WHERE residual < 0 AND line.partner_id = c.partner_id)
              FROM debt_case c WHERE c.company_id = %(company)s AND c.state <> 'closed'
            """,
            date=date,
        )
        for partner, amount, count, owed, lines, items, credit, open_credit in rows:
            self.assertEqual(amount, owed, f"overdue of {partner}")
            self.assertEqual(items, lines, f"items of {partner}")
            self.assertEqual(count, len(lines or ()))
            self.assertEqual(credit, open_credit, f"credits of {partner}")
        return {partner for partner, *_figures in rows}

    def _get_net_debtors(self, date):
        """Debtors who owe more than the tolerance net of credits."""
        return {
            partner
            for (partner,) in self._query(
                """
                SELECT l.partner_id
                  FROM account_move_line l JOIN account_account a ON a.id = l.account_id
                 WHERE a.account_type = 'asset_receivable' AND l.parent_state = 'posted'
                   AND l.company_id = %(company)s AND NOT l.reconciled
                   AND (l.amount_residual < 0 OR l.date_maturity < %(date)s AND NOT l.no_followup)
                 GROUP BY l.partner_id HAVING sum(l.amount_residual) > %(tolerance)s
                """,
                date=date,
                tolerance=TOLERANCE,
            )
        }

    def _check_no_line_twice(self):
        """A line is in one open item at most, and its item is in an open case of its debtor."""
        self.assertFalse(
            self._query(
                """
                SELECT i.move_line_id
                  FROM debt_case_item i JOIN debt_case c ON c.id = i.case_id
                  JOIN account_move_line l ON l.id = i.move_line_id
                 WHERE i.date_out IS NULL AND c.company_id = %(company)s
                 GROUP BY i.move_line_id
                HAVING count(*) > 1 OR bool_or(c.state = 'closed' OR c.partner_id <> l.partner_id)
                """
            )
        )

    def _fingerprint(self):
        return self._query(
            """
            SELECT 'case', id, state, escalation, amount_overdue, amount_credit, item_count,
                   level_id, priority_score, NULL
              FROM debt_case WHERE company_id = %(company)s
            UNION ALL
            SELECT 'item', i.id, i.exit_reason, NULL, i.amount_in, 0, i.repeat_count, i.level_id,
                   i.case_id, i.level_date
              FROM debt_case_item i JOIN debt_case c ON c.id = i.case_id
             WHERE c.company_id = %(company)s
            UNION ALL
            SELECT 'notice', id, state, channel, amount_total, amount_credit, 0, level_id, case_id,
                   date
              FROM debt_notice WHERE company_id = %(company)s
            ORDER BY 1, 2
            """
        )

    # === PROPERTIES ===

    @settings(
        max_examples=12,
        phases=[Phase.generate],  # an example takes a second: shrinking it would take minutes
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(LEDGER)
    def test_any_ledger(self, documents):
        """After a run, after running again, after payments by day and after the next run."""
        try:
            with self.env.cr.savepoint():
                posted = self._post(documents)
                self._run_day(send=False)
                chased = self._check_ties_to_the_ledger(TODAY)
                self.assertEqual(chased, self._get_net_debtors(TODAY))
                self._check_no_line_twice()

                before = self._fingerprint()
                again = self._run_day(send=False)
                self.assertEqual(self._fingerprint(), before)
                self.assertEqual(
                    (again.items_entered, again.items_left, again.notices_planned), (0, 0, 0)
                )

                self._settle(posted)
                self._check_ties_to_the_ledger(TODAY)
                self._check_no_line_twice()

                tomorrow = TODAY + timedelta(days=1)
                self._run_day(1, send=False)
                chased = self._check_ties_to_the_ledger(tomorrow)
                self.assertLessEqual(self._get_net_debtors(tomorrow), chased)
                self._check_no_line_twice()
                raise Undo
        except Undo:
            self.env.invalidate_all(flush=False)
