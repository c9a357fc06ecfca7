"""When a case may reach an escalation: one producer of the obstacles, for the night and the day."""

from odoo import api, fields, models
from odoo.tools import SQL, format_date

from ...const import ESCALATION_RANK, ESCALATION_ROLES, ESCALATIONS, NOTICE_KINDS

ROLE_GROUPS = {
    "officer": "debt_collection.group_officer",
    "senior": "debt_collection.group_senior",
    "legal": "debt_collection.group_legal",
    "manager": "debt_collection.group_manager",
}


def get_escalation_rank_sql(value):
    """Return the SQL expression of the rank of an escalation.

    :param value: SQL expression of a key of ESCALATIONS
    :rtype: SQL
    """
    whens = SQL(" ").join(SQL("WHEN %s THEN %s", *pair) for pair in ESCALATION_RANK.items())
    return SQL("(CASE %s %s ELSE 0 END)", value, whens)


class DebtEscalationRule(models.Model):
    """What must be true before a case reaches an escalation, and who may take it there.

    A condition left at zero or empty asks for nothing. The company's own rule goes before the
    shared one. Without any rule only a credit manager may take a case there.
    """

    _name = "debt.escalation.rule"
    _description = "Escalation rule"
    _order = "sequence, id"

    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company", index=True, help="Leave empty to use the rule in all companies."
    )
    target = fields.Selection(
        [pair for pair in ESCALATIONS if pair[0] != "amicable"], string="Leads to", required=True
    )
    automatic = fields.Boolean(
        string="By the run",
        help="Every run takes the cases that meet all conditions there. Off: by hand only.",
    )
    role = fields.Selection(
        ESCALATION_ROLES,
        string="By hand: at least",
        default="manager",
        required=True,
        help="Who may take a case there, and back from there. A credit manager always may.",
    )
    previous = fields.Selection(
        ESCALATIONS, string="Starting from", help="The case must have come at least this far."
    )
    minimum_amount = fields.Float(
        digits=(16, 2),
        help="Worth it from this amount on: overdue less credits, in the company's currency.",
    )
    minimum_days = fields.Integer(string="Days overdue", help="Age of the oldest item.")
    attempt_count = fields.Integer(
        string="Attempts", help="Contacts the log must show: calls, e-mails, letters, visits…"
    )
    attempt_channels = fields.Integer(string="On channels", help="Different channels among them.")
    attempt_days = fields.Integer(
        string="Over days", help="Days between the first and the last of these attempts."
    )
    notice_kind = fields.Selection(
        NOTICE_KINDS,
        string="Notice served",
        help="A notice of this kind was sent, and its deadline has passed.",
    )
    service_required = fields.Boolean(
        string="With proof of service", help="The proof that the notice arrived is on file."
    )
    claims_block = fields.Boolean(
        string="Nothing set aside",
        default=True,
        help="No item is disputed, promised, on a plan or on hold.",
    )

    _target_uniq = models.UniqueIndex(
        "(target, COALESCE(company_id, 0)) WHERE active IS TRUE",
        "There is a rule for this escalation already.",
    )
    _positive = models.Constraint(
        "CHECK(minimum_days >= 0 AND attempt_count >= 0 AND attempt_channels >= 0"
        " AND attempt_days >= 0)",
        "The conditions of a rule cannot be negative.",
    )

    @api.depends("target")
    def _compute_display_name(self):
        labels = dict(self._fields["target"]._description_selection(self.env))
        for rule in self:
            rule.display_name = labels.get(rule.target, "")

    @api.model
    def _get_rule(self, company, target):
        """The rule for an escalation in a company; an empty recordset when there is none.

        :param company: res.company
        :param target: key of ESCALATIONS
        """
        rules = self.sudo().search(
            [
                ("target", "=", target),
                "|",
                ("company_id", "=", False),
                ("company_id", "parent_of", company.ids),
            ]
        )
        return (rules.filtered("company_id") or rules)[:1]

    def _is_allowed(self, user):
        """Whether the user's role may take a case there by hand.

        :param user: res.users
        """
        role = ROLE_GROUPS[self.role or "manager"]
        return user.has_group(role) or user.has_group("debt_collection.group_manager")

    # === CONDITIONS ===

    def _get_obstacle_selects(self, date):
        """Hook: each unmet condition as a SELECT over ``cand``, the cases looked at.

        A capability appends a SELECT with ``case_id``, ``code`` and ``data`` (jsonb) and puts the
        code into words in ``_describe_obstacle``.

        :param date: day for which the conditions are judged
        :return: list of SQL
        """
        self.ensure_one()
        return [
            query
            for wanted, query in (
                (self.previous, self._get_previous_sql()),
                (self.minimum_amount > 0, self._get_amount_sql()),
                (self.minimum_days, self._get_days_sql(date)),
                (
                    self.attempt_count or self.attempt_channels or self.attempt_days,
                    self._get_attempts_sql(date),
                ),
                (self.notice_kind, self._get_notice_sql(date)),
                (self.claims_block, self._get_claims_sql(date)),
            )
            if wanted
        ]

    def _get_previous_sql(self):
        return SQL(
            """
            SELECT cand.id AS case_id, 'previous' AS code, '{}'::jsonb AS data FROM cand
             WHERE %s < %s
            """,
            get_escalation_rank_sql(SQL("cand.escalation")),
            get_escalation_rank_sql(SQL("%s", self.previous or "amicable")),
        )

    def _get_amount_sql(self):
        return SQL(
            """
            SELECT cand.id AS case_id, 'amount' AS code, jsonb_build_object('amount',
                   cand.amount_overdue - cand.amount_credit) AS data
              FROM cand WHERE cand.amount_overdue - cand.amount_credit < %s
            """,
            self.minimum_amount,
        )

    def _get_days_sql(self, date):
        return SQL(
            """
            SELECT cand.id AS case_id, 'days' AS code, jsonb_build_object('days',
                   GREATEST(%(date)s - cand.oldest_due_date, 0)) AS data
              FROM cand WHERE COALESCE(%(date)s - cand.oldest_due_date, 0) < %(days)s
            """,
            date=date,
            days=self.minimum_days,
        )

    def _get_attempts_sql(self, date):
        """Attempts that count: made by us, not replaced later, not at a wrong address."""
        return SQL(
            """
            SELECT cand.id AS case_id, 'attempts' AS code, jsonb_build_object(
                   'count', done.count, 'channels', done.channels, 'days', done.days) AS data
              FROM cand
             CROSS JOIN LATERAL (
                   SELECT count(*) AS count, count(DISTINCT t.channel) AS channels,
                          COALESCE(max(t.date)::date - min(t.date)::date, 0) AS days
                     FROM debt_contact t
                    WHERE t.case_id = cand.id AND t.direction = 'out'
                      AND t.outcome NOT IN ('wrong_number', 'bounced') AND t.date < %(date)s + 1
                      AND t.superseded IS NOT TRUE
                   ) done
             WHERE done.count < %(count)s OR done.channels < %(channels)s OR done.days < %(days)s
            """,
            date=date,
            count=self.attempt_count,
            channels=self.attempt_channels,
            days=self.attempt_days,
        )

    def _get_notice_sql(self, date):
        return SQL(
            """
            SELECT cand.id AS case_id,
                   CASE WHEN n.id IS NULL THEN 'notice_missing'
                        WHEN NOT n.proven THEN 'service_missing'
                        ELSE 'notice_running' END AS code,
                   jsonb_build_object('until', n.deadline) AS data
              FROM cand
              LEFT JOIN LATERAL (
                   SELECT n.id, n.deadline,
                          NOT %(service)s OR EXISTS (
                              SELECT FROM debt_notice_service s
                               WHERE s.notice_id = n.id AND s.result IN ('delivered', 'refused')
                          ) AS proven
                     FROM debt_notice n
                    WHERE n.case_id = cand.id AND n.state = 'sent' AND n.legal_kind = %(kind)s
                    ORDER BY (n.deadline < %(date)s) DESC, proven DESC, n.deadline, n.id
                    LIMIT 1) n ON TRUE
             WHERE n.id IS NULL OR n.deadline IS NULL OR n.deadline >= %(date)s OR NOT n.proven
            """,
            date=date,
            kind=self.notice_kind or "",
            service=self.service_required,
        )

    def _get_claims_sql(self, date):
        return SQL(
            """
            SELECT cand.id AS case_id, 'claim' AS code, jsonb_build_object('item',
                   i.document_number, 'kind', claim.kind, 'amount', claim.amount,
                   'note', claim.note) AS data
              FROM (%(claims)s) claim
              JOIN debt_case_item i ON i.id = claim.item_id AND i.date_out IS NULL
              JOIN cand ON cand.id = i.case_id
             WHERE claim.kind <> 'referred'
            """,
            claims=self.env["debt.case.item"]._get_claims_sql(date),
        )

    def _describe_obstacle(self, code, data):
        """Words for an unmet condition.

        :param code: given by ``_get_obstacle_selects``
        :param data: dict given with it
        :return: str
        """
        self.ensure_one()
        currency = (self.company_id or self.env.company).currency_id
        describe = {
            "previous": lambda: self.env._(
                "The case must have reached %(previous)s first.",
                previous=dict(self._fields["previous"]._description_selection(self.env))[
                    self.previous
                ],
            ),
            "amount": lambda: self.env._(
                "%(amount)s net overdue is not worth it: at least %(minimum)s.",
                amount=currency.format(data["amount"] or 0.0),
                minimum=currency.format(self.minimum_amount),
            ),
            "days": lambda: self.env._(
                "The oldest item is %(days)s days late: at least %(minimum)s.",
                days=data["days"] or 0,
                minimum=self.minimum_days,
            ),
            "attempts": lambda: self.env._(
                "The contact log shows %(count)s attempts on %(channels)s channels over %(days)s "
                "days: at least %(count_min)s on %(channels_min)s over %(days_min)s.",
                count=data["count"],
                channels=data["channels"],
                days=data["days"],
                count_min=self.attempt_count,
                channels_min=self.attempt_channels,
                days_min=self.attempt_days,
            ),
            "notice_missing": lambda: self.env._(
                "No notice of the kind “%(kind)s” was sent.", kind=self._get_kind_label()
            ),
            "notice_running": lambda: self.env._(
                "The deadline of the notice “%(kind)s” runs until %(until)s.",
                kind=self._get_kind_label(),
                until=format_date(self.env, data["until"]) if data.get("until") else "?",
            ),
            "service_missing": lambda: self.env._(
                "There is no proof of service of the notice “%(kind)s”.",
                kind=self._get_kind_label(),
            ),
            "claim": lambda: self.env._(
                "%(item)s is set aside: %(words)s.",
                item=data["item"] or "?",
                words=self.env["debt.case.item"]._describe_claim(
                    data["kind"], data["amount"], data["note"]
                ),
            ),
        }
        return describe[code]() if code in describe else code

    def _get_kind_label(self):
        labels = dict(self._fields["notice_kind"]._description_selection(self.env))
        return labels.get(self.notice_kind, "")

    def _get_obstacles(self, date, cases):
        """The unmet conditions of each of these cases, all of them.

        :param date: day for which the conditions are judged
        :param cases: debt.case
        :return: dict case id → list of words; cases without obstacle are not in it
        """
        self.ensure_one()
        selects = self._get_obstacle_selects(date)
        if not selects or not cases.ids:
            return {}
        cases._follow_movements()
        self.env.flush_all()
        result = {}
        for case_id, code, data in self.env.execute_query(
            SQL(
                "WITH cand AS (SELECT * FROM debt_case WHERE id = ANY(%s))"
                " SELECT case_id, code, data FROM (%s) obstacle ORDER BY case_id, code, data",
                cases.ids,
                SQL(" UNION ALL ").join(selects),
            )
        ):
            result.setdefault(case_id, []).append(self._describe_obstacle(code, data or {}))
        return result

    # === THE RUN ===

    @api.model
    def _apply(self, company, date):
        """Take every case that meets all conditions of an automatic rule where the rule leads.

        The highest escalation comes first, so that a case moves once a night; one statement a
        rule finds the cases.

        :param company: res.company
        :param date: day of the run
        :return: debt.case that moved
        """
        moved = self.env["debt.case"].sudo()
        targets = [key for key, _label in reversed(ESCALATIONS)][:-1]
        automatic = self.sudo().search([("automatic", "=", True)]).mapped("target")
        for target in targets:
            rule = self._get_rule(company, target) if target in automatic else self.browse()
            if not rule.automatic:
                continue
            self.env.flush_all()
            selects = rule._get_obstacle_selects(date) or [
                SQL("SELECT NULL::int AS case_id, ''::text AS code, NULL::jsonb AS data")
            ]
            rows = self.env.execute_query(
                SQL(
                    """
                    WITH cand AS (
                        SELECT c.* FROM debt_case c
                         WHERE c.company_id = %(company)s AND c.state <> 'closed'
                           AND %(rank)s < %(target)s AND %(rank)s >= %(previous)s
                    )
                    SELECT cand.id FROM cand
                     WHERE cand.id NOT IN (SELECT o.case_id FROM (%(obstacles)s) o
                                            WHERE o.case_id IS NOT NULL)
                    """,
                    company=company.id,
                    rank=get_escalation_rank_sql(SQL("c.escalation")),
                    target=get_escalation_rank_sql(SQL("%s", target)),
                    previous=get_escalation_rank_sql(SQL("%s", rule.previous or "amicable")),
                    obstacles=SQL(" UNION ALL ").join(selects),
                )
            )
            cases = moved.browse(row[0] for row in rows)
            reason = self.env._("All conditions of the escalation rule are met.")
            moved |= cases._set_escalation(target, reason)
        return moved
