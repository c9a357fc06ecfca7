from odoo import api, fields, models
from odoo.exceptions import UserError

# Share of a month of each period; a quarter is three months, a week 12/52 of one.
MONTHLY = {"week": 52 / 12, "month": 1.0, "quarter": 1 / 3, "year": 1 / 12, "once": 0.0}


class DebtAssessmentLine(models.Model):
    """One fact about a debtor's means: where it comes from, of which day, whether it is proven."""

    _name = "debt.assessment.line"
    _description = "Fact about a debtor"
    _order = "kind, id"

    assessment_id = fields.Many2one(
        "debt.assessment", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="assessment_id.company_id")
    currency_id = fields.Many2one(related="assessment_id.currency_id")
    kind = fields.Selection(
        [
            ("income", "Income"),
            ("expense", "Expense"),
            ("creditor", "Other creditor"),
            ("employment", "Employment"),
            ("asset", "Asset"),
            ("security", "Security"),
            ("guarantor", "Guarantor"),
            ("co_debtor", "Co-debtor"),
        ],
        required=True,
        default="income",
    )
    name = fields.Char(string="Fact", required=True)
    partner_id = fields.Many2one(
        "res.partner",
        string="Person",
        index="btree_not_null",
        help="Guarantor, co-debtor, employer or creditor.",
    )
    amount = fields.Monetary()
    period = fields.Selection(
        [
            ("week", "a week"),
            ("month", "a month"),
            ("quarter", "a quarter"),
            ("year", "a year"),
            ("once", "once"),
        ],
        default="month",
        required=True,
    )
    amount_month = fields.Monetary(string="A month", compute="_compute_amount_month")
    source = fields.Selection(
        [
            ("debtor", "The debtor says so"),
            ("document", "Document"),
            ("register", "Public register"),
            ("bureau", "Credit bureau"),
            ("accounts", "Annual accounts"),
            ("third_party", "Somebody else"),
        ],
        required=True,
        default="debtor",
    )
    date = fields.Date(string="As of", required=True, default=fields.Date.context_today)
    verified = fields.Boolean(string="Proven")
    document = fields.Binary(attachment=True)
    document_name = fields.Char(string="File name")

    @api.depends("amount", "period")
    def _compute_amount_month(self):
        self.mapped("currency_id")
        for line in self:
            line.amount_month = line.amount * MONTHLY[line.period or "month"]

    def write(self, vals):
        self._check_open()
        return super().write(vals)

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_open()
        return lines

    @api.ondelete(at_uninstall=False)
    def _unlink_except_confirmed(self):
        self._check_open()

    def _check_open(self):
        """:raises UserError: for facts of a confirmed sheet."""
        if not self.env.su and self.assessment_id.filtered(lambda s: s.state == "confirmed"):
            raise UserError(
                self.env._("A confirmed sheet is kept as it is. Make a new one from it instead.")
            )
