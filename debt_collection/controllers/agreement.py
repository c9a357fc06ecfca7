"""The page on which a debtor reads an agreement and accepts it, by its link alone."""

import binascii
import logging

from odoo import http
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal

_logger = logging.getLogger(__name__)

AGREEMENTS = ("debt.plan", "debt.concession")


class AgreementController(CustomerPortal):
    """What a debtor reaches with the link of an offer: the page, the PDF, the acceptance."""

    def _get_agreement(self, model, record_id, access_token):
        """The agreement behind a link.

        :return: record with the rights of the system, in its company, or None
        """
        if model not in AGREEMENTS:
            return None
        try:
            record_sudo = self._document_check_access(model, record_id, access_token=access_token)
        except (AccessError, MissingError):
            return None
        if not record_sudo._get_paper() or record_sudo.state in ("draft", "to_approve", "refused"):
            return None
        return record_sudo.with_company(record_sudo.company_id)

    @http.route(
        "/collections/agreement/<string:model>/<int:record_id>",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        sitemap=False,
    )
    def agreement_page(self, model, record_id, access_token=None, pdf=None, **_kwargs):
        """Show the agreement, as a page or as PDF."""
        record_sudo = self._get_agreement(model, record_id, access_token)
        if not record_sudo:
            return request.render("debt_collection.agreement_page", {"agreement": None}, status=404)
        courier = record_sudo.case_id._get_courier()
        lang = courier._get_address("letter")["lang"]
        record_sudo = record_sudo.with_context(lang=lang)
        if pdf:
            return request.make_response(
                record_sudo._render_agreement_pdf(),
                [
                    ("Content-Type", "application/pdf"),
                    (
                        "Content-Disposition",
                        http.content_disposition(f"{record_sudo.reference}.pdf"),
                    ),
                    ("Cache-Control", "no-store"),
                ],
            )
        request.update_context(lang=lang)
        return request.render(
            "debt_collection.agreement_page",
            {
                "agreement": record_sudo,
                "company": record_sudo.company_id,
                "heading": record_sudo._get_paper()["heading"],
                "text": record_sudo._render_agreement(
                    signing=False, progress=record_sudo.state not in ("approved", "expired")
                ),
                "open_offer": record_sudo._is_open_offer(),
                "pdf_url": record_sudo.get_portal_url(query_string="&pdf=1"),
                "accept_url": record_sudo.get_portal_url(suffix="/accept"),
            },
        )

    @http.route(
        "/collections/agreement/<string:model>/<int:record_id>/accept",
        type="jsonrpc",
        auth="public",
        website=True,
    )
    def agreement_accept(
        self, model, record_id, access_token=None, name=None, signature=None, **_kwargs
    ):
        """Accept the offer: name and signature of the person, kept with time and address."""
        access_token = access_token or request.httprequest.args.get("access_token")
        record_sudo = self._get_agreement(model, record_id, access_token)
        if not record_sudo:
            return {"error": request.env._("This link does not work any more.")}
        if not (name or "").strip() or not signature:
            return {"error": request.env._("Please give your name and sign.")}
        try:
            with request.env.cr.savepoint():
                record_sudo._accept_online(name.strip(), signature, request.httprequest.remote_addr)
        except (TypeError, binascii.Error):
            return {"error": request.env._("The signature could not be read. Please sign again.")}
        except UserError as error:
            _logger.info("%s was not accepted online: %s", record_sudo.reference, error)
            record_sudo._report_not_accepted(name.strip(), str(error))
            return {
                "error": request.env._(
                    "This offer cannot be accepted any more as it stands. We were told and will "
                    "contact you."
                )
            }
        return {"force_refresh": True, "redirect_url": record_sudo.get_portal_url()}
