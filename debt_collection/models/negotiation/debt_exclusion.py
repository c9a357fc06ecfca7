from odoo import api, fields, models
from odoo.tools import SQL

from ...const import CLAIM_KINDS

# Kept out by bookkeeping, not by a record of ours: it has no end.
EXCLUDED = ("excluded", "Excluded in accounting")
KINDS = [*CLAIM_KINDS, EXCLUDED]


class DebtExclusion(models.Model):
    """What is overdue and not asked for now: how much, why, and until when.

    One row for an item and a reason, from the one producer of claims, so that the amounts never
    overlap; and the documents bookkeeping has excluded from follow-up, which no case knows. The
    statement itself keeps to the user's portfolio, the record rule to the companies.
    """

    _name = "debt.exclusion"
    _inherit = ["debt.ledger.report"]
    _description = "Kept out of follow-up"
    _auto = False
    _order = "date_until, id"

    company_id = fields.Many2one("res.company", readonly=True)
    company_currency_id = fields.Many2one("res.currency", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Debtor", readonly=True)
    case_id = fields.Many2one("debt.case", readonly=True)
    user_id = fields.Many2one("res.users", string="Officer", readonly=True)
    move_id = fields.Many2one("account.move", string="Document", readonly=True)
    date_due = fields.Date(string="Due date", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    kind = fields.Selection(KINDS, readonly=True)
    note = fields.Char(string="Words", readonly=True)
    reason = fields.Char(compute="_compute_reason")
    amount = fields.Monetary(string="Not asked for", readonly=True, aggregator=False)
    amount_company = fields.Monetary(
        string="Not asked for (company currency)",
        readonly=True,
        currency_field="company_currency_id",
    )
    date_until = fields.Date(
        string="Until",
        readonly=True,
        help="The day that ends it if nothing else does before: end of the hold, limit of the "
        "promise, last instalment, deadline of the dispute.",
    )

    @api.depends("kind", "note")
    def _compute_reason(self):
        """The words of the claim, as the case shows them."""
        items = self.env["debt.case.item"]
        for row in self:
            if row.kind == EXCLUDED[0]:
                row.reason = self.env._("No follow-up, or blocked, on the document itself")
                continue
            words = [
                items._describe_claim(row.kind, None, note)
                for note in (row.note or "").split("\n")
                if note or row.kind != "promised"
            ]
            row.reason = ", ".join(dict.fromkeys(words))

    @property
    def _table_query(self):
        today = fields.Date.context_today(self)
        companies = self.env["res.company"].sudo().browse(self.env.companies.ids)
        producer = self.env["debt.open.items"]
        rows = [self._get_claims_select(company, today) for company in companies]
        rows.append(self._get_excluded_select(companies, today))
        return SQL(
            """
            SELECT item.id, item.company_id, company.currency_id AS company_currency_id,
                   debtor.partner_id, debtor.case_id, debtor.officer_id AS user_id, item.move_id,
                   item.date_due, item.currency_id, item.kind, item.note, item.amount,
                   item.amount_company, item.date_until
              FROM (%(rows)s) item
              JOIN res_company company ON company.id = item.company_id
              %(debtor)s
             WHERE %(portfolio)s
            """,
            rows=SQL(" UNION ALL ").join(rows),
            debtor=producer._get_debtor_join_sql(),
            portfolio=producer._get_portfolio_sql(),
        )

    @api.model
    def _get_claims_select(self, company, today):
        """The claimed parts of the items of a company (SQL)."""
        items = self.env["debt.case.item"]
        return SQL(
            """
            SELECT part.item_id::bigint * 10 + array_position(%(kinds)s, part.kind::text) AS id,
                   l.company_id, l.partner_id, l.move_id, i.date_due, l.currency_id, part.kind,
                   words.note, part.amount, part.amount_company,
                   CASE part.kind
                   WHEN 'disputed' THEN (
                        SELECT max(d.date_deadline) FROM debt_dispute_line dl
                          JOIN debt_dispute d ON d.id = dl.agreement_id
                         WHERE dl.live AND dl.move_line_id = l.id)
                   WHEN 'on_plan' THEN (
                        SELECT max(p.date_last) FROM debt_plan p
                         WHERE p.id IN (
                               SELECT pl.agreement_id FROM debt_plan_line pl
                                WHERE pl.live AND pl.move_line_id = l.id
                               UNION SELECT r.plan_id FROM debt_plan_installment r
                                WHERE r.move_line_id = l.id))
                   WHEN 'promised' THEN GREATEST((
                        SELECT max(p.date_limit) FROM debt_promise_line pl
                          JOIN debt_promise p ON p.id = pl.agreement_id
                         WHERE pl.live AND pl.move_line_id = l.id), deal.date_limit)
                   WHEN 'hold' THEN GREATEST((
                        SELECT max(h.date_to) FROM debt_hold h
                         WHERE h.case_id = i.case_id AND h.state = 'active'
                           AND h.date_from <= %(today)s AND h.date_to >= %(today)s
                           AND (NOT EXISTS (SELECT FROM debt_case_item_debt_hold_rel r
                                             WHERE r.debt_hold_id = h.id)
                                OR EXISTS (SELECT FROM debt_case_item_debt_hold_rel r
                                            WHERE r.debt_hold_id = h.id
                                              AND r.debt_case_item_id = i.id))), deal.date_until)
                   END AS date_until
              FROM (%(parts)s) part
              JOIN debt_case_item i ON i.id = part.item_id
              JOIN account_move_line l ON l.id = i.move_line_id
              JOIN (SELECT item_id, kind, string_agg(DISTINCT note, E'\n') AS note
                      FROM (%(claims)s) claim GROUP BY item_id, kind) words
                   ON words.item_id = part.item_id AND words.kind = part.kind
              LEFT JOIN LATERAL (
                    SELECT max(c.date_limit) FILTER (WHERE c.kind = 'settlement') AS date_limit,
                           max(c.date_until) FILTER (WHERE c.kind = 'deferment') AS date_until
                      FROM debt_concession_line cl
                      JOIN debt_concession c ON c.id = cl.agreement_id
                     WHERE cl.live AND cl.move_line_id = l.id) deal ON TRUE
            """,
            kinds=[kind for kind, _label in KINDS],
            today=today,
            parts=items._get_parts_sql(company, today),
            claims=items._get_claims_sql(today),
        )

    @api.model
    def _get_excluded_select(self, companies, today):
        """Overdue documents that bookkeeping keeps out of follow-up (SQL)."""
        return SQL(
            """
            SELECT -l.id::bigint AS id, l.company_id, l.partner_id, l.move_id,
                   COALESCE(l.date_maturity, l.date) AS date_due, l.currency_id,
                   %(excluded)s AS kind, NULL AS note, l.amount_residual_currency AS amount,
                   l.amount_residual AS amount_company, NULL::date AS date_until
              FROM account_move_line l
              JOIN account_account a ON a.id = l.account_id AND a.account_type = 'asset_receivable'
              JOIN account_move m ON m.id = l.move_id
             WHERE l.company_id = ANY(%(companies)s) AND l.parent_state = 'posted'
               AND l.reconciled IS NOT TRUE AND l.amount_residual > 0
               AND l.partner_id IS NOT NULL
               AND COALESCE(l.date_maturity, l.date) < %(today)s
               AND (l.no_followup OR m.payment_state = 'blocked')
            """,
            excluded=EXCLUDED[0],
            companies=companies.ids,
            today=today,
        )

    def action_open(self):
        """Open the case, or the document that no case knows."""
        self.ensure_one()
        return (self.case_id or self.move_id)._get_records_action()
