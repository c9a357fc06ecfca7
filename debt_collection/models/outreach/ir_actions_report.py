"""Paper, speed and codes of our letters in Odoo's PDF engine."""

from reportlab.graphics.renderPM import RenderPMError

from odoo import api, models

from odoo.addons.base.models.ir_actions_report import _wkhtml

from ...tools.qr import BORDER, draw_qr

LETTER_DOCUMENT = "debt_collection.letter_document"


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def get_paperformat(self):
        """Letters are laid out for their own margins, on the paper the company uses."""
        if self.report_name == LETTER_DOCUMENT and not self.paperformat_id:
            american = self.env.company.paperformat_id.format in ("Letter", "Legal")
            return self.env.ref(
                "debt_collection.paperformat_letter_us"
                if american
                else "debt_collection.paperformat_letter_a4"
            ).sudo()
        return super().get_paperformat()

    def _build_wkhtmltopdf_args(
        self,
        paperformat_id,
        landscape,
        specific_paperformat_args=None,
        set_viewport_size=False,
    ):
        """Letters run no JavaScript: Odoo's second of waiting for it is left out."""
        args = super()._build_wkhtmltopdf_args(
            paperformat_id,
            landscape,
            specific_paperformat_args=specific_paperformat_args,
            set_viewport_size=set_viewport_size,
        )
        if self.env.context.get("debt_letter") and "--javascript-delay" in args:
            args[args.index("--javascript-delay") + 1] = "0"
        return args

    @api.model
    def _is_wkhtmltopdf_patched(self):
        """Whether wkhtmltopdf keeps to the measures it is given."""
        return _wkhtml().is_patched_qt

    @api.model
    def barcode(self, barcode_type, value, **kwargs):
        """Draw QR codes on servers too where reportlab has nothing to draw pictures with.

        Debtors pay with what they scan: a picture that is missing in an e-mail costs payments.
        Codes with something in their middle are left to Odoo.
        """
        try:
            return super().barcode(barcode_type, value, **kwargs)
        except RenderPMError:
            if barcode_type != "QR" or kwargs.get("mask"):
                raise
            quiet = bool(int(kwargs.get("quiet", 1)))
            return draw_qr(
                value,
                int(kwargs.get("width", 600)),
                kwargs.get("barLevel") or "L",
                int(kwargs.get("barBorder", BORDER)) if quiet else 0,
            )
