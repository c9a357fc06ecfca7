from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """The company's collection settings on Odoo's settings page."""

    _inherit = "res.config.settings"

    debt_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company currency of collections"
    )
    debt_tolerance = fields.Monetary(
        related="company_id.debt_tolerance", readonly=False, currency_field="debt_currency_id"
    )
    debt_strategy_id = fields.Many2one(related="company_id.debt_strategy_id", readonly=False)
    debt_team_id = fields.Many2one(related="company_id.debt_team_id", readonly=False)
    debt_attach_statement = fields.Boolean(
        related="company_id.debt_attach_statement", readonly=False
    )
    debt_post_letters = fields.Boolean(related="company_id.debt_post_letters", readonly=False)
    debt_snailmail = fields.Boolean(compute="_compute_debt_snailmail")
    debt_run_daily = fields.Boolean(related="company_id.debt_run_daily", readonly=False)
    debt_send_automatically = fields.Boolean(
        related="company_id.debt_send_automatically", readonly=False
    )

    def _compute_debt_snailmail(self):
        """Whether Odoo's service for letters is installed."""
        for settings in self:
            settings.debt_snailmail = "snailmail.letter" in self.env
