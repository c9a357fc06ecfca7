"""Downloads of reports. Rights are checked by the producers, in the name of the user."""

import json
import tempfile

from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.wsgi import wrap_file

from odoo import http
from odoo.exceptions import UserError
from odoo.http import content_disposition, request
from odoo.tools import html_escape

from ..reports.debt_aged_balance_export import DETAILS

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCUMENTS = ("debt.metrics", "debt.forecast")


class DebtReportController(http.Controller):
    """Files of reports."""

    @http.route("/debt_collection/aged_balance/<string:form>", type="http", auth="user")
    def aged_balance(self, form, options="{}", details="all"):
        """The aged balance as a file.

        :param form: ``xlsx`` or ``pdf``
        :param options: JSON, see ``debt.aged.balance.get_options``
        :param details: items of which debtors an XLSX has, see ``DETAILS``
        """
        options = self._read_options(options, form)
        if details not in DETAILS:
            raise BadRequest(f"Items of {', '.join(DETAILS)}?")
        report = request.env["debt.aged.balance"]
        if options.get("company_ids"):
            report = report.with_context(allowed_company_ids=options["company_ids"])
        name = f"{request.env._('Aged balance')} {options.get('date') or ''}".strip()
        try:
            if form == "pdf":
                return self._send(report._get_pdf(options), "application/pdf", f"{name}.pdf")
            file = tempfile.TemporaryFile()  # noqa: SIM115  closed by the response
            report._write_xlsx(file, options, details)
        except UserError as error:
            raise self._refuse(error) from error
        size = file.tell()
        file.seek(0)
        return request.make_response(
            wrap_file(request.httprequest.environ, file),
            [
                ("Content-Type", XLSX_TYPE),
                ("Content-Length", str(size)),
                ("Content-Disposition", content_disposition(f"{name}.xlsx")),
            ],
        )

    @http.route("/debt_collection/report/<string:model>/<string:form>", type="http", auth="user")
    def document(self, model, form, options="{}"):
        """A report that is read on a screen of its own, as a file.

        :param model: a model built on ``debt.document.report``
        :param form: ``xlsx`` or ``pdf``
        :param options: JSON, see ``debt.document.report.get_screen``
        """
        options = self._read_options(options, form)
        if model not in DOCUMENTS:
            raise NotFound()
        report = request.env[model]
        if options.get("company_id"):
            report = report.with_context(allowed_company_ids=[options["company_id"]])
        renderer = request.env["debt.report.renderer"]
        try:
            document = report._get_document(options)
        except UserError as error:
            raise self._refuse(error) from error
        name = f"{document['title']} {options.get('date') or ''}".strip()
        if form == "pdf":
            company = report.env.company
            return self._send(
                renderer._render_pdf(document, company), "application/pdf", f"{name}.pdf"
            )
        return self._send(renderer._render_xlsx(document), XLSX_TYPE, f"{name}.xlsx")

    def _read_options(self, options, form):
        """The options of a request.

        :raises BadRequest: where they are none
        """
        try:
            options = json.loads(options)
        except ValueError:
            raise BadRequest("The options of the report are no JSON.") from None
        if not isinstance(options, dict) or form not in ("xlsx", "pdf"):
            raise BadRequest("Ask for xlsx or pdf, with a JSON object of options.")
        return options

    def _send(self, content, content_type, name):
        """A file as a response."""
        return request.make_response(
            content,
            [
                ("Content-Type", content_type),
                ("Content-Length", str(len(content))),
                ("Content-Disposition", content_disposition(name)),
            ],
        )

    def _refuse(self, error):
        """An error people can act upon, in the form in which the web client shows it as such.

        :param error: UserError
        :return: BadRequest
        """
        told = {"code": 0, "message": str(error), "data": http.serialize_exception(error)}
        response = request.make_response(html_escape(json.dumps(told)))
        response.status_code = 400
        return BadRequest(response=response)
