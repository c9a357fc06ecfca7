"""When a debtor gets no more credit: one statement a company finds whom the rules concern."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ...const import ESCALATION_ROLES, ESCALATIONS, RISK_GRADES
from ..escalation.debt_escalation_rule import get_escalation_rank_sql

CREDIT_EFFECTS = [("none", "Nothing"), ("warn", "Warn"), ("block", "Block")]


class DebtCreditRule(models.Model):
    """What must be true of a debtor's case before new business is warned about or blocked.

    All conditions that are set must be true together; a debtor may fall under several rules.
    """

    _name = "debt.credit.rule"
    _description = "Credit hold rule"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True, help="Reason people read on the document.")
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company", index=True, help="Leave empty to use the rule in all companies."
    )
    escalation = fields.Selection(ESCALATIONS, string="Escalation from")
    minimum_days = fields.Integer(string="Days overdue from")
    minimum_amount = fields.Float(string="Net overdue from", digits=(16, 2))
    grade = fields.Selection(RISK_GRADES, string="Risk grade from", help="This grade or worse.")
    on_invoice = fields.Selection(
        CREDIT_EFFECTS, string="New invoices", default="warn", required=True
    )
    on_order = fields.Selection(CREDIT_EFFECTS, string="Orders", default="block", required=True)
    on_delivery = fields.Selection(
        CREDIT_EFFECTS, string="Deliveries", default="block", required=True
    )
    role = fields.Selection(
        ESCALATION_ROLES,
        string="Released by: at least",
        default="manager",
        required=True,
        help="Who may release a hold, or a document it stopped.",
    )

    @api.constrains("name", "escalation", "minimum_days", "minimum_amount", "grade")
    def _check_some_condition(self):
        for rule in self:
            if not (rule.escalation or rule.minimum_days or rule.minimum_amount or rule.grade):
                raise ValidationError(
                    self.env._(
                        "The rule %(name)s would stop every debtor: set at least one condition.",
                        name=rule.name,
                    )
                )

    def _get_condition_sql(self, date):
        """SQL condition over the alias ``c`` (debt_case).

        :param date: day for which days are counted
        """
        self.ensure_one()
        parts = [SQL("c.state <> 'closed'")]
        if self.escalation:
            parts.append(
                SQL(
                    "%s >= %s",
                    get_escalation_rank_sql(SQL("c.escalation")),
                    get_escalation_rank_sql(SQL("%s", self.escalation)),
                )
            )
        if self.minimum_days:
            parts.append(SQL("%s - c.oldest_due_date >= %s", date, self.minimum_days))
        if self.minimum_amount:
            parts.append(SQL("c.amount_overdue - c.amount_credit >= %s", self.minimum_amount))
        if self.grade:
            parts.append(SQL("c.risk_grade >= %s", self.grade))
        return SQL(" AND ").join(parts)

    @api.model
    def _apply(self, company, date, partner_ids=None):
        """Put on hold whom a rule concerns now, and end the holds of those who are cured.

        :param company: res.company
        :param date: day of the judgement
        :param partner_ids: only these debtors, None for all
        :return: (debt.credit.hold made, debt.credit.hold ended)
        """
        holds = self.env["debt.credit.hold"].sudo()
        rules = self.sudo().search(
            ["|", ("company_id", "=", False), ("company_id", "parent_of", company.ids)]
        )
        if not rules and not holds.search_count([("state", "=", "active")], limit=1):
            return holds, holds
        self.env.flush_all()
        only = SQL("TRUE")
        if partner_ids is not None:
            only = SQL("c.partner_id = ANY(%s)", list(partner_ids))
        selects = [
            SQL(
                "SELECT %s AS rule_id, c.id AS case_id, c.partner_id FROM debt_case c"
                " WHERE c.company_id = %s AND %s AND %s",
                rule.id,
                company.id,
                only,
                rule._get_condition_sql(date),
            )
            for rule in rules
        ] or [SQL("SELECT NULL::int AS rule_id, NULL::int AS case_id, NULL::int AS partner_id")]
        matches = SQL(" UNION ALL ").join(selects)
        over = self.env.execute_query(
            SQL(
                """
                SELECT h.id FROM debt_credit_hold h
                 WHERE h.company_id = %(company)s AND h.state = 'active'
                   AND h.rule_id IS NOT NULL AND %(only)s
                   AND NOT EXISTS (SELECT FROM (%(matches)s) m
                                    WHERE m.rule_id = h.rule_id AND m.partner_id = h.partner_id)
                 ORDER BY h.id
                """,
                matches=matches,
                company=company.id,
                only=SQL("TRUE")
                if partner_ids is None
                else SQL("h.partner_id = ANY(%s)", list(partner_ids)),
            )
        )
        made = self.env.execute_query(
            SQL(
                """
                INSERT INTO debt_credit_hold (company_id, partner_id, case_id, rule_id, reason,
                       date, on_invoice, on_order, on_delivery, role, state, user_id,
                       create_uid, create_date, write_uid, write_date)
                SELECT %(company)s, m.partner_id, m.case_id, r.id,
                       COALESCE(r.name ->> %(lang)s, r.name ->> 'en_US'), %(date)s,
                       r.on_invoice, r.on_order, r.on_delivery, r.role, 'active', %(uid)s,
                       %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
                  FROM (%(matches)s) m
                  JOIN debt_credit_rule r ON r.id = m.rule_id
                 WHERE NOT EXISTS (
                       SELECT FROM debt_credit_hold h
                        WHERE h.company_id = %(company)s AND h.partner_id = m.partner_id
                          AND h.rule_id = m.rule_id
                          AND (h.state = 'active'
                               OR h.state = 'released' AND h.release_until >= %(date)s))
                 ORDER BY r.id, m.case_id
                RETURNING id
                """,
                matches=matches,
                company=company.id,
                date=date,
                uid=self.env.uid,
                lang=company.sudo().partner_id.lang or "en_US",
            )
        )
        ended = holds.browse(row[0] for row in over)
        ended._set_cured(date)
        made = holds.browse(row[0] for row in made)
        made._record_made()
        return made, ended
