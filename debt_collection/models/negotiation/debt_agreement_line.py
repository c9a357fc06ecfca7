from odoo import api, fields, models
from odoo.exceptions import AccessError


class DebtAgreementLine(models.AbstractModel):
    """One item in an agreement, with its own copy of number, date and amount.

    It holds on to the journal item, not only to the item of the case: an item that is paid and
    comes back is another item of the case, but the same debt.
    """

    _name = "debt.agreement.line"
    _description = "Item of an agreement"
    _inherit = ["debt.agreement.guard", "debt.ledger.follower"]
    _order = "date_due, id"

    # Models that inherit define agreement_id with their own comodel.
    item_id = fields.Many2one(
        "debt.case.item",
        required=True,
        ondelete="cascade",
        index=True,
        domain="[('case_id', '=', parent.case_id), ('date_out', '=', False),"
        " ('currency_id', '=', parent.currency_id)]",
    )
    move_line_id = fields.Many2one(
        "account.move.line", string="Journal item", ondelete="set null", index="btree_not_null"
    )
    currency_id = fields.Many2one(related="item_id.currency_id")
    document_number = fields.Char(string="Document", readonly=True)
    date_due = fields.Date(string="Due date", readonly=True)
    amount = fields.Monetary(required=True)
    amount_open = fields.Monetary(
        string="Open", related="move_line_id.amount_residual_currency", related_sudo=True
    )
    amount_item = fields.Monetary(
        string="Open now", related="item_id.amount_residual", related_sudo=True
    )
    live = fields.Boolean(
        readonly=True, copy=False, help="The agreement is in force: it takes its amount out."
    )
    amount_start = fields.Monetary(
        string="Open at the beginning", readonly=True, copy=False, help="When it came into force."
    )
    partial_id = fields.Integer(
        readonly=True,
        copy=False,
        export_string_translation=False,
        help="Last reconciliation known when the line was made: later ones moved since.",
    )

    @api.onchange("item_id")
    def _onchange_item_id(self):
        """An item is taken with all that is collectible of it."""
        if self.item_id and not self.amount:
            self.amount = self.item_id._origin.amount_collectible

    @api.model_create_multi
    def create(self, vals_list):
        self._check_owned_fields(vals_list)
        last = self.env["debt.agreement"]._get_last_partial_id()
        for vals in vals_list:
            vals["partial_id"] = last
            item = self.env["debt.case.item"].browse(vals.get("item_id"))
            if item:
                vals.update(
                    {
                        "move_line_id": item.sudo().move_line_id.id,
                        "document_number": item.document_number,
                        "date_due": item.date_due,
                    }
                )
            elif self.env.su and vals.get("move_line_id"):
                move_line = self.env["account.move.line"].browse(vals["move_line_id"])
                vals.update(
                    {
                        "document_number": move_line.move_id.name,
                        "date_due": move_line.date_maturity,
                    }
                )
            else:
                raise AccessError(self.env._("Agreements are about items of the case."))
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            raise AccessError(
                self.env._("The items of an agreement are kept as they were agreed upon.")
            )
        return super().write(vals)

    @api.depends("document_number")
    def _compute_display_name(self):
        for line in self:
            line.display_name = line.document_number or self.env._("Item %(id)s", id=line.id)

    def _start(self):
        """The agreement comes into force: remember what is open, and from when money counts."""
        last = self.env["debt.agreement"]._get_last_partial_id()
        for line in self.sudo():
            line.write(
                {
                    "live": True,
                    "amount_start": line.move_line_id.amount_residual_currency,
                    "partial_id": last,
                }
            )

    def _get_left(self):
        """What of the line is still agreed on: reductions of the item count for it first."""
        self.ensure_one()
        move_line = self.sudo().move_line_id
        residual = move_line.amount_residual_currency
        if move_line.parent_state != "posted":
            return 0.0
        settled = max((self.amount_start or residual) - residual, 0.0)
        return max(min(self.amount - settled, residual), 0.0)
