"""What moved between two days: settlements by their kind, and the movement of overdue debts."""

from odoo import api, models
from odoo.tools import SQL

# Columns of the movement of overdue debts, in the order of the sum: opening + … = closing.
MOVEMENT_KINDS = (
    "opening",
    "new",
    "returned",
    "collected",
    "credited",
    "written_off",
    "exchange",
    "closing",
)


class DebtOpenItems(models.AbstractModel):
    _inherit = "debt.open.items"

    @api.model
    def _get_nature_sql(self, move, journal, company):
        """What kind of document an entry is (SQL): exchange, money, credit, or entry.

        :param move, journal, company: aliases of account_move, account_journal, res_company
        """
        return SQL(
            """
            CASE WHEN %(move)s.journal_id = %(company)s.currency_exchange_journal_id THEN 'exchange'
                 WHEN %(move)s.move_type IN ('out_refund', 'out_invoice', 'out_receipt')
                      THEN 'document'
                 WHEN %(move)s.origin_payment_id IS NOT NULL
                      OR %(move)s.statement_line_id IS NOT NULL
                      OR %(journal)s.type IN ('bank', 'cash', 'credit') THEN 'money'
                 ELSE 'entry' END
            """,
            move=SQL.identifier(move),
            journal=SQL.identifier(journal),
            company=SQL.identifier(company),
        )

    @api.model
    def _get_settlements_sql(self, companies, after, until):
        """What settled debts between two days, reconciliation by reconciliation.

        Money counts as collected on the day from which the ledger shows it as allocated
        (``max_date``); a credit note or the reversal of the document as credited; an exchange
        entry as exchange; every other entry as written off.

        :param after: the day before the first one that counts
        :param until: the last day that counts
        :return: SELECT with line_id, company_id, partner_id, currency_id, due, invoice_date, date,
            kind (collected, credited, written_off, exchange), amount (company currency),
            amount_currency (of the debt)
        """
        return SQL(
            """
            SELECT l.id AS line_id, l.company_id, l.partner_id, l.currency_id,
                   COALESCE(l.date_maturity, l.date) AS due,
                   COALESCE(l.invoice_date, l.date) AS invoice_date, r.max_date AS date,
                   CASE %(nature)s
                        WHEN 'exchange' THEN 'exchange'
                        WHEN 'document' THEN 'credited'
                        WHEN 'money' THEN 'collected'
                        ELSE CASE WHEN settler.reversed_entry_id = l.move_id THEN 'credited'
                                  ELSE 'written_off' END END AS kind,
                   r.amount, r.debit_amount_currency AS amount_currency
              FROM account_partial_reconcile r
              JOIN account_move_line l ON l.id = r.debit_move_id
              JOIN account_move_line c ON c.id = r.credit_move_id
              JOIN account_move settler ON settler.id = c.move_id
              JOIN account_journal settler_journal ON settler_journal.id = settler.journal_id
              JOIN res_company settler_company ON settler_company.id = settler.company_id
             WHERE r.max_date > %(after)s AND r.max_date <= %(until)s
               AND l.account_id = ANY(%(accounts)s) AND l.company_id = ANY(%(companies)s)
               AND l.parent_state = 'posted'
            """,
            nature=self._get_nature_sql("settler", "settler_journal", "settler_company"),
            after=after,
            until=until,
            accounts=self._get_account_ids(companies),
            companies=companies.ids,
        )

    @api.model
    def _get_overdue_movements_sql(self, companies, after, until):
        """The movement of overdue debts from the end of one day to the end of another.

        A debt is a receivable line on the debit side; it is overdue when its due date is before the
        day looked at. *Opening*: overdue at the beginning. *New*: fell overdue since, with what was
        open then. *Returned*: money that went back to the debtor (a bounced payment), which is a
        debt again. Then what settled these debts. Each kind is counted by itself, closing too, so
        that the sum is a check.

        :return: SELECT with company_id, partner_id, kind (see ``MOVEMENT_KINDS``), amount (company
            currency; settlements negative)
        """
        debt = SQL("(item.balance > 0 OR (item.balance = 0 AND item.amount_currency > 0))")
        return SQL(
            """
            SELECT item.company_id, item.partner_id,
                   CASE WHEN item.due < %(after)s THEN 'opening' ELSE 'new' END AS kind,
                   item.residual AS amount
              FROM (%(opening)s) item
             WHERE %(debt)s AND item.due < %(until)s
             UNION ALL
            SELECT l.company_id, l.partner_id,
                   CASE %(nature)s WHEN 'exchange' THEN 'exchange' WHEN 'money' THEN 'returned'
                        ELSE 'new' END,
                   l.balance
              FROM account_move_line l
              JOIN account_move m ON m.id = l.move_id
              JOIN account_journal j ON j.id = m.journal_id
              JOIN res_company rc ON rc.id = l.company_id
             WHERE l.account_id = ANY(%(accounts)s) AND l.company_id = ANY(%(companies)s)
               AND l.parent_state = 'posted' AND l.date > %(after)s AND l.date <= %(until)s
               AND COALESCE(l.date_maturity, l.date) < %(until)s
               AND (l.balance > 0 OR (l.balance = 0 AND l.amount_currency > 0))
             UNION ALL
            SELECT s.company_id, s.partner_id, s.kind, -s.amount
              FROM (%(settlements)s) s WHERE s.due < %(until)s
             UNION ALL
            SELECT item.company_id, item.partner_id, 'closing', item.residual
              FROM (%(closing)s) item
             WHERE %(debt)s AND item.due < %(until)s
            """,
            after=after,
            until=until,
            debt=debt,
            nature=self._get_nature_sql("m", "j", "rc"),
            opening=self._get_movements_sql(companies, after),
            closing=self._get_movements_sql(companies, until),
            settlements=self._get_settlements_sql(companies, after, until),
            accounts=self._get_account_ids(companies),
            companies=companies.ids,
        )

    @api.model
    def _get_ledger_movements(self, companies, after, until):
        """The movement of the receivable accounts as a whole, by kind; it ties to the ledger.

        :return: dict company currency id → dict kind → amount
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT rc.currency_id,
                       CASE WHEN l.date <= %(after)s THEN 'opening' ELSE
                       CASE %(nature)s
                            WHEN 'exchange' THEN 'exchange'
                            WHEN 'document' THEN
                                 CASE WHEN l.balance >= 0 THEN 'new' ELSE 'credited' END
                            WHEN 'money' THEN
                                 CASE WHEN l.balance < 0 THEN 'collected' ELSE 'returned' END
                            ELSE CASE WHEN l.balance < 0 THEN 'written_off' ELSE 'new' END
                       END END AS kind, sum(l.balance)
                  FROM account_move_line l
                  JOIN account_move m ON m.id = l.move_id
                  JOIN account_journal j ON j.id = m.journal_id
                  JOIN res_company rc ON rc.id = l.company_id
                 WHERE l.account_id = ANY(%(accounts)s) AND l.company_id = ANY(%(companies)s)
                   AND l.parent_state = 'posted' AND l.date <= %(until)s
                 GROUP BY 1, 2
                """,
                nature=self._get_nature_sql("m", "j", "rc"),
                after=after,
                until=until,
                accounts=self._get_account_ids(companies),
                companies=companies.ids,
            )
        )
        result = {}
        for currency_id, kind, amount in rows:
            result.setdefault(currency_id, {})[kind] = float(amount)
        closing = self._get_ledger_balances(companies, until)
        for currency_id, amount in closing.items():
            result.setdefault(currency_id, {})["closing"] = amount
        return result
