from odoo import models


class DebtLegalFileContent(models.AbstractModel):
    """Legal files: what is attached to the orders behind the invoices belongs to them."""

    _inherit = "debt.legal.file.content"

    def _get_attachment_sources(self, case, date):
        orders = self._get_moves(case, date).line_ids.sale_line_ids.order_id
        return [
            *super()._get_attachment_sources(case, date),
            ("orders", "sale.order", orders.sorted("id").ids),
        ]
