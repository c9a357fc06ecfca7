"""The items behind the rows of the aged balance, with what stands against them."""

from odoo import api, models
from odoo.tools import SQL


class DebtAgedBalance(models.AbstractModel):
    _inherit = "debt.aged.balance"

    # === DETAILS ===

    @api.model
    def get_details(self, options, partner_id, currency_id):
        """The items behind a row, oldest first.

        :param dict options: as ``get_options``
        :param partner_id: commercial partner, False for items without partner
        :param currency_id: currency of the row
        :return: list of {line_id, move_id, number, ref, date, due, days, bucket, amount,
            company, level, marks}
        """
        companies = self._check_report_access((options or {}).get("company_ids"))
        options = self._prepare_options(options, companies)
        self.env["debt.case"]._follow_movements()
        self.env.flush_all()
        found = self._get_details_of(options, [partner_id])
        return [item for item in found if item["currency_id"] == currency_id]

    def _get_details_of(self, options, partner_ids):
        """Items of some debtors, grouped by debtor in no order, oldest first within.

        :param partner_ids: commercial partner ids, False for items without partner
        """
        companies = self.env["res.company"].browse(options["company_ids"])
        date = options["date"]
        in_company = options["currency"] == "company"
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT item.line_id, item.move_id, debtor.partner_id, debtor.case_id,
                       COALESCE(NULLIF(move.name, '/'), move.ref, '') AS number,
                       CASE WHEN move.ref IS DISTINCT FROM move.name THEN move.ref END AS ref,
                       item.invoice_date AS date, item.due,
                       %(date)s::date - %(base)s AS days, %(bucket)s AS bucket,
                       %(amount)s::float8 AS amount, %(currency)s AS currency_id,
                       company.name AS company, level.name AS level
                  FROM (%(items)s) item
                  JOIN res_company company ON company.id = item.company_id
                  JOIN account_move move ON move.id = item.move_id
                  %(debtor)s
                  LEFT JOIN debt_case_item case_item ON case_item.move_line_id = item.line_id
                       AND case_item.date_out IS NULL
                       AND (case_item.level_date IS NULL OR case_item.level_date <= %(date)s)
                  LEFT JOIN debt_level level ON level.id = case_item.level_id
                 WHERE %(portfolio)s AND %(filters)s AND %(debtor_filters)s
                 ORDER BY item.due, item.line_id
                """,
                date=date,
                base=SQL("item.due") if options["basis"] == "due" else SQL("item.invoice_date"),
                bucket=self._get_bucket_sql(date, options["limits"], options["basis"]),
                amount=SQL("item.residual") if in_company else SQL("item.residual_currency"),
                currency=SQL("company.currency_id") if in_company else SQL("item.currency_id"),
                items=self._get_items_sql(
                    companies, date, self._get_family(partner_ids), options["account_ids"] or None
                ),
                debtor=self._get_debtor_join_sql(),
                portfolio=self._get_portfolio_sql(),
                filters=self._get_item_filters_sql(options, date),
                debtor_filters=self._get_debtor_filters_sql({**options, "search": ""}),
            )
        )
        lines = [row["line_id"] for row in rows]
        marks = self._get_shown_marks(lines, date)
        lang = self.env.lang or "en_US"
        for row in rows:
            row["marks"] = marks.get(row["line_id"], "")
            if isinstance(row["level"], dict):
                row["level"] = row["level"].get(lang) or row["level"].get("en_US")
            row["partner_id"] = row["partner_id"] or False
        return rows

    def _get_family(self, partner_ids):
        """Partners whose commercial partner is one of these; False stays."""
        ids = [id_ for id_ in partner_ids if id_]
        rows = self.env.execute_query(
            SQL("SELECT id FROM res_partner WHERE commercial_partner_id = ANY(%s)", ids)
        )
        family = {*ids, *(id_ for (id_,) in rows)}
        return [*family, *([False] if len(ids) < len(partner_ids) else [])]

    @api.model
    def _get_shown_marks(self, line_ids, date):
        """Hook: what is told of items, dict line id → words."""
        return self.env["debt.case.item"]._get_marks(line_ids, date)
