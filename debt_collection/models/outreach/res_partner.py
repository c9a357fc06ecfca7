from datetime import UTC
from zoneinfo import ZoneInfo

import pytz

from odoo import api, fields, models
from odoo.tools import format_time


class ResPartner(models.Model):
    """Debtors as people one talks to."""

    _inherit = "res.partner"

    debt_local_time = fields.Char(
        string="Local time",
        compute="_compute_debt_local_time",
        help="What the clock of the debtor shows now; two times where the country has several.",
    )

    @api.depends("tz", "country_id")
    def _compute_debt_local_time(self):
        now = fields.Datetime.now().replace(tzinfo=UTC)
        for partner in self:
            clocks = [now.astimezone(ZoneInfo(name)) for name in partner._get_debt_zone_names()]
            clocks = sorted({clock.replace(tzinfo=None) for clock in clocks})
            shown = dict.fromkeys(
                format_time(self.env, clock.time(), time_format="short")
                for clock in (clocks[:1] + clocks[-1:])
            )
            partner.debt_local_time = " – ".join(shown)

    def _get_debt_zone_names(self):
        """Time zones in which the debtor may be.

        :return: list of names: the partner's own, else those of the country, else none
        """
        self.ensure_one()
        if self.tz:
            return [self.tz]
        if not self.country_id:
            return []
        return list(pytz.country_timezones.get(self.country_id.code, ()))
