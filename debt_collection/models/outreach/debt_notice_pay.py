"""Paying what a notice asks for without a login: a signed link, and what is open at that moment."""

import base64
from urllib.parse import urljoin

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import consteq, hmac

from ...tools.qr import draw_qr

PATH = "/collections/pay"
# Parts of an item that are not paid to us, or not yet known to be owed.
NOT_PAYABLE = ("referred", "disputed")


class DebtNotice(models.Model):
    _inherit = "debt.notice"

    def _get_pay_url(self):
        """Where the debtor pays online without a login: our page, for one document or many.

        Odoo's page of an invoice would need a token written on each invoice, which costs more than
        the e-mail, and knows no credits.

        :return: absolute address, or False where nobody takes payments online
        """
        self.ensure_one()
        notice = self._origin
        if not notice or not self._may_pay_online():
            return False
        if not self._get_moves().filtered(
            lambda move: move.state == "posted" and move.is_sale_document(include_receipts=True)
        ):
            return False
        return urljoin(self.get_base_url(), f"{PATH}/{notice.id}?token={notice._sign_payment()}")

    def _get_pay_code(self, url):
        """The code that opens the page to pay, for paper, as address of data.

        :param url: answer of ``_get_pay_url``
        """
        return "data:image/png;base64," + base64.b64encode(draw_qr(url, 180, mask=0)).decode()

    def _sign_payment(self):
        """Signature of the link that shows what is open of this notice, and lets it be paid."""
        self.ensure_one()
        return hmac(self.env(su=True), "debt-notice-pay", str(self.id))

    @api.model
    def _check_payment_link(self, notice_id, token):
        """The notice of a signed link.

        :param notice_id: id from the address
        :param token: signature from the address
        :return: debt.notice of the superuser, empty when the signature is not ours
        """
        notice = self.sudo().browse(notice_id).exists()
        if not notice or not consteq(notice._sign_payment(), token or ""):
            return self.sudo().browse()
        return notice

    def _may_pay_online(self):
        """Whether Odoo's portal takes payments of visitors for the company of this notice."""
        known = self.env.cr.cache.setdefault("debt_collection.pay_online", {})
        company = self.company_id
        if company.id not in known:
            enabled = self.env["ir.config_parameter"].sudo()
            providers = self.env["payment.provider"].sudo()
            known[company.id] = bool(
                enabled.get_param("account_payment.enable_portal_payment")
            ) and bool(
                providers.search_count(
                    Domain(providers._check_company_domain(company))
                    & Domain("state", "in", ("enabled", "test"))
                    & Domain("is_published", "=", True),
                    limit=1,
                )
            )
        return known[company.id]

    def _get_payable(self):
        """What is open at this moment of what this notice told, less credits and less payments
        that are on their way.

        Disputed and referred parts are not asked for; what was promised or is on a plan may be
        paid at any time.

        :return: list of dict: currency, rows (list of dict: move, number, date_due, amount),
            moves (account.move), credits (see ``_find_credits``), in_transit, due (≥ 0)
        """
        self.ensure_one()
        rows_of = {}
        for line, amount in self._get_payable_lines():
            rows_of.setdefault(line.currency_id, []).append((line, amount))
        credits_of = {}
        partner_id = self.partner_id.id
        for credit in self._find_credits(self.company_id, [partner_id]).get(partner_id, []):
            credits_of.setdefault(credit["currency_id"], []).append(credit)
        totals = []
        for currency, rows in rows_of.items():
            moves = self.env["account.move"].union(*(line.move_id for line, _amount in rows))
            taken_off = credits_of.get(currency.id, [])
            in_transit = sum(self._get_transit(moves, currency).mapped("amount"))
            due = sum(amount for _line, amount in rows) - in_transit
            due -= sum(credit["amount"] for credit in taken_off)
            totals.append(
                {
                    "currency": currency,
                    "rows": [
                        {
                            "move": line.move_id,
                            "number": line.move_id.name,
                            "date_due": line.date_maturity or line.date,
                            "amount": amount,
                        }
                        for line, amount in rows
                    ],
                    "moves": moves,
                    "credits": taken_off,
                    "in_transit": in_transit,
                    "due": max(currency.round(due), 0.0),
                }
            )
        return totals

    def _get_payable_lines(self):
        """Open receivable lines of invoices this notice told, with what may be paid of each.

        :return: list of (account.move.line, amount in its currency), oldest first
        """
        self.ensure_one()
        lines = (self.item_ids.item_id.move_line_id | self.item_ids.move_line_id).filtered(
            lambda line: (
                line.parent_state == "posted"
                and not line.reconciled
                and line.move_id.is_sale_document(include_receipts=True)
                and line.partner_id.commercial_partner_id == self.partner_id
            )
        )
        items = self.env["debt.case.item"].search(
            [("move_line_id", "in", lines.ids), ("date_out", "=", False)]
        )
        split = items._get_split(fields.Date.context_today(self))
        kept = {
            item.move_line_id: sum(split.get(item.id, {}).get(kind, 0.0) for kind in NOT_PAYABLE)
            for item in items
        }
        found = []
        for line in lines.sorted(lambda line: (line.date_maturity or line.date, line.id)):
            amount = line.amount_residual_currency - kept.get(line, 0.0)
            if line.currency_id.compare_amounts(amount, 0.0) > 0:
                found.append((line, line.currency_id.round(amount)))
        return found

    @api.model
    def _get_transit(self, moves, currency):
        """Online payments of documents that the provider has not settled yet.

        As in Odoo's own portal, announced bank transfers are not waited for.

        :param moves: account.move
        :param currency: res.currency
        :return: payment.transaction
        """
        return moves.transaction_ids.filtered(
            lambda tx: (
                tx.currency_id == currency
                and tx.provider_code not in ("none", "custom")
                and (
                    tx.state in ("pending", "authorized")
                    or (tx.state == "done" and not tx.is_post_processed)
                )
            )
        )
