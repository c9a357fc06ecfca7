import logging
from contextlib import contextmanager

from psycopg2.extensions import TRANSACTION_STATUS_INERROR

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.debt_collection.const import RUN_STATES

_logger = logging.getLogger(__name__)

# First key of the advisory lock that lets one run work per company (second key: the company).
LOCK_KEY = 0x64656274  # "debt"
# A run started by a person sends up to so many notices at once, the rest in the background.
SEND_AT_ONCE = 200


class DebtRun(models.Model):
    """One collection run of one company for one day: the single engine of the daily work.

    ::

        draft ──► previewed ──► running ──► done
           └──────────────────────▲

    Planning (sync, judge, decide, plan notices, score) is one transaction: all of it or nothing.
    Sending follows in batches that commit. A run killed anywhere is simply executed again.
    Any past day can be given: what was due then is judged with what is still owed now, because
    nobody is chased for what has been paid since.
    """

    _name = "debt.run"
    _description = "Collection run"
    _order = "date desc, id desc"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(required=True, default=fields.Date.context_today)
    user_id = fields.Many2one(
        "res.users", string="Started by", default=lambda self: self.env.user, readonly=True
    )
    state = fields.Selection(RUN_STATES, default="draft", required=True, readonly=True)
    line_ids = fields.One2many("debt.run.line", "run_id", string="Decisions", readonly=True)
    notice_ids = fields.One2many("debt.notice", "run_id", string="Notices", readonly=True)

    # Summary
    cases_opened = fields.Integer(readonly=True)
    cases_reopened = fields.Integer(readonly=True)
    cases_closed = fields.Integer(readonly=True)
    items_entered = fields.Integer(readonly=True)
    items_left = fields.Integer(readonly=True)
    holds_released = fields.Integer(readonly=True)
    notices_planned = fields.Integer(readonly=True)
    notices_sent = fields.Integer(string="Notices on their way", readonly=True)
    notices_failed = fields.Integer(readonly=True)
    cases_open = fields.Integer(string="Open cases", readonly=True)
    amount_overdue = fields.Monetary(string="Overdue", readonly=True)
    date_started = fields.Datetime(readonly=True)
    date_done = fields.Datetime(readonly=True)
    summary = fields.Text(compute="_compute_summary")
    line_count = fields.Integer(compute="_compute_line_count")

    _date_idx = models.Index("(company_id, date DESC)")

    # === COMPUTE METHODS ===

    @api.depends("date", "company_id")
    def _compute_display_name(self):
        for run in self:
            run.display_name = f"{fields.Date.to_string(run.date)} · {run.company_id.name}"

    def _compute_line_count(self):
        counts = dict(
            self.env["debt.run.line"]._read_group(
                [("run_id", "in", self.ids)], ["run_id"], ["__count"]
            )
        )
        for run in self:
            run.line_count = counts.get(run, 0)

    @api.depends("state", "notices_planned", "notices_sent", "notices_failed")
    def _compute_summary(self):
        for run in self:
            if run.state == "draft":
                run.summary = self.env._("Not started yet. Look at the preview first.")
                continue
            words = [
                self.env._(
                    "%(open)s open cases over %(amount)s: %(opened)s new, %(closed)s closed.",
                    open=run.cases_open,
                    amount=run.currency_id.format(run.amount_overdue),
                    opened=run.cases_opened + run.cases_reopened,
                    closed=run.cases_closed,
                ),
                self.env._("%(count)s notices planned.", count=run.notices_planned),
            ]
            if run.notices_sent:
                words.append(self.env._("%(count)s on their way.", count=run.notices_sent))
            waiting = run.notice_ids.filtered(lambda n: n.state == "to_approve")
            if waiting:
                words.append(self.env._("%(count)s wait for approval.", count=len(waiting)))
            if run.notices_failed:
                words.append(
                    self.env._(
                        "%(count)s could not be delivered; see the problems on their cases.",
                        count=run.notices_failed,
                    )
                )
            run.summary = "\n".join(words)

    # === CRUD ===

    @api.ondelete(at_uninstall=False)
    def _unlink_except_executed(self):
        if any(run.state in ("running", "done") for run in self):
            raise UserError(self.env._("Runs that were executed are kept."))

    # === ACTIONS ===

    def action_preview(self):
        """Show per case what the run would do and why, changing nothing.

        The very steps of the execution are made and taken back; only their decisions are kept.

        :raises UserError: when another run works on the company, or this one was executed
        """
        self._check_can_run()
        for run in self:
            if run.state not in ("draft", "previewed"):
                raise UserError(self.env._("This run was executed already. Start a new one."))
            with run._exclusive():
                run._preview()
        return True

    def action_execute(self):
        """Do what the day asks for: sync, judge, decide, plan, send, score.

        :raises UserError: when another run works on the company
        """
        self._check_can_run()
        for run in self.filtered(lambda run: run.state != "done"):
            run._execute()
        return True

    def action_view_notices(self):
        """Open the notices of the run."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("debt_collection.debt_notice_action")
        action["domain"] = [("run_id", "=", self.id)]
        action["context"] = {}
        return action

    def _check_can_run(self):
        """:raises AccessError: for anyone but a credit manager."""
        self.check_access("write")
        self.env["debt.case"]._check_manager()

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

    def _preview(self):
        """Plan inside a savepoint, keep the decisions, take everything else back."""
        self.ensure_one()
        run = self.sudo()
        run.line_ids.unlink()
        self.env.flush_all()
        savepoint = self.env.cr.savepoint(flush=False)
        try:
            counts = run._plan(preview=True)
            decisions = run._read_decisions()
        finally:
            savepoint.rollback()
            savepoint.close(rollback=False)
            self.env.invalidate_all(flush=False)
        run._store_decisions(decisions)
        run.write({"state": "previewed", **counts})

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

        sent, failed = notices._dispatch(domain, checkpoint or within_budget)
        self.write({"notices_sent": self.notices_sent + sent, "notices_failed": failed})
        self._report_failures()
        left = notices.search_count([*domain, ("state", "=", "ready")])
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
