"""Holds that wait for a dispute: its solution is the event that ends them."""

from odoo import fields, models

from .debt_dispute import LIVE_STATES


class DebtHold(models.Model):
    _inherit = "debt.hold"

    release_on_dispute = fields.Boolean(
        string="Ends when disputes are solved",
        help="Release the hold earlier, as soon as no dispute of the case is left to solve.",
    )


class DebtDispute(models.Model):
    _inherit = "debt.dispute"

    def _close(self, target, reason, **values):
        """End the holds that waited for the last dispute of a case."""
        moved = super()._close(target, reason, **values)
        cases = moved.case_id
        live = self.sudo().search([("case_id", "in", cases.ids), ("state", "in", LIVE_STATES)])
        self.env["debt.hold"].sudo().search(
            [
                ("case_id", "in", (cases - live.case_id).ids),
                ("state", "=", "active"),
                ("release_on_dispute", "=", True),
            ]
        )._do_release(self.env._("The disputes of the case are solved."))
        return moved
