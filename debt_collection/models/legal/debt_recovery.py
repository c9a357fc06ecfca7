from odoo import fields, models
from odoo.tools import SQL

from ...const import REFERRAL_KINDS


class DebtRecovery(models.Model):
    """What came in on cases and what it cost: a row a payment, a cost, a commission, a fee.

    The channel is with whom the debt was placed on that day: with nobody, we collected ourselves.
    """

    _name = "debt.recovery"
    _description = "Net recovery"
    _inherit = ["debt.ledger.follower"]
    _auto = False
    _order = "date desc, id desc"

    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    case_id = fields.Many2one("debt.case", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Debtor", readonly=True)
    recipient_id = fields.Many2one("res.partner", string="Placed with", readonly=True)
    channel = fields.Selection(
        [("own", "Our own collection"), *REFERRAL_KINDS], string="Collected by", readonly=True
    )
    date = fields.Date(readonly=True)
    recovered = fields.Monetary(
        readonly=True, help="Payments since the items came into collection; no credit notes."
    )
    cost = fields.Monetary(
        string="Costs", readonly=True, help="Spent, with commissions and fees of agencies."
    )
    rebillable = fields.Monetary(
        string="Owed by the debtor", readonly=True, help="The part of the costs that is claimed."
    )
    net = fields.Monetary(string="Net recovery", readonly=True, help="Recovered less costs.")

    def _get_rows_sql(self):
        """SELECT of case_id, recipient_id, channel, date, recovered, cost, rebillable.

        :rtype: SQL
        """
        return SQL(
            """
            SELECT i.case_id, placed.recipient_id, COALESCE(placed.kind, 'own') AS channel,
                   p.max_date AS date, p.amount AS recovered, 0::numeric AS cost,
                   0::numeric AS rebillable
              FROM debt_case_item i
              JOIN account_partial_reconcile p ON p.debit_move_id = i.move_line_id
                   AND p.max_date >= i.date_in
              JOIN account_move_line cl ON cl.id = p.credit_move_id
              LEFT JOIN LATERAL (
                   SELECT r.kind, r.recipient_id
                     FROM debt_referral_item ri JOIN debt_referral r ON r.id = ri.referral_id
                    WHERE ri.item_id = i.id AND r.date_placed <= p.max_date
                      AND (r.date_end IS NULL OR r.date_end >= p.max_date)
                    ORDER BY r.id DESC LIMIT 1) placed ON TRUE
             WHERE (cl.payment_id IS NOT NULL OR cl.statement_line_id IS NOT NULL)
               AND NOT EXISTS (SELECT FROM debt_case_item later
                                WHERE later.move_line_id = i.move_line_id AND later.id > i.id)
            UNION ALL
            SELECT k.case_id, r.recipient_id, COALESCE(r.kind, 'own'), k.date, 0, k.amount,
                   k.amount_rebillable
              FROM debt_cost k LEFT JOIN debt_referral r ON r.id = k.referral_id
             WHERE k.state = 'spent'
            UNION ALL
            SELECT r.case_id, r.recipient_id, r.kind, k.date, 0, k.commission, 0
              FROM debt_referral_payment k JOIN debt_referral r ON r.id = k.referral_id
             WHERE k.commission <> 0
            UNION ALL
            SELECT r.case_id, r.recipient_id, r.kind, r.date_placed, 0, c.fee_placement, 0
              FROM debt_referral r JOIN debt_agency_contract c ON c.id = r.contract_id
             WHERE r.date_placed IS NOT NULL AND c.fee_placement > 0
            """
        )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT row_number() OVER () AS id, c.company_id, co.currency_id, c.partner_id,
                   recovery.*, recovery.recovered - recovery.cost AS net
              FROM (%s) recovery
              JOIN debt_case c ON c.id = recovery.case_id
              JOIN res_company co ON co.id = c.company_id
            """,
            self._get_rows_sql(),
        )
