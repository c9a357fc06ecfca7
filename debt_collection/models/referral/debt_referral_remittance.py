from odoo import fields, models


class DebtReferral(models.Model):
    """Referrals: what the agency collected reaches the books."""

    _inherit = "debt.referral"

    def _register_remittance(self, amount, date, document, reference):
        """Register a payment the agency reports, on the placed items, the oldest first.

        :param amount: in the company's currency
        :param date: day of the payment
        :param document: number of the document it is for, or empty
        :param reference: number the agency gives it
        :return: account.payment; empty when the contract names no journal
        """
        self.ensure_one()
        journal = self.contract_id.journal_id
        if not journal:
            return self.env["account.payment"]
        items = self.item_ids.filtered(
            lambda line: not document or line.document_number == document
        ).item_id.filtered(lambda item: not item.date_out)
        lines = items.sorted("date_due").move_line_id.filtered(lambda line: not line.reconciled)
        payment = (
            self.env["account.payment"]
            .with_company(self.company_id)
            .create(
                {
                    "payment_type": "inbound",
                    "partner_type": "customer",
                    "partner_id": self.partner_id.id,
                    "amount": amount,
                    "date": date,
                    "currency_id": self.currency_id.id,
                    "journal_id": journal.id,
                    "memo": f"{self.name} {reference}",
                    "debt_referral_id": self.id,
                }
            )
        )
        payment.action_post()
        entry = payment.move_id.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        for account in lines.account_id:
            part = lines.filtered(lambda line, account=account: line.account_id == account)
            (part | entry.filtered(lambda line, a=account: line.account_id == a)).reconcile()
        return payment


class AccountPayment(models.Model):
    """Payments: those an agency has remitted are known as such, so that they are not direct."""

    _inherit = "account.payment"

    debt_referral_id = fields.Many2one(
        "debt.referral",
        string="Remitted under",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
    )
