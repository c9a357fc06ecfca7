"""Formal notices: deadline in calendar or business days, proof of service, deadline acted on."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL, format_date

from ...const import NOTICE_KINDS
from ...tools.compliance.business_days import add_business_days
from .debt_notice_service import SERVED
from .notice_texts import KIND_TEMPLATES


class DebtNotice(models.Model):
    _inherit = "debt.notice"

    legal_kind = fields.Selection(NOTICE_KINDS, string="Kind of formal notice", readonly=True)
    service_ids = fields.One2many("debt.notice.service", "notice_id")
    registered_number = fields.Char(compute="_compute_service")
    date_served = fields.Date(string="Served on", compute="_compute_service")
    deadline_state = fields.Selection(
        [("running", "Running"), ("met", "Kept"), ("passed", "Passed")],
        string="Deadline",
        readonly=True,
        help="Kept: the items told had left the case before the day was over.",
    )

    legal_html = fields.Html(
        string="Claim (as told)",
        compute="_compute_legal_html",
        sanitize=False,
        help="Principal, interest and costs, legal basis, deadline and consequence.",
    )

    _deadline_idx = models.Index("(company_id, deadline) WHERE deadline_state = 'running'")

    @api.depends("service_ids")
    def _compute_service(self):
        for notice in self:
            rows = notice.service_ids.sorted(lambda row: (row.date, row.id))
            numbers = [row.number for row in rows if row.number]
            served = [row.date for row in rows if row.result in SERVED]
            notice.registered_number = numbers[-1] if numbers else False
            notice.date_served = served[0] if served else False

    # === DEADLINE ===

    def _get_deadline(self, start):
        """Last day to pay when the days count from ``start``, which itself is left out.

        :param start: date on which the notice is sent or served
        :return: date
        """
        self.ensure_one()
        level = self.level_id
        if level.deadline_business:
            return add_business_days(start, level.deadline_days, self._get_holidays(start))
        return start + timedelta(days=level.deadline_days)

    def _get_holidays(self, start):
        """Hook: days after ``start`` that are no business days of the company.

        From the company's working calendar where there is one; weekends are left out anyway.

        :param start: first day looked at
        :return: frozenset of date
        """
        if "resource.calendar" not in self.env:
            return frozenset()
        calendar = self.company_id.sudo().resource_calendar_id
        days = set()
        for leave in calendar.global_leave_ids.filtered(lambda leave: leave.date_to.date() > start):
            day = leave.date_from.date()
            while day <= leave.date_to.date():
                days.add(day)
                day += timedelta(days=1)
        return frozenset(days)

    def _get_address(self, channel):
        """The deadline of a formal notice counts as its level says, in the dialog too."""
        values = super()._get_address(channel)
        if self.legal_kind or self.level_id.legal_kind:
            start = max(fields.Date.context_today(self), self.date)
            values["deadline"] = self._get_deadline(start)
        return values

    def _choose_channels(self):
        """Keep what kind of formal notice it is; a kind a person chose stays."""
        result = super()._choose_channels()
        for notice in self.filtered(lambda n: n.level_id.legal_kind and not n.legal_kind):
            notice.legal_kind = notice.level_id.legal_kind
        return result

    def _get_text_template(self):
        """The text of the kind of formal notice a person chose, where the level is another one."""
        if self.legal_kind and self.legal_kind != self.level_id.legal_kind:
            name = KIND_TEMPLATES.get((self.channel, self.legal_kind))
            template = name and self.env.ref(f"debt_collection.{name}", raise_if_not_found=False)
            if template:
                return template
        return super()._get_text_template()

    def _set_sent(self):
        """The deadline of a formal notice runs from now on."""
        sent = super()._set_sent()
        formal = sent.filtered("legal_kind")
        formal.deadline_state = "running"
        formal.filtered(lambda n: not n.level_id.escalation).case_id._try_escalation(
            "formal_notice"
        )
        return sent

    def _get_legal_variables(self):
        """What the text of a formal notice can quote, and what ``legal_html`` shows.

        :return: dict with ``kind``, ``basis``, ``consequence``, ``deadline``, ``last_served``
            (words, in the language of the notice), ``claims`` (list of dicts with ``currency``,
            ``principal``, ``interest``, ``compensation``, ``costs``, ``total``), ``rate`` (words)
        """
        self.ensure_one()
        notice = self.with_context(lang=self.lang or self.env.lang)
        kinds = dict(notice._fields["legal_kind"]._description_selection(notice.env))
        previous = notice.case_id.notice_ids.filtered(
            lambda n: n.legal_kind and n.state == "sent" and n != notice._origin
        ).sorted("date_sent")[-1:]
        return {
            "kind": kinds.get(notice.legal_kind or notice.level_id.legal_kind, ""),
            "basis": notice.level_id.legal_basis or "",
            "consequence": notice.level_id.legal_consequence or "",
            "deadline": format_date(notice.env, notice.deadline) if notice.deadline else "",
            "last_served": format_date(
                notice.env, previous.date_served or previous.date_sent or False
            ),
            "claims": [
                {
                    "currency": total["currency"],
                    "principal": total["due"],
                    "interest": 0.0,
                    "compensation": 0.0,
                    "costs": 0.0,
                    "total": total["due"],
                }
                for total in notice._get_currency_totals()
                if total["due"] > 0
            ],
            "rate": "",
        }

    @api.depends("item_ids", "level_id", "legal_kind", "deadline", "lang", "channel")
    def _compute_legal_html(self):
        """The claim with interest and costs, its basis and what follows, for templates."""
        for notice in self:
            notice.legal_html = notice._render_part(
                "debt_collection.notice_legal", legal=notice._get_legal_variables()
            )

    @api.model
    def _judge_deadlines(self, company, date):
        """Settle the deadlines that ended: kept, or passed with a task for the officer.

        One statement finds and marks them.

        :param company: res.company
        :param date: day of the run
        :return: the notices whose deadline passed
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                WITH judged AS (
                    SELECT n.id, EXISTS (
                               SELECT FROM debt_notice_item t
                                 JOIN debt_case_item i ON i.id = t.item_id
                                WHERE t.notice_id = n.id AND i.date_out IS NULL) AS owed,
                           n.deadline
                      FROM debt_notice n
                     WHERE n.company_id = %(company)s AND n.deadline_state = 'running'
                )
                UPDATE debt_notice n
                   SET deadline_state = CASE WHEN j.owed THEN 'passed' ELSE 'met' END
                  FROM judged j
                 WHERE n.id = j.id AND (NOT j.owed OR j.deadline < %(date)s)
             RETURNING n.id, n.deadline_state
                """,
                company=company.id,
                date=date,
            )
        )
        if not rows:
            return self.browse()
        self.invalidate_model(["deadline_state"])
        passed = self.browse(notice_id for notice_id, state in rows if state == "passed")
        passed._plan_deadline_tasks()
        return passed

    def _plan_deadline_tasks(self):
        """A task for the officer of each case whose deadline passed without payment."""
        notices = self.filtered(lambda notice: notice.case_id.state == "open")
        if not notices:
            return
        model_id = self.env["ir.model"]._get_id("debt.case")
        activity_type = self.env.ref("mail.mail_activity_data_todo")
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(
            [
                {
                    "activity_type_id": activity_type.id,
                    "automated": True,
                    "date_deadline": fields.Date.context_today(notice),
                    "summary": notice.env._(
                        "Deadline %(date)s of “%(level)s” has passed: decide on the next step",
                        date=format_date(notice.env, notice.deadline),
                        level=notice.level_id.name,
                    ),
                    "user_id": notice._get_officer().id or self.env.uid,
                    "res_model_id": model_id,
                    "res_id": notice.case_id.id,
                }
                for notice in notices
            ]
        )

    # === ACTIONS ===

    def action_record_service(self):
        """Open the dialog that records how the notice was posted or served."""
        self.ensure_one()
        self._check_can_record_service()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Posting and service"),
            "res_model": "debt.notice.service",
            "view_mode": "form",
            "target": "new",
            "context": {"default_notice_id": self.id},
        }
