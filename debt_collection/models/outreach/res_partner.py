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

    @api.depends("country_id", "state_id", "phone", "debt_timezones")
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
        """Hook: time zones in which the debtor may be.

        Not the partner's ``tz``: Odoo fills it with that of whoever creates the partner.

        :return: list of names: those of the country, none where it is not known
        """
        self.ensure_one()
        if not self.country_id:
            return []
        return list(pytz.country_timezones.get(self.country_id.code, ()))
