from odoo import fields, models


class ResCompany(models.Model):
    """Settings of interest for late payment."""

    _inherit = "res.company"

    debt_interest_rate = fields.Float(
        string="Agreed interest (% a year)",
        digits=(16, 4),
        help="What the contract or the general terms give for late payment. 0: what the law "
        "gives, by the compliance rules on charges for late payment and the reference rates.",
    )
    debt_interest_day_count = fields.Selection(
        [("360", "360 days"), ("365", "365 days"), ("366", "366 days")],
        string="Days of the year",
        default="365",
        required=True,
    )
    debt_interest_source = fields.Char(
        string="Agreed in", help="The clause, as it stands in legal files."
    )
    debt_cost_product_id = fields.Many2one(
        "product.product",
        string="Costs claimed as",
        domain="[('sale_ok', '=', True)]",
        help="Gives account and taxes of the debit notes that claim costs from debtors.",
    )


class ResConfigSettings(models.TransientModel):
    """Interest on Odoo's settings page."""

    _inherit = "res.config.settings"

    debt_interest_rate = fields.Float(related="company_id.debt_interest_rate", readonly=False)
    debt_interest_day_count = fields.Selection(
        related="company_id.debt_interest_day_count", readonly=False
    )
    debt_interest_source = fields.Char(related="company_id.debt_interest_source", readonly=False)
    debt_cost_product_id = fields.Many2one(
        related="company_id.debt_cost_product_id", readonly=False
    )
