"""The steps of the synchronisation: one SQL statement each, for all debtors or for a few."""

from odoo import api, models
from odoo.tools import SQL


class DebtCase(models.Model):
    _inherit = "debt.case"

    # === STEPS ===

    @api.model
    def _get_ledger_sql(self, company, date, partner_ids=None):
        """Open receivable lines of a company, each with the totals of its debtor.

        Principle: the unit is the line (an instalment), never the invoice's ``payment_state`` or
        due date. ``no_followup``, blocked and in-payment documents are not chased; credits count
        whatever their kind, so that nobody is chased who owes nothing net.

        :param company: res.company
        :param date: what was due before this day is overdue
        :param partner_ids: commercial partner ids to look at, None for all
        :return: SELECT with line_id, move_id, partner_id (commercial), due, residual (company
            currency), residual_currency, currency_id, eligible (overdue and to be chased),
            partner_overdue, partner_credit (company currency)
        """
        only = SQL("TRUE")
        if partner_ids is not None:
            only = SQL(
                "l.partner_id IN"
                " (SELECT id FROM res_partner WHERE commercial_partner_id = ANY(%s))",
                list(partner_ids),
            )
        return SQL(
            """
            SELECT found.line_id, found.move_id, found.partner_id, found.due, found.residual,
                   found.residual_currency, found.currency_id,
                   found.overdue AND sum(found.residual) FILTER (WHERE found.overdue)
                        OVER debtor > %(tolerance)s AS eligible,
                   COALESCE(sum(found.residual) FILTER (WHERE found.overdue) OVER debtor, 0)
                        AS partner_overdue,
                   COALESCE(sum(-found.residual) FILTER (WHERE found.residual < 0) OVER debtor, 0)
                        AS partner_credit
              FROM (
                SELECT l.id AS line_id, l.move_id,
                       COALESCE(p.commercial_partner_id, p.id) AS partner_id,
                       COALESCE(l.date_maturity, l.date) AS due,
                       l.amount_residual AS residual,
                       l.amount_residual_currency AS residual_currency, l.currency_id,
                       (l.amount_residual > 0 OR l.amount_residual_currency > 0)
                       AND COALESCE(l.date_maturity, l.date) < %(date)s AND l.date <= %(date)s
                       AND l.no_followup IS NOT TRUE
                       AND COALESCE(m.payment_state, 'not_paid')
                           NOT IN ('blocked', 'in_payment', 'invoicing_legacy') AS overdue
                  FROM account_move_line l
                  JOIN account_account a ON a.id = l.account_id
                       AND a.account_type = 'asset_receivable'
                  JOIN account_move m ON m.id = l.move_id
                  JOIN res_partner p ON p.id = l.partner_id
                 WHERE l.company_id = %(company)s AND l.parent_state = 'posted'
                   AND l.reconciled IS NOT TRUE
                   AND (l.amount_residual <> 0 OR l.amount_residual_currency <> 0)
                   AND %(only)s
              ) found
            WINDOW debtor AS (PARTITION BY found.partner_id)
            """,
            tolerance=company.sudo().debt_tolerance,
            date=date,
            company=company.id,
            only=only,
        )

    @staticmethod
    def _get_partner_filter(column, partner_ids):
        """Condition that limits a step to some debtors (SQL; TRUE for all of them)."""
        return (
            SQL("TRUE") if partner_ids is None else SQL("%s = ANY(%s)", column, list(partner_ids))
        )

    @api.model
    def _sync_exits(self, company, date, date_out, source, partner_ids=None):
        """Let items go whose line is settled, gone or not to be chased, each with its reason.

        :return: ids of their cases, one an item
        """
        self.env.cr.execute(
            SQL(
                """
                WITH source AS %(source)s,
                gone AS (
                    SELECT i.id, c.partner_id, l.id AS line_id, l.move_id, l.parent_state,
                           l.reconciled OR (l.amount_residual = 0
                                AND l.amount_residual_currency = 0) AS settled,
                           p.commercial_partner_id AS partner_now, l.company_id AS company_now,
                           l.no_followup OR m.payment_state = 'blocked' AS excluded,
                           m.payment_state, COALESCE(l.date_maturity, l.date) AS due
                      FROM debt_case_item i
                      JOIN debt_case c ON c.id = i.case_id
                      LEFT JOIN source s ON s.line_id = i.move_line_id AND s.eligible
                           AND s.partner_id = c.partner_id
                      LEFT JOIN account_move_line l ON l.id = i.move_line_id
                      LEFT JOIN account_move m ON m.id = l.move_id
                      LEFT JOIN res_partner p ON p.id = l.partner_id
                     WHERE c.company_id = %(company)s AND i.date_out IS NULL
                       AND s.line_id IS NULL AND %(only)s
                )
                UPDATE debt_case_item i
                   SET date_out = GREATEST(%(date_out)s, i.date_in), exit_reason = CASE
                        WHEN gone.line_id IS NULL THEN 'deleted'
                        WHEN gone.parent_state <> 'posted' THEN 'cancelled'
                        WHEN gone.partner_now IS DISTINCT FROM gone.partner_id
                             OR gone.company_now <> %(company)s THEN 'moved'
                        WHEN gone.settled THEN COALESCE((%(settled_by)s), 'paid')
                        WHEN gone.excluded THEN 'excluded'
                        WHEN gone.payment_state = 'in_payment' THEN 'paid'
                        WHEN gone.due >= %(date)s THEN 'not_due'
                        ELSE 'below_tolerance' END
                  FROM gone
                 WHERE gone.id = i.id
                RETURNING i.case_id
                """,
                source=source,
                company=company.id,
                only=self._get_partner_filter(SQL("c.partner_id"), partner_ids),
                date=date,
                date_out=date_out,
                settled_by=self._get_settled_by_sql(),
            )
        )
        return [case_id for (case_id,) in self.env.cr.fetchall()]

    @api.model
    def _sync_due_dates(self, company, source, partner_ids=None):
        """Follow due dates that were changed to another day of the past.

        :return: ids of the cases, one an item
        """
        self.env.cr.execute(
            SQL(
                """
                WITH source AS %(source)s
                UPDATE debt_case_item i SET date_due = s.due
                  FROM source s, debt_case c
                 WHERE s.line_id = i.move_line_id AND i.date_out IS NULL AND i.date_due <> s.due
                   AND c.id = i.case_id AND c.company_id = %(company)s AND %(only)s
                RETURNING i.case_id
                """,
                source=source,
                company=company.id,
                only=self._get_partner_filter(SQL("c.partner_id"), partner_ids),
            )
        )
        return [case_id for (case_id,) in self.env.cr.fetchall()]

    @api.model
    def _get_settled_by_sql(self):
        """What settled most of the line ``gone.line_id``: money, a credit note or an entry.

        Entries of the exchange journal only adjust the rate and do not count.
        """
        return SQL(
            """
            SELECT kind FROM (
                SELECT CASE
                         WHEN cm.reversed_entry_id = gone.move_id
                              AND gone.payment_state = 'reversed' THEN 'reversed'
                         WHEN cm.move_type = 'out_refund' THEN 'credited'
                         WHEN cm.origin_payment_id IS NOT NULL
                              OR cm.statement_line_id IS NOT NULL
                              OR j.type IN ('bank', 'cash', 'credit') THEN 'paid'
                         WHEN cm.reversed_entry_id = gone.move_id THEN 'reversed'
                         ELSE 'written_off' END AS kind,
                       part.amount
                  FROM account_partial_reconcile part
                  JOIN account_move_line cl ON cl.id = part.credit_move_id
                  JOIN account_move cm ON cm.id = cl.move_id
                  JOIN account_journal j ON j.id = cm.journal_id
                  JOIN res_company rc ON rc.id = cm.company_id
                 WHERE part.debit_move_id = gone.line_id
                   AND cm.journal_id IS DISTINCT FROM rc.currency_exchange_journal_id
            ) settlement
            GROUP BY kind ORDER BY sum(amount) DESC, kind = 'paid' DESC LIMIT 1
            """
        )

    @api.model
    def _sync_entries(self, company, date, source, partner_ids=None):
        """Let overdue lines into the open case of their debtor; returning ones keep their level.

        :param partner_ids: by day: only lines that were in collection before come back
        :return: number of items that entered
        """
        returning = SQL("TRUE")
        if partner_ids is not None:
            returning = SQL("previous.id IS NOT NULL")
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO debt_case_item (case_id, move_line_id, currency_id, document_number,
                       date_invoice, date_due, amount_in, date_in, level_id, level_date,
                       repeat_count)
                SELECT c.id, s.line_id, s.currency_id,
                       COALESCE(m.name, m.ref), COALESCE(m.invoice_date, m.date), s.due,
                       s.residual_currency, %(date)s,
                       previous.level_id, previous.level_date, COALESCE(previous.repeat_count, 0)
                  FROM %(source)s s
                  JOIN debt_case c ON c.company_id = %(company)s AND c.partner_id = s.partner_id
                       AND c.state <> 'closed'
                  JOIN account_move m ON m.id = s.move_id
                  LEFT JOIN LATERAL (
                        SELECT o.id, o.level_id, o.level_date, o.repeat_count
                          FROM debt_case_item o
                          JOIN debt_case oc ON oc.id = o.case_id
                         WHERE o.move_line_id = s.line_id AND o.date_out IS NOT NULL
                           AND oc.partner_id = s.partner_id
                        UNION ALL
                        SELECT o.id, o.level_id, o.level_date, o.repeat_count
                          FROM debt_case_item o
                          JOIN debt_case oc ON oc.id = o.case_id
                         WHERE o.move_line_id IS NULL AND o.document_number = m.name
                           AND o.date_due = s.due AND o.date_out IS NOT NULL
                           AND oc.company_id = %(company)s AND oc.partner_id = s.partner_id
                         ORDER BY id DESC LIMIT 1
                       ) previous ON TRUE
                 WHERE s.eligible AND %(returning)s
                   AND NOT EXISTS (SELECT FROM debt_case_item i
                                    WHERE i.move_line_id = s.line_id AND i.date_out IS NULL)
                 ORDER BY c.id, s.due
                ON CONFLICT DO NOTHING
                """,
                company=company.id,
                date=date,
                source=source,
                returning=returning,
            )
        )
        return self.env.cr.rowcount

    @api.model
    def _sync_close(self, company, date, partner_ids=None):
        """Close the cases that have no item left, with the reason their items went.

        :return: ids of the closed cases
        """
        self.env.cr.execute(
            SQL(
                """
                UPDATE debt_case c
                   SET state = 'closed', date_close = GREATEST(%(date)s, c.date_open),
                       item_count = 0, amount_overdue = 0, next_action_date = NULL,
                       error_message = NULL,
                       outcome = COALESCE((
                           SELECT CASE WHEN count(DISTINCT i.exit_reason) = 1
                                       THEN min(i.exit_reason) ELSE 'mixed' END
                             FROM debt_case_item i WHERE i.case_id = c.id
                            HAVING count(*) > 0), 'mixed')
                 WHERE c.company_id = %(company)s AND c.state <> 'closed' AND %(only)s
                   AND NOT EXISTS (SELECT FROM debt_case_item i
                                    WHERE i.case_id = c.id AND i.date_out IS NULL)
                RETURNING c.id
                """,
                date=date,
                company=company.id,
                only=self._get_partner_filter(SQL("c.partner_id"), partner_ids),
            )
        )
        case_ids = [case_id for (case_id,) in self.env.cr.fetchall()]
        if case_ids:
            self.env["mail.activity"].sudo().search(
                [
                    ("res_model", "=", "debt.case"),
                    ("res_id", "in", case_ids),
                    ("automated", "=", True),
                ]
            ).with_context(debt_settled=True).unlink()
        return case_ids

    @api.model
    def _sync_figures(self, company, source, partner_ids=None):
        """Recompute the cached figures of the open cases; write only those that changed.

        :return: ids of the cases whose figures changed
        """
        self.env.cr.execute(
            SQL(
                """
                WITH source AS %(source)s,
                credit AS (
                    SELECT s.partner_id, max(s.partner_credit) AS amount
                      FROM source s GROUP BY s.partner_id
                ),
                figures AS (
                    SELECT c.id, count(i.id) AS item_count,
                           COALESCE(sum(l.amount_residual), 0) AS amount_overdue,
                           COALESCE(max(credit.amount), 0) AS amount_credit,
                           min(i.date_due) AS oldest_due_date,
                           (array_agg(i.level_id ORDER BY lv.sequence DESC, lv.id)
                                FILTER (WHERE i.level_id IS NOT NULL))[1] AS level_id
                      FROM debt_case c
                      JOIN debt_case_item i ON i.case_id = c.id AND i.date_out IS NULL
                      JOIN account_move_line l ON l.id = i.move_line_id
                      LEFT JOIN debt_level lv ON lv.id = i.level_id
                      LEFT JOIN credit ON credit.partner_id = c.partner_id
                     WHERE c.company_id = %(company)s AND c.state <> 'closed' AND %(only)s
                     GROUP BY c.id
                )
                UPDATE debt_case c
                   SET item_count = f.item_count, amount_overdue = f.amount_overdue,
                       amount_credit = f.amount_credit, oldest_due_date = f.oldest_due_date,
                       level_id = f.level_id
                  FROM figures f
                 WHERE f.id = c.id
                   AND (c.item_count, c.amount_overdue, c.amount_credit, c.oldest_due_date,
                        c.level_id)
                       IS DISTINCT FROM
                       (f.item_count, f.amount_overdue, f.amount_credit, f.oldest_due_date,
                        f.level_id)
                RETURNING c.id
                """,
                source=source,
                company=company.id,
                only=self._get_partner_filter(SQL("c.partner_id"), partner_ids),
            )
        )
        return [case_id for (case_id,) in self.env.cr.fetchall()]
