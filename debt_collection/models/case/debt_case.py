from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...const import CASE_OUTCOMES, CASE_STATES, ESCALATIONS

# Written by their owners alone (the sync, the gates, the dispatch), never by a user's write.
OWNED_FIELDS = {
    "reference",
    "company_id",
    "partner_id",
    "currency_id",
    "state",
    "escalation",
    "escalation_date",
    "outcome",
    "date_open",
    "date_close",
    "date_sync",
    "segment_id",
    "item_count",
    "amount_overdue",
    "amount_credit",
    "oldest_due_date",
    "level_id",
    "last_contact_date",
    "last_notice_date",
    "priority_score",
    "priority_explanation",
    "next_action_date",
    "risk_grade",
    "snoozed_until",
    "error_message",
}


class DebtCase(models.Model):
    """The collection file of one debtor in one company.

    ::

        sync: overdue item ──► open ◄──► on_hold ──► closed ──► open again when its
                                 └──────────────────────▲       last item comes back
                                    no item left

    Opened, fed and closed by the synchronisation with the ledger alone (``_sync``). People own the
    officer, the team, the holds and the escalation.

    ============  =======  ======  =======  =====  ===============
    may           officer  senior  manager  legal  finance/auditor
    ============  =======  ======  =======  =====  ===============
    read          own and  team's  all      all    all
                  free
    work, assign  same     same    all      pre-   no
                                            legal+
    strategy      no       no      yes      no     no
    ============  =======  ======  =======  =====  ===============
    """

    _name = "debt.case"
    _description = "Collection case"
    _inherit = ["debt.ledger.follower", "mail.thread", "mail.activity.mixin"]
    _order = "priority_score desc, amount_overdue desc, id"
    _rec_names_search = ["partner_id", "reference"]
    _mail_post_access = "read"
    _check_company_auto = True

    reference = fields.Char(readonly=True, copy=False)
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    partner_id = fields.Many2one(
        "res.partner", string="Debtor", required=True, readonly=True, index=True
    )
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    state = fields.Selection(
        CASE_STATES, default="open", required=True, readonly=True, tracking=True
    )
    escalation = fields.Selection(
        ESCALATIONS,
        default="amicable",
        required=True,
        readonly=True,
        tracking=True,
        group_expand=True,
    )
    outcome = fields.Selection(CASE_OUTCOMES, readonly=True, help="Why the case closed.")
    date_open = fields.Date(string="Opened on", readonly=True)
    date_close = fields.Date(string="Closed on", readonly=True)
    date_sync = fields.Date(
        string="Figures as of", readonly=True, help="Day of the last run that saw the case."
    )

    # Who works on it, and how
    user_id = fields.Many2one("res.users", string="Officer", index=True, tracking=True)
    team_id = fields.Many2one("debt.team", index=True, tracking=True, check_company=True)
    segment_id = fields.Many2one("debt.segment", readonly=True, index="btree_not_null")
    strategy_id = fields.Many2one(
        "debt.strategy", index=True, tracking=True, check_company=True, ondelete="restrict"
    )

    # Figures: caches of the ledger, written by _sync alone
    item_ids = fields.One2many("debt.case.item", "case_id", string="All items")
    open_item_ids = fields.One2many(
        "debt.case.item", "case_id", string="Open items", domain=[("date_out", "=", False)]
    )
    left_item_ids = fields.One2many(
        "debt.case.item", "case_id", string="Items that left", domain=[("date_out", "!=", False)]
    )
    item_count = fields.Integer(string="Items", readonly=True)
    amount_overdue = fields.Monetary(
        string="Overdue",
        readonly=True,
        help="Open amount of the items of the case, in the company's currency.",
    )
    amount_credit = fields.Monetary(
        string="Open credits",
        readonly=True,
        help="Credit notes and payments of the debtor that are not allocated yet.",
    )
    amount_net = fields.Monetary(
        string="Net overdue", compute="_compute_amount_net", help="Overdue less open credits."
    )
    oldest_due_date = fields.Date(readonly=True)
    level_id = fields.Many2one(
        "debt.level", readonly=True, ondelete="restrict", index="btree_not_null"
    )
    last_contact_date = fields.Date(string="Last contact", readonly=True)
    last_notice_date = fields.Date(string="Last notice", readonly=True)
    priority_score = fields.Integer(string="Priority", readonly=True)
    priority_explanation = fields.Char(string="Why on top", readonly=True)
    next_action_date = fields.Date(string="Next step on", readonly=True)
    next_action = fields.Char(string="Next step", compute="_compute_next_action")
    error_message = fields.Text(
        string="Problem", readonly=True, help="What stopped the last automatic step."
    )
    days_overdue = fields.Integer(
        string="Oldest (days)", compute="_compute_days_overdue", search="_search_days_overdue"
    )
    currency_totals = fields.Char(string="Per currency", compute="_compute_currency_totals")

    hold_ids = fields.One2many("debt.hold", "case_id", string="Holds")
    notice_ids = fields.One2many("debt.notice", "case_id", string="Notices")
    contact_ids = fields.One2many("debt.contact", "case_id", string="Contacts")
    run_line_ids = fields.One2many("debt.run.line", "case_id", string="Run decisions")
    notice_count = fields.Integer(compute="_compute_counts")
    contact_count = fields.Integer(compute="_compute_counts")
    email = fields.Char(related="partner_id.email")
    phone = fields.Char(related="partner_id.phone")
    partner_lang = fields.Selection(related="partner_id.lang", string="Language")
    country_id = fields.Many2one(related="partner_id.country_id")
    may_work = fields.Boolean(compute="_compute_may_work", help="The user may work on the case.")
    blocking_words = fields.Char(
        string="Not to be contacted", compute="_compute_blocking_words", help="Why, and until when."
    )

    _open_case_uniq = models.UniqueIndex(
        "(company_id, partner_id) WHERE state <> 'closed'",
        "This debtor already has an open case in this company.",
    )
    _worklist_idx = models.Index(
        "(company_id, priority_score DESC, amount_overdue DESC) WHERE state <> 'closed'"
    )

    def init(self):
        """Leave room on each page: every run writes the rows anew, in place where there is room."""
        self.env.cr.execute("ALTER TABLE debt_case SET (fillfactor = 50)")

    # === COMPUTE METHODS ===

    @api.depends("partner_id", "reference")
    def _compute_display_name(self):
        for case in self:
            name = case.partner_id.display_name or ""
            case.display_name = f"{name} ({case.reference})" if case.reference else name

    @api.depends("amount_overdue", "amount_credit")
    def _compute_amount_net(self):
        self.mapped("currency_id")
        for case in self:
            case.amount_net = case.amount_overdue - case.amount_credit

    @api.depends("oldest_due_date")
    @api.depends_context("tz")
    def _compute_days_overdue(self):
        today = fields.Date.context_today(self)
        for case in self:
            due = case.oldest_due_date
            case.days_overdue = max((today - due).days, 0) if due else 0

    @api.model
    def _search_days_overdue(self, operator, value):
        mirrored = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
        if operator not in mirrored:
            return NotImplemented
        day = fields.Date.subtract(fields.Date.context_today(self), days=int(value))
        return [("oldest_due_date", mirrored[operator], day)]

    @api.depends("open_item_ids.move_line_id.amount_residual_currency")
    def _compute_currency_totals(self):
        totals = {}
        groups = self.env["debt.case.item"]._read_group(
            [("case_id", "in", self.ids), ("date_out", "=", False)],
            ["case_id", "currency_id"],
            ["move_line_id:array_agg"],
        )
        lines = self.env["account.move.line"].sudo()
        lines = lines.browse(
            line_id for _case, _currency, ids in groups for line_id in ids if line_id
        )
        residual = {line.id: line.amount_residual_currency for line in lines}
        for case, currency, line_ids in groups:
            amount = sum(residual.get(line_id, 0.0) for line_id in line_ids)
            totals.setdefault(case, []).append(currency.format(amount))
        for case in self:
            case.currency_totals = " + ".join(totals.get(case, []))

    def _compute_next_action(self):
        """Latest decision of a run on the case, in words."""
        latest = dict(
            self.env["debt.run.line"]
            .sudo()
            ._read_group(
                [("case_id", "in", self.ids), ("run_id.state", "in", ("running", "done"))],
                ["case_id"],
                ["id:max"],
            )
        )
        lines = self.env["debt.run.line"].sudo().browse(latest.values())
        words = {line.case_id.id: line.reason for line in lines}
        for case in self:
            case.next_action = words.get(case.id, False) if case.state != "closed" else False

    @api.depends("user_id", "team_id", "escalation")
    @api.depends_context("uid")
    def _compute_may_work(self):
        """Buttons are only shown to those whose rights and portfolio allow what they do."""
        workable = self._origin._filtered_access("write")
        for case in self:
            case.may_work = case._origin in workable

    def _compute_blocking_words(self):
        """What keeps us from contacting the debtor today, in words."""
        words = self._get_blocking_words(fields.Date.context_today(self))
        for case in self:
            case.blocking_words = words.get(case.id, False)

    def _compute_counts(self):
        notices = dict(
            self.env["debt.notice"]._read_group(
                [("case_id", "in", self.ids)], ["case_id"], ["__count"]
            )
        )
        contacts = dict(
            self.env["debt.contact"]._read_group(
                [("case_id", "in", self.ids), ("superseded", "=", False)],
                ["case_id"],
                ["__count"],
            )
        )
        for case in self:
            case.notice_count = notices.get(case, 0)
            case.contact_count = contacts.get(case, 0)

    # === CRUD ===

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        if self.env.su and self.env.context.get("debt_forget"):
            return  # nothing was ever told, and the debtor goes too
        raise UserError(
            self.env._("Cases are kept as evidence. A case closes by itself when it is settled.")
        )

    def write(self, vals):
        if not self.env.su:
            if OWNED_FIELDS & vals.keys():
                raise AccessError(
                    self.env._(
                        "State, escalation and figures of a case follow from the ledger and from "
                        "decisions; they cannot be written directly."
                    )
                )
            if "strategy_id" in vals:
                self._check_manager()
        return super().write(vals)

    # === BUSINESS METHODS ===

    def _check_manager(self):
        """:raises AccessError: for anyone but a credit manager."""
        if not self.env.user.has_group("debt_collection.group_manager"):
            raise AccessError(
                self.env._("Only a credit manager may do this. Please ask one of them.")
            )

    def _set_hold_state(self, on_hold):
        """Gate between *open* and *on hold*; closed cases are left alone.

        :param on_hold: bool, the state wanted
        :return: the cases that moved
        """
        source, target = ("open", "on_hold") if on_hold else ("on_hold", "open")
        moved = self.filtered(lambda case: case.state == source)
        moved.state = target
        return moved

    def _refresh_hold_state(self, date=None):
        """Bring the state in line with the holds on the whole case.

        :param date: day for which the holds are looked at; today by default
        """
        date = date or fields.Date.context_today(self)
        held = (
            self.env["debt.hold"]
            .sudo()
            .search(
                [
                    ("case_id", "in", self.ids),
                    ("state", "=", "active"),
                    ("item_ids", "=", False),
                    ("date_from", "<=", date),
                    ("date_to", ">=", date),
                ]
            )
            .case_id
        )
        cases = self.sudo()
        (cases & held)._set_hold_state(True)
        (cases - held)._set_hold_state(False)

    def _refresh_level(self):
        """Show the highest level of the open items, after some of them fell back."""
        for case in self.filtered(lambda case: case.state != "closed"):
            case.level_id = case.open_item_ids.level_id.sorted("sequence")[-1:]

    def _refresh_last_notice(self):
        """Recall the last notice that was not taken back, after one was cancelled or rejected."""
        dates = dict(
            self.env["debt.notice"]._read_group(
                [("case_id", "in", self.ids), ("state", "not in", ("cancelled", "rejected"))],
                ["case_id"],
                ["date:max"],
            )
        )
        for case in self:
            if case.last_notice_date != dates.get(case, False):
                case.last_notice_date = dates.get(case, False)

    def _refresh_last_contact(self):
        """Recall the day of the last contact that counts, after an entry was corrected."""
        dates = dict(
            self.env["debt.contact"]._read_group(
                [("case_id", "in", self.ids), ("superseded", "=", False)],
                ["case_id"],
                ["date:max"],
            )
        )
        for case in self:
            latest = fields.Date.to_date(dates.get(case))
            if case.last_contact_date != latest:
                case.last_contact_date = latest

    def _cancel_blocked_notices(self):
        """Cancel what has not left yet and may not leave now, because of a hold for instance."""
        self.env["debt.notice"].sudo()._revise_pending(self)

    def _report_problem(self, message):
        """Keep on the cases what stopped an automatic step; an empty message clears it.

        :param message: words for the officer
        """
        self.filtered(lambda case: case.error_message != message).error_message = message
