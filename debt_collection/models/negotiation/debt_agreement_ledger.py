"""How agreements follow the ledger: money received on their items, what moved since."""

from odoo import api, models
from odoo.tools import SQL


class DebtAgreement(models.AbstractModel):
    _inherit = "debt.agreement"

    @api.model
    def _get_money_sql(self, line, since, until, partial_id):
        """How much money a receivable line received in a window (SQL, in the line's currency).

        Money is what came through a payment, a bank statement or a bank or cash journal; credit
        notes, write-offs and entries of the exchange journal are not. The day is that of the
        payment, whenever it was allocated.

        :param line: SQL of the id of the account.move.line
        :param since, until: SQL of the first and last day
        :param partial_id: SQL of the last reconciliation that was known when it began
        """
        return SQL(
            """
            (SELECT COALESCE(sum(part.debit_amount_currency), 0)
               FROM account_partial_reconcile part
               JOIN account_move_line cl ON cl.id = part.credit_move_id
               JOIN account_move cm ON cm.id = cl.move_id
               JOIN account_journal j ON j.id = cm.journal_id
              WHERE part.debit_move_id = %(line)s AND part.id > %(partial_id)s
                AND cl.parent_state = 'posted'
                AND cl.date >= %(since)s AND cl.date <= %(until)s
                AND (cm.origin_payment_id IS NOT NULL OR cm.statement_line_id IS NOT NULL
                     OR j.type IN ('bank', 'cash', 'credit')))
            """,
            line=line,
            since=since,
            until=until,
            partial_id=partial_id,
        )

    def _get_received(self, since, until):
        """Money that the items of one agreement received in a window, since it came into force.

        :param since, until: dates
        :return: amount in the agreement's currency
        """
        self.ensure_one()
        self.env.flush_all()
        [(amount,)] = self.env.execute_query(
            SQL(
                "SELECT COALESCE(sum(%s), 0) FROM %s line WHERE line.agreement_id = %s",
                self._get_money_sql(
                    SQL("line.move_line_id"),
                    SQL("%s::date", since),
                    SQL("%s::date", until),
                    SQL("line.partial_id"),
                ),
                SQL.identifier(self.env[self._get_line_model()]._table),
                self.id,
            )
        )
        return self.currency_id.round(float(amount))

    @api.model
    def _get_last_partial_id(self):
        """Id of the latest reconciliation there is: what comes later moved after this moment."""
        self.env["account.partial.reconcile"].flush_model()
        self.env.cr.execute("SELECT COALESCE(max(id), 0) FROM account_partial_reconcile")
        return self.env.cr.fetchone()[0]

    @api.model
    def _find_by_move_lines(self, line_ids):
        """Agreements about these journal items.

        :param line_ids: ids of account.move.line
        """
        if not line_ids:
            return self.browse()
        return (
            self.env[self._get_line_model()]
            .sudo()
            .search([("move_line_id", "in", list(line_ids))])
            .agreement_id
        )
