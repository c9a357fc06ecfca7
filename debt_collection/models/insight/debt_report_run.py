import base64
import logging

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from ...const import REPORT_KINDS

_logger = logging.getLogger(__name__)

REPORT_STATES = [
    ("draft", "New"),
    ("previewed", "Previewed"),
    ("frozen", "Frozen"),
    ("signed", "Signed off"),
]

TRANSITIONS = {
    "previewed": ("draft", "previewed"),
    "frozen": ("previewed",),
    "signed": ("frozen",),
}

# All that may still change once a report is frozen.
AFTER_FREEZING = {"state", "signed_by", "signed_on", "sent_on", "subscriber_ids"}

SCOPE_FIELDS = {
    "kind",
    "company_id",
    "date_from",
    "date_to",
    "user_id",
    "team_id",
    "segment_id",
}


class DebtReportRun(models.Model):
    """One issue of a monthly report: its figures, PDF and XLSX as they were.

    ::

        draft ──► previewed ──► frozen ──► signed off (sent to the subscribers)
                    ▲  again        └─ re-issue: a new version that says why

    A frozen report never changes: a correction is a new version with its reason.
    """

    _name = "debt.report.run"
    _description = "Monthly report"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date_to desc, kind, version desc, id desc"
    _check_company_auto = True

    kind = fields.Selection(REPORT_KINDS, required=True, default="collection")
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    date_from = fields.Date(
        string="From",
        required=True,
        default=lambda self: self.env["debt.snapshot"]._get_last_month_end().replace(day=1),
    )
    date_to = fields.Date(
        string="Until",
        required=True,
        default=lambda self: self.env["debt.snapshot"]._get_last_month_end(),
    )
    user_id = fields.Many2one(
        "res.users", string="Officer", index="btree_not_null", help="Only debtors of this officer."
    )
    team_id = fields.Many2one(
        "debt.team",
        index="btree_not_null",
        check_company=True,
        help="Only debtors of this team.",
    )
    segment_id = fields.Many2one(
        "debt.segment", index="btree_not_null", help="Only debtors of this segment."
    )
    state = fields.Selection(
        REPORT_STATES, default="draft", required=True, readonly=True, tracking=True, copy=False
    )
    version = fields.Integer(default=1, required=True, readonly=True, copy=False)
    previous_id = fields.Many2one(
        "debt.report.run", string="Replaces", readonly=True, copy=False, index="btree_not_null"
    )
    reason = fields.Char(string="Re-issued because", readonly=True, tracking=True, copy=False)
    replaced = fields.Boolean(compute="_compute_replaced", help="There is a newer version.")
    figures = fields.Json(readonly=True, copy=False)
    preview = fields.Html(compute="_compute_preview", sanitize=False)
    frozen_on = fields.Datetime(readonly=True, copy=False)
    frozen_by = fields.Many2one("res.users", readonly=True, copy=False)
    signed_on = fields.Datetime(readonly=True, copy=False)
    signed_by = fields.Many2one("res.users", readonly=True, copy=False)
    sent_on = fields.Datetime(readonly=True, copy=False)
    subscriber_ids = fields.Many2many(
        "res.partner",
        string="Subscribers",
        default=lambda self: self.env.company.debt_report_subscriber_ids,
        help="Get the report by e-mail when it is signed off.",
    )
    pdf_file = fields.Binary(string="PDF", readonly=True, copy=False, attachment=True)
    pdf_name = fields.Char(compute="_compute_file_names")
    xlsx_file = fields.Binary(string="XLSX", readonly=True, copy=False, attachment=True)
    xlsx_name = fields.Char(compute="_compute_file_names")

    _version_uniq = models.UniqueIndex(
        "(company_id, kind, date_from, date_to, COALESCE(user_id, 0), COALESCE(team_id, 0),"
        " COALESCE(segment_id, 0), version)",
        "This report exists already. Open it, or re-issue it with a reason.",
    )
    _period = models.Constraint("CHECK (date_from <= date_to)", "The period ends before it begins.")

    # === COMPUTE METHODS ===

    @api.depends("kind", "date_from", "date_to", "version", "user_id", "team_id", "segment_id")
    def _compute_display_name(self):
        reports = self.env["debt.monthly.report"]
        for run in self:
            month = ""
            if run.date_from and run.date_to:
                whole = run.date_from + relativedelta(day=31) == run.date_to
                month = (
                    format_date(self.env, run.date_to, date_format="MMMM y")
                    if whole and run.date_from.day == 1
                    else f"{run.date_from} – {run.date_to}"
                )
            words = [reports._get_title(run.kind) if run.kind else "", month]
            words += [run.user_id.name, run.team_id.name, run.segment_id.name]
            if run.version > 1:
                words.append(self.env._("version %(number)s", number=run.version))
            run.display_name = " · ".join(filter(None, words))

    @api.depends("kind", "date_from", "date_to", "version", "user_id", "team_id", "segment_id")
    def _compute_file_names(self):
        for run in self:
            name = (run.display_name or "").replace("/", "-")
            run.pdf_name = f"{name}.pdf"
            run.xlsx_name = f"{name}.xlsx"

    def _compute_replaced(self):
        replaced = self.search([("previous_id", "in", self.ids)]).previous_id
        for run in self:
            run.replaced = run in replaced

    @api.depends("figures")
    def _compute_preview(self):
        for run in self:
            run.preview = (
                self.env["debt.report.renderer"]._render_screen(run.figures)
                if run.figures
                else False
            )

    # === CRUD ===

    @api.model_create_multi
    def create(self, vals_list):
        owned = AFTER_FREEZING | {"figures", "version", "previous_id", "reason", "frozen_on"}
        for values in vals_list:
            if not self.env.su and (owned - {"subscriber_ids"}) & values.keys():
                raise AccessError(
                    self.env._("State, figures and version of a report follow from its buttons.")
                )
        return super().create(vals_list)

    def write(self, vals):
        """A frozen report keeps what it says."""
        changed = {name for name in vals if not name.startswith(("message_", "activity_"))}
        if any(run.state in ("frozen", "signed") for run in self) and changed - AFTER_FREEZING:
            raise UserError(
                self.env._("A frozen report never changes. Re-issue it with a reason instead.")
            )
        if not self.env.su and changed & (AFTER_FREEZING | {"figures"}) - {"subscriber_ids"}:
            raise AccessError(
                self.env._("State and figures of a report follow from its buttons alone.")
            )
        result = super().write(vals)
        if changed & SCOPE_FIELDS:
            # Figures of another scope are none of this report.
            super(DebtReportRun, self.sudo()).write({"figures": False, "state": "draft"})
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_frozen(self):
        if any(run.state in ("frozen", "signed") for run in self):
            raise UserError(self.env._("Frozen reports are kept. Re-issue what is wrong."))

    # === STATE ===

    def _set_state(self, target, **values):
        """Move the reports that may reach ``target``; return them."""
        movable = self.filtered(lambda run: run.state in TRANSITIONS[target])
        movable.sudo().write({"state": target, **values})
        return movable

    def _check_manager(self):
        if not self.env.su and not self.env.user.has_group("debt_collection.group_manager"):
            raise AccessError(self.env._("Only a credit manager makes and signs reports."))

    def action_preview(self):
        """Count the figures; as often as wanted, until the report is frozen."""
        self._check_manager()
        for run in self:
            if run.state not in TRANSITIONS["previewed"]:
                raise UserError(
                    run.env._("A frozen report never changes. Re-issue it with a reason instead.")
                )
            run._set_state("previewed", figures=run._get_figures())

    def _get_figures(self):
        """The document of the report, as it stands now."""
        self.ensure_one()
        report = self.env["debt.monthly.report"].with_context(
            allowed_company_ids=self.company_id.ids
        )
        return report._get_document(
            self.kind,
            self.company_id,
            self.date_from,
            self.date_to,
            self.user_id,
            self.team_id,
            self.segment_id,
        )

    def action_freeze(self):
        """Keep figures, PDF and XLSX as they are now."""
        self._check_manager()
        for run in self:
            if run.state == "draft":
                run.action_preview()
            if run.state != "previewed":
                raise UserError(run.env._("%(name)s is frozen already.", name=run.display_name))
            if run.date_to >= fields.Date.context_today(run):
                raise UserError(
                    run.env._(
                        "The period is not over: a report is frozen from %(date)s on.",
                        date=format_date(run.env, run.date_to + relativedelta(days=1)),
                    )
                )
            run._do_freeze()

    def _do_freeze(self):
        """Render what was previewed and keep it."""
        self.ensure_one()
        figures = {
            **self.figures,
            "facts": [
                *self.figures["facts"],
                [self.env._("Version"), str(self.version)],
                *([[self.env._("Re-issued because"), self.reason]] if self.reason else []),
            ],
        }
        renderer = self.env["debt.report.renderer"]
        self.sudo().write(
            {
                "figures": figures,
                "pdf_file": base64.b64encode(renderer._render_pdf(figures, self.company_id)),
                "xlsx_file": base64.b64encode(renderer._render_xlsx(figures)),
                "frozen_on": fields.Datetime.now(),
                "frozen_by": self.env.user.id,
            }
        )
        self._set_state("frozen")

    def action_sign(self):
        """Sign the frozen reports off and send them to the subscribers."""
        self._check_manager()
        for run in self:
            if run.state != "frozen":
                raise UserError(
                    run.env._("Freeze %(name)s before it is signed off.", name=run.display_name)
                )
        now = fields.Datetime.now()
        for run in self._set_state("signed", signed_on=now, signed_by=self.env.user.id):
            run.activity_feedback(["mail.mail_activity_data_todo"])
            run._send()

    def _send(self):
        """Mail the files to the subscribers."""
        self.ensure_one()
        partners = self.subscriber_ids
        if not partners:
            return
        attachments = [
            (self.pdf_name, base64.b64decode(self.pdf_file)),
            (self.xlsx_name, base64.b64decode(self.xlsx_file)),
        ]
        self.message_post(
            subject=self.display_name,
            body=self.env._(
                "%(name)s of %(company)s, signed off by %(who)s.",
                name=self.display_name,
                company=self.company_id.name,
                who=self.env.user.name,
            ),
            partner_ids=partners.ids,
            attachments=attachments,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        self.sudo().sent_on = fields.Datetime.now()

    def action_reissue(self):
        """Ask why a frozen report is issued again."""
        self.ensure_one()
        self._check_can_reissue()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Re-issue the report"),
            "res_model": "debt.report.reissue",
            "view_mode": "form",
            "target": "new",
            "context": {"default_run_id": self.id},
        }

    def _check_can_reissue(self):
        """:raises UserError: for reports that are not frozen, or are replaced already."""
        self._check_manager()
        if self.state not in ("frozen", "signed"):
            raise UserError(self.env._("This report is not frozen: preview it again instead."))
        if self.replaced:
            raise UserError(self.env._("There is a newer version already. Re-issue that one."))

    def _do_reissue(self, reason):
        """Make the next version, previewed with the figures of now.

        :param reason: why, kept with the report
        :return: the new debt.report.run
        """
        self.ensure_one()
        self._check_can_reissue()
        if not (reason or "").strip():
            raise UserError(self.env._("A re-issue says why it was needed."))
        new = self.sudo().create(
            {
                "kind": self.kind,
                "company_id": self.company_id.id,
                "date_from": self.date_from,
                "date_to": self.date_to,
                "user_id": self.user_id.id,
                "team_id": self.team_id.id,
                "segment_id": self.segment_id.id,
                "subscriber_ids": [(6, 0, self.subscriber_ids.ids)],
                "version": self.version + 1,
                "previous_id": self.id,
                "reason": reason.strip(),
            }
        )
        new = new.with_env(self.env)
        self.invalidate_recordset(["replaced"])
        new.action_preview()
        return new

    # === CRON ===

    @api.model
    def _cron_make_monthly(self):
        """Freeze the reports of the last month where they are missing, for a manager to sign.

        A report that cannot be made is told in the log and tried again the next day; the others
        are made all the same.
        """
        date_to = self.env["debt.snapshot"]._get_last_month_end()
        date_from = date_to.replace(day=1)
        cron = self.env["ir.cron"]
        failed = None
        for company in self.env["res.company"].search([("debt_report_monthly", "=", True)]):
            for kind, _label in REPORT_KINDS:
                known = self.search_count(
                    [
                        ("company_id", "=", company.id),
                        ("kind", "=", kind),
                        ("date_to", "=", date_to),
                        ("user_id", "=", False),
                        ("team_id", "=", False),
                        ("segment_id", "=", False),
                    ],
                    limit=1,
                )
                if not known:
                    try:
                        with self.env.cr.savepoint():
                            self._make_monthly(company, kind, date_from, date_to)
                    except Exception as error:
                        failed = error
                        _logger.exception("%s of %s could not be made", kind, company.name)
                if not cron._commit_progress(1):
                    return
        if failed:
            raise failed

    def _make_monthly(self, company, kind, date_from, date_to):
        """One report, frozen, with a task to sign it off, in the language of the company."""
        reports = self.with_company(company).with_context(lang=company.partner_id.lang)
        run = reports.create(
            {
                "company_id": company.id,
                "kind": kind,
                "date_from": date_from,
                "date_to": date_to,
                "subscriber_ids": [(6, 0, company.debt_report_subscriber_ids.ids)],
            }
        )
        run.action_freeze()
        managers = self.env.ref("debt_collection.group_manager").all_user_ids.filtered(
            lambda user: company in user.company_ids and not user.share and user.active
        )
        if managers:
            run.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("Sign off: %(name)s", name=run.display_name),
                user_id=managers.sorted("id")[-1].id,
            )
        return run
