from odoo import http
from odoo.http import content_disposition, request


class DebtNoticeController(http.Controller):
    """Letters as PDF for the people who work with them."""

    @http.route("/debt_collection/letters/<int:wizard_id>.pdf", type="http", auth="user")
    def download_letters(self, wizard_id):
        """All letters of a printing dialog in one file.

        :param wizard_id: id of a debt.notice.print of the current user
        """
        wizard = request.env["debt.notice.print"].browse(wizard_id).exists()
        if not wizard or wizard.create_uid != request.env.user:
            raise request.not_found()
        return self._respond(wizard._join(), f"{wizard.display_name}.pdf")

    @http.route("/debt_collection/notice/<int:notice_id>.pdf", type="http", auth="user")
    def preview_letter(self, notice_id):
        """One notice as it was sent on paper, or as it would be printed now.

        :param notice_id: id of a debt.notice the current user may read
        """
        notice = request.env["debt.notice"].browse(notice_id).exists()
        if not notice or not notice.has_access("read"):
            raise request.not_found()
        return self._respond(notice._get_pdf(), notice._get_pdf_name())

    def _respond(self, data, name):
        """Show a PDF in the browser."""
        return request.make_response(
            data,
            headers=[
                ("Content-Type", "application/pdf"),
                ("Content-Disposition", content_disposition(name, "inline")),
            ],
        )
