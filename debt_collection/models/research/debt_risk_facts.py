"""What counts in the risk of a debtor beside days late: broken promises, bounces, disputes."""

from odoo import api, fields, models
from odoo.tools import SQL

from .debt_risk_profile import MONTHS


class DebtRiskProfile(models.Model):
    """Risk profiles: the events of two years, a row each, one SELECT a kind."""

    _inherit = "debt.risk.profile"

    @api.model
    def _get_fact_selects(self, company, date):
        """Add what came back and what was disputed without reason.

        A payment bounced when Odoo says it was rejected, when its entry was reversed, or when the
        bank took exactly its amount back (a line of a statement reconciled with it). A dispute
        counts while it is open and when it was rejected or withdrawn: one that was upheld was our
        mistake, a complaint is none about money.
        """
        span = {
            "company": company.id,
            "date": date,
            "since": fields.Date.subtract(date, months=MONTHS),
        }
        return [
            *super()._get_fact_selects(company, date),
            SQL(
                """
                SELECT p.commercial_partner_id AS partner_id, 'bounced' AS fact
                  FROM account_payment ap
                  JOIN res_partner p ON p.id = ap.partner_id
                 WHERE ap.company_id = %(company)s AND ap.payment_type = 'inbound'
                   AND ap.partner_type = 'customer' AND ap.date > %(since)s
                   AND ap.date <= %(date)s
                   AND (ap.state = 'rejected' OR EXISTS (
                        SELECT FROM account_move back
                         WHERE back.reversed_entry_id = ap.move_id AND back.state = 'posted'
                           AND back.date <= %(date)s))
                """,
                **span,
            ),
            SQL(
                """
                SELECT taken.partner_id, 'bounced' AS fact
                  FROM account_move_line taken
                  JOIN account_account a ON a.id = taken.account_id
                       AND a.account_type = 'asset_receivable'
                  JOIN account_partial_reconcile p ON p.debit_move_id = taken.id
                  JOIN account_move_line money ON money.id = p.credit_move_id
                 WHERE taken.company_id = %(company)s AND taken.parent_state = 'posted'
                   AND taken.statement_line_id IS NOT NULL AND taken.balance > 0
                   AND taken.partner_id IS NOT NULL
                   AND taken.date > %(since)s AND taken.date <= %(date)s
                   AND (money.payment_id IS NOT NULL OR money.statement_line_id IS NOT NULL)
                   AND p.amount = taken.balance AND p.amount = -money.balance
                """,
                **span,
            ),
            SQL(
                """
                SELECT d.partner_id, 'disputed' AS fact FROM debt_dispute d
                 WHERE d.company_id = %(company)s AND d.kind = 'dispute'
                   AND d.state IN ('open', 'investigating', 'rejected', 'withdrawn')
                   AND d.date_open > %(since)s AND d.date_open <= %(date)s
                """,
                **span,
            ),
        ]
