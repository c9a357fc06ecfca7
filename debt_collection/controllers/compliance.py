"""Opting out without a login, answers to text messages, and the debtor's file for a request."""

from odoo import http
from odoo.http import request
from odoo.tools import consteq


class ComplianceController(http.Controller):
    """What debtors and gateways reach without a login, by signed links alone."""

    @http.route(
        "/collections/opt-out",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        sitemap=False,
    )
    def opt_out_page(self, email="", company="", token="", **_kwargs):
        """Ask for confirmation: mail scanners follow links, and must not opt anybody out."""
        found = request.env["debt.consent"].sudo()._check_opt_out(email, company, token)
        return request.render(
            "debt_collection.opt_out_page",
            {
                "company": found,
                "email": email,
                "company_key": company,
                "token": token,
                "state": "ask" if found else "invalid",
            },
            status=200 if found else 404,
        )

    @http.route(
        "/collections/opt-out",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
        csrf=False,
    )
    def opt_out(self, email="", company="", token="", back="", **_kwargs):
        """Opt the address out at once, or in again.

        Reached by the page's button and by mail programs' one-click (RFC 8058), which send no
        cookie and no form key: the signature says that the link is ours.
        """
        consents = request.env["debt.consent"].sudo()
        found = consents._check_opt_out(email, company, token)
        if found:
            consents._opt_out(
                email,
                found,
                "link",
                proof=request.httprequest.headers.get("User-Agent", "")[:200],
                decision="in" if back else "out",
            )
        return request.render(
            "debt_collection.opt_out_page",
            {
                "company": found,
                "email": email,
                "company_key": company,
                "token": token,
                "state": "invalid" if not found else "back" if back else "done",
            },
            status=200 if found else 404,
        )

    @http.route("/collections/sms/reply", type="http", auth="public", methods=["POST"], csrf=False)
    def sms_reply(self, token="", **values):
        """Take an answer to a text message from a gateway.

        The gateway posts the number as ``From`` or ``number`` and the text as ``Body`` or
        ``text``, with the token of *Settings ▸ Collections*.
        """
        secret = request.env["ir.config_parameter"].sudo().get_param("debt_collection.sms_token")
        if not secret or not consteq(secret, token or ""):
            return request.make_response("refused", status=403)
        number = values.get("From") or values.get("number") or ""
        text = values.get("Body") or values.get("text") or ""
        found = request.env["debt.consent"].sudo()._process_sms_reply(number, text)
        return request.make_response("logged" if found else "nothing to do")

    @http.route("/collections/debtor-file/<int:partner_id>", type="http", auth="user")
    def debtor_file(self, partner_id):
        """Hand out the complete file of a debtor as one ZIP (checked and logged)."""
        partner = request.env["res.partner"].browse(partner_id).exists()
        if not partner:
            return request.not_found()
        name, content = partner._make_debtor_file()
        return request.make_response(
            content,
            [
                ("Content-Type", "application/zip"),
                ("Content-Disposition", http.content_disposition(name)),
                ("Cache-Control", "no-store"),
            ],
        )
