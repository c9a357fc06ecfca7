from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

# Rules of the strategy itself, fixed together with those of its levels.
RULE_FIELDS = {"catch_up", "quiet_days"}


class DebtStrategy(models.Model):
    """An ordered set of follow-up levels, in versions.

    Life of a version: ``draft`` (being written) → ``running`` (new cases get it) → ``retired``
    (its cases finish with it, new ones get the successor). The rules of a version that has cases
    cannot be changed any more, only its texts; a change of rules is a new version.
    """

    _name = "debt.strategy"
    _description = "Follow-up strategy"
    _inherit = ["mail.thread"]
    _order = "sequence, name, version desc, id"
    _check_company_auto = True
    _check_company_domain = models.check_company_domain_parent_of

    name = fields.Char(required=True, translate=True, tracking=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company",
        index=True,
        help="Leave empty to share the strategy between all companies.",
    )
    state = fields.Selection(
        [("draft", "Draft"), ("running", "Running"), ("retired", "Retired")],
        default="running",
        required=True,
        copy=False,
        tracking=True,
        help="New cases get a running version. A retired one is finished by its own cases.",
    )
    version = fields.Integer(default=1, readonly=True, copy=False)
    previous_version_id = fields.Many2one(
        "debt.strategy", readonly=True, copy=False, index="btree_not_null", ondelete="set null"
    )
    level_ids = fields.One2many("debt.level", "strategy_id", string="Levels", copy=True)
    catch_up = fields.Selection(
        [
            ("next", "One level after the other"),
            ("jump", "The level its age asks for"),
        ],
        default="jump",
        required=True,
        help="What a debt that is already very late receives. 'The level its age asks for' skips "
        "the levels in between; the first thing a debtor ever hears is still one of the levels "
        "marked as a possible first contact.",
    )
    quiet_days = fields.Integer(
        string="Days between notices",
        default=3,
        required=True,
        help="Fewest days between two notices to the same debtor. A level that falls due within "
        "them is not lost: it is sent when they are over.",
    )
    note = fields.Html(translate=True)
    case_count = fields.Integer(compute="_compute_case_count")

    _quiet_days_positive = models.Constraint(
        "CHECK(quiet_days >= 0)", "The days between two notices cannot be negative."
    )

    # === COMPUTE METHODS ===

    def _compute_case_count(self):
        counts = dict(
            self.env["debt.case"]._read_group(
                [("strategy_id", "in", self.ids), ("state", "!=", "closed")],
                ["strategy_id"],
                ["__count"],
            )
        )
        for strategy in self:
            strategy.case_count = counts.get(strategy, 0)

    @api.depends("name", "version")
    def _compute_display_name(self):
        for strategy in self:
            name = strategy.name or ""
            strategy.display_name = f"{name} v{strategy.version}" if strategy.version > 1 else name

    # === CONSTRAINTS ===

    @api.constrains("level_ids", "state")
    def _check_levels(self):
        self._check_first_contact()

    def _check_first_contact(self, without=None):
        """Refuse running strategies that could never contact anybody.

        :param without: debt.level about to be deleted
        :raises ValidationError: naming the strategy
        """
        for strategy in self.filtered(lambda s: s.state == "running"):
            levels = strategy.level_ids.filtered(lambda level: level.days >= 0)
            if without:
                levels -= without
            if levels and not any(levels.mapped("first_contact")):
                raise ValidationError(
                    self.env._(
                        "Strategy %(name)s: mark at least one level as a possible first contact, "
                        "or nobody would ever be contacted.",
                        name=strategy.name,
                    )
                )

    # === CRUD ===

    def write(self, vals):
        if RULE_FIELDS & vals.keys():
            self._check_rules_free()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if self.env["debt.case"].sudo().search_count([("strategy_id", "in", self.ids)], limit=1):
            raise UserError(
                self.env._("Cases follow this strategy. Archive it instead of deleting it.")
            )

    # === ACTIONS ===

    def action_new_version(self):
        """Open a draft copy of this version, one number higher, to be changed and then started.

        :return: window action on the draft
        :raises AccessError: for anyone who may not change strategies
        """
        self.ensure_one()
        self.check_access("write")
        draft = self.copy(
            {
                "name": self.name,
                "version": self.version + 1,
                "state": "draft",
                "previous_version_id": self.id,
            }
        )
        return draft._get_records_action(name=self.env._("New version"))

    def action_start(self):
        """Start the draft versions: new cases get them, the versions before them are retired.

        Segments, companies and debtors that named the previous version name this one from now on;
        running cases keep the version they started with.

        :raises UserError: when a version has no level
        """
        self.check_access("write")
        for strategy in self.filtered(lambda s: s.state == "draft"):
            if not strategy.level_ids:
                raise UserError(
                    self.env._("Add at least one level to %(name)s first.", name=strategy.name)
                )
            strategy.state = "running"
            previous = strategy.previous_version_id
            if previous:
                strategy._take_over(previous)
                previous.state = "retired"
        return True

    def action_view_cases(self):
        """Open the cases that follow this version."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("debt_collection.debt_case_action")
        action["domain"] = [("strategy_id", "=", self.id)]
        action["context"] = {}
        return action

    # === BUSINESS METHODS ===

    def _take_over(self, previous):
        """Let everything that names ``previous`` name this version instead."""
        self.ensure_one()
        self.env["debt.segment"].search([("strategy_id", "=", previous.id)]).strategy_id = self
        companies = self.env["res.company"].sudo().search_fetch([], ["debt_strategy_id"])
        companies.filtered(lambda c: c.debt_strategy_id == previous).debt_strategy_id = self
        for company in companies:
            self.env["res.partner"].sudo().with_company(company).with_context(
                active_test=False
            ).search([("debt_strategy_id", "=", previous.id)]).debt_strategy_id = self

    def _is_locked(self):
        """Whether the rules of this version may no longer change: cases started with it."""
        self.ensure_one()
        return bool(
            self.env["debt.case"]
            .sudo()
            .search_count(
                [("strategy_id", "=", self.id), ("item_ids.level_id", "!=", False)], limit=1
            )
        )

    def _check_rules_free(self):
        """Refuse to touch the rules of a version that has cases.

        :raises UserError: naming the strategy and what to do instead
        """
        if self.env.context.get("install_mode"):
            return
        for strategy in self:
            if strategy._is_locked():
                raise UserError(
                    self.env._(
                        "Cases are running on %(name)s: its rules are fixed. "
                        "Make a new version of the strategy and change that one.",
                        name=strategy.display_name,
                    )
                )

    @api.model
    def _get_by_hand_sql(self, company):
        """The running strategy chosen by hand on a debtor (SQL over the alias ``p``, or NULL)."""
        return SQL(
            "(SELECT s.id FROM debt_strategy s WHERE s.id = (p.debt_strategy_id ->> %s)::int"
            " AND s.state = 'running' AND s.active)",
            str(company.id),
        )

    def _is_running(self):
        """Whether new cases may get this version."""
        return bool(self) and self.active and self.state == "running"

    @api.model
    def _get_default(self, company):
        """Strategy of debtors for whom nothing else is said.

        :param company: res.company
        :return: the strategy chosen in the settings of the company or, for a branch, of the
            nearest parent; else the first running one it may use (its own before a shared one);
            else an empty recordset
        """
        for ancestor in reversed(company.sudo().parent_ids):
            if ancestor.debt_strategy_id._is_running():
                return ancestor.debt_strategy_id
        domain = [("state", "=", "running"), ("company_id", "parent_of", company.ids)]
        return self.sudo().search(domain, limit=1) or self.sudo().search(
            [("state", "=", "running"), ("company_id", "=", False)], limit=1
        )
