from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...const import CHANNELS, ESCALATIONS, LEVEL_MODES

# What decides whom a level touches and when; frozen once cases have reached a level of the version.
RULE_FIELDS = {
    "strategy_id",
    "sequence",
    "days",
    "minimum_amount",
    "wait_days",
    "first_contact",
    "mode",
    "channel",
    "fallback_channel",
    "last_channel",
    "escalation",
    "deadline_days",
    "repeat_days",
    "repeat_max",
    "repeat_channel",
}


class DebtLevel(models.Model):
    """One follow-up level: when it is due, through which channel, and what comes with it."""

    _name = "debt.level"
    _description = "Follow-up level"
    _order = "strategy_id, sequence, days, id"

    strategy_id = fields.Many2one("debt.strategy", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="strategy_id.company_id")
    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(
        default=10, required=True, help="Rank of the level: a debt climbs from low to high."
    )
    days = fields.Integer(
        required=True,
        help="Days after the due date. Negative: a courtesy message so many days before it.",
    )
    minimum_amount = fields.Float(
        digits=(16, 2),
        default=0.0,
        required=True,
        help="The level is only reached when the debtor owes at least this much overdue, net of "
        "credits, in the company's currency.",
    )
    wait_days = fields.Integer(
        string="Wait since previous level",
        default=7,
        required=True,
        help="Fewest days between the previous level of an item and this one.",
    )
    first_contact = fields.Boolean(
        string="Possible first contact",
        default=True,
        help="May be the first thing a debtor hears about a debt that is found very late.",
    )
    mode = fields.Selection(LEVEL_MODES, default="automatic", required=True)
    channel = fields.Selection(CHANNELS, default="email", required=True)
    fallback_channel = fields.Selection(
        CHANNELS,
        default="call",
        help="Used when the debtor cannot be reached through the first channel, for instance "
        "because there is no e-mail address.",
    )
    last_channel = fields.Selection(
        CHANNELS,
        string="Last resort",
        help="Used when the debtor can be reached neither through the first channel nor through "
        "the second.",
    )
    template_id = fields.Many2one(
        "mail.template",
        string="E-mail",
        domain=[("model", "=", "debt.notice")],
        ondelete="restrict",
        help="Subject and text of the e-mail.",
    )
    escalation = fields.Selection(
        ESCALATIONS, help="The case moves to this escalation when the notice goes out."
    )
    deadline_days = fields.Integer(
        default=7, help="The notice asks for payment within so many days after it is sent."
    )
    repeat_days = fields.Integer(
        string="Repeat every (days)",
        default=0,
        required=True,
        help="After this level, while no higher one is due, come back every so many days. "
        "0: do not repeat.",
    )
    repeat_max = fields.Integer(
        string="Repeat at most", default=0, required=True, help="0: until the debt is settled."
    )
    repeat_channel = fields.Selection(
        CHANNELS, string="Repeat through", help="Empty: the channel of the level."
    )
    description = fields.Text(translate=True, help="What an officer should know at this level.")

    _sequence_unique = models.Constraint(
        "UNIQUE(strategy_id, sequence)", "Each level of a strategy needs a rank of its own."
    )
    _numbers_positive = models.Constraint(
        "CHECK(wait_days >= 0 AND deadline_days >= 0 AND repeat_days >= 0 AND repeat_max >= 0"
        " AND minimum_amount >= 0)",
        "Days and amounts of a level cannot be negative (only the days after the due date can).",
    )

    @api.constrains("days", "sequence", "strategy_id")
    def _check_days_rise(self):
        for strategy in self.strategy_id:
            levels = strategy.level_ids.sorted("sequence")
            for before, after in zip(levels, levels[1:], strict=False):
                if after.days <= before.days:
                    raise ValidationError(
                        self.env._(
                            "Level %(after)s comes after %(before)s and must start later than "
                            "%(days)s days.",
                            after=after.name,
                            before=before.name,
                            days=before.days,
                        )
                    )

    @api.constrains("first_contact", "days", "strategy_id")
    def _check_first_contact(self):
        self.strategy_id._check_first_contact()

    @api.model_create_multi
    def create(self, vals_list):
        levels = super().create(vals_list)
        levels.strategy_id._check_rules_free()
        return levels

    def write(self, vals):
        if RULE_FIELDS & vals.keys():
            self.strategy_id._check_rules_free()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_locked(self):
        self.strategy_id._check_rules_free()
        self.strategy_id._check_first_contact(without=self)
