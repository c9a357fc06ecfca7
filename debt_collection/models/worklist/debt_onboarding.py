from odoo import api, fields, models


class ResCompany(models.Model):
    """Remembers that nobody in the company needs the first steps any more."""

    _inherit = "res.company"

    debt_onboarding_dismissed = fields.Boolean(
        string="First steps of collections hidden", export_string_translation=False
    )


class DebtCase(models.Model):
    """First steps of a company that begins to collect, shown above the worklist."""

    _inherit = "debt.case"

    @api.model
    def get_onboarding_steps(self):
        """What is to be set up, for a credit manager of the current company.

        :return: list of dicts with ``key``, ``title``, ``help``, ``done`` and ``action`` (xml id or
            dict); empty
            for everybody else, when all is done, or when the panel was hidden
        """
        company = self.env.company
        if company.debt_onboarding_dismissed or not self.env.user.has_group(
            "debt_collection.group_manager"
        ):
            return []
        steps = self._prepare_onboarding_steps(company)
        return [] if all(step["done"] for step in steps) else steps

    @api.model
    def dismiss_onboarding(self):
        """Hide the first steps for everybody in the current company."""
        self._check_manager()
        self.env.company.sudo().debt_onboarding_dismissed = True

    @api.model
    def _prepare_onboarding_steps(self, company):
        """The steps with what is done of them.

        :param company: res.company
        """
        levels = self.env["debt.level"].search_count(
            [("strategy_id.state", "=", "running")], limit=1
        )
        teams = self.env["debt.team"].search_count([("member_ids", "!=", False)], limit=1)
        runs = self.env["debt.run"].search_count([("company_id", "=", company.id)], limit=1)
        return [
            {
                "key": "bank",
                "title": self.env._("Bank account"),
                "help": self.env._("Where debtors pay to: every notice names it."),
                "done": bool(company.sudo().partner_id.bank_ids),
                "action": self._get_bank_account_action(company),
            },
            {
                "key": "levels",
                "title": self.env._("Levels"),
                "help": self.env._(
                    "When debtors are reminded, and how. Four levels are ready to use."
                ),
                "done": bool(levels),
                "action": "debt_collection.debt_strategy_action",
            },
            {
                "key": "team",
                "title": self.env._("Team"),
                "help": self.env._("Who calls and writes: new cases are shared among them."),
                "done": bool(teams),
                "action": "debt_collection.debt_team_action",
            },
            {
                "key": "run",
                "title": self.env._("First preview"),
                "help": self.env._(
                    "See whom a run would contact and why. Nothing is sent by a preview."
                ),
                "done": bool(runs),
                "action": "debt_collection.debt_run_start_action",
            },
        ]

    @api.model
    def _get_bank_account_action(self, company):
        """The bank accounts of the company; a dialog for the first one where there is none."""
        first = not company.sudo().partner_id.bank_ids
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Bank account") if first else self.env._("Bank accounts"),
            "res_model": "res.partner.bank",
            "views": [[False, "form"]] if first else [[False, "list"], [False, "form"]],
            "target": "new" if first else "current",
            "domain": [("partner_id", "=", company.partner_id.id)],
            "context": {"default_partner_id": company.partner_id.id},
        }
