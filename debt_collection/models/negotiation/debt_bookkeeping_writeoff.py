"""Entries of write-offs and recoveries, with the tax contained."""

from odoo import Command, api, models


class DebtBookkeeping(models.AbstractModel):
    _inherit = "debt.bookkeeping"

    # === WRITE-OFFS ===

    @api.model
    def _make_writeoff_entry(self, company, partner, parts, reason):
        """Make, post and reconcile the entry that writes off parts of a partner's lines."""
        account = self._get_writeoff_account(company)
        journal = self._get_journal(company)
        takes_tax_back = company._get_debt_owner("debt_writeoff_account_id").debt_writeoff_tax
        values, settled = [], []
        for line, amount in parts:
            full = line.currency_id.compare_amounts(amount, line.amount_residual_currency) >= 0
            share = amount / line.amount_residual_currency if line.amount_residual_currency else 1.0
            balance = (
                line.amount_residual
                if full
                else company.currency_id.round(line.amount_residual * share)
            )
            common = {
                "partner_id": partner.id,
                "currency_id": line.currency_id.id,
                "name": self.env._(
                    "%(reason)s (%(number)s)", reason=reason, number=line.move_id.name
                ),
            }
            values.append(
                {
                    **common,
                    "account_id": line.account_id.id,
                    "amount_currency": -amount,
                    "balance": -balance,
                    "no_followup": True,
                }
            )
            settled.append(line)
            taxes = self._get_tax_parts(line, amount, balance) if takes_tax_back else []
            for tax in taxes:
                values.append({**common, **tax})
            values.append(
                {
                    **common,
                    "account_id": account.id,
                    "amount_currency": amount - sum(tax["amount_currency"] for tax in taxes),
                    "balance": balance - sum(tax["balance"] for tax in taxes),
                }
            )
        has_tax = any("tax_repartition_line_id" in line for line in values)
        move = self._post_entry(company, journal, reason, values, has_tax)
        credits = move.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        for credit, line in zip(credits.sorted("id"), settled, strict=True):
            (credit | line).reconcile()
        return move

    @api.model
    def _make_recovery(self, writeoffs, payment, amount, reason):
        """Mirror write-off entries in proportion, and settle a payment with the debt that returns.

        :param writeoffs: account.move, entries made by ``_write_off``
        :param payment: account.move.line on account, not reconciled
        :param amount: recovered, in the payment's currency
        :param reason: words on the entry
        :return: account.move, posted and reconciled with the payment
        """
        company, currency = payment.company_id, payment.currency_id
        counterparts = (writeoffs.line_ids - writeoffs.line_ids._filter_receivable()).sorted("id")
        written_off = sum(counterparts.mapped("amount_currency"))
        worth = company.currency_id.round(
            payment.amount_residual * amount / payment.amount_residual_currency
        )
        common = {"partner_id": payment.partner_id.id, "currency_id": currency.id, "name": reason}
        values = [
            {
                **common,
                "account_id": payment.account_id.id,
                "amount_currency": amount,
                "balance": worth,
                "no_followup": True,
            }
        ]
        left, left_worth = amount, worth
        for index, line in enumerate(counterparts):
            last = index == len(counterparts) - 1
            share = line.amount_currency / written_off
            part = left if last else currency.round(amount * share)
            balance = left_worth if last else company.currency_id.round(worth * share)
            left, left_worth = left - part, left_worth - balance
            values.append(
                {
                    **common,
                    "account_id": line.account_id.id,
                    "amount_currency": -part,
                    "balance": -balance,
                    "tax_repartition_line_id": line.tax_repartition_line_id.id,
                    "tax_tag_ids": [Command.set(line.tax_tag_ids.ids)],
                }
            )
        journal = self._get_journal(company)
        move = self._post_entry(company, journal, reason, values, bool(counterparts.tax_tag_ids))
        (move.line_ids._filter_receivable() | payment).reconcile()
        return move

    @api.model
    def _get_tax_parts(self, line, amount, balance):
        """What of a written-off amount is tax, line by line of the invoice's taxes.

        :param amount: written off, in the line's currency
        :param balance: the same in the company's currency
        :return: list of values of account.move.line
        """
        move = line.move_id
        if not move.is_invoice(include_receipts=True) or not move.amount_total:
            return []
        share = amount / move.amount_total
        worth = balance / amount if amount else 0.0
        result = []
        for tax_line in move.line_ids.filtered("tax_repartition_line_id"):
            part = line.currency_id.round(-tax_line.amount_currency * share)
            if line.currency_id.is_zero(part):
                continue
            tax = tax_line.tax_line_id
            repartition = tax_line.tax_repartition_line_id
            index = tax.invoice_repartition_line_ids.ids.index(repartition.id)
            refund = tax.refund_repartition_line_ids[index]
            result.append(
                {
                    "account_id": tax_line.account_id.id,
                    "amount_currency": part,
                    "balance": line.company_id.currency_id.round(part * worth),
                    "tax_repartition_line_id": refund.id,
                    "tax_tag_ids": [Command.set(refund.tag_ids.ids)],
                    "tax_base_amount": abs(tax_line.tax_base_amount) * share,
                }
            )
        return result
