from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, format_date


class DebtTarget(models.Model):
    """What an officer, a team or the whole company is to collect in a month, and how far it is."""

    _name = "debt.target"
    _description = "Collection target"
    _order = "month desc, company_id, team_id, user_id"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    month = fields.Date(
        required=True,
        default=lambda self: fields.Date.context_today(self).replace(day=1),
        help="Any day of the month.",
    )
    user_id = fields.Many2one(
        "res.users", string="Officer", index="btree_not_null", help="Empty: the team's target."
    )
    team_id = fields.Many2one(
        "debt.team", index="btree_not_null", check_company=True, help="Empty: the company's."
    )
    amount = fields.Monetary(string="To collect", required=True)
    amount_collected = fields.Monetary(string="Collected", compute="_compute_progress")
    progress = fields.Float(
        compute="_compute_progress", help="Collected ÷ to collect.", aggregator="avg"
    )

    _month_uniq = models.UniqueIndex(
        "(company_id, month, COALESCE(user_id, 0), COALESCE(team_id, 0))",
        "There is a target for this month already. Change that one.",
    )
    _amount_positive = models.Constraint("CHECK (amount > 0)", "A target is more than nothing.")

    @api.depends("month", "user_id", "team_id")
    def _compute_display_name(self):
        for target in self:
            who = target.user_id.name or target.team_id.name or target.company_id.name
            month = format_date(self.env, target.month, date_format="MMMM y")
            target.display_name = f"{who} · {month}" if target.month else who

    @api.constrains("user_id", "team_id")
    def _check_one_owner(self):
        for target in self:
            if target.user_id and target.team_id:
                raise ValidationError(self.env._("A target is an officer's or a team's, not both."))

    @api.model_create_multi
    def create(self, vals_list):
        for values in vals_list:
            if values.get("month"):
                values["month"] = fields.Date.to_date(values["month"]).replace(day=1)
        return super().create(vals_list)

    def write(self, vals):
        """A month is kept as its first day."""
        if vals.get("month"):
            vals["month"] = fields.Date.to_date(vals["month"]).replace(day=1)
        return super().write(vals)

    @api.depends("month", "user_id", "team_id", "company_id", "amount")
    def _compute_progress(self):
        """Money that settled overdue debts of the debtors of each; one statement a month."""
        self.fetch(["company_id"])
        for (company, month), targets in self.grouped(
            lambda target: (target.company_id, target.month)
        ).items():
            found = self._get_collected(company, month) if company and month else {}
            for target in targets:
                if target.user_id:
                    amount = found.get(("user", target.user_id.id), 0.0)
                elif target.team_id:
                    amount = found.get(("team", target.team_id.id), 0.0)
                else:
                    amount = found.get(("all", None), 0.0)
                target.amount_collected = amount
                target.progress = amount / target.amount if target.amount else 0.0

    @api.model
    def _get_collected(self, company, month):
        """Collected on overdue debts in a month, by officer, by team and in all.

        The officer is the one of the debtor's case at present.

        :return: dict (kind, id) → amount
        """
        producer = self.env["debt.open.items"].sudo()
        after = month - relativedelta(days=1)
        until = month + relativedelta(months=1, days=-1)
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT debtor.officer_id, debtor.team_id, sum(item.amount)
                  FROM (%(settlements)s) item %(debtor)s
                 WHERE item.kind = 'collected' AND item.due < item.date
                 GROUP BY debtor.officer_id, debtor.team_id
                """,
                settlements=producer._get_settlements_sql(company.sudo(), after, until),
                debtor=producer._get_debtor_join_sql(latest_case=True),
            )
        )
        found = {}
        for user_id, team_id, amount in rows:
            for key in (("user", user_id), ("team", team_id), ("all", None)):
                found[key] = found.get(key, 0.0) + float(amount)
        return found
