"""Courtesy: a friendly message some days before the due date, for debtors without a case."""

from odoo import fields, models
from odoo.tools import SQL


class DebtRun(models.Model):
    _inherit = "debt.run"

    def _plan_courtesy(self, release=True):
        """Plan friendly messages about debts that fall due in a few days.

        For debtors without an open case: who is being reminded of overdue debts already is not
        told the same again in a friendlier tone. Each instalment is announced once; a past day
        that is replayed announces nothing that is due by now.

        :param release: see ``_plan_notices``
        :return: number of messages
        """
        self._expire_courtesies()
        cr = self.env.cr
        cr.execute("DROP TABLE IF EXISTS debt_night_courtesy")
        cr.execute(
            SQL(
                "CREATE TEMP TABLE debt_night_courtesy ON COMMIT DROP AS (%s)",
                self._get_courtesy_sql(),
            )
        )
        cr.execute(
            SQL(
                """
                INSERT INTO debt_notice (company_id, partner_id, debtor_key, user_id, run_id,
                       level_id, date, automatic, state, channel, amount_total, amount_credit,
                       create_uid, create_date, write_uid, write_date)
                SELECT %(company)s, f.partner_id, f.partner_id, max(f.user_id), %(run)s,
                       max(f.level_id),
                       %(date)s, TRUE,
                       CASE min(f.mode) WHEN 'approval' THEN 'to_approve'
                            WHEN 'officer' THEN 'to_review' ELSE %(automatic)s END,
                       min(f.channel), sum(f.residual), 0,
                       %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
                  FROM debt_night_courtesy f
                 GROUP BY f.partner_id
                ON CONFLICT DO NOTHING
                """,
                company=self.company_id.id,
                run=self.id,
                date=self.date,
                automatic="ready" if release else "to_approve",
                uid=self.env.uid,
            )
        )
        planned = cr.rowcount
        if planned:
            self._plan_courtesy_items()
        return planned

    def _expire_courtesies(self):
        """Cancel messages that waited until everything they announce was due."""
        self.env["debt.notice"].sudo().search(
            [
                ("company_id", "=", self.company_id.id),
                ("case_id", "=", False),
                ("state", "in", ("to_approve", "to_review", "ready", "failed")),
                ("date", "<", self.date),
                ("item_ids", "not any", [("date_due", ">=", self.date)]),
            ]
        )._do_cancel(self.env._("It was not released before the due date."))
        self.env.flush_all()

    def _plan_courtesy_items(self):
        """Write the items and the decisions of the courtesy messages of this run."""
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO debt_notice_item (notice_id, move_line_id, level_id, advanced,
                       document_number, date_invoice, date_due, days_overdue, currency_id,
                       amount, amount_company)
                SELECT n.id, f.line_id, f.level_id, FALSE, COALESCE(m.name, m.ref),
                       COALESCE(m.invoice_date, m.date), f.due, 0, f.currency_id,
                       f.residual_currency, f.residual
                  FROM debt_night_courtesy f
                  JOIN debt_notice n ON n.run_id = %(run)s AND n.partner_id = f.partner_id
                       AND n.case_id IS NULL
                  JOIN account_move m ON m.id = f.move_id
                """,
                run=self.id,
            )
        )
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO debt_run_line (run_id, company_id, partner_id, decision, level_id,
                       mode, item_count, amount, data)
                SELECT n.run_id, n.company_id, n.partner_id, 'courtesy', n.level_id, v.mode,
                       count(ni.id), n.amount_total,
                       jsonb_build_object('due', min(ni.date_due))
                  FROM debt_notice n
                  JOIN debt_notice_item ni ON ni.notice_id = n.id
                  JOIN debt_level v ON v.id = n.level_id
                 WHERE n.run_id = %(run)s AND n.case_id IS NULL
                 GROUP BY n.id, v.mode
                """,
                run=self.id,
            )
        )

    def _get_courtesy_sql(self):
        """SELECT: the lines to announce, with level and debtor; credits are netted per debtor."""
        company = self.company_id
        return SQL(
            """
            WITH receivable AS (
                SELECT l.id AS line_id, l.move_id,
                       COALESCE(p.commercial_partner_id, p.id) AS partner_id,
                       COALESCE(l.date_maturity, l.date) AS due, l.amount_residual AS residual,
                       l.amount_residual_currency AS residual_currency, l.currency_id,
                       l.no_followup, l.date
                  FROM account_move_line l
                  JOIN account_account a ON a.id = l.account_id
                       AND a.account_type = 'asset_receivable'
                  JOIN res_partner p ON p.id = l.partner_id
                 WHERE l.company_id = %(company)s AND l.parent_state = 'posted'
                   AND l.reconciled IS NOT TRUE
                   AND (l.amount_residual < 0 OR COALESCE(l.date_maturity, l.date) >= %(date)s)
            ),
            announced AS (
                SELECT r.*, v.id AS level_id, v.minimum_amount, v.mode, v.channel,
                       (p.debt_user_id ->> %(company_key)s)::int AS user_id,
                       sum(r.residual) OVER (PARTITION BY r.partner_id) AS partner_amount
                  FROM receivable r
                  JOIN account_move m ON m.id = r.move_id
                  JOIN res_partner p ON p.id = r.partner_id
                  JOIN LATERAL (
                        SELECT * FROM debt_level lv
                         WHERE lv.days < 0 AND r.due + lv.days <= %(date)s
                           AND lv.strategy_id = COALESCE(%(by_hand)s, %(strategy)s)
                         ORDER BY lv.days DESC LIMIT 1
                       ) v ON TRUE
                 WHERE r.residual > 0 AND r.no_followup IS NOT TRUE AND r.date <= %(date)s
                   AND r.due >= GREATEST(%(date)s, %(today)s)
                   AND COALESCE(m.payment_state, 'not_paid')
                       NOT IN ('blocked', 'in_payment', 'invoicing_legacy')
                   AND NOT EXISTS (SELECT FROM debt_case c
                                    WHERE c.company_id = %(company)s
                                      AND c.partner_id = r.partner_id AND c.state <> 'closed')
                   AND NOT EXISTS (SELECT FROM debt_notice_item ni
                                    WHERE ni.move_line_id = r.line_id AND ni.level_id = v.id)
            )
            SELECT f.*
              FROM announced f
              LEFT JOIN (SELECT partner_id, -sum(residual) AS amount FROM receivable
                          WHERE residual < 0 GROUP BY partner_id) credit
                   ON credit.partner_id = f.partner_id
             WHERE f.partner_amount - COALESCE(credit.amount, 0) > %(tolerance)s
               AND f.partner_amount - COALESCE(credit.amount, 0) >= f.minimum_amount
            """,
            company=company.id,
            company_key=str(company.id),
            by_hand=self.env["debt.strategy"]._get_by_hand_sql(company),
            strategy=self.env["debt.strategy"]._get_default(company).id or None,
            date=self.date,
            today=fields.Date.context_today(self),
            tolerance=company.debt_tolerance,
        )
