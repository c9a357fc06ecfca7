"""From debtor to debtor: the walk through a filtered list of cases."""

from odoo import api, models
from odoo.fields import Date, Domain

# How far a walk remembers its way; nobody works more in a day.
WALK_LENGTH = 2000
# Without a contact for so many days a case counts as not worked on.
UNWORKED_DAYS = 14


class DebtCase(models.Model):
    _inherit = "debt.case"

    @api.model
    def get_walk(self, domain, order=None):
        """The way through a list: its cases in their order, as they are now.

        The order stays while the officer walks, though priorities change and cases that were
        worked on may leave the filter.

        :param domain: domain of the list
        :param order: order of the list, None for the usual one
        :return: list of ids, at most ``WALK_LENGTH``
        """
        return self.search(Domain(domain), order=order, limit=WALK_LENGTH).ids

    @api.model
    def get_next_debtor(self, candidates):
        """The first of some cases that is still to be worked on.

        :param candidates: ids of cases in the order of the walk, those behind left out
        :return: id, or False at the end of the walk
        """
        workable = set(
            self.search(
                [("id", "in", candidates), ("state", "!=", "closed"), ("is_snoozed", "=", False)]
            ).ids
        )
        return next((case_id for case_id in candidates if case_id in workable), False)

    @api.model
    def _get_worklist_domain(self):
        """Cases to work on: open, not put off, own ones and those nobody has."""
        return (
            Domain("state", "=", "open")
            & Domain("is_snoozed", "=", False)
            & (Domain("is_mine", "=", True) | Domain("user_id", "=", False))
        )

    @api.model
    def _get_unworked_domain(self):
        """Open cases, not put off, that nobody has been in contact with lately."""
        limit = Date.subtract(Date.context_today(self), days=UNWORKED_DAYS)
        return (
            Domain("state", "=", "open")
            & Domain("is_snoozed", "=", False)
            & (Domain("last_contact_date", "=", False) | Domain("last_contact_date", "<", limit))
        )

    def action_next_debtor(self):
        """Go to the next debtor of the worklist: where no walk through a list is under way.

        :return: action that opens the case, or the worklist at its end
        """
        walk = self.get_walk(self._get_worklist_domain())
        behind = walk.index(self.id) + 1 if self.id in walk else 0
        case_id = self.get_next_debtor(walk[behind:])
        if not case_id:
            return self._get_walk_end_action()
        return self.browse(case_id)._get_records_action(target="main")

    @api.model
    def _get_walk_end_action(self):
        """Back to the worklist, with the news that everybody was visited."""
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("That was the last debtor of the list."),
                "next": self.env["ir.actions.act_window"]._for_xml_id(
                    "debt_collection.debt_case_worklist_action"
                ),
            },
        }
