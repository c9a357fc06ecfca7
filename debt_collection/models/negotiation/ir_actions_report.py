"""Odoo's print button gives the agreement on the letterhead of letters."""

import io

from odoo import models

AGREEMENT_REPORTS = (
    "debt_collection.report_debt_plan_main",
    "debt_collection.report_debt_settlement_main",
)


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _render_qweb_pdf_prepare_streams(self, report_ref, data, res_ids=None):
        """Agreements draw themselves: see ``debt.approval._render_agreement_pdf``."""
        report = self._get_report(report_ref)
        if res_ids and report.report_name in AGREEMENT_REPORTS:
            records = self.env[report.model].browse(res_ids)
            records.check_access("read")
            return {
                record.id: {
                    "stream": io.BytesIO(record._render_agreement_pdf()),
                    "attachment": None,
                }
                for record in records
            }
        return super()._render_qweb_pdf_prepare_streams(report_ref, data, res_ids=res_ids)
