from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class DebtApproval(models.AbstractModel):
    """Agreements that somebody has to grant: plans and concessions.

    ::

        draft ──► to_approve ──► approved ──► … (accepted by the debtor, see the model)
          │           └──► refused  ▲  └──► expired   the offer's last day passed
          └─────────────────────────┘  by who may grant it alone
    """

    _name = "debt.approval"
    _description = "Agreement under authority"
    _inherit = ["debt.agreement", "mail.activity.mixin", "portal.mixin"]

    approver_id = fields.Many2one(
        "res.users", string="Waits for", readonly=True, copy=False, index="btree_not_null"
    )
    approved_by_id = fields.Many2one("res.users", string="Granted by", readonly=True, copy=False)
    approved_date = fields.Datetime(string="Granted on", readonly=True, copy=False)
    date_expire = fields.Date(
        string="Offer valid until",
        tracking=True,
        default=lambda self: fields.Date.add(fields.Date.context_today(self), days=14),
        help="Not accepted until then, the offer ends by itself.",
    )
    accepted_by = fields.Char(readonly=True, copy=False, tracking=True)
    accepted_date = fields.Date(readonly=True, copy=False)
    accepted_how = fields.Selection(
        [
            ("signed", "Signed document"),
            ("email", "E-mail"),
            ("call", "On the telephone"),
            ("meeting", "In person"),
            ("portal", "On the portal"),
            ("payment", "By paying"),
        ],
        readonly=True,
        copy=False,
    )
    acceptance_note = fields.Char(readonly=True, copy=False)
    amount_company = fields.Monetary(
        string="Amount (company currency)", currency_field="company_currency_id", readonly=True
    )
    may_approve = fields.Boolean(compute="_compute_may_approve")
    submit_now = fields.Boolean(
        store=False,
        export_string_translation=False,
        help="Set by the dialog that makes the record: submit it in the same request.",
    )

    @api.depends("state", "amount")
    @api.depends_context("uid")
    def _compute_may_approve(self):
        for record in self:
            record.may_approve = record.state == "to_approve" and record._may_be_granted_by(
                self.env.user
            )

    # === CRUD ===

    def web_save(self, vals, specification, next_id=None):
        """Save from a form; the dialog's *Submit* saves and submits in one request.

        What is refused leaves nothing behind, not even a draft.
        """
        submit = vals.pop("submit_now", False)
        result = super().web_save(vals, specification, next_id)
        if submit:
            (self or self.browse(result[0]["id"])).action_submit()
        return result

    # === AUTHORITY ===

    def _get_authority_facts(self):
        """What the authority matrix is asked (hook).

        :return: dict: action, amount (company currency), percent, age
        """
        raise NotImplementedError

    def _get_age(self):
        """Days the newest of the items is overdue."""
        today = fields.Date.context_today(self)
        return min(
            [(today - line.date_due).days for line in self.line_ids if line.date_due], default=0
        )

    def _may_be_granted_by(self, user):
        """Whether a person may approve the request: not the requester, and with authority."""
        self.ensure_one()
        if user == self.user_id:
            return False
        return self.env["debt.authority"]._may_grant(
            user, self.company_id, **self._get_authority_facts()
        )

    def _get_taken_problems(self, beside=None):
        """Items that a living agreement of the same kind holds already, in words.

        :param beside: agreements that may hold them, beside this one
        """
        lines = self.line_ids.sudo()
        taken = lines.search(
            [
                ("move_line_id", "in", lines.move_line_id.ids),
                ("live", "=", True),
                ("agreement_id", "not in", (self | beside if beside else self).ids),
            ]
        )
        return [
            self.env._(
                "%(document)s is part of %(other)s already.",
                document=line.document_number,
                other=line.agreement_id.display_name,
            )
            for line in taken
        ]

    def _get_problems(self):
        """What stands against asking for it or granting it, in words (hook)."""
        return self._get_line_problems()

    # === STATE ===

    @api.model
    def _get_transitions(self):
        return {
            "to_approve": ("draft",),
            "approved": ("draft", "to_approve"),
            "refused": ("to_approve",),
            "expired": ("approved",),
        }

    def action_submit(self):
        """Grant it at once where the user's authority covers it; else ask who may."""
        self._check_may_work()
        self._check_can_reach("to_approve")
        for record in self:
            record._raise_problems(record._get_problems())
            record.sudo().amount_company = record._get_amount_company()
            facts = record._get_authority_facts()
            authority = self.env["debt.authority"]
            if authority._may_grant(self.env.user, record.company_id, **facts):
                record._do_approve()
                continue
            approver = authority._get_approver(
                self.env.user | record.user_id,
                record.company_id,
                record=record,
                **facts,
            )
            record._set_state("to_approve", approver_id=approver.id)
            record.sudo().activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("Approve: %(name)s", name=record.display_name),
                note=record.note or False,
                user_id=approver.id,
            )
        return self._get_records_action() if len(self) == 1 else True

    def action_open_submitted(self):
        """Open what the dialog made and submitted while it saved (see ``web_save``)."""
        return self._get_records_action()

    def _get_amount_company(self):
        """The amount in the company's currency, at today's rate."""
        self.ensure_one()
        return self.currency_id._convert(
            self.amount,
            self.company_currency_id,
            self.company_id,
            fields.Date.context_today(self),
        )

    def _check_can_approve(self):
        """:raises AccessError: for the requester and for whom the matrix gives no authority."""
        self.check_access("read")
        self._check_can_reach("refused")
        for record in self:
            if self.env.user == record.user_id:
                raise AccessError(self.env._("Nobody approves what they asked for themselves."))
            if not record._may_be_granted_by(self.env.user):
                raise AccessError(
                    self.env._(
                        "Your authority does not cover %(name)s. It waits for %(user)s.",
                        name=record.display_name,
                        user=record.sudo().approver_id.name,
                    )
                )

    def action_approve(self):
        """Grant what waits."""
        self._check_can_approve()
        for record in self:
            record._raise_problems(record._get_problems())
            record._do_approve()
        return True

    def _do_approve(self):
        """Grant it: the offer stands."""
        for record in self:
            record._set_state(
                "approved",
                approved_by_id=self.env.uid,
                approved_date=fields.Datetime.now(),
                approver_id=False,
            )
            record.sudo().activity_unlink(["mail.mail_activity_data_todo"])
            if record.user_id != self.env.user:
                record.sudo().activity_schedule(
                    "mail.mail_activity_data_todo",
                    summary=self.env._("Approved: %(name)s", name=record.display_name),
                    user_id=record.user_id.id,
                )
            record._after_approval()

    def _after_approval(self):
        """Hook: it was granted."""

    def _check_can_refuse(self):
        """:raises AccessError: for who may not approve it either."""
        self._check_can_approve()

    def action_refuse(self):
        """Ask why, then refuse what waits."""
        self._check_can_refuse()
        return self._ask_reason("refuse")

    def _do_refuse(self, reason):
        """Refuse it: the requester is told why."""
        for record in self._set_state("refused", reason):
            record.sudo().activity_unlink(["mail.mail_activity_data_todo"])
            record.sudo().activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("Refused: %(reason)s", reason=reason),
                user_id=record.user_id.id,
            )

    # === ACCEPTANCE ===

    def action_accept(self):
        """Ask who accepted it, when and how."""
        self.ensure_one()
        self._check_can_accept()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Accepted by the debtor"),
            "res_model": "debt.agreement.accept",
            "view_mode": "form",
            "target": "new",
            "context": {"default_res_model": self._name, "default_agreement_id": self.id},
        }

    def _check_can_accept(self):
        """:raises UserError: when there is no offer to accept, or not any more."""
        self._check_may_work()
        for record in self:
            if record.state != "approved":
                raise UserError(self.env._("%(name)s is no open offer.", name=record.display_name))
            if record.date_expire and record.date_expire < fields.Date.context_today(self):
                raise UserError(
                    self.env._("The offer %(name)s has expired.", name=record.display_name)
                )

    def _do_accept(self, accepted_by, day, how, note=False):
        """Record the acceptance, then let the agreement begin.

        :param accepted_by: name of the person
        :param day: date of the acceptance
        :param how: key of ``accepted_how``
        """
        self.ensure_one()
        self.sudo().write(
            {
                "accepted_by": accepted_by,
                "accepted_date": day,
                "accepted_how": how,
                "acceptance_note": note,
            }
        )
        self.sudo().activity_unlink(["mail.mail_activity_data_todo"])
        self._after_acceptance()

    def _after_acceptance(self):
        """Hook: the debtor accepted."""

    # === EXPIRY ===

    @api.model
    def _expire_offers(self, company, date):
        """End the offers nobody accepted in time.

        :return: the offers that ended
        """
        return (
            self.sudo()
            .search(
                [
                    ("company_id", "=", company.id),
                    ("state", "=", "approved"),
                    ("date_expire", "<", date),
                ]
            )
            ._set_state("expired", self.env._("The offer was not accepted in time."))
        )

    def action_view_case(self):
        """Open the case."""
        self.ensure_one()
        return self.case_id._get_records_action()
