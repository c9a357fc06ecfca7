from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class DebtWriteoffProposal(models.Model):
    """A debt a rule proposes for write-off; whether it is written off is decided under authority.

    Accepted proposals become concessions of the kind *write-off*: those the person may grant are
    booked at once with their taxes, the others wait for who may. Later recoveries are kept there.
    """

    _name = "debt.writeoff.proposal"
    _description = "Proposal for write-off"
    _inherit = ["debt.ledger.follower"]
    _order = "state, amount desc, id"

    company_id = fields.Many2one("res.company", required=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    case_id = fields.Many2one("debt.case", required=True, ondelete="cascade", index=True)
    partner_id = fields.Many2one(
        "res.partner", string="Debtor", required=True, index=True, ondelete="cascade"
    )
    rule_id = fields.Many2one("debt.writeoff.rule", ondelete="set null", index="btree_not_null")
    reason = fields.Char(required=True)
    amount = fields.Monetary(help="Collectible on the day of the proposal.")
    date_newest = fields.Date(string="Newest due date")
    date = fields.Date(string="Proposed on", required=True)
    state = fields.Selection(
        [
            ("proposed", "Proposed"),
            ("accepted", "Accepted"),
            ("rejected", "Rejected"),
            ("lapsed", "Lapsed"),
        ],
        required=True,
        default="proposed",
        readonly=True,
    )
    concession_ids = fields.Many2many("debt.concession", string="Write-offs", readonly=True)
    user_id = fields.Many2one("res.users", string="Decided by", readonly=True)
    date_decided = fields.Date(string="Decided on", readonly=True)
    problem = fields.Char(readonly=True, help="Why it could not be written off.")

    _proposed_uniq = models.UniqueIndex(
        "(case_id) WHERE state = 'proposed'", "This debt is proposed already."
    )

    @api.depends("partner_id", "reason")
    def _compute_display_name(self):
        for proposal in self:
            proposal.display_name = f"{proposal.partner_id.display_name}: {proposal.reason}"

    def write(self, vals):
        if not self.env.su:
            raise UserError(self.env._("Proposals are decided with the buttons."))
        return super().write(vals)

    # === ACTIONS ===

    @api.model
    def action_propose(self):
        """Bring the list of the current companies up to today.

        :return: action that shows it
        """
        self.env["debt.case"]._check_manager()
        for company in self.env.companies:
            self.env["debt.writeoff.rule"].sudo()._propose(company, fields.Date.context_today(self))
        return self.env["ir.actions.act_window"]._for_xml_id(
            "debt_collection.debt_writeoff_proposal_action"
        )

    def action_accept(self):
        """Write the proposed debts off, each under the authority of the person.

        A debt that cannot be written off says why and stays on the list; the others go on.
        """
        self._check_can_decide()
        for proposal in self.filtered(lambda p: p.state == "proposed"):
            try:
                with self.env.cr.savepoint():
                    concessions = proposal._make_concessions()
            except UserError as error:
                proposal.sudo().problem = str(error)
                continue
            proposal.sudo().write(
                {
                    "state": "accepted",
                    "problem": False,
                    "concession_ids": [Command.set(concessions.ids)],
                    "user_id": self.env.uid,
                    "date_decided": fields.Date.context_today(self),
                }
            )
        return True

    def action_reject(self):
        """Keep the debts in collection; they are not proposed again for a while."""
        self._check_can_decide()
        self.sudo().filtered(lambda p: p.state == "proposed").write(
            {
                "state": "rejected",
                "user_id": self.env.uid,
                "date_decided": fields.Date.context_today(self),
            }
        )
        return True

    def action_view_concessions(self):
        """Open the write-offs made from the proposals."""
        return self.concession_ids._get_records_action(name=self.env._("Write-offs"))

    def _check_can_decide(self):
        """:raises AccessError: for those who do not work on the case."""
        self.check_access("read")
        self.case_id.check_access("write")

    def _make_concessions(self):
        """One write-off a currency over what is collectible now, submitted.

        :return: debt.concession
        :raises UserError: when nothing is left, or the books refuse it
        """
        self.ensure_one()
        items = self.case_id.open_item_ids.filtered(lambda item: item.amount_collectible > 0)
        if not items:
            raise UserError(self.env._("Nothing of it is collectible any more."))
        concessions = self.env["debt.concession"]
        for currency, group in items.grouped("currency_id").items():
            concessions |= concessions.create(
                {
                    "case_id": self.case_id.id,
                    "kind": "write_off",
                    "reason": self.reason,
                    "currency_id": currency.id,
                    "amount": sum(group.mapped("amount_collectible")),
                    "line_ids": [
                        Command.create({"item_id": item.id, "amount": item.amount_collectible})
                        for item in group
                    ],
                }
            )
        concessions.action_submit()
        return concessions
