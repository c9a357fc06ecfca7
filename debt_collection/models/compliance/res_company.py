from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .debt_rule import split

ACTORS = [
    ("creditor_own_name", "Creditor, in the own name"),
    ("creditor_other_name", "Creditor, under another name"),
    ("agency", "Collection agency"),
    ("buyer", "Buyer of debts"),
]


class ResCompany(models.Model):
    """In whose name a company collects, and which rules it keeps to beside those that bind it."""

    _inherit = "res.company"

    debt_actor = fields.Selection(
        ACTORS,
        string="Collects as",
        required=True,
        default="creditor_own_name",
        help="Many laws bind agencies, and creditors who use another name, but not a creditor who "
        "collects in the own name.",
    )
    debt_jurisdiction_ids = fields.Many2many(
        "debt.jurisdiction",
        string="Further jurisdictions",
        help="Beside those of the company's country and state. A company without any keeps to the "
        "house policy.",
    )
    debt_adopted_rule_sets = fields.Char(
        string="Rule sets kept voluntarily",
        help="Names of rule sets that do not bind the company and are kept all the same, separated "
        "by commas, such as US-REGF.",
    )
    debt_retention_years = fields.Integer(
        string="Keep closed files (years)",
        default=10,
        help="So many years after the last activity the personal data of a debtor without open "
        "cases is anonymised, unless a rule tells to keep it. 0: never.",
    )

    @api.constrains("debt_adopted_rule_sets")
    def _check_debt_adopted_rule_sets(self):
        rules = self.env["debt.rule"].with_context(active_test=False)
        known = {name for (name,) in rules._read_group([], ["rule_set"])}
        for company in self:
            unknown = set(split(company.debt_adopted_rule_sets)) - known
            if unknown:
                raise ValidationError(
                    self.env._(
                        "There is no rule set %(names)s. Look at the rules for their names.",
                        names=", ".join(sorted(unknown)),
                    )
                )

    @api.constrains("debt_retention_years")
    def _check_debt_retention_years(self):
        if any(company.debt_retention_years < 0 for company in self):
            raise ValidationError(self.env._("A number of years cannot be negative."))


class ResConfigSettings(models.TransientModel):
    """The settings of compliance on Odoo's settings page."""

    _inherit = "res.config.settings"

    debt_actor = fields.Selection(related="company_id.debt_actor", readonly=False, required=True)
    debt_jurisdiction_ids = fields.Many2many(
        related="company_id.debt_jurisdiction_ids", readonly=False
    )
    debt_adopted_rule_sets = fields.Char(
        related="company_id.debt_adopted_rule_sets", readonly=False
    )
    debt_retention_years = fields.Integer(related="company_id.debt_retention_years", readonly=False)
    debt_sms_token = fields.Char(
        string="Token for answers to text messages", config_parameter="debt_collection.sms_token"
    )
