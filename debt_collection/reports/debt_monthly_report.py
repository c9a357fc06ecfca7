"""The three monthly reports as documents: Collection Report, Registration Report, Tracker."""

from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.tools import SQL, format_date

from ..tools import metrics
from .debt_movements import MOVEMENT_KINDS


class DebtMonthlyReport(models.AbstractModel):
    """Figures of a period for one company, an officer or a team; plain documents."""

    _name = "debt.monthly.report"
    _inherit = ["debt.open.items"]
    _description = "Monthly reports"

    @api.model
    def _get_document(self, kind, company, date_from, date_to, user=None, team=None):
        """A monthly report as a document (see ``debt.report.renderer``).

        :param kind: key of ``REPORT_KINDS``
        :param company: res.company
        :param date_from, date_to: first and last day
        :param user: only debtors of this officer
        :param team: only debtors of this team
        """
        self._check_report_access(company.ids)
        self.env["debt.case"]._follow_movements()
        self.env.flush_all()
        scope = {
            "company": company,
            "from": date_from,
            "to": date_to,
            "after": date_from - timedelta(days=1),
            "user": user,
            "team": team,
        }
        builders = {
            "collection": self._get_collection_tables,
            "registration": self._get_registration_tables,
            "tracker": self._get_tracker_tables,
        }
        facts = [
            [
                self.env._("Period"),
                f"{format_date(self.env, date_from)} – {format_date(self.env, date_to)}",
            ],
            [self.env._("Company"), company.name],
            [self.env._("Currency"), company.currency_id.name],
        ]
        if user:
            facts.append([self.env._("Officer"), user.name])
        if team:
            facts.append([self.env._("Team"), team.name])
        return {
            "title": self._get_title(kind),
            "facts": facts,
            "tables": builders[kind](scope),
            "notes": [],
        }

    def _get_title(self, kind):
        """Name of a report."""
        return {
            "collection": self.env._("Collection Report"),
            "registration": self.env._("Registration Report"),
            "tracker": self.env._("Follow-up Tracker"),
        }[kind]

    # === HELPERS ===

    def _get_scope_sql(self, scope):
        """Condition on the alias ``debtor``: portfolio of the user, officer and team asked for."""
        conditions = [self._get_portfolio_sql()]
        if scope["user"]:
            conditions.append(SQL("debtor.officer_id = %s", scope["user"].id))
        if scope["team"]:
            conditions.append(SQL("debtor.team_id = %s", scope["team"].id))
        return SQL(" AND ").join(conditions)

    def _get_moments(self, scope):
        """First and last moment of the period in UTC, by the time zone of the company's books."""
        zone = pytz.timezone(scope["company"].partner_id.tz or self.env.user.tz or "UTC")
        start = zone.localize(datetime.combine(scope["from"], time.min))
        end = zone.localize(datetime.combine(scope["to"] + timedelta(days=1), time.min))
        return [moment.astimezone(pytz.UTC).replace(tzinfo=None) for moment in (start, end)]

    def _get_names(self, model, ids):
        """Names by id; the missing one has words of its own."""
        records = self.env[model].sudo().browse([id_ for id_ in ids if id_]).exists()
        names = {record.id: record.display_name for record in records}
        return lambda id_: names.get(id_) or self.env._("None")

    def _get_label(self, model, field, value):
        """Label of a selection value in the user's language."""
        labels = self.env[model]._fields[field]._description_selection(self.env)
        return dict(labels).get(value, value or "")

    def _round(self, scope, amount):
        return scope["company"].currency_id.round(float(amount or 0.0))

    # === COLLECTION REPORT ===

    def _get_collection_tables(self, scope):
        """Activities, recoveries, movement and what is outstanding."""
        movements = self._get_movements(scope)
        tables = [
            self._get_activity_table(scope),
            self._get_movement_table(
                scope,
                self.env._("Movement of overdue debts by officer"),
                movements,
                self.env._("Officer"),
                0,
                "res.users",
                note=self.env._(
                    "Opening + fell overdue + returned − collected − credited − written off "
                    "± exchange = closing. Open debts past their due date, without credits."
                ),
            ),
            self._get_movement_table(
                scope,
                self.env._("Movement by team"),
                movements,
                self.env._("Team"),
                1,
                "debt.team",
            ),
            self._get_movement_table(
                scope,
                self.env._("Movement by segment"),
                movements,
                self.env._("Segment"),
                2,
                "debt.segment",
            ),
        ]
        if self._sees_everything() and not scope["user"] and not scope["team"]:
            tables.append(self._get_ledger_table(scope))
        tables += [
            self._get_outstanding_table(scope),
            self._get_recovery_table(scope, movements),
            self._get_promise_table(scope),
        ]
        return tables

    def _get_contact_rows(self, scope):
        """Contacts of the period within the scope, each with its debtor's officer and team."""
        start, end = self._get_moments(scope)
        return self.env.execute_query_dict(
            SQL(
                """
                SELECT item.id, item.date, item.user_id, item.channel, item.direction,
                       item.reached, item.outcome, item.nonpayment_reason, item.note,
                       item.next_step, item.next_date, item.no_next_step_reason,
                       item.activity_id, item.notice_id, debtor.name AS debtor,
                       debtor.officer_id, debtor.partner_id
                  FROM debt_contact item
                  %(debtor)s
                 WHERE item.company_id = %(company)s AND item.superseded IS NOT TRUE
                   AND item.date >= %(start)s AND item.date < %(end)s AND %(scope)s
                 ORDER BY item.date, item.id
                """,
                debtor=self._get_debtor_join_sql(latest_case=True),
                company=scope["company"].id,
                start=start,
                end=end,
                scope=self._get_scope_sql(scope),
            )
        )

    def _get_activity_table(self, scope):
        """Contacts by channel, direction and outcome."""
        counts = {}
        for row in self._get_contact_rows(scope):
            key = (row["channel"], row["direction"], row["outcome"])
            found = counts.setdefault(key, [0, 0])
            found[0] += 1
            found[1] += row["reached"] == "right_party"
        rows = [
            [
                self._get_label("debt.contact", "channel", channel),
                self._get_label("debt.contact", "direction", direction),
                self._get_label("debt.contact", "outcome", outcome),
                *found,
            ]
            for (channel, direction, outcome), found in sorted(counts.items())
        ]
        return {
            "title": self.env._("Activities"),
            "note": self.env._("Contacts of the period; corrected entries do not count."),
            "columns": [
                [self.env._("Channel"), "text"],
                [self.env._("Direction"), "text"],
                [self.env._("Outcome"), "text"],
                [self.env._("Contacts"), "integer"],
                [self.env._("With the debtor"), "integer"],
            ],
            "rows": rows,
            "total": [
                self.env._("Total"),
                None,
                None,
                sum(row[3] for row in rows),
                sum(row[4] for row in rows),
            ],
        }

    def _get_movements(self, scope):
        """Movement of overdue debts by officer, team, segment and kind.

        :return: list of (officer id, team id, segment id, kind, amount)
        """
        return self.env.execute_query(
            SQL(
                """
                SELECT debtor.officer_id, debtor.team_id, debtor.segment_id, item.kind,
                       sum(item.amount)
                  FROM (SELECT company_id, partner_id, kind, sum(amount) AS amount
                          FROM (%(movements)s) movement
                         GROUP BY company_id, partner_id, kind) item
                  %(debtor)s
                 WHERE %(scope)s
                 GROUP BY debtor.officer_id, debtor.team_id, debtor.segment_id, item.kind
                """,
                movements=self._get_overdue_movements_sql(
                    scope["company"], scope["after"], scope["to"]
                ),
                debtor=self._get_debtor_join_sql(latest_case=True),
                scope=self._get_scope_sql(scope),
            )
        )

    def _get_movement_columns(self, first):
        """Columns of a movement."""
        return [
            [first, "text"],
            [self.env._("Opening"), "money"],
            [self.env._("Fell overdue"), "money"],
            [self.env._("Returned"), "money"],
            [self.env._("Collected"), "money"],
            [self.env._("Credited"), "money"],
            [self.env._("Written off"), "money"],
            [self.env._("Exchange"), "money"],
            [self.env._("Closing"), "money"],
        ]

    def _get_movement_table(self, scope, title, movements, first, place, model, note=""):
        """The movement by one of officer, team and segment."""
        sums = {}
        for row in movements:
            found = sums.setdefault(row[place], dict.fromkeys(MOVEMENT_KINDS, 0))
            found[row[3]] += row[4]
        name = self._get_names(model, sums)
        rows = sorted(
            [name(id_), *(self._round(scope, found[kind]) for kind in MOVEMENT_KINDS)]
            for id_, found in sums.items()
            if any(found.values())
        )
        return {
            "title": title,
            "note": note,
            "columns": self._get_movement_columns(first),
            "rows": rows,
            "total": [self.env._("Total"), *self._add_columns(scope, rows, 1)],
            "digits": scope["company"].currency_id.decimal_places,
        }

    def _add_columns(self, scope, rows, first):
        """Sums of the columns from one on."""
        width = len(MOVEMENT_KINDS) + 1 if not rows else len(rows[0])
        return [
            self._round(scope, sum(row[place] for row in rows)) for place in range(first, width)
        ]

    def _get_ledger_table(self, scope):
        """The movement of the receivable accounts, tied to the general ledger."""
        found = self._get_ledger_movements(scope["company"], scope["after"], scope["to"]).get(
            scope["company"].currency_id.id, {}
        )
        row = [self._round(scope, found.get(kind)) for kind in MOVEMENT_KINDS]
        columns = self._get_movement_columns(self.env._("Accounts"))
        columns[2][0] = self.env._("Invoiced")
        return {
            "title": self.env._("Movement of all receivables"),
            "note": self.env._(
                "By entries of the period; closing is the balance of the receivable accounts in "
                "the general ledger."
            ),
            "columns": columns,
            "rows": [[self.env._("Receivable accounts"), *row]],
            "total": None,
            "digits": scope["company"].currency_id.decimal_places,
        }

    def _get_outstanding_table(self, scope):
        """What is open at the end, by age and officer."""
        aged = self.env["debt.aged.balance"]
        options = {
            "date": fields.Date.to_string(scope["to"]),
            "company_ids": scope["company"].ids,
            "officer_ids": scope["user"].ids if scope["user"] else [],
            "team_ids": scope["team"].ids if scope["team"] else [],
        }
        matrix = aged.with_context(allowed_company_ids=scope["company"].ids).get_matrix(options)
        sums = {}
        for row in matrix["rows"]:
            found = sums.setdefault(row[4], [0.0] * (len(row) - 6))
            for place, amount in enumerate(row[5:-1]):
                found[place] += amount
        name = self._get_names("res.users", sums)
        rows = sorted(
            [name(id_), *(self._round(scope, amount) for amount in found)]
            for id_, found in sums.items()
        )
        return {
            "title": self.env._("Outstanding by age"),
            "note": self.env._("At the end of the period, credits included, by due date."),
            "columns": [
                [self.env._("Officer"), "text"],
                *([label, "money"] for label in matrix["columns"]),
                [self.env._("Total"), "money"],
            ],
            "rows": rows,
            "total": [
                self.env._("Total"),
                *(
                    self._round(scope, sum(row[place] for row in rows))
                    for place in range(1, len(matrix["columns"]) + 2)
                ),
            ],
            "digits": scope["company"].currency_id.decimal_places,
        }

    def _get_recovery_table(self, scope, movements):
        """Recovered by officer, with the rates and their denominators."""
        sums = {}
        for row in movements:
            found = sums.setdefault(row[0], dict.fromkeys(MOVEMENT_KINDS, 0.0))
            found[row[3]] += float(row[4])
        name = self._get_names("res.users", sums)
        rows = []
        for id_, found in sums.items():
            rows.append([name(id_), *self._get_rates(scope, found)])
        whole = {kind: sum(f[kind] for f in sums.values()) for kind in MOVEMENT_KINDS}
        return {
            "title": self.env._("Recoveries"),
            "note": self.env._(
                "Recovery rate: collected ÷ (opening + fell overdue). Liquidation rate: collected "
                "÷ opening."
            ),
            "columns": [
                [self.env._("Officer"), "text"],
                [self.env._("Collected"), "money"],
                [self.env._("Opening"), "money"],
                [self.env._("Fell overdue"), "money"],
                [self.env._("Recovery rate"), "percent"],
                [self.env._("Liquidation rate"), "percent"],
            ],
            "rows": sorted(rows),
            "total": [self.env._("Total"), *self._get_rates(scope, whole)],
            "digits": scope["company"].currency_id.decimal_places,
        }

    def _get_rates(self, scope, found):
        """Collected, its bases and its rates."""
        collected = -found["collected"]
        fell = found["new"] + found["returned"]
        return [
            self._round(scope, collected),
            self._round(scope, found["opening"]),
            self._round(scope, fell),
            metrics.recovery_rate(collected, found["opening"] + fell),
            metrics.liquidation_rate(collected, found["opening"]),
        ]

    def _get_promise_table(self, scope):
        """Promises made in the period, and what became of those that fell due in it."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT debtor.officer_id,
                       count(*) FILTER (WHERE item.date_made BETWEEN %(from)s AND %(to)s),
                       count(*) FILTER (WHERE %(due)s AND item.state = 'kept'),
                       count(*) FILTER (WHERE %(due)s AND item.state = 'partly_kept'),
                       count(*) FILTER (WHERE %(due)s AND item.state = 'broken'),
                       COALESCE(sum(item.amount_company) FILTER (WHERE %(judged)s), 0),
                       COALESCE(sum(item.kept_company) FILTER (WHERE %(judged)s), 0)
                  FROM debt_promise item
                  %(debtor)s
                 WHERE item.company_id = %(company)s AND %(scope)s
                   AND (item.date_made BETWEEN %(from)s AND %(to)s OR %(due)s)
                 GROUP BY debtor.officer_id
                """,
                **{"from": scope["from"], "to": scope["to"]},
                due=SQL("item.date_limit BETWEEN %s AND %s", scope["from"], scope["to"]),
                judged=SQL(
                    "item.date_limit BETWEEN %s AND %s"
                    " AND item.state IN ('kept', 'partly_kept', 'broken')",
                    scope["from"],
                    scope["to"],
                ),
                debtor=self._get_debtor_join_sql(latest_case=True),
                company=scope["company"].id,
                scope=self._get_scope_sql(scope),
            )
        )
        name = self._get_names("res.users", [row[0] for row in rows])

        def complete(label, made, kept, partly, broken, promised, received):
            return [
                label,
                made,
                kept,
                partly,
                broken,
                self._round(scope, promised),
                self._round(scope, received),
                metrics.kept_rate(kept, partly, broken),
                metrics.kept_rate_amount(float(received), float(promised)),
            ]

        sums = [sum(column) for column in zip(*(row[1:] for row in rows), strict=True)] or [0] * 6
        return {
            "title": self.env._("Promises"),
            "note": self.env._(
                "Kept rate by count: kept ÷ (kept + partly kept + broken); by amount: received up "
                "to what was promised ÷ promised. Of promises whose last day lies in the period."
            ),
            "columns": [
                [self.env._("Officer"), "text"],
                [self.env._("Made"), "integer"],
                [self.env._("Kept"), "integer"],
                [self.env._("Partly kept"), "integer"],
                [self.env._("Broken"), "integer"],
                [self.env._("Promised"), "money"],
                [self.env._("Received"), "money"],
                [self.env._("Kept (count)"), "percent"],
                [self.env._("Kept (amount)"), "percent"],
            ],
            "rows": sorted(complete(name(row[0]), *row[1:]) for row in rows),
            "total": complete(self.env._("Total"), *sums) if rows else None,
            "digits": scope["company"].currency_id.decimal_places,
        }

    # === REGISTRATION REPORT ===

    def _get_registration_tables(self, scope):
        """Accounts newly in collections, and customers newly registered."""
        return [self._get_new_cases_table(scope), self._get_new_customers_table(scope)]

    def _get_new_cases_table(self, scope):
        """Cases opened in the period."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT debtor.name, debtor.ref, item.reference, item.date_open, debtor.officer_id,
                       debtor.team_id, debtor.segment_id, entry.amount, entry.items,
                       entry.oldest, item.state, item.amount_overdue
                  FROM (SELECT c.* FROM debt_case c) item
                  LEFT JOIN LATERAL (
                        SELECT count(*) AS items, min(i.date_due) AS oldest,
                               sum(l.balance * i.amount_in / NULLIF(l.amount_currency, 0)) AS amount
                          FROM debt_case_item i
                          LEFT JOIN account_move_line l ON l.id = i.move_line_id
                         WHERE i.case_id = item.id AND i.date_in <= item.date_open
                       ) entry ON TRUE
                  %(debtor)s
                 WHERE item.company_id = %(company)s AND %(scope)s
                   AND item.date_open BETWEEN %(from)s AND %(to)s
                 ORDER BY item.date_open, debtor.name
                """,
                **{"from": scope["from"], "to": scope["to"]},
                debtor=self._get_debtor_join_sql(latest_case=True),
                company=scope["company"].id,
                scope=self._get_scope_sql(scope),
            )
        )
        officer = self._get_names("res.users", {row[4] for row in rows})
        team = self._get_names("debt.team", {row[5] for row in rows})
        segment = self._get_names("debt.segment", {row[6] for row in rows})
        values = [
            [
                row[0],
                row[1],
                row[2],
                fields.Date.to_string(row[3]),
                officer(row[4]),
                team(row[5]),
                segment(row[6]),
                row[8],
                fields.Date.to_string(row[9]) if row[9] else None,
                self._round(scope, row[7]),
                self._get_label("debt.case", "state", row[10]),
                self._round(scope, row[11]),
            ]
            for row in rows
        ]
        return {
            "title": self.env._("Accounts newly in collections"),
            "note": self.env._("Cases opened in the period, with what was overdue on that day."),
            "columns": [
                [self.env._("Debtor"), "text"],
                [self.env._("Reference"), "text"],
                [self.env._("Case"), "text"],
                [self.env._("Opened on"), "date"],
                [self.env._("Officer"), "text"],
                [self.env._("Team"), "text"],
                [self.env._("Segment"), "text"],
                [self.env._("Items"), "integer"],
                [self.env._("Oldest due"), "date"],
                [self.env._("Overdue on entry"), "money"],
                [self.env._("State now"), "text"],
                [self.env._("Overdue now"), "money"],
            ],
            "rows": values,
            "total": [
                self.env._("%(count)s accounts", count=len(values)),
                *[None] * 6,
                sum(row[7] for row in values),
                None,
                self._round(scope, sum(row[9] for row in values)),
                None,
                self._round(scope, sum(row[11] for row in values)),
            ],
            "digits": scope["company"].currency_id.decimal_places,
        }

    def _get_new_customers_table(self, scope):
        """Customers registered in the period: as they are, and whether they owe already."""
        start, end = self._get_moments(scope)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT debtor.name, debtor.ref, country.code, item.created, item.creator,
                       debtor.officer_id,
                       COALESCE(ledger.invoiced, 0), COALESCE(ledger.open, 0),
                       COALESCE(ledger.overdue, 0)
                  FROM (
                    SELECT p.id AS partner_id, %(company)s AS company_id, p.create_date AS created,
                           p.create_uid AS creator
                      FROM res_partner p
                     WHERE p.commercial_partner_id = p.id AND p.customer_rank > 0 AND p.active
                       AND p.create_date >= %(start)s AND p.create_date < %(end)s
                       AND (p.company_id IS NULL OR p.company_id = %(company)s)
                  ) item
                  %(debtor)s
                  LEFT JOIN res_country country ON country.id = debtor.country_id
                  LEFT JOIN LATERAL (
                    SELECT sum(l.balance) FILTER (WHERE m.move_type <> 'entry') AS invoiced,
                           sum(l.amount_residual) AS open,
                           sum(l.amount_residual) FILTER (
                                WHERE COALESCE(l.date_maturity, l.date) < %(to)s
                                AND l.amount_residual > 0) AS overdue
                      FROM account_move_line l JOIN account_move m ON m.id = l.move_id
                     WHERE l.partner_id = item.partner_id AND l.company_id = %(company)s
                       AND l.parent_state = 'posted' AND l.account_id = ANY(%(accounts)s)
                       AND l.date <= %(to)s
                  ) ledger ON TRUE
                 WHERE %(scope)s
                 ORDER BY item.created, debtor.name
                """,
                company=scope["company"].id,
                start=start,
                end=end,
                to=scope["to"],
                accounts=self._get_account_ids(scope["company"]),
                debtor=self._get_debtor_join_sql(latest_case=True),
                scope=self._get_scope_sql(scope),
            )
        )
        creator = self._get_names("res.users", {row[4] for row in rows})
        officer = self._get_names("res.users", {row[5] for row in rows})
        values = [
            [
                row[0],
                row[1],
                row[2],
                fields.Date.to_string(row[3].date()),
                creator(row[4]),
                officer(row[5]),
                *(self._round(scope, amount) for amount in row[6:]),
            ]
            for row in rows
        ]
        return {
            "title": self.env._("Newly registered customers"),
            "note": self.env._("Customers created in the period, with their receivables."),
            "columns": [
                [self.env._("Customer"), "text"],
                [self.env._("Reference"), "text"],
                [self.env._("Country"), "text"],
                [self.env._("Registered on"), "date"],
                [self.env._("Registered by"), "text"],
                [self.env._("Officer"), "text"],
                [self.env._("Invoiced"), "money"],
                [self.env._("Open"), "money"],
                [self.env._("Overdue"), "money"],
            ],
            "rows": values,
            "total": [
                self.env._("%(count)s customers", count=len(values)),
                *[None] * 5,
                *(self._round(scope, sum(row[place] for row in values)) for place in (6, 7, 8)),
            ],
            "digits": scope["company"].currency_id.decimal_places,
        }

    # === FOLLOW-UP TRACKER ===

    def _get_tracker_tables(self, scope):
        """Every contact of the period with its status and the next date."""
        contacts = self._get_contact_rows(scope)
        activities = (
            self.env["mail.activity"]
            .sudo()
            .with_context(active_test=False)
            .browse([row["activity_id"] for row in contacts if row["activity_id"]])
            .exists()
        )
        active = {activity.id: activity.active for activity in activities}
        user = self._get_names("res.users", {row["user_id"] for row in contacts})
        rows = []
        for row in contacts:
            moment = fields.Datetime.context_timestamp(self, row["date"])
            rows.append(
                [
                    fields.Date.to_string(moment.date()),
                    moment.strftime("%H:%M"),
                    row["debtor"],
                    user(row["user_id"]),
                    self._get_label("debt.contact", "channel", row["channel"]),
                    self.env._("Out") if row["direction"] == "out" else self.env._("In"),
                    self._get_label("debt.contact", "reached", row["reached"]),
                    self._get_label("debt.contact", "outcome", row["outcome"]),
                    self._get_label("debt.contact", "nonpayment_reason", row["nonpayment_reason"]),
                    row["note"],
                    self._get_label("debt.contact", "next_step", row["next_step"])
                    or row["no_next_step_reason"],
                    fields.Date.to_string(row["next_date"]) if row["next_date"] else None,
                    self._get_status(row, active, scope["to"]),
                ]
            )
        return [
            {
                "title": self.env._("Contacts"),
                "note": self.env._(
                    "Status on the last day of the period: to do, late, done, or closed where no "
                    "further step was agreed."
                ),
                "columns": [
                    [self.env._("Date"), "date"],
                    [self.env._("Time"), "text"],
                    [self.env._("Debtor"), "text"],
                    [self.env._("Officer"), "text"],
                    [self.env._("Channel"), "text"],
                    [self.env._("Direction"), "text"],
                    [self.env._("Reached"), "text"],
                    [self.env._("Outcome"), "text"],
                    [self.env._("Reason"), "text"],
                    [self.env._("Note"), "text"],
                    [self.env._("Next step"), "text"],
                    [self.env._("Next date"), "date"],
                    [self.env._("Status"), "text"],
                ],
                "rows": rows,
                "total": None,
            }
        ]

    def _get_status(self, row, active, date):
        """Where the follow-up of a contact stands."""
        if not row["next_date"]:
            return self.env._("Closed")
        if not active.get(row["activity_id"], False):
            return self.env._("Done")
        return self.env._("Late") if row["next_date"] < date else self.env._("To do")
