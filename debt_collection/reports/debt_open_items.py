"""Open receivable items as of any date: what every report counts, and who may see it."""

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ..tools.buckets import get_thresholds

READER_GROUPS = (
    "debt_collection.group_manager,debt_collection.group_reader,debt_collection.group_legal"
)
ALL_GROUPS = READER_GROUPS + ",debt_collection.group_officer"


class DebtOpenItems(models.AbstractModel):
    """The one producer of *what was open on a day*, as SQL.

    What was open on a day is what is open now, plus every reconciliation made after that day
    (``account.partial.reconcile.max_date``): an invoice paid later reappears with the amount it had
    then. Summed over all items this equals the balance of the receivable accounts on that day.
    """

    _name = "debt.open.items"
    _description = "Open items as of a date"

    # === ACCESS ===

    @api.model
    def _check_report_access(self, company_ids=None):
        """Who may see figures, and of which companies.

        :param company_ids: ids asked for; none: those the user has switched on
        :return: res.company
        :raises AccessError: for people without a role in collections, and for companies that are
            not switched on
        """
        if not self.env.su and not self.env.user.has_groups(ALL_GROUPS):
            raise AccessError(self.env._("Reports of collections need a role in collections."))
        companies = self.env["res.company"].browse(company_ids or self.env.companies.ids)
        if not self.env.su and companies - self.env.companies:
            raise AccessError(
                self.env._("Switch on the companies of the report at the top right first.")
            )
        return companies

    @api.model
    def _sees_everything(self):
        """Whether the user's portfolio is the whole company (manager, reader, legal)."""
        return self.env.su or self.env.user.has_groups(READER_GROUPS)

    @api.model
    def _get_portfolio_sql(self, debtor="debtor"):
        """Condition that keeps to the debtors of the user's portfolio, as the record rules do.

        Officers: own (those of absent colleagues they stand in for included) and unassigned;
        senior officers: their teams' too; others: all.

        :param debtor: alias with ``officer_id``, ``team_id`` and ``case_id``
        :rtype: SQL
        """
        if self._sees_everything():
            return SQL("TRUE")
        officer = SQL.identifier(debtor, "officer_id")
        represented = list(self.env["debt.absence"]._get_represented_ids())
        seen = SQL("(%s IS NULL OR %s = ANY(%s))", officer, officer, represented)
        if self.env.user.has_group("debt_collection.group_senior"):
            teams = self._get_led_teams()
            seen = SQL(
                "(%s OR %s = ANY(%s) OR (%s IS NULL AND %s = ANY(%s)))",
                seen,
                SQL.identifier(debtor, "team_id"),
                teams.ids,
                SQL.identifier(debtor, "case_id"),
                officer,
                teams.member_ids.ids,
            )
        return seen

    @api.model
    def _get_portfolio_of_snapshot_sql(self, alias):
        """The same for items of snapshots: by the officer and team they had then."""
        if self._sees_everything():
            return SQL("TRUE")
        officer = SQL.identifier(alias, "user_id")
        represented = list(self.env["debt.absence"]._get_represented_ids())
        seen = SQL("(%s IS NULL OR %s = ANY(%s))", officer, officer, represented)
        if self.env.user.has_group("debt_collection.group_senior"):
            seen = SQL(
                "(%s OR %s = ANY(%s))",
                seen,
                SQL.identifier(alias, "team_id"),
                self._get_led_teams().ids,
            )
        return seen

    def _get_led_teams(self):
        """Teams a senior officer leads or belongs to."""
        user_id = self.env.uid
        return (
            self.env["debt.team"]
            .sudo()
            .search(["|", ("member_ids", "in", user_id), ("leader_id", "=", user_id)])
        )

    # === SQL ===

    @api.model
    def _get_thresholds(self, limits, basis="due"):
        """Ages at which the buckets begin, for ``width_bucket``."""
        return get_thresholds(limits, basis)

    @api.model
    def _get_account_ids(self, companies):
        """Receivable accounts of companies, those out of use included."""
        accounts = self.env["account.account"].sudo().with_context(active_test=False)
        return accounts.search(
            [
                ("account_type", "=", "asset_receivable"),
                ("company_ids", "parent_of", companies.ids),
            ]
        ).ids

    @api.model
    def _get_movements_sql(self, companies, date, partner_ids=None, account_ids=None):
        """Rows whose sums are what was open at the end of a day; several rows may be of one line.

        :param companies: res.company
        :param date: last day that counts
        :param partner_ids: partners of the lines (not only commercial ones); ``[False]``: lines
            without partner; None: all
        :param account_ids: receivable accounts; None: all
        :return: SELECT with line_id, residual (company currency), residual_currency, and of the
            line move_id, company_id, partner_id, account_id, currency_id, date, due, invoice_date,
            balance, amount_currency
        """
        if account_ids is None:
            account_ids = self._get_account_ids(companies)
        only = SQL("TRUE")
        if partner_ids is not None:
            only = SQL("l.partner_id = ANY(%s)", [id_ for id_ in partner_ids if id_])
            if not all(partner_ids):
                only = SQL("(%s OR l.partner_id IS NULL)", only)
        line = SQL(
            "l.id AS line_id, l.move_id, l.company_id, l.partner_id, l.account_id, l.currency_id,"
            " l.date, COALESCE(l.date_maturity, l.date) AS due,"
            " COALESCE(l.invoice_date, l.date) AS invoice_date, l.balance, l.amount_currency"
        )
        scope = SQL(
            "l.account_id = ANY(%s) AND l.company_id = ANY(%s) AND l.parent_state = 'posted'"
            " AND l.date <= %s AND %s",
            list(account_ids),
            companies.ids,
            date,
            only,
        )
        now = SQL(
            "SELECT %s, l.amount_residual AS residual,"
            " l.amount_residual_currency AS residual_currency"
            " FROM account_move_line l WHERE l.reconciled IS NOT TRUE AND %s",
            line,
            scope,
        )
        if partner_ids is None:
            # One pass over the lines, whatever their number.
            undone = [
                SQL(
                    """
                    SELECT %s, side.amount, side.amount_currency
                      FROM account_partial_reconcile r
                     CROSS JOIN LATERAL (VALUES
                           (r.debit_move_id, r.amount, r.debit_amount_currency),
                           (r.credit_move_id, -r.amount, -r.credit_amount_currency)
                           ) side (line_id, amount, amount_currency)
                      JOIN account_move_line l ON l.id = side.line_id
                     WHERE r.max_date > %s AND %s
                    """,
                    line,
                    date,
                    scope,
                )
            ]
        else:
            # A few debtors: by the indexes of both sides.
            undone = [
                SQL(
                    "SELECT %s, %s, %s FROM account_move_line l"
                    " JOIN account_partial_reconcile r ON %s = l.id"
                    " WHERE r.max_date > %s AND %s",
                    line,
                    amount,
                    amount_currency,
                    side,
                    date,
                    scope,
                )
                for side, amount, amount_currency in (
                    (SQL("r.debit_move_id"), SQL("r.amount"), SQL("r.debit_amount_currency")),
                    (SQL("r.credit_move_id"), SQL("-r.amount"), SQL("-r.credit_amount_currency")),
                )
            ]
        return SQL(" UNION ALL ").join([now, *undone])

    @api.model
    def _get_items_sql(self, companies, date, partner_ids=None, account_ids=None):
        """One row for each line open at the end of a day (columns as ``_get_movements_sql``)."""
        return SQL(
            """
            SELECT line_id, move_id, company_id, partner_id, account_id, currency_id, date, due,
                   invoice_date, balance, amount_currency,
                   sum(residual) AS residual, sum(residual_currency) AS residual_currency
              FROM (%s) movement
             GROUP BY line_id, move_id, company_id, partner_id, account_id, currency_id, date, due,
                      invoice_date, balance, amount_currency
            HAVING sum(residual) <> 0 OR sum(residual_currency) <> 0
            """,
            self._get_movements_sql(companies, date, partner_ids, account_ids),
        )

    @api.model
    def _get_debtor_join_sql(self, source="item", latest_case=False):
        """Joins that put a debtor beside rows with partner_id and company_id.

        Gives the alias ``debtor`` with partner_id (commercial), name, ref, country_id, case_id,
        officer_id, team_id, segment_id: of the open case, else what was chosen on the partner.

        :param latest_case: where no case is open, that of the last closed one: who collected what
            is settled now
        """
        case = SQL("debtor_case.state <> 'closed'")
        if latest_case:
            case = SQL(
                """
                debtor_case.id = (
                    SELECT latest.id FROM debt_case latest
                     WHERE latest.partner_id = debtor_commercial.id
                       AND latest.company_id = %s
                     ORDER BY latest.state = 'closed', latest.id DESC LIMIT 1)
                """,
                SQL.identifier(source, "company_id"),
            )
        return SQL(
            """
            LEFT JOIN res_partner debtor_partner ON debtor_partner.id = %(partner)s
            LEFT JOIN LATERAL (SELECT COALESCE(debtor_partner.commercial_partner_id,
                                               debtor_partner.id) AS id) commercial ON TRUE
            LEFT JOIN res_partner debtor_commercial ON debtor_commercial.id = commercial.id
            LEFT JOIN debt_case debtor_case ON debtor_case.partner_id = debtor_commercial.id
                 AND debtor_case.company_id = %(company)s AND %(case)s
            LEFT JOIN LATERAL (
                SELECT debtor_commercial.id AS partner_id, debtor_commercial.complete_name AS name,
                       debtor_commercial.ref, debtor_commercial.country_id,
                       debtor_case.id AS case_id, debtor_case.team_id, debtor_case.segment_id,
                       CASE WHEN debtor_case.id IS NULL
                            THEN (debtor_commercial.debt_user_id ->> %(company)s::text)::int
                            ELSE debtor_case.user_id END AS officer_id
            ) debtor ON TRUE
            """,
            case=case,
            partner=SQL.identifier(source, "partner_id"),
            company=SQL.identifier(source, "company_id"),
        )

    @api.model
    def _get_bucket_sql(self, date, limits, basis="due", source="item"):
        """Place of a row among the columns of an ageing (SQL)."""
        return SQL(
            "width_bucket(%s - %s, %s::int[])",
            SQL("%s::date", date),
            SQL.identifier(source, "due" if basis == "due" else "invoice_date"),
            get_thresholds(limits, basis),
        )

    @api.model
    def _get_ledger_balances(self, companies, date, account_ids=None):
        """Balance of the receivable accounts in the general ledger at the end of a day.

        :return: dict currency id of the companies → amount
        """
        self.env.flush_all()
        if account_ids is None:
            account_ids = self._get_account_ids(companies)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT c.currency_id, sum(l.balance)
                  FROM account_move_line l JOIN res_company c ON c.id = l.company_id
                 WHERE l.account_id = ANY(%s) AND l.company_id = ANY(%s)
                   AND l.parent_state = 'posted' AND l.date <= %s
                 GROUP BY c.currency_id
                """,
                list(account_ids),
                companies.ids,
                date,
            )
        )
        return {currency_id: float(amount) for currency_id, amount in rows}
