"""The engine of the daily run: lock, preview, execution, sending, nightly job."""

import logging
from contextlib import contextmanager

from psycopg2.extensions import TRANSACTION_STATUS_INERROR

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

# First key of the advisory lock that lets one run work per company (second key: the company).
LOCK_KEY = 0x64656274  # "debt"
# A run started by a person sends up to so many notices at once, the rest in the background.
SEND_AT_ONCE = 200


class DebtRun(models.Model):
    _inherit = "debt.run"

    # === ENGINE ===

    @contextmanager
    def _exclusive(self):
        """Let one run at a time work on the company.

        An advisory lock of the database session: it survives the commits between batches and
        disappears with the process, however that ends.

        :raises UserError: when another run holds it
        """
        self.ensure_one()
        keys = (LOCK_KEY, self.company_id.id)
        self.env.cr.execute("SELECT pg_try_advisory_lock(%s, %s)", keys)
        if not self.env.cr.fetchone()[0]:
            raise UserError(
                self.env._(
                    "Another run is working on %(company)s. Wait until it is done.",
                    company=self.company_id.name,
                )
            )
        try:
            yield
        finally:
            connection = self.env.cr._cnx
            if connection.info.transaction_status == TRANSACTION_STATUS_INERROR:
                # Nothing can be executed before the rollback, the unlocking neither.
                self.env.cr.postrollback.add(lambda: self._unlock_connection(connection, keys))
            else:
                self.env.cr.execute("SELECT pg_advisory_unlock(%s, %s)", keys)

    @staticmethod
    def _unlock_connection(connection, keys):
        """Give the company's lock back after a rollback, when the Odoo cursor may be closed."""
        if not connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", keys)
            connection.rollback()

    def _execute(self, send=True, release=True, checkpoint=None):
        """Execute the run, or finish one that was interrupted.

        :param send: dispatch the notices that are ready (False: only plan them)
        :param release: automatic notices may leave; False: they wait for approval
        :param checkpoint: see ``debt.notice._dispatch``; by default nothing is committed here and
            only a limited number of notices is sent at once
        """
        self.ensure_one()
        run = self.sudo().with_company(self.company_id)
        with self._exclusive():
            if run.state in ("draft", "previewed"):
                run.line_ids.unlink()
                run.date_started = fields.Datetime.now()
                counts = run._plan(release=release)
                run.write({"state": "running", **counts})
            if checkpoint:
                checkpoint(0)
            if send:
                run._send(checkpoint)
            else:
                run._finish()

    def _plan(self, preview=False, release=True):
        """Sync, judge, decide, plan notices and score; see the steps.

        :return: values of the run's summary
        """
        self.ensure_one()
        company, date = self.company_id, self.date
        cases = self.env["debt.case"].sudo()
        counts = cases._sync(company, date, numbered=not preview)
        released = self._judge()
        self._decide()
        planned = self._plan_notices(release)
        self.env["debt.priority.rule"]._score(company, date)
        self.env.invalidate_all(flush=False)
        self.env.cr.execute(
            SQL(
                "SELECT count(*), COALESCE(sum(amount_overdue), 0) FROM debt_case"
                " WHERE company_id = %s AND state <> 'closed'",
                company.id,
            )
        )
        open_cases, overdue = self.env.cr.fetchone()
        return {
            "cases_opened": counts["opened"],
            "cases_reopened": counts["reopened"],
            "cases_closed": counts["closed"],
            "items_entered": counts["entered"],
            "items_left": counts["left"],
            "holds_released": len(released),
            "notices_planned": planned,
            "cases_open": open_cases,
            "amount_overdue": float(overdue),
        }

    def _judge(self):
        """Judge what was agreed against the money that moved and the days that passed.

        Hook: promises, plans, disputes and returned payments add their judgement here.

        :return: the holds that ended
        """
        released = self.env["debt.hold"]._release_expired(self.company_id, self.date)
        holds = self.env["debt.hold"].sudo()
        starting = holds.search(
            [
                ("company_id", "=", self.company_id.id),
                ("state", "=", "active"),
                ("case_id.state", "!=", "closed"),
            ]
        )
        (starting | released).case_id._refresh_hold_state(self.date)
        self.env.flush_all()
        return released

    def _send(self, checkpoint):
        """Dispatch the notices of this run and what earlier runs left behind."""
        domain = [("company_id", "=", self.company_id.id), ("date", "<=", self.date)]
        notices = self.env["debt.notice"].sudo()
        budget = [SEND_AT_ONCE]

        def within_budget(count):
            budget[0] -= count
            return budget[0] > 0

        _sent, failed = notices._dispatch(domain, checkpoint or within_budget, run=self)
        self.notices_failed = failed
        self._report_failures()
        left = notices.search_count([*domain, ("state", "=", "ready"), *notices._get_due_domain()])
        if not left:
            self._finish()
        elif not checkpoint:
            self.env.ref("debt_collection.ir_cron_dispatch_notices")._trigger()

    @api.model
    def _finish_sent(self):
        """Close the runs whose notices have all left in the meantime."""
        for run in self.search([("state", "=", "running")]):
            waiting = self.env["debt.notice"].search_count(
                [
                    ("company_id", "=", run.company_id.id),
                    ("date", "<=", run.date),
                    ("state", "=", "ready"),
                    *self.env["debt.notice"]._get_due_domain(),
                ],
                limit=1,
            )
            if not waiting:
                states = run.notice_ids.mapped("state")
                run.notices_sent = sum(state in ("queued", "sent") for state in states)
                run.notices_failed = states.count("failed")
                run._report_failures()
                run._finish()

    def _report_failures(self):
        """Write into the run's lines which notices could not be delivered."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE debt_run_line l SET error_message = n.error_message
                  FROM debt_notice n
                 WHERE l.run_id = %s AND n.case_id = l.case_id AND n.company_id = %s
                   AND n.state = 'failed'
                """,
                self.id,
                self.company_id.id,
            )
        )
        self.line_ids.invalidate_recordset(["error_message"])

    def _finish(self):
        """Close the run."""
        self.write({"state": "done", "date_done": fields.Datetime.now()})

    # === CRON ===

    @api.model
    def _cron_run_collections(self):
        """Run every company that wants it once a day, and finish runs that were interrupted."""
        cron = self.env["ir.cron"]
        today = fields.Date.context_today(self)
        companies = self.env["res.company"].search([("debt_run_daily", "=", True)])
        cron._commit_progress(remaining=len(companies))
        problem = None
        for company in companies:
            try:
                runs = self._get_due_runs(company, today)
                for run in runs:
                    run._execute(
                        release=company.debt_send_automatically,
                        checkpoint=lambda _count: cron._commit_progress() > 0,
                    )
                if any(run.state == "running" for run in runs):
                    break  # out of time: the next call goes on with this company
            except Exception as error:
                self.env.cr.rollback()
                _logger.exception("Collection run of company %s failed", company.id)
                problem = error
            if not cron._commit_progress(1):
                break
        if problem:
            raise problem

    @api.model
    def _get_due_runs(self, company, date):
        """Interrupted runs of a company, and today's when there was none yet.

        :return: debt.run, oldest first
        """
        runs = self.search(
            [("company_id", "=", company.id), ("state", "=", "running"), ("date", "<=", date)],
            order="date, id",
        )
        done = self.search_count(
            [
                ("company_id", "=", company.id),
                ("date", "=", date),
                ("state", "in", ("running", "done")),
            ],
            limit=1,
        )
        if not done:
            runs |= self.create({"company_id": company.id, "date": date})
        return runs
