from odoo import api, fields, models

from ...tools.compliance import limitation


class DebtCaseItem(models.Model):
    """What the rules know of a single debt: its time bar, and with which others it counts."""

    _inherit = "debt.case.item"

    account_group = fields.Char(
        string="Counts with", help="Debts with the same word here count as one for the rules."
    )
    limitation_date = fields.Date(
        string="Time-barred from",
        compute="_compute_limitation_date",
        help="First day on which the debt is time-barred, by the shortest term of the rules that "
        "hold for the debtor, begun anew by acknowledgements.",
    )

    def write(self, vals):
        result = super().write(vals)
        if "account_group" in vals:
            self.case_id._refresh_gate()
        return result

    @api.depends("date_due", "case_id.partner_id")
    def _compute_limitation_date(self):
        """The earliest end of the terms that hold; empty where no rule names one."""
        self.limitation_date = False
        gate = self.env["debt.gate"].sudo()
        for company, items in self.filtered("date_due").grouped("company_id").items():
            partners = items.case_id.partner_id
            known = gate._load_facts(partners, company, fields.Datetime.now(), addresses=())
            book, _versions = self.env["debt.rule"]._get_book(company.id)
            for item in items:
                facts = known[item.case_id.partner_id.id]
                places = book.depths(facts.jurisdictions)
                days = [
                    limitation.barred_from(rule.parameters, item.date_due, facts.interruptions)
                    for rule in book.rules
                    if rule.type == "LIMITATION"
                    and rule.parameters.years
                    and rule.jurisdiction in places
                    and rule.protects(facts)
                    and rule.only_if <= facts.traits
                    and not rule.unless & facts.traits
                    and (not rule.actors or company.debt_actor in rule.actors)
                ]
                item.limitation_date = min(days, default=False)
