from odoo import fields, models


class DebtRunStart(models.TransientModel):
    """Starts a collection run: choose company and day, then look at the preview."""

    _name = "debt.run.start"
    _description = "Run collections"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    date = fields.Date(required=True, default=fields.Date.context_today)

    def action_preview(self):
        """Create the run, preview it and show per case what would happen and why."""
        self.ensure_one()
        run = self.env["debt.run"].create({"company_id": self.company_id.id, "date": self.date})
        run.action_preview()
        return run._get_records_action(name=self.env._("Preview"))
