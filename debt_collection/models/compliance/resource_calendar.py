from odoo import models


class ResourceCalendarLeaves(models.Model):
    """Holidays decide when debtors may be contacted: what was read of them is forgotten."""

    _name = "resource.calendar.leaves"
    _inherit = ["resource.calendar.leaves", "debt.cached.settings"]
