from odoo import fields, models


class ResCompany(models.Model):
    """Reporting settings of a company."""

    _inherit = "res.company"

    debt_report_monthly = fields.Boolean(
        string="Make the monthly reports",
        default=True,
        help="At each month end the Collection Report, the Registration Report and the Follow-up "
        "Tracker are made and frozen, for a credit manager to sign off.",
    )
    debt_report_subscriber_ids = fields.Many2many(
        "res.partner",
        "debt_report_subscriber_rel",
        string="Subscribers of the monthly reports",
        help="Get the reports by e-mail when they are signed off.",
    )


class ResConfigSettings(models.TransientModel):
    """Reporting settings on Odoo's settings page."""

    _inherit = "res.config.settings"

    debt_report_monthly = fields.Boolean(related="company_id.debt_report_monthly", readonly=False)
    debt_report_subscriber_ids = fields.Many2many(
        related="company_id.debt_report_subscriber_ids", readonly=False
    )
