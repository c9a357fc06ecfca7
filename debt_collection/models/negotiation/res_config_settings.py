from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """The negotiation policy on Odoo's settings page."""

    _inherit = "res.config.settings"

    debt_promise_max_days = fields.Integer(
        related="company_id.debt_promise_max_days", readonly=False
    )
    debt_promise_min_share = fields.Float(
        related="company_id.debt_promise_min_share", readonly=False
    )
    debt_promise_max_broken = fields.Integer(
        related="company_id.debt_promise_max_broken", readonly=False
    )
    debt_promise_tolerance = fields.Integer(
        related="company_id.debt_promise_tolerance", readonly=False
    )
    debt_promise_reminder = fields.Integer(
        related="company_id.debt_promise_reminder", readonly=False
    )
