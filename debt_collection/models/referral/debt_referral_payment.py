"""What came in on placed debts: through the agency, or directly and then told to the agency."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class DebtReferralPayment(models.Model):
    """Money on a placed item. Append-only: an undone payment is a row with a negative amount."""

    _name = "debt.referral.payment"
    _description = "Payment on a referral"
    _inherit = ["debt.ledger.follower"]
    _order = "date desc, id desc"

    referral_id = fields.Many2one("debt.referral", required=True, ondelete="restrict", index=True)
    contract_id = fields.Many2one(
        related="referral_id.contract_id", store=True, index="btree_not_null"
    )
    company_id = fields.Many2one(related="referral_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="referral_id.partner_id", string="Debtor")
    currency_id = fields.Many2one(related="referral_id.currency_id")
    date = fields.Date(required=True, default=fields.Date.context_today)
    direct = fields.Boolean(help="The debtor paid us, not the agency.")
    amount_company = fields.Monetary(string="Amount", required=True)
    commission = fields.Monetary(readonly=True)
    document_number = fields.Char(string="Document")
    reference = fields.Char(help="Number the agency gives the payment; imported once only.")
    partial_id = fields.Integer(readonly=True, export_string_translation=False)
    payment_id = fields.Many2one(
        "account.payment", readonly=True, index="btree_not_null", ondelete="set null"
    )
    reverses_id = fields.Many2one(
        "debt.referral.payment", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    bill_id = fields.Many2one(
        "account.move",
        string="Vendor bill",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    date_told = fields.Date(
        string="Told to the agency on", readonly=True, help="For direct payments."
    )

    _reference_uniq = models.UniqueIndex(
        "(contract_id, reference) WHERE reference IS NOT NULL AND contract_id IS NOT NULL",
        "This payment of the agency was imported already.",
    )
    _partial_uniq = models.UniqueIndex(
        "(partial_id, referral_id) WHERE partial_id IS NOT NULL AND reverses_id IS NULL",
        "This payment is known already.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        for row in rows:
            if not row.reverses_id:
                row.sudo().commission = row._get_commission()
        return rows

    def _get_commission(self):
        """What the contract gives the agency for this payment."""
        self.ensure_one()
        referral = self.referral_id
        share = referral.contract_id.direct_commission / 100 if self.direct else 1.0
        return self.currency_id.round(self.amount_company * referral.rate / 100 * share)

    def write(self, vals):
        if not self.env.su:
            raise UserError(self.env._("Payments of referrals are kept as they came in."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        raise UserError(self.env._("Payments of referrals are kept as evidence."))

    @api.model
    def _record_direct(self, referrals):
        """Keep what debtors of placed items paid us directly, and what of it was undone.

        Payments count, credit notes do not. What the agency reported is known by its payment.

        :param referrals: debt.referral; those that are placed are looked at
        :return: the new rows
        """
        placed = referrals.filtered(lambda referral: referral.state == "placed")
        if not placed:
            return self.browse()
        self.env.flush_all()
        new = self.env.execute_query(
            SQL(
                """
                SELECT r.id, p.id, p.max_date, p.amount, i.document_number
                  FROM debt_referral r
                  JOIN debt_referral_item ri ON ri.referral_id = r.id
                  JOIN debt_case_item i ON i.id = ri.item_id
                  JOIN account_partial_reconcile p ON p.debit_move_id = i.move_line_id
                  JOIN account_move_line cl ON cl.id = p.credit_move_id
                  LEFT JOIN account_payment ap ON ap.id = cl.payment_id
                 WHERE r.id = ANY(%s) AND p.max_date >= r.date_placed AND p.amount > 0
                   AND (cl.payment_id IS NOT NULL OR cl.statement_line_id IS NOT NULL)
                   AND NOT EXISTS (SELECT FROM debt_referral_payment k
                                    WHERE k.referral_id = r.id AND k.partial_id = p.id)
                   AND ap.debt_referral_id IS NULL
                 ORDER BY r.id, p.id
                """,
                placed.ids,
            )
        )
        rows = self.sudo().create(
            [
                {
                    "referral_id": referral_id,
                    "partial_id": partial_id,
                    "date": date,
                    "amount_company": amount,
                    "document_number": number,
                    "direct": True,
                }
                for referral_id, partial_id, date, amount, number in new
            ]
        )
        return rows | self._record_undone(placed)

    def _record_undone(self, placed):
        """Take back rows whose reconciliation is gone."""
        undone = self.env.execute_query(
            SQL(
                """
                SELECT k.id FROM debt_referral_payment k
                 WHERE k.referral_id = ANY(%s) AND k.partial_id IS NOT NULL
                   AND k.reverses_id IS NULL
                   AND NOT EXISTS (SELECT FROM account_partial_reconcile p
                                    WHERE p.id = k.partial_id)
                   AND NOT EXISTS (SELECT FROM debt_referral_payment b
                                    WHERE b.reverses_id = k.id)
                 ORDER BY k.id
                """,
                placed.ids,
            )
        )
        rows = self.sudo().browse(row[0] for row in undone)
        return self.sudo().create(
            [
                {
                    "referral_id": row.referral_id.id,
                    "reverses_id": row.id,
                    "direct": True,
                    "amount_company": -row.amount_company,
                    "commission": -row.commission,
                    "document_number": row.document_number,
                }
                for row in rows
            ]
        )
