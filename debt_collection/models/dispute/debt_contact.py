"""A call that ends in *disputes* opens the dispute."""

from odoo import models


class DebtContact(models.Model):
    _inherit = "debt.contact"

    def _get_agreement_action(self):
        """A dispute is recorded where the contact says so."""
        if self.outcome == "disputes":
            action = self.case_id.action_dispute()
            action["context"]["default_raised_by"] = self.person_name
            action["context"]["default_description"] = self.note
            return action
        return super()._get_agreement_action()
