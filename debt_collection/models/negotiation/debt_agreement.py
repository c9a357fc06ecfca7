from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError

from ...tools.promise import spread


class DebtAgreement(models.AbstractModel):
    """What promises, plans, concessions and disputes share: a case, its items, an amount, a state.

    Each is a record with lines over items of one currency. It is evidence: never deleted, changed
    only by its own actions, its state moved only by the gate ``_set_state`` along
    ``_get_transitions``.
    """

    _name = "debt.agreement"
    _description = "Agreement on items of a case"
    _inherit = ["debt.agreement.guard", "debt.ledger.follower", "mail.thread"]
    _mail_post_access = "read"

    case_id = fields.Many2one(
        "debt.case",
        required=True,
        ondelete="cascade",
        index=True,
        domain="[('state', '!=', 'closed')]",
    )
    company_id = fields.Many2one(related="case_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(
        related="case_id.partner_id", string="Debtor", store=True, index=True
    )
    user_id = fields.Many2one(
        "res.users",
        string="Officer",
        default=lambda self: self.env.user,
        readonly=True,
        index=True,
        copy=False,
        help="Who agreed on it with the debtor.",
    )
    currency_id = fields.Many2one("res.currency", required=True)
    amount = fields.Monetary(required=True, tracking=True)
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company currency"
    )
    contact_id = fields.Many2one(
        "debt.contact",
        string="Agreed in",
        ondelete="restrict",
        index="btree_not_null",
        copy=False,
        domain="[('case_id', '=', case_id)]",
        help="The call, letter or visit in which it was said.",
    )
    note = fields.Text()
    state_reason = fields.Char(string="Why", readonly=True, copy=False, tracking=True)
    may_work = fields.Boolean(compute="_compute_may_work", help="The user may work on the case.")

    # === COMPUTE METHODS ===

    @api.depends("case_id")
    @api.depends_context("uid")
    def _compute_may_work(self):
        for agreement in self:
            agreement.may_work = agreement.case_id.may_work

    # === CRUD ===

    @api.model
    def _get_line_model(self):
        """Name of the model of the lines (hook)."""
        return f"{self._name}.line"

    @api.model
    def _get_free_fields(self):
        """Fields a user may change after the agreement was made (hook)."""
        return {"note"}

    @api.model
    def _get_claimable(self, case, currency=None):
        """What an agreement can be made about: the open items with what is still collectible.

        :param case: debt.case
        :param currency: res.currency; by default the one in which most is collectible
        :return: (res.currency, list of (debt.case.item, amount), oldest due first)
        """
        items = case.open_item_ids
        split = items._get_split(fields.Date.context_today(self))
        figures = [
            (item, split[item.id]["collectible"])
            for item in items.sorted(lambda item: (item.date_due or item.date_in, item.id))
            if item.id in split and split[item.id]["collectible"] > 0
        ]
        if not currency:
            totals = {}
            for item, amount in figures:
                converted = item.currency_id._convert(
                    amount, case.currency_id, case.company_id, fields.Date.context_today(self)
                )
                totals[item.currency_id] = totals.get(item.currency_id, 0.0) + converted
            currency = max(totals, key=totals.get, default=case.currency_id)
        return currency, [pair for pair in figures if pair[0].currency_id == currency]

    @api.model
    def _prepare_lines(self, case, currency, amount=None):
        """Values of the lines that take ``amount`` from the oldest items first.

        :param amount: None: all that is collectible
        :return: (list of dict, sum of their amounts)
        """
        currency, figures = self._get_claimable(case, currency)
        rooms = [room for _item, room in figures]
        amount = sum(rooms) if amount is None else amount
        shares = spread(amount, rooms, currency.rounding)
        lines = [
            {"item_id": item.id, "amount": share}
            for (item, _room), share in zip(figures, shares, strict=True)
            if share
        ]
        return lines, sum(shares)

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        case = self.env["debt.case"].browse(values.get("case_id"))
        if case and "currency_id" in fields and not values.get("currency_id"):
            values["currency_id"] = self._get_claimable(case)[0].id
        if case and "line_ids" in fields and not values.get("line_ids"):
            currency = self.env["res.currency"].browse(values.get("currency_id"))
            lines, total = self._prepare_lines(case, currency)
            values["line_ids"] = [Command.create(line) for line in lines]
            if "amount" in fields and not values.get("amount"):
                values["amount"] = total
        return values

    @api.onchange("amount")
    def _onchange_amount(self):
        """Share a new amount out over the items, the oldest first."""
        if not self.case_id or not self.currency_id:
            return None
        if self.currency_id.compare_amounts(sum(self.line_ids.mapped("amount")), self.amount) == 0:
            return None
        lines, total = self._prepare_lines(self.case_id._origin, self.currency_id, self.amount)
        self.line_ids = [Command.clear(), *(Command.create(line) for line in lines)]
        if self.currency_id.compare_amounts(self.amount, total) > 0:
            return {
                "warning": {
                    "title": self.env._("More than is collectible"),
                    "message": self.env._(
                        "Only %(amount)s is collectible in this currency now; the rest is "
                        "settled, promised, disputed, on a plan or on hold.",
                        amount=self.currency_id.format(total),
                    ),
                }
            }
        return None

    @api.onchange("line_ids")
    def _onchange_line_ids(self):
        if self.line_ids:
            self.amount = sum(self.line_ids.mapped("amount"))

    @api.onchange("currency_id")
    def _onchange_currency_id(self):
        """Another currency: its items, all of them."""
        others = self.line_ids.item_id.currency_id - self.currency_id
        if self.case_id and self.currency_id and others:
            lines, total = self._prepare_lines(self.case_id._origin, self.currency_id)
            self.line_ids = [Command.clear(), *(Command.create(line) for line in lines)]
            self.amount = total

    @api.model_create_multi
    def create(self, vals_list):
        self._check_owned_fields(vals_list)
        for vals in vals_list:
            self._complete(vals)
        return super().create(vals_list)

    @api.model
    def _complete(self, vals):
        """Fill what can be concluded: lines from the amount, currency and amount from the lines."""
        case = self.env["debt.case"].browse(vals.get("case_id"))
        if not case:
            return
        if not vals.get("line_ids"):
            currency = self.env["res.currency"].browse(vals.get("currency_id"))
            currency = currency or self._get_claimable(case)[0]
            lines, total = self._prepare_lines(case, currency, vals.get("amount"))
            if vals.get("amount") and currency.compare_amounts(vals["amount"], total) > 0:
                raise UserError(
                    self.env._(
                        "%(amount)s is more than is collectible of %(debtor)s in %(currency)s: "
                        "%(collectible)s.",
                        amount=currency.format(vals["amount"]),
                        debtor=case.partner_id.display_name,
                        currency=currency.name,
                        collectible=currency.format(total),
                    )
                )
            vals["line_ids"] = [Command.create(line) for line in lines]
            vals.setdefault("amount", total)
            vals["currency_id"] = currency.id
        elif not vals.get("currency_id") or "amount" not in vals:
            lines = [command[2] for command in vals["line_ids"] if command[0] == Command.CREATE]
            items = self.env["debt.case.item"].browse([line["item_id"] for line in lines])
            vals["currency_id"] = vals.get("currency_id") or items[:1].currency_id.id
            vals["amount"] = vals.get("amount", sum(line["amount"] for line in lines))

    def write(self, vals):
        if not self.env.su and not vals.keys() <= self._get_free_fields():
            raise AccessError(
                self.env._(
                    "What was agreed is not turned into something else: withdraw it and make a "
                    "new one."
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        raise UserError(
            self.env._("Promises, plans, concessions and disputes are kept as evidence.")
        )

    # === CHECKS ===

    def _get_line_problems(self):
        """What is wrong with the lines as such, in words.

        :return: list of str
        """
        self.ensure_one()
        problems = []
        if self.case_id.state == "closed":
            problems.append(self.env._("The case is closed: there is nothing to agree on."))
        if not self.line_ids:
            problems.append(self.env._("Name at least one item."))
        if self.line_ids.item_id.case_id - self.case_id:
            problems.append(self.env._("All items must belong to the case."))
        if self.line_ids.item_id.currency_id - self.currency_id:
            problems.append(
                self.env._("All items must be in %(currency)s.", currency=self.currency_id.name)
            )
        if self.line_ids.item_id.filtered("date_out"):
            problems.append(self.env._("An item that left the case cannot be part of it."))
        total = sum(self.line_ids.mapped("amount"))
        if self.line_ids and self.currency_id.compare_amounts(total, self.amount):
            problems.append(
                self.env._(
                    "The amounts of the items sum to %(total)s, not to %(amount)s.",
                    total=self.currency_id.format(total),
                    amount=self.currency_id.format(self.amount),
                )
            )
        for line in self.line_ids:
            if self.currency_id.compare_amounts(line.amount, 0.0) <= 0:
                problems.append(
                    self.env._(
                        "%(document)s: the amount must be above zero.",
                        document=line.item_id.display_name,
                    )
                )
            elif self.currency_id.compare_amounts(line.amount, line.item_id.amount_residual) > 0:
                problems.append(
                    self.env._(
                        "%(document)s: only %(open)s is open.",
                        document=line.item_id.display_name,
                        open=self.currency_id.format(line.item_id.amount_residual),
                    )
                )
        return problems

    def _raise_problems(self, problems):
        """:raises UserError: naming all problems at once, when there are any."""
        if problems:
            raise UserError("\n".join(dict.fromkeys(problems)))

    def _check_may_work(self):
        """:raises AccessError: for whom the case is not theirs to work on."""
        self.check_access("write")
        self.case_id.check_access("write")

    # === STATE ===

    def _ask_reason(self, verb):
        """Open the dialog that asks why; it then calls ``_check_can_<verb>`` and ``_do_<verb>``.

        :param verb: key of the verbs of debt.agreement.reason
        """
        field = self.env["debt.agreement.reason"]._fields["verb"]
        return {
            "type": "ir.actions.act_window",
            "name": dict(field._description_selection(self.env))[verb],
            "res_model": "debt.agreement.reason",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_res_model": self._name,
                "default_res_ids": self.ids,
                "default_verb": verb,
            },
        }

    @api.model
    def _get_transitions(self):
        """Allowed moves (hook): dict target state → states it may be reached from."""
        return {}

    def _set_state(self, target, reason=False, **values):
        """Gate: move those that may reach ``target``; the others stay where they are.

        :param reason: words kept on the record
        :param values: more values written with it
        :return: the records that moved
        """
        sources = self._get_transitions()[target]
        moved = self.filtered(lambda record: record.state in sources)
        if moved:
            moved.sudo().write({"state": target, "state_reason": reason, **values})
        return moved

    def _check_can_reach(self, target):
        """:raises UserError: when one of these cannot move to ``target`` any more."""
        labels = dict(self._fields["state"]._description_selection(self.env))
        stuck = self.filtered(lambda record: record.state not in record._get_transitions()[target])
        if stuck:
            raise UserError(
                "\n".join(
                    self.env._(
                        "%(name)s is %(state)s: that is not possible any more.",
                        name=record.display_name,
                        state=labels[record.state].lower(),
                    )
                    for record in stuck
                )
            )

    def _after_claims_changed(self):
        """Notices that wait follow what may be asked for now; priorities follow too."""
        self.case_id._cancel_blocked_notices()
        for company, cases in self.case_id.grouped("company_id").items():
            self.env["debt.priority.rule"].sudo()._score(
                company, fields.Date.context_today(self), cases.ids
            )
        self.case_id.invalidate_recordset(["priority_score", "priority_explanation"], flush=False)
