from odoo import models


class SaleOrder(models.Model):
    """Orders: a credit hold warns on the form, or stops the confirmation and queues the order."""

    _name = "sale.order"
    _inherit = ["sale.order", "debt.holdable"]

    def _get_credit_kind(self):
        return "order"

    def _is_credit_relevant(self):
        return self.state in ("draft", "sent")

    def _get_credit_partner(self):
        return self.partner_invoice_id.commercial_partner_id or super()._get_credit_partner()

    def _get_credit_values(self):
        return {
            "amount": self.amount_total,
            "currency_id": self.currency_id.id,
            "user_id": self.user_id.id or self.env.uid,
        }

    def action_confirm(self):
        """Confirm what no credit hold stops; the rest waits in the queue of held documents."""
        held = self._hold_for_credit()
        free = self - held
        result = super(SaleOrder, free).action_confirm() if free or not held else True
        return held._get_held_notification() if held else result

    def _action_cancel(self):
        """A cancelled order does not wait any more."""
        result = super()._action_cancel()
        self._drop_from_credit_queue()
        return result

    def _on_credit_released(self, reason):
        """A released order is confirmed."""
        result = super()._on_credit_released(reason)
        self.filtered(lambda order: order.state in ("draft", "sent")).action_confirm()
        return result
