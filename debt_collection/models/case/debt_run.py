from odoo import api, fields, models
from odoo.exceptions import UserError

from ...const import RUN_STATES


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
                self.env._("Notices planned: %(count)s.", count=run.notices_planned),
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
