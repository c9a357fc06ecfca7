from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...tools.buckets import DEFAULT_LIMITS, check_limits, get_ranges


class DebtOpenItem(models.Model):
    """The items of the aged balance for pivot, list and graph, as of the day in the context.

    The statement itself keeps to the user's portfolio, the record rule to the companies.

    Context: ``debt_date`` (default today), ``debt_basis`` (due, invoice), ``debt_limits``.
    """

    _name = "debt.open.item"
    _inherit = ["debt.ledger.report"]
    _description = "Open item"
    _auto = False
    _order = "due, id"

    company_id = fields.Many2one("res.company", readonly=True)
    company_currency_id = fields.Many2one("res.currency", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Debtor", readonly=True)
    country_id = fields.Many2one("res.country", readonly=True)
    case_id = fields.Many2one("debt.case", readonly=True)
    user_id = fields.Many2one("res.users", string="Officer", readonly=True)
    team_id = fields.Many2one("debt.team", readonly=True)
    segment_id = fields.Many2one("debt.segment", readonly=True)
    account_id = fields.Many2one("account.account", readonly=True)
    move_id = fields.Many2one("account.move", string="Document", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    invoice_date = fields.Date(string="Document date", readonly=True)
    due = fields.Date(string="Due date", readonly=True)
    days = fields.Integer(string="Age (days)", readonly=True, aggregator="max")
    bucket = fields.Char(string="Age", readonly=True)
    residual = fields.Monetary(string="Open", readonly=True, currency_field="company_currency_id")
    residual_currency = fields.Monetary(
        string="Open in its currency", readonly=True, aggregator=False
    )
    marks = fields.Char(compute="_compute_marks", search="_search_marks")

    def _get_day(self):
        """The day looked at."""
        day = fields.Date.to_date(self.env.context.get("debt_date"))
        return day or fields.Date.context_today(self)

    def _compute_marks(self):
        """What stood against the items on the day, in words."""
        words = self.env["debt.case.item"]._get_marks(self.ids, self._get_day())
        for item in self:
            item.marks = words.get(item.id, "")

    @api.model
    def _search_marks(self, operator, value):
        if operator != "in":
            return NotImplemented
        marks = self.env["debt.case.item"]._get_marks_sql(self._get_day())
        rows = self.env.execute_query(
            SQL("SELECT mark.line_id FROM (%s) mark WHERE mark.kind = ANY(%s)", marks, list(value))
        )
        return [("id", "in", [line_id for (line_id,) in rows])]

    @property
    def _table_query(self):
        producer = self.env["debt.open.items"]
        context = self.env.context
        date = self._get_day()
        basis = "invoice" if context.get("debt_basis") == "invoice" else "due"
        try:
            limits = check_limits(context.get("debt_limits") or DEFAULT_LIMITS)
        except ValueError as error:
            raise UserError(self.env._("Buckets: %(problem)s.", problem=error)) from None
        companies = self.env["res.company"].sudo().browse(self.env.companies.ids)
        return SQL(
            """
            SELECT item.line_id AS id, item.company_id, company.currency_id AS company_currency_id,
                   debtor.partner_id, debtor.country_id, debtor.case_id,
                   debtor.officer_id AS user_id, debtor.team_id, debtor.segment_id,
                   item.account_id, item.move_id, item.currency_id, item.invoice_date, item.due,
                   %(date)s::date - %(base)s AS days,
                   (%(labels)s::text[])[%(bucket)s + 1] AS bucket,
                   item.residual, item.residual_currency
              FROM (%(items)s) item
              JOIN res_company company ON company.id = item.company_id
              %(debtor)s
             WHERE %(portfolio)s
            """,
            portfolio=producer._get_portfolio_sql(),
            date=date,
            base=SQL("item.due") if basis == "due" else SQL("item.invoice_date"),
            labels=self._get_labels(limits, basis),
            bucket=producer._get_bucket_sql(date, limits, basis),
            items=producer._get_items_sql(companies, date),
            debtor=producer._get_debtor_join_sql(),
        )

    def _get_labels(self, limits, basis):
        """Words for the buckets; numbered, so that they sort by age."""
        labels = []
        for place, (first, last) in enumerate(get_ranges(limits, basis)):
            if first is None:
                words = self.env._("Not due")
            elif last is None:
                words = f"> {first - 1}"
            else:
                words = f"{first}–{last}"
            labels.append(f"{place}: {words}")
        return labels

    def action_open_document(self):
        """Open the invoice or entry behind the item."""
        self.ensure_one()
        return self.move_id._get_records_action()
