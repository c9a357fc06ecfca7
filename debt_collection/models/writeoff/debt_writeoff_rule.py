from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ...const import ESCALATIONS
from ..escalation.debt_escalation_rule import get_escalation_rank_sql

# A proposal that was rejected does not come back for so many days.
REST_DAYS = 180


class DebtWriteoffRule(models.Model):
    """When a debt is proposed for write-off: every condition that is set must be true."""

    _name = "debt.writeoff.rule"
    _description = "Write-off rule"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True, help="Reason on the proposal.")
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company", index=True, help="Leave empty to use the rule in all companies."
    )
    minimum_days = fields.Integer(
        string="Age from (days)", help="Of the newest item: all of the debt is as old."
    )
    maximum_amount = fields.Float(string="Amount up to", digits=(16, 2))
    escalation = fields.Selection(ESCALATIONS, string="Escalation from")
    cost_share = fields.Float(
        string="Costs from (% of the debt)",
        help="What was spent on it and is planned: collecting it costs as much as it brings.",
    )
    limitation = fields.Boolean(
        string="Limitation over",
        help="Every collectible item is time-barred, by the same compliance rules, "
        "acknowledgements and decisions the contact rules go by (see the item's date).",
    )
    insolvent = fields.Boolean(
        help="The debtor is insolvent, by a circumstance recorded in Compliance.",
    )
    returned = fields.Boolean(
        string="Returned as uncollectible",
        help="An agency gave it back with a code that proposes the write-off: insolvent, "
        "deceased, nothing to be had.",
    )

    @api.constrains(
        "name", "minimum_days", "maximum_amount", "cost_share", "limitation", "insolvent"
    )
    def _check_some_condition(self):
        for rule in self:
            if not (
                rule.minimum_days
                or rule.maximum_amount
                or rule.cost_share
                or rule.limitation
                or rule.insolvent
                or rule.returned
            ):
                raise ValidationError(
                    self.env._(
                        "The rule %(name)s would propose every debt: set at least one condition.",
                        name=rule.name,
                    )
                )

    def _get_condition_sql(self, date):
        """SQL condition over ``c`` (debt_case) and ``f`` (figures of its collectible items).

        :param date: day of the proposal
        """
        self.ensure_one()
        parts = [SQL("TRUE")]
        if self.minimum_days:
            parts.append(SQL("%s - f.newest >= %s", date, self.minimum_days))
        if self.maximum_amount:
            parts.append(SQL("f.amount <= %s", self.maximum_amount))
        if self.escalation:
            parts.append(
                SQL(
                    "%s >= %s",
                    get_escalation_rank_sql(SQL("c.escalation")),
                    get_escalation_rank_sql(SQL("%s", self.escalation)),
                )
            )
        if self.cost_share:
            parts.append(
                SQL(
                    "(SELECT COALESCE(sum(k.amount), 0) FROM debt_cost k WHERE k.case_id = c.id"
                    " AND k.state <> 'cancelled') * 100 >= f.amount * %s",
                    self.cost_share,
                )
            )
        if self.limitation:
            parts.append(SQL("f.barred"))
        if self.insolvent:
            parts.append(
                SQL(
                    "EXISTS (SELECT FROM debt_debtor_flag k WHERE k.partner_id = c.partner_id"
                    " AND k.kind = 'bankruptcy' AND k.active IS TRUE"
                    " AND (k.company_id IS NULL OR k.company_id = c.company_id)"
                    " AND COALESCE(k.date_from, %(date)s) <= %(date)s"
                    " AND COALESCE(k.date_to, %(date)s) >= %(date)s)",
                    date=date,
                )
            )
        if self.returned:
            parts.append(
                SQL(
                    "EXISTS (SELECT FROM debt_referral r JOIN debt_return_code rc"
                    " ON rc.id = r.return_code_id AND rc.write_off IS TRUE"
                    " WHERE r.case_id = c.id AND r.state = 'returned')"
                )
            )
        return SQL(" AND ").join(parts)

    def _get_barred_items(self, company, date):
        """Open items that are time-barred on a day: from the producer the gate's screens show.

        Only items old enough for the shortest term are looked at, and only if a rule asks.

        :param company: res.company
        :param date: day of the proposals
        :return: list of ids
        """
        if not any(self.mapped("limitation")):
            return []
        book, _versions = self.env["debt.rule"]._get_book(company.id)
        terms = [
            rule.parameters.years
            for rule in book.rules
            if rule.type == "LIMITATION" and rule.parameters.years
        ]
        if not terms:
            return []
        items = self.env["debt.case.item"].search(
            [
                ("company_id", "=", company.id),
                ("date_out", "=", False),
                ("case_id.state", "!=", "closed"),
                ("date_due", "<=", fields.Date.subtract(date, years=int(min(terms)))),
            ]
        )
        return items.filtered(
            lambda item: item.limitation_date and item.limitation_date <= date
        ).ids

    @api.model
    def _propose(self, company, date):
        """Bring the proposal list up to the day: new proposals, and those that no longer hold.

        What is disputed, promised, on a plan, on hold or placed is not proposed: it is not
        collectible. One statement for all rules.

        :param company: res.company
        :param date: day of the proposals
        :return: number of new proposals
        """
        rules = self.sudo().search(
            ["|", ("company_id", "=", False), ("company_id", "parent_of", company.ids)]
        )
        self.env["debt.case"]._follow_movements()
        self.env.flush_all()
        cr = self.env.cr
        cr.execute(
            SQL(
                """
                UPDATE debt_writeoff_proposal p SET state = 'lapsed'
                  FROM debt_case c
                 WHERE c.id = p.case_id AND p.company_id = %s AND p.state = 'proposed'
                   AND c.state = 'closed'
                """,
                company.id,
            )
        )
        if not rules:
            return 0
        matches = SQL(" UNION ALL ").join(
            SQL(
                "SELECT %s::int AS rule_id, %s::int AS rank, c.id AS case_id, c.partner_id,"
                " f.amount, f.newest FROM figure f JOIN debt_case c ON c.id = f.case_id"
                " WHERE %s",
                rule.id,
                rank,
                rule._get_condition_sql(date),
            )
            for rank, rule in enumerate(rules)
        )
        cr.execute(
            SQL(
                """
                WITH figure AS (
                    SELECT k.case_id, sum(k.collectible) AS amount, max(k.date_due) AS newest,
                           bool_and(k.item_id = ANY(%(barred)s)) AS barred
                      FROM (%(collectible)s) k WHERE k.collectible > 0 GROUP BY k.case_id
                )
                INSERT INTO debt_writeoff_proposal (company_id, case_id, partner_id, rule_id,
                       amount, date_newest, date, state, reason,
                       create_uid, create_date, write_uid, write_date)
                SELECT DISTINCT ON (m.case_id) %(company)s, m.case_id, m.partner_id, m.rule_id,
                       m.amount, m.newest, %(date)s, 'proposed',
                       COALESCE(r.name ->> %(lang)s, r.name ->> 'en_US'),
                       %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
                  FROM (%(matches)s) m JOIN debt_writeoff_rule r ON r.id = m.rule_id
                 WHERE NOT EXISTS (
                       SELECT FROM debt_writeoff_proposal p
                        WHERE p.case_id = m.case_id
                          AND (p.state = 'proposed'
                               OR p.state = 'rejected' AND p.date_decided > %(rest)s))
                 ORDER BY m.case_id, m.rank
                """,
                collectible=self.env["debt.case.item"]._get_collectible_sql(company, date),
                matches=matches,
                barred=rules._get_barred_items(company, date),
                company=company.id,
                date=date,
                rest=fields.Date.subtract(date, days=REST_DAYS),
                lang=company.sudo().partner_id.lang or "en_US",
                uid=self.env.uid,
            )
        )
        count = cr.rowcount
        self.env["debt.writeoff.proposal"].invalidate_model()
        return count
