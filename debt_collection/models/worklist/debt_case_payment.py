"""Money from the case: Odoo's own dialogs, on the right documents with the right defaults."""

from odoo import fields, models
from odoo.exceptions import UserError


class DebtCase(models.Model):
    _inherit = "debt.case"

    payment_count = fields.Integer(compute="_compute_payment_count")

    def _compute_payment_count(self):
        for case in self:
            case.payment_count = self.env["account.payment"].search_count(
                case._get_payments_domain()
            )

    def _get_payments_domain(self):
        """Payments of the debtor since the case opened."""
        self.ensure_one()
        domain = [
            ("partner_id", "child_of", self.partner_id.id),
            ("company_id", "=", self.company_id.id),
            ("partner_type", "=", "customer"),
            ("state", "in", ("in_process", "paid")),
        ]
        if self.date_open:
            domain.append(("date", ">=", self.date_open))
        return domain

    def action_view_payments(self):
        """Open the payments of the debtor since the case opened."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("account.action_account_payments")
        action["domain"] = self._get_payments_domain()
        action["context"] = {"create": False}
        return action

    def action_register_payment(self):
        """Open Odoo's payment dialog on all that is open in the case, as one payment."""
        self.ensure_one()
        self.check_access("write")
        lines = self.open_item_ids.move_line_id.filtered("amount_residual")
        if not lines:
            raise UserError(self.env._("Nothing is open in this case: there is nothing to pay."))
        return {
            **lines.action_register_payment({"default_group_payment": True}),
            "name": self.env._("Register payment"),
        }

    def action_payment_link(self):
        """Open Odoo's dialog for a payment link, on the document that is due longest."""
        self.ensure_one()
        items = self.open_item_ids.filtered(lambda item: item.move_id.is_invoice())
        if not items:
            raise UserError(
                self.env._(
                    "A payment link belongs to an invoice, and no invoice is open in this case."
                )
            )
        return items.sorted("date_due")[:1].action_payment_link()


class DebtCaseItem(models.Model):
    _inherit = "debt.case.item"

    def action_payment_link(self):
        """Open Odoo's dialog for a link with which the debtor pays the document of the item."""
        self.ensure_one()
        if not self.move_id.is_invoice():
            raise UserError(self.env._("A payment link belongs to an invoice; this item has none."))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Payment link for %(number)s", number=self.document_number),
            "res_model": "payment.link.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"active_model": "account.move", "active_id": self.move_id.id},
        }
