from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..escalation.debt_escalation_rule import ROLE_GROUPS


class DebtHeldDocument(models.Model):
    """The queue of what credit holds have stopped: invoices, orders, deliveries.

    ::

        waiting ──► released (by a person, with a reason) ──► the document goes on
           ├──────► cured    (no hold stops it any more)  ──► its owner is told
           └──────► dropped  (the document was cancelled or deleted)
    """

    _name = "debt.held.document"
    _description = "Held document"
    _inherit = ["debt.ledger.follower"]
    _order = "state, id desc"

    company_id = fields.Many2one("res.company", required=True, index=True)
    partner_id = fields.Many2one("res.partner", string="Debtor", required=True, index=True)
    currency_id = fields.Many2one("res.currency")
    res_model = fields.Char(required=True, export_string_translation=False)
    res_id = fields.Many2oneReference(model_field="res_model", required=True)
    name = fields.Char(string="Document", required=True)
    kind = fields.Selection(
        [("invoice", "Invoice"), ("order", "Order"), ("delivery", "Delivery")], required=True
    )
    amount = fields.Monetary()
    reason = fields.Char(string="Held because", required=True)
    date = fields.Datetime(string="Held since", default=fields.Datetime.now, required=True)
    user_id = fields.Many2one("res.users", string="Asked for by")
    state = fields.Selection(
        [
            ("waiting", "Held"),
            ("released", "Released"),
            ("cured", "Cured"),
            ("dropped", "Dropped"),
        ],
        default="waiting",
        required=True,
        readonly=True,
    )
    release_reason = fields.Char(string="Released because", readonly=True)
    released_by_id = fields.Many2one("res.users", readonly=True)
    date_released = fields.Datetime(string="Released on", readonly=True)

    _waiting_uniq = models.UniqueIndex(
        "(res_model, res_id) WHERE state = 'waiting'", "This document is held already."
    )
    _document_idx = models.Index("(res_model, res_id)")

    def write(self, vals):
        if not self.env.su:
            raise UserError(self.env._("The queue is not edited: release the document."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        raise UserError(self.env._("What was held and released is kept as evidence."))

    # === ACTIONS ===

    def action_release(self):
        """Ask for the reason, then let the documents go on."""
        self._check_can_release()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Release"),
            "res_model": "debt.credit.release",
            "view_mode": "form",
            "target": "new",
            "context": {"default_document_ids": self.ids},
        }

    def action_open_document(self):
        """Open the order or delivery."""
        self.ensure_one()
        record = self._get_record()
        if not record:
            raise UserError(
                self.env._("The document %(name)s does not exist any more.", name=self.name)
            )
        return record._get_records_action()

    def _check_can_release(self):
        """:raises AccessError: when the user's role may not release what stops a document."""
        self.check_access("read")
        user = self.env.user
        for document in self:
            roles = set(document._get_holds().mapped("role"))
            if not user.has_group("debt_collection.group_manager") and not all(
                user.has_group(ROLE_GROUPS[role]) for role in roles
            ):
                raise AccessError(
                    self.env._(
                        "%(name)s is held for credit reasons that your role may not release. "
                        "Please ask a credit manager.",
                        name=document.name,
                    )
                )

    # === BUSINESS METHODS ===

    def _get_record(self):
        """The document itself; empty when it is gone or its application was removed."""
        self.ensure_one()
        return (
            self.env[self.res_model].browse(self.res_id).exists()
            if (self.res_model in self.env)
            else None
        )

    def _get_holds(self):
        """The holds that stop the document now."""
        self.ensure_one()
        _effect, holds = self.partner_id._get_credit_effect(self.company_id, self.kind)
        return holds

    def _do_release(self, reason):
        """Release waiting documents with a reason, and let them go on.

        :param reason: words of the person
        :return: the released documents
        """
        self._check_can_release()
        if not (reason or "").strip():
            raise UserError(self.env._("Please say why the document is released."))
        waiting = self.sudo().filtered(lambda document: document.state == "waiting")
        waiting.write(
            {
                "state": "released",
                "release_reason": reason,
                "released_by_id": self.env.uid,
                "date_released": fields.Datetime.now(),
            }
        )
        for document in waiting:
            record = document._get_record()
            if record:
                record._on_credit_released(reason)
        return waiting

    @api.model
    def _on_holds_ended(self, holds):
        """Tell the owners of waiting documents that no hold stops them any more.

        :param holds: debt.credit.hold that ended
        """
        waiting = self.search(
            [
                ("state", "=", "waiting"),
                ("partner_id", "child_of", holds.partner_id.ids),
                ("company_id", "child_of", holds.company_id.ids),
            ]
        )
        for document in waiting:
            record = document._get_record()
            if not record:
                document.state = "dropped"
                continue
            effect, _holds = document.partner_id._get_credit_effect(
                document.company_id, document.kind
            )
            if effect != "block":
                document.write({"state": "cured", "date_released": fields.Datetime.now()})
                record._on_credit_cured(document)
