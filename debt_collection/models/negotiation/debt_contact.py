"""What was said on the phone becomes a record: the dialog that follows from the outcome."""

from odoo import models


class DebtContact(models.Model):
    _inherit = "debt.contact"

    def _get_agreement_action(self):
        """The dialog that records what the debtor said in this contact (hook).

        :return: act_window dict, or False
        """
        self.ensure_one()
        if self.outcome == "promised":
            return self.case_id.action_promise()
        return False

    def _get_follow_up_action(self):
        """A promise, a dispute is recorded at once, with this contact as its source."""
        action = super()._get_follow_up_action()
        if action or self.case_id.state in (False, "closed"):
            return action
        action = self._get_agreement_action()
        if action:
            model = self.env[action["res_model"]]
            action["context"]["default_contact_id"] = self.id
            if "channel" in model._fields:
                action["context"]["default_channel"] = self.channel
            if "promised_by" in model._fields:
                action["context"]["default_promised_by"] = self.person_name
        return action
