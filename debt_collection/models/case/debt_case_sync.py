"""Synchronisation of cases with the ledger: set-based, one statement a step.

The same steps serve the night (all debtors of a company) and a movement of money by day (the
debtors concerned). By day nothing new is discovered: items leave, items that had left come back,
figures follow; finding newly overdue debts is the work of the run, which knows its date.
"""

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.sql import values_table
from .debt_ledger_follower import FOLLOWERS

# Below this number of new rows the planner's old statistics do no harm.
ANALYZE_FROM = 1000


class DebtCase(models.Model):
    _inherit = "debt.case"

    # === DOORS ===

    @api.model
    def _sync(self, company, date, numbered=True):
        """Bring all cases of a company in line with its ledger as of ``date``.

        :param company: res.company; lines of other companies are never looked at
        :param date: day of the run: overdue is what was due before it; what a run of a later day
            has found stays
        :param numbered: give new cases a reference (a preview does not use numbers up)
        :return: dict of counts: opened, reopened, closed, entered, left
        """
        self._follow_movements()
        self.env.flush_all()
        self._follow_commercial_partners(company)
        date = self._get_sync_date(company, date)
        cr = self.env.cr
        cr.execute("DROP TABLE IF EXISTS debt_sync_ledger")
        cr.execute(
            SQL(
                "CREATE TEMP TABLE debt_sync_ledger ON COMMIT DROP AS (%s)",
                self._get_ledger_sql(company, date),
            )
        )
        cr.execute("ANALYZE debt_sync_ledger")
        source = SQL("(SELECT * FROM debt_sync_ledger)")
        counts = {"left": len(self._sync_exits(company, date, date, source))}
        self._sync_due_dates(company, source)
        counts["reopened"] = self._sync_reopen(company, source)
        new_ids = self._sync_open(company, date, source, numbered)
        counts["opened"] = len(new_ids)
        if len(new_ids) > ANALYZE_FROM:
            cr.execute("ANALYZE debt_case")
        counts["entered"] = self._sync_entries(company, date, source)
        if counts["entered"] > ANALYZE_FROM:
            cr.execute("ANALYZE debt_case, debt_case_item")
        closed_ids = self._sync_close(company, date)
        counts["closed"] = len(closed_ids)
        self._sync_figures(company, source)
        self.env["debt.segment"]._assign_new_cases(company)
        cr.execute(
            SQL(
                "UPDATE debt_case SET date_sync = %(date)s WHERE company_id = %(company)s"
                " AND state <> 'closed' AND date_sync IS DISTINCT FROM %(date)s",
                date=date,
                company=company.id,
            )
        )
        cr.execute("DROP TABLE debt_sync_ledger")
        self.env.invalidate_all(flush=False)
        if closed_ids:
            self.env["debt.notice"].sudo()._revise_pending(self.browse(closed_ids))
            self.env.flush_all()
        return counts

    @api.model
    def _get_sync_date(self, company, date):
        """The day cases are brought to: never before the one they are at already."""
        domain = [("company_id", "=", company.id), ("state", "!=", "closed")]
        [[latest]] = self.sudo()._read_group(domain, [], ["date_sync:max"])
        return max(date, latest or date)

    @api.model
    def _refresh_debtors(self, pairs, line_ids=(), paid=(), returning=True):
        """Follow a movement of the ledger, for debtors who have or had a case.

        :param pairs: set of (company id, commercial partner id)
        :param line_ids: ids of the lines that moved; cases about them are looked at as well
        :param paid: the pairs for which money or a credit arrived
        :param returning: something may be owed again; False: it can only have become less
        :return: the cases whose items or figures changed
        """
        self.env.flush_all()
        debtors = self._find_debtors(pairs, line_ids, returning)
        if returning and debtors:
            followed = self._follow_commercial_partners(
                partner_ids=[partner_id for _company_id, partner_id, _day in debtors]
            )
            if followed:
                debtors = self._find_debtors(pairs | followed, line_ids, returning)
        by_day = {}
        for company_id, partner_id, date_sync in debtors:
            by_day.setdefault((company_id, date_sync), []).append(partner_id)
        cases = self.browse()
        today = fields.Date.context_today(self)
        for (company_id, date_sync), partner_ids in by_day.items():
            company = self.env["res.company"].sudo().browse(company_id)
            source = self._read_ledger(company, date_sync, partner_ids)
            touched = set(self._sync_exits(company, date_sync, today, source, partner_ids))
            left = set(touched)
            if returning:
                touched.update(self._sync_due_dates(company, source, partner_ids))
                self._sync_reopen(company, source, partner_ids)
                self._sync_entries(company, today, source, partner_ids)
            changed = self._sync_figures(company, source, partner_ids)
            touched.update(changed)
            # a case that an item left has other figures, unless there is nothing left of it
            closed = self._sync_close(company, today, partner_ids) if left - set(changed) else []
            if touched.difference(closed):
                self.env["debt.priority.rule"]._score(company, date_sync, touched)
            cases |= self.browse(touched)
        if cases:
            for model in FOLLOWERS:
                self.env[model].invalidate_model(flush=False)
            self.env["debt.notice"].sudo()._revise_pending(cases)
            cases.sudo().filtered(
                lambda case: (case.company_id.id, case.partner_id.id) in paid
            )._on_money_received()
        return cases

    @api.model
    def _read_ledger(self, company, date, partner_ids):
        """Read the open lines of a few debtors once, for all the steps that follow.

        :return: SQL of a derived table with the columns of ``_get_ledger_sql``
        """
        columns = {
            "line_id": "int",
            "move_id": "int",
            "partner_id": "int",
            "due": "date",
            "residual": "numeric",
            "residual_currency": "numeric",
            "currency_id": "int",
            "eligible": "bool",
            "partner_overdue": "numeric",
            "partner_credit": "numeric",
        }
        rows = self.env.execute_query(self._get_ledger_sql(company, date, partner_ids))
        return SQL("(SELECT * FROM %s)", values_table("ledger", columns, rows))

    @api.model
    def _find_debtors(self, pairs, line_ids, returning):
        """Which debtors of a movement are in collection, or were.

        One indexed query; nothing else happens for everybody who is not.

        :return: list of (company id, partner id, day of the figures)
        """
        return self.env.execute_query(
            SQL(
                """
                SELECT found.company_id, found.partner_id, max(found.date_sync)
                  FROM (
                    SELECT c.company_id, c.partner_id, c.date_sync, c.state
                      FROM debt_case c
                      JOIN %(moved)s USING (company_id, partner_id)
                    UNION ALL
                    SELECT c.company_id, c.partner_id, c.date_sync, c.state
                      FROM debt_case_item i JOIN debt_case c ON c.id = i.case_id
                     WHERE i.move_line_id = ANY(%(lines)s)
                  ) found
                 WHERE found.date_sync IS NOT NULL AND (%(returning)s OR found.state <> 'closed')
                 GROUP BY found.company_id, found.partner_id
                """,
                moved=values_table(
                    "moved",
                    {"company_id": "int", "partner_id": "int"},
                    [(company_id, partner_id or 0) for company_id, partner_id in pairs],
                ),
                lines=list(line_ids),
                returning=returning,
            )
        )
