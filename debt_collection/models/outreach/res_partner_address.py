"""A separate address for collections among the debtor's contacts."""

from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    type = fields.Selection(
        selection_add=[("collection", "Collection contact"), ("other",)],
        help="Collection contact: gets reminders and letters about overdue payments. Without one "
        "they go to the invoice address, else to the customer.",
    )
