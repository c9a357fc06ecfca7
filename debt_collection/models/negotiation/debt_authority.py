from odoo import api, fields, models
from odoo.exceptions import UserError

AUTHORITY_ACTIONS = [
    ("settlement", "Settlement"),
    ("waiver", "Waiver of charges"),
    ("deferment", "Deferment"),
    ("adjustment", "Adjustment"),
    ("write_off", "Write-off"),
    ("plan", "Payment plan"),
    ("dispute", "Credit in a dispute"),
]

# The order is the way up: requests go to the first who may.
AUTHORITY_ROLES = [
    ("officer", "Officer"),
    ("senior", "Senior officer"),
    ("legal", "Legal"),
    ("manager", "Credit manager"),
]


class DebtAuthority(models.Model):
    """Who may grant what: a line of the authority matrix.

    Whoever has a line that covers amount, share and age decides alone. Who has none asks: the
    request goes to the first role above that may, never to the requester.
    """

    _name = "debt.authority"
    _description = "Authority"
    _order = "action, sequence, id"
    _check_company_auto = True
    _check_company_domain = models.check_company_domain_parent_of

    action = fields.Selection(AUTHORITY_ACTIONS, required=True, index=True)
    role = fields.Selection(AUTHORITY_ROLES, required=True)
    user_ids = fields.Many2many(
        "res.users", string="Only these people", help="Empty: everybody with the role."
    )
    sequence = fields.Integer(compute="_compute_sequence", store=True)
    amount_max = fields.Monetary(
        string="Up to amount", default=0.0, help="What is given up or deferred. 0: no limit."
    )
    percent_max = fields.Float(
        string="Up to share (%)",
        default=0.0,
        help="Share of the debt that is given up. 0: no limit.",
    )
    age_min = fields.Integer(
        string="From age (days)",
        aggregator=None,
        default=0,
        help="The newest item is overdue for so many days. 0: any.",
    )
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True, help="Empty: all companies.")
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")

    _limits = models.Constraint(
        "CHECK(amount_max >= 0 AND percent_max >= 0 AND percent_max <= 100 AND age_min >= 0)",
        "Limits cannot be negative, nor a share above 100 %.",
    )

    @api.depends("role")
    def _compute_sequence(self):
        order = [key for key, _label in AUTHORITY_ROLES]
        for rule in self:
            rule.sequence = order.index(rule.role) if rule.role else 0

    @api.depends("company_id")
    @api.depends_context("company")
    def _compute_currency_id(self):
        for rule in self:
            rule.currency_id = (rule.company_id or self.env.company).currency_id

    @api.depends("action", "role")
    def _compute_display_name(self):
        actions = dict(self._fields["action"]._description_selection(self.env))
        roles = dict(self._fields["role"]._description_selection(self.env))
        for rule in self:
            rule.display_name = f"{actions.get(rule.action, '')}: {roles.get(rule.role, '')}"

    @api.model
    def _find(self, company, action, amount, percent=0.0, age=0):
        """The lines that cover a case, the lowest role first.

        :param amount: in the company's currency
        :param percent: share of the debt given up
        :param age: days the newest item is overdue
        """
        return (
            self.sudo()
            .search(
                [
                    ("action", "=", action),
                    ("company_id", "in", [False, *company.sudo().parent_ids.ids]),
                    ("age_min", "<=", age),
                    "|",
                    ("amount_max", "=", 0),
                    ("amount_max", ">=", company.currency_id.round(amount)),
                    "|",
                    ("percent_max", "=", 0),
                    ("percent_max", ">=", round(percent, 4)),
                ],
                order="sequence, id",
            )
            .with_env(self.env)
        )

    def _get_users(self, company):
        """The people a line names, who work for a company."""
        self.ensure_one()
        group = self.env.ref(f"debt_collection.group_{self.sudo().role}").sudo()
        users = group.all_user_ids.filtered(
            lambda user: user.active and not user.share and company in user.company_ids
        )
        named = self.sudo().user_ids
        return users & named if named else users

    @api.model
    def _may_grant(self, user, company, action, amount, percent=0.0, age=0):
        """Whether a person decides alone.

        :rtype: bool
        """
        rules = self._find(company, action, amount, percent, age)
        return any(user in rule._get_users(company) for rule in rules)

    @api.model
    def _get_approver(self, requester, company, action, amount, percent=0.0, age=0, record=None):
        """The next who may decide, never the requester, nor who may not see the request.

        :param record: what is asked for; the leader of its team comes first in a role
        :return: res.users
        :raises UserError: when nobody may
        """
        rules = self._find(company, action, amount, percent, age)
        for rule in rules:
            users = rule._get_users(company) - requester
            if record:
                users = users.filtered(lambda user: record.with_user(user).has_access("read"))
            if users:
                preferred = users.browse()
                if record:
                    preferred = users & record.case_id.sudo().team_id.leader_id
                system = self.env.ref("base.user_root") | self.env.ref("base.user_admin")
                return (preferred or (users - system) or users).sorted("id")[:1]
        actions = dict(self._fields["action"]._description_selection(self.env))
        raise UserError(
            self.env._(
                "Nobody else may grant this (%(action)s over %(amount)s). A credit manager adds an "
                "authority in Collections, Configuration, Authorities.",
                action=actions[action],
                amount=company.currency_id.format(amount),
            )
        )
