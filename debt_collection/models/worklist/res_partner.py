from odoo import models
from odoo.exceptions import UserError


class ResPartner(models.Model):
    """Debtors: to the telephone and to their history without detours."""

    _inherit = "res.partner"

    def _get_open_debt_case(self):
        """The open case of the debtor in the current company, if the user may see it."""
        self.ensure_one()
        return self.env["debt.case"].search(
            [
                ("partner_id", "=", self.commercial_partner_id.id),
                ("company_id", "=", self.env.company.id),
                ("state", "!=", "closed"),
            ],
            limit=1,
        )

    def action_log_debt_call(self):
        """Open the dialog that logs a call, on the open case where there is one."""
        case = self._get_open_debt_case()
        if case:
            return case.action_log_call()
        contacts = self.env["debt.contact"]
        contacts.check_access("create")
        hidden = self.env["debt.case"].sudo()
        if hidden.search_count(
            [
                ("partner_id", "=", self.commercial_partner_id.id),
                ("company_id", "=", self.env.company.id),
                ("state", "!=", "closed"),
            ],
            limit=1,
        ):
            raise UserError(
                self.env._(
                    "A colleague works on the case of %(name)s. Please ask the colleague, or a "
                    "credit manager to assign the case to you.",
                    name=self.commercial_partner_id.display_name,
                )
            )
        return contacts._get_log_action(
            {
                "default_partner_id": self.commercial_partner_id.id,
                "default_company_id": self.env.company.id,
            }
        )

    def action_view_debt_contacts(self):
        """Open the contact log of the debtor."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "debt_collection.debt_contact_action"
        )
        action["domain"] = [("partner_id", "=", self.commercial_partner_id.id)]
        return action

    def action_view_debt_timeline(self):
        """Open everything that happened with the debtor, the latest first."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "debt_collection.debt_timeline_action"
        )
        debtor = self.commercial_partner_id
        action["domain"] = [("partner_id", "=", debtor.id)]
        action["name"] = self.env._("Timeline of %(name)s", name=debtor.name)
        return action
