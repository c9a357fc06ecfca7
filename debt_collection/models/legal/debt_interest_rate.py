from odoo import api, fields, models
from odoo.exceptions import ValidationError


class DebtInterestRate(models.Model):
    """One value of a reference rate: what laws on late payment add their margin to.

    The name is the one the compliance rules use (LATE_CHARGE). A value holds from its first day
    until the next one; percent a year.
    """

    _name = "debt.interest.rate"
    _description = "Reference rate"
    _order = "name, date desc, id desc"

    name = fields.Char(string="Reference rate", required=True, index=True)
    date = fields.Date(string="From", required=True, help="First day on which it applies.")
    rate = fields.Float(string="Percent a year", digits=(16, 4), required=True)
    source = fields.Char(required=True, help="Where it was read; stands in legal files.")

    _name_date_uniq = models.UniqueIndex(
        "(name, date)", "This reference rate has a value from that day already."
    )

    @api.depends("name", "date", "rate")
    def _compute_display_name(self):
        for row in self:
            row.display_name = f"{row.name} {row.date}: {row.rate:g} %"

    @api.constrains("rate")
    def _check_rate(self):
        for row in self:
            if not -20 <= row.rate <= 100:
                raise ValidationError(
                    self.env._("%(rate)s %% a year is no plausible rate.", rate=row.rate)
                )

    @api.model
    def _get_values(self, name, date):
        """The values of a reference rate up to a day.

        :param name: name as in the rule
        :param date: last day that counts
        :return: list of (first day, rate, source), ascending
        """
        rows = self.sudo().search([("name", "=", name), ("date", "<=", date)], order="date, id")
        return [(row.date, row.rate, row.source) for row in rows]
