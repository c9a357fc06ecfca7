"""Downloads of reports. Rights are checked by the producers, in the name of the user."""

import json
import tempfile

from werkzeug.exceptions import BadRequest
from werkzeug.wsgi import wrap_file

from odoo import http
from odoo.exceptions import UserError
from odoo.http import content_disposition, request

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class DebtReportController(http.Controller):
    """Files of the aged balance."""

    @http.route("/debt_collection/aged_balance/<string:form>", type="http", auth="user")
    def aged_balance(self, form, options="{}", details="1"):
        """The aged balance as a file.

        :param form: ``xlsx`` or ``pdf``
        :param options: JSON, see ``debt.aged.balance.get_options``
        :param details: "0": without items (XLSX)
        """
        try:
            options = json.loads(options)
        except ValueError:
            raise BadRequest("The options of the report are no JSON.") from None
        if not isinstance(options, dict) or form not in ("xlsx", "pdf"):
            raise BadRequest("Ask for xlsx or pdf, with a JSON object of options.")
        report = request.env["debt.aged.balance"]
        if options.get("company_ids"):
            report = report.with_context(allowed_company_ids=options["company_ids"])
        name = f"{request.env._('Aged balance')} {options.get('date') or ''}".strip()
        try:
            if form == "pdf":
                return self._send(report._get_pdf(options), "application/pdf", f"{name}.pdf")
            file = tempfile.TemporaryFile()  # noqa: SIM115  closed by the response
            report._write_xlsx(file, options, details != "0")
        except UserError as error:
            raise BadRequest(str(error)) from error
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
