from odoo import api, fields, models

from .debt_credit_rule import CREDIT_EFFECTS


class DebtHoldable(models.AbstractModel):
    """Documents that a credit hold can stop: bridges inherit it beside their own model."""

    _name = "debt.holdable"
    _description = "Can be held for credit reasons"

    debt_credit_effect = fields.Selection(
        CREDIT_EFFECTS, string="Credit hold", compute="_compute_debt_credit"
    )
    debt_credit_words = fields.Char(string="Credit hold because", compute="_compute_debt_credit")

    debt_held = fields.Boolean(
        string="Held", compute="_compute_debt_held", search="_search_debt_held"
    )

    def _compute_debt_held(self):
        held = self._get_queue("waiting")
        for record in self:
            record.debt_held = record in held

    @api.model
    def _search_debt_held(self, operator, value):
        if operator != "in":
            return NotImplemented
        rows = (
            self.env["debt.held.document"]
            .sudo()
            .search([("res_model", "=", self._name), ("state", "=", "waiting")])
        )
        return [("id", "in", rows.mapped("res_id"))]

    def _get_queue(self, state):
        """Those of these documents that the queue has in a state.

        :param state: key of the queue's states
        """
        rows = (
            self.env["debt.held.document"]
            .sudo()
            .search(
                [("res_model", "=", self._name), ("res_id", "in", self.ids), ("state", "=", state)]
            )
        )
        return self.browse(set(rows.mapped("res_id")))

    def _drop_from_credit_queue(self):
        """The documents were cancelled: nothing waits any more."""
        if not self:
            return  # even an empty search would follow the ledger in the middle of a payment
        self.env["debt.held.document"].sudo().search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("state", "=", "waiting"),
            ]
        ).state = "dropped"

    def _get_credit_kind(self):
        """Which effect of a hold concerns the document: ``invoice``, ``order``, ``delivery``."""
        raise NotImplementedError

    def _is_credit_relevant(self):
        """Hook: whether the document is still ahead of what a hold would stop."""
        self.ensure_one()
        return True

    def _get_credit_partner(self):
        """The debtor of the document."""
        self.ensure_one()
        return self.partner_id.commercial_partner_id

    def _get_credit_values(self):
        """Values of the queue's row that only the document knows (amount, currency, user)."""
        self.ensure_one()
        return {}

    @api.depends("partner_id", "state")
    @api.depends_context("lang")
    def _compute_debt_credit(self):
        for record in self:
            record.debt_credit_effect, record.debt_credit_words = record._judge_credit()

    def _judge_credit(self):
        """What the holds on the debtor mean for this document now.

        :return: (key of CREDIT_EFFECTS, words)
        """
        self.ensure_one()
        if not self.partner_id or not self._is_credit_relevant():
            return "none", False
        effect, holds = self._get_credit_partner()._get_credit_effect(
            self.company_id or self.env.company, self._get_credit_kind()
        )
        return effect, ", ".join(holds.mapped("reason")) or False

    def _get_credit_blocked(self):
        """Those of these documents that a hold stops and nobody has released.

        One search tells whether any of their debtors is on hold at all: posting or delivering a
        thousand documents of good debtors asks once a company.
        """
        blocked = self.browse()
        relevant = self.filtered(lambda record: record.partner_id and record._is_credit_relevant())
        for company, records in relevant.grouped("company_id").items():
            partners = records.partner_id.browse(
                {record._get_credit_partner().id for record in records}
            )
            holds = partners._find_credit_holds(company or self.env.company)
            blocked |= records.filtered(
                lambda record, holds=holds: holds[record._get_credit_partner()]
            )
        if not blocked:
            return blocked
        return (blocked - blocked._get_queue("released")).filtered(
            lambda record: record._judge_credit()[0] == "block"
        )

    def _hold_for_credit(self):
        """Put into the queue what may not go on now.

        :return: the documents that may not go on
        """
        held = self._get_credit_blocked()
        if not held:
            return held
        queue = self.env["debt.held.document"].sudo()
        known = set(held._get_queue("waiting").ids)
        queue.create(
            [
                {
                    "company_id": (record.company_id or self.env.company).id,
                    "partner_id": record._get_credit_partner().id,
                    "res_model": self._name,
                    "res_id": record.id,
                    "name": record.display_name,
                    "kind": record._get_credit_kind(),
                    "reason": record._judge_credit()[1],
                    "user_id": self.env.uid,
                    **record._get_credit_values(),
                }
                for record in held
                if record.id not in known
            ]
        )
        for record in held.filtered(lambda record: record.id not in known):
            record._message_log(
                body=self.env._(
                    "Held for credit reasons: %(reason)s. It waits in the queue of held documents.",
                    reason=record._judge_credit()[1],
                )
            )
        return held

    def _get_held_notification(self):
        """What the person sees whose document was stopped."""
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "sticky": True,
                "title": self.env._("Held for credit reasons"),
                "message": self.env._(
                    "%(names)s: %(reason)s. It waits in the queue of held documents until "
                    "somebody releases it or the debtor has paid.",
                    names=", ".join(self.mapped("display_name")),
                    reason=self[0]._judge_credit()[1],
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _on_credit_released(self, reason):
        """Hook: the document was released by a person; bridges let it go on.

        :param reason: words of the person
        """
        self._message_log(
            body=self.env._("Released in spite of the credit hold: %(reason)s", reason=reason)
        )

    def _on_credit_cured(self, document):
        """The hold that stopped the document is gone: its owner goes on with it.

        :param document: debt.held.document
        """
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=self.env._("The credit hold is over: go on with %(name)s", name=document.name),
            user_id=document.user_id.id or self.env.uid,
        )
