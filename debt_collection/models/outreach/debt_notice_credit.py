"""Credits in the debtor's favour, listed one by one beside the items of a notice."""

from odoo import api, fields, models
from odoo.tools import SQL, format_date

KINDS = {"out_refund": "credit_note", "in_invoice": "bill"}


class DebtNotice(models.Model):
    _inherit = "debt.notice"

    credits_told = fields.Json(
        readonly=True,
        copy=False,
        help="Open credits as the notice told them: number, date, kind, currency and amount.",
    )
    credit_words = fields.Text(
        string="Credits told", compute="_compute_credit_words", help="One a line."
    )

    @api.depends("credits_told", "amount_credit")
    def _compute_credit_words(self):
        for notice in self:
            notice.credit_words = "\n".join(
                " · ".join(
                    filter(
                        None,
                        (
                            credit["number"],
                            credit["date"] and format_date(self.env, credit["date"]),
                            credit["currency"].format(credit["amount"]),
                        ),
                    )
                )
                for credit in notice._get_credits()
            )

    def _get_credits(self):
        """The credits this notice takes off: those it told, else those that are open now.

        :return: list of dict: number, date (or None), kind (``credit_note``, ``payment``,
            ``bill``, ``other``), currency (res.currency), amount (> 0), amount_company; a single
            one without number where the list does not give the amount that is taken off
        """
        self.ensure_one()
        own = self.company_currency_id
        if own.is_zero(self.amount_credit):
            return []
        told = self.credits_told
        if not told and self.state not in ("sent", "bounced"):
            found = self._find_credits(self.company_id, self.partner_id._origin.ids)
            told = found.get(self.partner_id._origin.id, [])
        if own.compare_amounts(
            sum(one["amount_company"] for one in told or []), self.amount_credit
        ):
            told = [
                {
                    "number": "",
                    "date": None,
                    "kind": "other",
                    "currency_id": own.id,
                    "amount": self.amount_credit,
                    "amount_company": self.amount_credit,
                }
            ]
        currencies = self.env["res.currency"]
        return [
            {
                **one,
                "date": fields.Date.to_date(one["date"]),
                "currency": currencies.browse(one["currency_id"]),
            }
            for one in told
        ]

    @api.model
    def _find_credits(self, company, partner_ids):
        """Open credits of debtors, of the same kind as ``debt.case.amount_credit`` counts them.

        :param company: res.company
        :param partner_ids: commercial partner ids
        :return: dict partner id → list of dict as ``credits_told`` keeps them, oldest first
        """
        result = {}
        if not partner_ids:
            return result
        self.env.flush_all()
        own = company.sudo().currency_id
        rows = self.env.execute_query(
            SQL(
                """
                SELECT COALESCE(p.commercial_partner_id, p.id), COALESCE(m.name, l.name, ''),
                       COALESCE(m.invoice_date, l.date), m.move_type,
                       COALESCE(m.origin_payment_id, m.statement_line_id),
                       l.currency_id, -l.amount_residual_currency, -l.amount_residual
                  FROM account_move_line l
                  JOIN account_account a ON a.id = l.account_id
                       AND a.account_type = 'asset_receivable'
                  JOIN account_move m ON m.id = l.move_id
                  JOIN res_partner p ON p.id = l.partner_id
                 WHERE l.company_id = %(company)s AND l.parent_state = 'posted'
                   AND l.reconciled IS NOT TRUE AND l.amount_residual < 0
                   AND l.partner_id IN (SELECT id FROM res_partner
                                         WHERE commercial_partner_id = ANY(%(partners)s))
                 ORDER BY 3, l.id
                """,
                company=company.id,
                partners=list(partner_ids),
            )
        )
        currencies = self.env["res.currency"]
        for (
            partner_id,
            number,
            date,
            move_type,
            payment_id,
            currency_id,
            amount,
            own_amount,
        ) in rows:
            currency = currencies.browse(currency_id)
            if currency.compare_amounts(amount, 0.0) <= 0:
                # what exchange rates left over
                currency, amount = own, own_amount
            kind = KINDS.get(move_type, "payment" if payment_id else "other")
            result.setdefault(partner_id, []).append(
                {
                    "number": number,
                    "date": fields.Date.to_string(date),
                    "kind": kind,
                    "currency_id": currency.id,
                    "amount": currency.round(float(amount)),
                    "amount_company": own.round(float(own_amount)),
                }
            )
        return result

    def _refresh_credits(self):
        """Keep the credits these notices take off as they are now, in one query a company."""
        with_credit = self.filtered("amount_credit")
        (self - with_credit).filtered("credits_told").write({"credits_told": False})
        for company, notices in with_credit.grouped("company_id").items():
            found = self._find_credits(company, notices.partner_id.ids)
            for notice in notices:
                told = found.get(notice.partner_id.id, [])
                if told != (notice.credits_told or []):
                    notice.credits_told = told
