from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, format_date

from ...tools.promise import promise_limit

PROMISE_STATES = [
    ("open", "Open"),
    ("kept", "Kept"),
    ("partly_kept", "Partly kept"),
    ("broken", "Broken"),
    ("replaced", "Replaced"),
    ("withdrawn", "Withdrawn"),
]

# States that money decides: a payment that is undone or arrives late judges them again.
JUDGED_STATES = ("open", "kept", "partly_kept", "broken")


class DebtPromise(models.Model):
    """A debtor's word to pay an amount of some items by a day, judged by the money that arrives.

    ::

        open ──► kept ◄──► partly_kept ◄──► broken     by money alone (``_judge``), also back to
          │  ◄───────────────────────────────────┘     open while the window lasts
          ├──► replaced      by another promise on the same items
          └──► withdrawn     by hand, or when nothing is left that was promised

    An open promise takes exactly the promised amount of exactly its items out of follow-up.
    """

    _name = "debt.promise"
    _description = "Promise to pay"
    _inherit = ["debt.agreement", "debt.agreed.payment"]
    _order = "date desc, id desc"
    _check_company_auto = True

    line_ids = fields.One2many("debt.promise.line", "agreement_id", string="Items")
    state = fields.Selection(
        PROMISE_STATES,
        default="open",
        required=True,
        readonly=True,
        index=True,
        tracking=True,
        copy=False,
    )
    date = fields.Date(
        string="Promised for",
        required=True,
        index=True,
        tracking=True,
        default=lambda self: fields.Date.add(fields.Date.context_today(self), days=7),
    )
    date_made = fields.Date(
        string="Made on", required=True, readonly=True, default=fields.Date.context_today
    )
    date_limit = fields.Date(
        string="Counts until",
        readonly=True,
        help="Last day on which money keeps the promise: the promised day and the tolerance, "
        "moved to a working day.",
    )
    promised_by = fields.Char(help="The person who gave their word.")
    channel = fields.Selection(
        selection=lambda self: self.env["debt.contact"]._fields["channel"].selection,
        default="call",
        required=True,
    )
    level = fields.Integer(
        readonly=True,
        default=1,
        aggregator="max",
        help="The how-manieth promise on the items: 2 when one was not kept or taken back before.",
    )
    amount_received = fields.Monetary(readonly=True, copy=False, tracking=True)
    amount_kept = fields.Monetary(
        string="Kept amount", readonly=True, copy=False, help="Received, up to what was promised."
    )
    amount_company = fields.Monetary(
        string="Amount (company currency)", currency_field="company_currency_id", readonly=True
    )
    kept_company = fields.Monetary(
        string="Kept (company currency)",
        currency_field="company_currency_id",
        readonly=True,
        copy=False,
    )
    kept_count = fields.Float(
        string="Kept rate (count)",
        readonly=True,
        copy=False,
        aggregator="avg",
        digits=(16, 2),
        help="1 when kept, 0 when partly kept or broken; its average is the kept rate by count.",
    )
    kept_share = fields.Float(
        string="Kept rate (amount)",
        compute="_compute_kept_share",
        store=True,
        aggregator="avg",
        digits=(16, 2),
        help="Share of the promised amount that was kept; of several promises, of all amounts.",
    )
    is_due = fields.Boolean(
        string="Judged", readonly=True, copy=False, help="Kept, partly kept or broken."
    )
    date_judged = fields.Date(string="Judged on", readonly=True, copy=False)
    date_acted = fields.Date(
        string="Acted upon",
        readonly=True,
        copy=False,
        help="Day on which the broken promise made a task; it does so once.",
    )
    activity_id = fields.Many2one(
        "mail.activity", readonly=True, copy=False, ondelete="set null", index="btree_not_null"
    )
    override_reason = fields.Char(
        string="Exception because",
        tracking=True,
        help="Why a senior officer takes a promise outside the policy.",
    )
    override_user_id = fields.Many2one("res.users", string="Exception by", readonly=True)
    replaces_id = fields.Many2one(
        "debt.promise",
        ondelete="restrict",
        index="btree_not_null",
        copy=False,
        domain="[('case_id', '=', case_id), ('state', '=', 'open')]",
    )
    replaced_by_ids = fields.One2many("debt.promise", "replaces_id")

    _open_idx = models.Index("(company_id, date_limit) WHERE state = 'open'")

    # === COMPUTE METHODS ===

    @api.depends("partner_id", "amount", "date", "currency_id")
    def _compute_display_name(self):
        for promise in self:
            promise.display_name = self.env._(
                "%(debtor)s: %(amount)s by %(date)s",
                debtor=promise.partner_id.display_name or "",
                amount=promise.currency_id.format(promise.amount or 0.0),
                date=format_date(self.env, promise.date),
            )

    @api.depends("amount", "amount_kept")
    def _compute_kept_share(self):
        for promise in self:
            promise.kept_share = promise.amount_kept / promise.amount if promise.amount else 0.0

    def _read_group_select(self, aggregate_spec, query):
        """The rate by amount of several promises weighs them by their amounts."""
        if aggregate_spec == "kept_share:avg":
            return SQL(
                "sum(%s) / NULLIF(sum(%s), 0)",
                self._field_to_sql(self._table, "kept_company", query),
                self._field_to_sql(self._table, "amount_company", query),
            )
        return super()._read_group_select(aggregate_spec, query)

    def _get_short_words(self):
        """Amount and day, for marks on the case."""
        self.ensure_one()
        return self.env._(
            "%(amount)s by %(date)s",
            amount=self.currency_id.format(self.amount),
            date=format_date(self.env, self.date),
        )

    # === CRUD ===

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        if values.get("replaces_id") and "line_ids" in fields:
            old = self.browse(values["replaces_id"])
            values["currency_id"] = old.currency_id.id
            values["line_ids"] = [
                (0, 0, {"item_id": item.id, "amount": amount})
                for item, amount in old._get_remaining()
            ]
            values["amount"] = sum(line[2]["amount"] for line in values["line_ids"])
        return values

    @api.model_create_multi
    def create(self, vals_list):
        promises = super().create(vals_list)
        for promise in promises:
            promise._begin()
        return promises

    def _begin(self):
        """Check the new promise against the policy, count it, and take its items out."""
        self.ensure_one()
        old = self.replaces_id
        if old:
            old._check_can_reach("replaced")
            old._set_state("replaced", self.env._("Replaced by a new promise."))
            old._end()
        holidays, weekend = self.company_id._get_days_off(self.date, self.date + timedelta(days=60))
        values = {
            "date_limit": promise_limit(
                self.date, self.company_id.debt_promise_tolerance, holidays, weekend
            ),
            "amount_company": self.currency_id._convert(
                self.amount, self.company_currency_id, self.company_id, self.date_made
            ),
            "level": self._get_level(),
        }
        self._raise_problems(self._get_line_problems() + self._get_item_problems())
        policy = self._get_policy_problems()
        if policy and not self.override_reason:
            if self.env.user.has_group("debt_collection.group_senior"):
                policy.append(self.env._("Give the reason for an exception to take it anyway."))
            else:
                policy.append(self.env._("A senior officer may take it with a reason."))
            raise UserError("\n".join(policy))
        if policy:
            if not self.env.user.has_group("debt_collection.group_senior"):
                raise AccessError(
                    "\n".join([*policy, self.env._("Only a senior officer may take it anyway.")])
                )
            values["override_user_id"] = self.env.user.id
        self.sudo().write(values)
        self.line_ids.sudo().write({"live": True})
        self.case_id._message_log(
            body=self.env._(
                "Promised %(amount)s by %(date)s: %(items)s",
                amount=self.currency_id.format(self.amount),
                date=format_date(self.env, self.date),
                items=", ".join(filter(None, self.line_ids.mapped("document_number"))),
            )
        )
        self._after_claims_changed()

    # === CHECKS ===

    def _get_item_problems(self):
        """Items that are spoken for by another live promise, in words."""
        self.ensure_one()
        taken = (
            self.env["debt.promise.line"]
            .sudo()
            .search(
                [
                    ("move_line_id", "in", self.line_ids.sudo().move_line_id.ids),
                    ("live", "=", True),
                    ("agreement_id", "!=", self.id),
                ]
            )
        )
        return [
            self.env._(
                "%(document)s is promised already for %(date)s: replace or withdraw that promise.",
                document=line.document_number,
                date=format_date(self.env, line.agreement_id.date),
            )
            for line in taken
        ]

    def _get_policy_problems(self):
        """What the company's policy has against the promise, in words.

        :return: list of str; a senior officer may override it with a reason
        """
        self.ensure_one()
        company = self.company_id
        problems = []
        if self.date < self.date_made:
            problems.append(self.env._("The promised day has passed already."))
        days = (self.date - self.date_made).days
        if 0 < company.debt_promise_max_days < days:
            problems.append(
                self.env._(
                    "%(days)s days ahead; the policy allows %(limit)s.",
                    days=days,
                    limit=company.debt_promise_max_days,
                )
            )
        total_open = sum(self.line_ids.item_id.mapped("amount_residual"))
        share = self.amount / total_open * 100 if total_open else 100.0
        if company.debt_promise_min_share and share < company.debt_promise_min_share:
            problems.append(
                self.env._(
                    "%(share)s %% of what is open on the items; the policy asks for %(limit)s %%.",
                    share=round(share, 1),
                    limit=round(company.debt_promise_min_share, 1),
                )
            )
        broken = self.case_id.broken_promise_count
        if 0 < company.debt_promise_max_broken <= broken:
            problems.append(
                self.env._("%(count)s promises were broken in this case already.", count=broken)
            )
        return problems

    def _get_level(self):
        """How many promises the items had, this one included; those that were kept do not count.

        SAP's promise level: 2 after an open, partly kept, broken or withdrawn one; the rest
        promised after a kept part begins at 1 again.
        """
        counts = (
            self.env["debt.promise.line"]
            .sudo()
            ._read_group(
                [
                    ("move_line_id", "in", self.line_ids.sudo().move_line_id.ids),
                    ("agreement_id", "!=", self.id),
                    ("agreement_id.state", "!=", "kept"),
                ],
                ["move_line_id"],
                ["agreement_id:count_distinct"],
            )
        )
        return 1 + max((count for _line, count in counts), default=0)

    def _get_remaining(self):
        """What is still to come of the promise, item by item.

        :return: list of (debt.case.item that is open now, amount)
        """
        self.ensure_one()
        open_items = {item.move_line_id: item for item in self.case_id.sudo().open_item_ids}
        result = []
        for line in self.line_ids:
            item = open_items.get(line.sudo().move_line_id)
            left = min(line.amount - line.amount_received, line.amount_open)
            if item and self.currency_id.compare_amounts(left, 0.0) > 0:
                result.append((item.with_env(self.env), left))
        return result

    # === STATE ===

    @api.model
    def _get_transitions(self):
        judged = JUDGED_STATES
        return {
            "open": judged,
            "kept": judged,
            "partly_kept": judged,
            "broken": judged,
            "replaced": ("open",),
            "withdrawn": ("open",),
        }

    def _end(self):
        """The promise claims nothing any more: free its items, drop its task."""
        self.line_ids.sudo().write({"live": False})
        self._drop_activity()

    def _drop_activity(self):
        """Take back the task a promise had made and that nobody needs any more."""
        self.sudo().activity_id.with_context(debt_settled=True).unlink()

    # === ACTIONS ===

    def _check_can_withdraw(self):
        """:raises UserError: when a promise is not open any more."""
        self._check_may_work()
        self._check_can_reach("withdrawn")

    def action_withdraw(self):
        """Ask why, then withdraw the promise."""
        self._check_can_withdraw()
        return self._ask_reason("withdraw")

    def _do_withdraw(self, reason):
        """Withdraw the open promises among these; follow-up goes on with their items."""
        moved = self._set_state("withdrawn", reason)
        moved._end()
        moved._after_claims_changed()
        return moved

    def action_replace(self):
        """Open the dialog of a promise that takes the place of this one."""
        self.ensure_one()
        self._check_may_work()
        self._check_can_reach("replaced")
        action = self.case_id.action_promise()
        action["context"].update(
            {"default_replaces_id": self.id, "default_promised_by": self.promised_by}
        )
        return action

    def action_view_case(self):
        """Open the case."""
        self.ensure_one()
        return self.case_id._get_records_action()
