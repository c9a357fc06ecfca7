from odoo import fields, models
from odoo.tools import SQL

from ...const import REFERRAL_KINDS


class DebtReferralAnalysis(models.Model):
    """Agencies compared on like debts: placements by age and size, with what came of them."""

    _name = "debt.referral.analysis"
    _description = "Comparison of agencies"
    _inherit = ["debt.ledger.follower"]
    _auto = False
    _order = "date_placed desc"

    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    referral_id = fields.Many2one("debt.referral", readonly=True)
    recipient_id = fields.Many2one("res.partner", string="Agency", readonly=True)
    kind = fields.Selection(REFERRAL_KINDS, string="To", readonly=True)
    state = fields.Char(readonly=True)
    date_placed = fields.Date(string="Placed on", readonly=True)
    age_band = fields.Selection(
        [
            ("1", "up to 90 days"),
            ("2", "91–180 days"),
            ("3", "181–360 days"),
            ("4", "over 360 days"),
        ],
        string="Age",
        readonly=True,
    )
    size_band = fields.Selection(
        [
            ("1", "below 500"),
            ("2", "500–5,000"),
            ("3", "5,000–50,000"),
            ("4", "50,000 and more"),
        ],
        string="Size",
        readonly=True,
    )
    amount_placed = fields.Monetary(string="Placed", readonly=True)
    amount_collected = fields.Monetary(string="Collected", readonly=True)
    commission = fields.Monetary(readonly=True)
    net = fields.Monetary(string="Net of commission", readonly=True)
    recovery = fields.Float(
        string="Recovery (%)",
        readonly=True,
        aggregator="avg",
        help="Share of the placed amount that came in; of several placements, of their sum.",
    )

    def _read_group_select(self, aggregate_spec, query):
        """The recovery of a group is that of its sums: a large placement weighs more."""
        if aggregate_spec == "recovery:avg":
            return SQL(
                "sum(%s) * 100.0 / NULLIF(sum(%s), 0)",
                self._field_to_sql(self._table, "amount_collected", query),
                self._field_to_sql(self._table, "amount_placed", query),
            )
        return super()._read_group_select(aggregate_spec, query)

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT r.id, r.company_id, co.currency_id, r.id AS referral_id, r.recipient_id, r.kind,
                   r.state, r.date_placed,
                   CASE WHEN r.days_placed <= 90 THEN '1' WHEN r.days_placed <= 180 THEN '2'
                        WHEN r.days_placed <= 360 THEN '3' ELSE '4' END AS age_band,
                   CASE WHEN r.amount_placed < 500 THEN '1' WHEN r.amount_placed < 5000 THEN '2'
                        WHEN r.amount_placed < 50000 THEN '3' ELSE '4' END AS size_band,
                   r.amount_placed, COALESCE(k.amount, 0) AS amount_collected,
                   COALESCE(k.commission, 0) AS commission,
                   COALESCE(k.amount - k.commission, 0) AS net,
                   CASE WHEN r.amount_placed > 0
                        THEN COALESCE(k.amount, 0) * 100 / r.amount_placed END AS recovery
              FROM debt_referral r
              JOIN res_company co ON co.id = r.company_id
              LEFT JOIN (SELECT referral_id, sum(amount_company) AS amount,
                                sum(commission) AS commission
                           FROM debt_referral_payment GROUP BY referral_id) k
                   ON k.referral_id = r.id
             WHERE r.date_placed IS NOT NULL
            """
        )
