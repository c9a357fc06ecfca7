"""What the buttons of a case do."""

from odoo import models


class DebtCase(models.Model):
    _inherit = "debt.case"

    # === ACTIONS ===

    def action_assign_to_me(self):
        """Make the current user the officer of the cases."""
        self.check_access("write")
        self.user_id = self.env.user
        return True

    def action_hold(self):
        """Open the dialog that puts the case on hold."""
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Put on hold"),
            "res_model": "debt.hold",
            "view_mode": "form",
            "views": [[self.env.ref("debt_collection.debt_hold_view_form_dialog").id, "form"]],
            "target": "new",
            "context": {"default_case_id": self.id},
        }

    def action_release_holds(self):
        """Release every active hold of the cases."""
        self.check_access("write")
        self.hold_ids.filtered(lambda hold: hold.state == "active").action_release()
        return True

    def action_log_call(self):
        """Open the dialog that logs a call with the debtor."""
        self.ensure_one()
        self.check_access("write")
        return self.env["debt.contact"]._get_log_action({"default_case_id": self.id})

    def action_view_notices(self):
        """Open the notices of the case."""
        return self._action_view_related("debt_collection.debt_notice_action")

    def action_view_contacts(self):
        """Open the contact log of the case."""
        return self._action_view_related("debt_collection.debt_contact_action")

    def action_view_invoices(self):
        """Open the documents behind the open items."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account.action_move_out_invoice_type"
        )
        action["domain"] = [("id", "in", self.open_item_ids.move_id.ids)]
        action["context"] = {"create": False}
        return action

    def action_view_partner(self):
        """Open the debtor."""
        self.ensure_one()
        return self.partner_id._get_records_action()

    def _action_view_related(self, xmlid):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        action["domain"] = [("case_id", "=", self.id)]
        action["context"] = {"default_case_id": self.id}
        return action
