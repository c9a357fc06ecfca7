"""Calls and visits planned for notices: done or removed, the notice follows."""

from odoo import models


class MailActivity(models.Model):
    _inherit = "mail.activity"

    def unlink(self):
        """A call that was planned for a notice is removed: the notice does not wait for it."""
        notices = self.env["debt.notice"].sudo()
        if self and not self.env.context.get("debt_settled"):
            notices = notices.search([("activity_id", "in", self.ids), ("state", "=", "queued")])
        result = super().unlink()
        if notices:
            notices._do_cancel(self.env._("The call was removed from the officer's activities."))
        return result

    def _action_done(self, feedback=False, attachment_ids=None):
        """A call that was planned for a notice is done: the notice is done too."""
        notices = (
            self.env["debt.notice"]
            .sudo()
            .search([("activity_id", "in", self.ids), ("state", "=", "queued")])
        )
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        notices._set_sent()
        return result
