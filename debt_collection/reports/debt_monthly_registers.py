"""The Registration Report and the Follow-up Tracker: registers, a row a record."""

from odoo import fields, models
from odoo.tools import SQL


class DebtMonthlyReport(models.AbstractModel):
    _inherit = "debt.monthly.report"

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
            "empty": self.env._("No case was opened in this period."),
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
            "empty": self.env._("No customer was registered in this period."),
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
        # On the last day of the period: what was done later was still to do then.
        to_do = set(
            activities.filtered(
                lambda activity: (
                    activity.active or (activity.date_done and activity.date_done > scope["to"])
                )
            ).ids
        )
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
                    self._get_status(row, to_do, scope["to"]),
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
                "empty": self.env._("Nobody was contacted in this period."),
            }
        ]

    def _get_status(self, row, to_do, date):
        """Where the follow-up of a contact stood on the last day of the period.

        :param to_do: ids of the activities that were still to do
        """
        if not row["next_date"]:
            return self.env._("Closed")
        if row["activity_id"] not in to_do:
            return self.env._("Done")
        return self.env._("Late") if row["next_date"] < date else self.env._("To do")
