from odoo import fields, models


class ResCompany(models.Model):
    """Settings of research and risk."""

    _inherit = "res.company"

    debt_affordable_share = fields.Float(
        string="Share of what is left (%)",
        default=50.0,
        help="How much of what a debtor has left each month a plan may take; proposed on each "
        "ability-to-pay sheet.",
    )
    debt_risk_trust = fields.Boolean(
        string="Risk grades set the degree of trust",
        default=True,
        help="When a debtor's grade changes, Odoo's degree of trust follows: A is a good debtor, "
        "D and E are bad ones.",
    )


class ResConfigSettings(models.TransientModel):
    """Research and risk on Odoo's settings page."""

    _inherit = "res.config.settings"

    debt_affordable_share = fields.Float(related="company_id.debt_affordable_share", readonly=False)
    debt_risk_trust = fields.Boolean(related="company_id.debt_risk_trust", readonly=False)
