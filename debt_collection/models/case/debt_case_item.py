from odoo import api, fields, models
from odoo.exceptions import UserError

from ...const import EXIT_REASONS


class DebtCaseItem(models.Model):
    """A receivable journal item (an invoice's instalment) in collection, from entry to exit.

    The item keeps its own copy of number, date and amount: bookkeeping may delete the line, the
    evidence stays. What is owed *now* is never stored here; it is the residual of the line.
    """

    _name = "debt.case.item"
    _description = "Case item"
    _inherit = ["debt.ledger.follower"]
    _order = "date_out desc, date_due, id"
    # Written by the run alone, 200,000 at a time: dates in and out say what a log would say.
    _log_access = False

    case_id = fields.Many2one("debt.case", required=True, ondelete="cascade", index=True)
    # Not stored: every foreign key is checked row by row when a night brings 200,000 of them.
    company_id = fields.Many2one(related="case_id.company_id")
    partner_id = fields.Many2one(related="case_id.partner_id", string="Debtor")
    user_id = fields.Many2one(related="case_id.user_id")
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company currency"
    )

    # The ledger
    move_line_id = fields.Many2one(
        "account.move.line", string="Journal item", ondelete="set null", index="btree_not_null"
    )
    move_id = fields.Many2one(related="move_line_id.move_id", string="Document", related_sudo=True)
    currency_id = fields.Many2one("res.currency", required=True)
    amount_residual = fields.Monetary(
        related="move_line_id.amount_residual_currency", string="Open", related_sudo=True
    )
    amount_residual_company = fields.Monetary(
        related="move_line_id.amount_residual",
        string="Open (company currency)",
        currency_field="company_currency_id",
    )

    # Evidence, as it was on entry
    document_number = fields.Char(string="Document number", readonly=True)
    date_invoice = fields.Date(string="Document date", readonly=True)
    date_due = fields.Date(string="Due date", readonly=True)
    amount_in = fields.Monetary(string="Amount on entry", readonly=True)

    # Life in the case
    date_in = fields.Date(string="Entered on", required=True, readonly=True)
    date_out = fields.Date(string="Left on", readonly=True)
    exit_reason = fields.Selection(EXIT_REASONS, string="Left because", readonly=True)
    level_id = fields.Many2one("debt.level", readonly=True, ondelete="restrict")
    level_date = fields.Date(string="Level since", readonly=True)
    repeat_count = fields.Integer(readonly=True, default=0)

    days_overdue = fields.Integer(compute="_compute_days_overdue")
    amount_collectible = fields.Monetary(
        compute="_compute_amount_collectible",
        help="Open, less what is disputed, promised, on a plan, on hold or referred.",
    )
    claim_words = fields.Char(string="Marks", compute="_compute_amount_collectible")

    _open_line_uniq = models.UniqueIndex(
        "(move_line_id) WHERE date_out IS NULL",
        "This journal item is already in collection.",
    )
    _gone_line_idx = models.Index("(document_number) WHERE move_line_id IS NULL")

    def init(self):
        """Leave room on each page: items change level in place, without touching the indexes."""
        self.env.cr.execute("ALTER TABLE debt_case_item SET (fillfactor = 50)")

    @api.depends("date_due")
    @api.depends_context("tz")
    def _compute_days_overdue(self):
        today = fields.Date.context_today(self)
        for item in self:
            end = item.date_out or today
            item.days_overdue = max((end - item.date_due).days, 0) if item.date_due else 0

    @api.depends("move_line_id.amount_residual_currency")
    def _compute_amount_collectible(self):
        figures = self._get_collectible_amounts(fields.Date.context_today(self))
        for item in self:
            collectible, claims = figures.get(item.id, (0.0, []))
            item.amount_collectible = collectible
            item.claim_words = ", ".join(self._describe_claim(*claim) for claim in claims)

    @api.depends("document_number")
    def _compute_display_name(self):
        for item in self:
            item.display_name = item.document_number or self.env._("Item %(id)s", id=item.id)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        raise UserError(
            self.env._("The items of a case are kept as evidence and cannot be deleted.")
        )

    def action_open_document(self):
        """Open the invoice or entry behind the item."""
        self.ensure_one()
        if not self.move_id:
            raise UserError(
                self.env._(
                    "The document %(number)s does not exist any more.", number=self.document_number
                )
            )
        return self.move_id._get_records_action()

    def _set_deleted(self):
        """The draft an item had become was deleted: that is what became of the item."""
        self.exit_reason = "deleted"
        for case in self.case_id.filtered(lambda case: case.state == "closed"):
            reasons = set(case.item_ids.mapped("exit_reason"))
            if case.outcome == "cancelled" and reasons == {"deleted"}:
                case.outcome = "deleted"
