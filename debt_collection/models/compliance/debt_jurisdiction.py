from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

from ...tools.compliance.rules import EVERYWHERE

HOUSE = "HOUSE"


class DebtJurisdiction(models.Model):
    """A country, a state or a sector whose rules hold; children add to their parents' rules."""

    _name = "debt.jurisdiction"
    _description = "Jurisdiction"
    _inherit = ["debt.cached.settings"]
    _parent_store = True
    _order = "code"
    _rec_names_search = ["name", "code"]

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, help="Short name rules refer to, such as US-MA.")
    parent_id = fields.Many2one(
        "debt.jurisdiction", string="Part of", ondelete="restrict", index=True
    )
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("debt.jurisdiction", "parent_id", string="Parts")
    country_id = fields.Many2one(
        "res.country", help="Holds for debtors and companies of this country by itself."
    )
    state_id = fields.Many2one(
        "res.country.state",
        domain="[('country_id', '=?', country_id)]",
        help="Holds for debtors and companies of this state by itself.",
    )
    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Holidays",
        help="Working hours whose public holidays and working days hold here. Without any, rules "
        "that ask for holidays give a warning.",
    )
    rule_ids = fields.One2many("debt.rule", "jurisdiction_id", string="Rules")
    rule_count = fields.Integer(compute="_compute_rule_count")
    active = fields.Boolean(default=True)

    _code_uniq = models.Constraint("UNIQUE(code)", "There is a jurisdiction of this code already.")

    @api.depends("code", "name")
    def _compute_display_name(self):
        for place in self:
            coded = place.code and place.code != EVERYWHERE
            place.display_name = f"{place.code} · {place.name}" if coded else place.name

    def _compute_rule_count(self):
        counts = dict(
            self.env["debt.rule"]._read_group(
                [("jurisdiction_id", "in", self.ids)], ["jurisdiction_id"], ["__count"]
            )
        )
        for place in self:
            place.rule_count = counts.get(place, 0)

    @api.constrains("parent_id")
    def _check_parent(self):
        if self._has_cycle():
            raise ValidationError(
                self.env._("A jurisdiction cannot be part of itself. Choose another one.")
            )

    @api.constrains("country_id", "state_id")
    def _check_state(self):
        for place in self.filtered("state_id"):
            if place.country_id != place.state_id.country_id:
                raise ValidationError(
                    self.env._(
                        "%(state)s does not lie in the country of %(name)s.",
                        state=place.state_id.name,
                        name=place.name,
                    )
                )

    @api.model
    @tools.ormcache()
    def _get_index(self):
        """Where each active jurisdiction holds.

        :return: dict with ``parents`` (code → code), ``country`` and ``state`` (id → codes),
            ``code`` (id → code) and ``calendar`` (code → calendar id, also the parents')
        """
        index = {"parents": {}, "country": {}, "state": {}, "code": {}, "calendar": {}}
        for place in self.sudo().search([("active", "=", True)], order="parent_path"):
            index["code"][place.id] = place.code
            if place.parent_id:
                index["parents"][place.code] = place.parent_id.code
            if place.state_id:
                index["state"].setdefault(place.state_id.id, []).append(place.code)
            elif place.country_id:
                index["country"].setdefault(place.country_id.id, []).append(place.code)
            calendar = place.calendar_id.id or index["calendar"].get(place.parent_id.code)
            if calendar:
                index["calendar"][place.code] = calendar
        return index
