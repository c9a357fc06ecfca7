from odoo import api, models


class StockPicking(models.Model):
    """Deliveries: a credit hold warns on the form, or stops the validation and queues the delivery.

    Only what leaves for a customer is looked at, and only when it is validated: picking, packing
    and the reservation of stock go on, so that a released delivery leaves at once.
    """

    _name = "stock.picking"
    _inherit = ["stock.picking", "debt.holdable"]

    @api.depends("location_dest_id")
    def _compute_debt_credit(self):
        return super()._compute_debt_credit()

    def _get_credit_kind(self):
        return "delivery"

    def _is_credit_relevant(self):
        return self.state not in ("done", "cancel") and self.location_dest_id.usage == "customer"

    def _get_credit_order(self):
        """The order of the delivery, where Sales is installed beside the warehouse."""
        self.ensure_one()
        return self.sudo().sale_id if "sale_id" in self._fields else None

    def _get_credit_partner(self):
        """Who pays: the customer of the invoice where an order names one, else the addressee."""
        order = self._get_credit_order()
        payer = order and order.partner_invoice_id.commercial_partner_id
        return payer or super()._get_credit_partner()

    def _get_credit_values(self):
        """The value of what would leave: at the prices of the order, else at list prices."""
        order = self._get_credit_order()
        currency = (order and order.currency_id) or self.company_id.currency_id
        amount = 0.0
        for move in self.sudo().move_ids.filtered(lambda move: move.state != "cancel"):
            line = move.sale_line_id if "sale_line_id" in move._fields else None
            if line:
                part = move.product_uom._compute_quantity(move.product_uom_qty, line.product_uom_id)
                amount += part * line.price_reduce_taxinc
            else:
                price = move.product_id.with_company(self.company_id).lst_price
                amount += move.product_qty * price
        return {
            "amount": currency.round(amount),
            "currency_id": currency.id,
            "user_id": self.user_id.id or self.env.uid,
        }

    def button_validate(self):
        """Validate what no credit hold stops; the rest waits in the queue of held documents."""
        held = self._hold_for_credit()
        free = self - held
        if held and "button_validate_picking_ids" in self.env.context:
            going = set(self.env.context["button_validate_picking_ids"]) - set(held.ids)
            free = free.with_context(button_validate_picking_ids=list(going))
        result = super(StockPicking, free).button_validate() if free or not held else True
        if not held or isinstance(result, dict):
            return result  # a dialog about the other deliveries goes first; the queue has the held
        return held._get_held_notification()

    def action_cancel(self):
        """A cancelled delivery does not wait any more."""
        result = super().action_cancel()
        self._drop_from_credit_queue()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_drop_from_credit_queue(self):
        self._drop_from_credit_queue()

    def _on_credit_released(self, reason):
        """A released delivery may leave: whoever was stopped is asked to validate it.

        It is not validated here: what is released in the office has not left the warehouse.
        """
        result = super()._on_credit_released(reason)
        for picking in self.filtered(lambda picking: picking.state not in ("done", "cancel")):
            picking.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("Released in spite of the credit hold: send it off"),
                note=reason,
                user_id=picking._get_credit_values()["user_id"],
            )
        return result
