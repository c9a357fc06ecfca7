"""The page on which a debtor pays what a notice asks for, without a login."""

from odoo import Command, http
from odoo.exceptions import ValidationError
from odoo.http import request

from odoo.addons.account_payment.controllers.portal import PortalAccount

from ..models.outreach.debt_notice_pay import PATH


class NoticePayment(PortalAccount):
    """What a signed link of a notice opens; nothing else of the debtor can be reached by it."""

    @http.route(
        f"{PATH}/<int:notice_id>",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        sitemap=False,
    )
    def notice_pay_page(self, notice_id, token="", currency="", **_kwargs):
        """Show what is open now of the items of a notice, and Odoo's payment form for it.

        :param notice_id: id of a debt.notice
        :param token: signature of the link
        :param currency: name of the currency to pay, where the notice tells of several
        """
        notice = request.env["debt.notice"]._check_payment_link(notice_id, token)
        if not notice:
            return request.render("debt_collection.notice_pay_invalid", status=404)
        if request.env.user._is_public():
            lang = request.env["res.lang"]._get_code(notice.lang) or request.env.lang
            request.update_context(lang=lang)
            notice = notice.with_context(lang=lang)
        totals = notice._get_payable()
        chosen = next((one for one in totals if one["currency"].name == currency), None)
        chosen = chosen or next((one for one in totals if one["due"]), None)
        values = {
            "notice": notice,
            "company": notice.company_id,
            "res_company": notice.company_id,
            "totals": totals,
            "chosen": chosen,
            "address": f"{PATH}/{notice.id}?token={token}",
            "bank": chosen and notice._get_bank(chosen["currency"], chosen["moves"]),
            "pays_online": bool(chosen and chosen["due"] and notice._may_pay_online()),
        }
        if values["pays_online"]:
            values |= self._get_notice_payment_values(notice, chosen, token)
        return request.render("debt_collection.notice_pay_page", values)

    def _get_notice_payment_values(self, notice, total, token):
        """Values of Odoo's payment form for one currency of a notice.

        :param notice: debt.notice of the superuser
        :param total: see ``debt.notice._get_payable``
        :param token: signature of the link
        """
        address = f"{PATH}/{notice.id}"
        values = self._get_common_page_view_values(
            {
                "partner": notice.partner_id,
                "company": notice.company_id,
                "total_amount": total["due"],
                "currency": total["currency"],
                "amount_residual": total["due"],
                "landing_route": f"{address}?token={token}",
                "transaction_route": f"{address}/transaction/{total['currency'].id}",
            },
            access_token=token,
        )
        values["amount"] = total["due"]
        if not self._pays_for_itself(notice):
            # whoever holds the link does not get at the debtor's saved cards
            values["partner_id"] = notice.partner_id.id
            values["tokens_sudo"] = request.env["payment.token"]
            values["show_tokenize_input_mapping"] = dict.fromkeys(
                values["show_tokenize_input_mapping"], False
            )
            values["company_mismatch"] = not self._can_partner_pay_in_company(
                notice.partner_id, notice.company_id
            )
        return values

    def _pays_for_itself(self, notice):
        """Whether the visitor is logged in as somebody of the debtor."""
        user = request.env.user
        return not user._is_public() and user.partner_id.commercial_partner_id == notice.partner_id

    @http.route(
        f"{PATH}/<int:notice_id>/transaction/<int:currency_id>", type="jsonrpc", auth="public"
    )
    def notice_transaction(self, notice_id, currency_id, access_token, **kwargs):
        """Create the transaction for what is open now of a notice in one currency.

        :param access_token: signature of the link
        :param kwargs: values of Odoo's payment form
        :raises ValidationError: when the link is not ours, nothing is open, or the amount that was
            shown is not the one that is open any more
        """
        notice = request.env["debt.notice"]._check_payment_link(notice_id, access_token)
        if not notice:
            raise ValidationError(request.env._("This link does not work."))
        total = next(
            (one for one in notice._get_payable() if one["currency"].id == currency_id), None
        )
        shown = kwargs.get("amount") or 0.0
        if not total or not total["due"] or total["currency"].compare_amounts(total["due"], shown):
            raise ValidationError(
                request.env._("What is open has changed meanwhile. Please load the page again.")
            )
        own = self._pays_for_itself(notice)
        if kwargs.get("flow") == "token" and not own:
            raise ValidationError(request.env._("Please log in to use a saved payment method."))
        self._validate_transaction_kwargs(kwargs)
        kwargs["tokenization_requested"] = own and kwargs.get("tokenization_requested")
        partner = request.env.user.partner_id if own else notice.partner_id
        kwargs |= {"amount": total["due"], "partner_id": partner.id, "currency_id": currency_id}
        transaction = self._create_transaction(
            custom_create_values={"invoice_ids": [Command.set(total["moves"].ids)]}, **kwargs
        )
        return transaction._get_processing_values()
