"""The Collection Report: activities, recoveries, movement and what is outstanding."""

from odoo import models
from odoo.tools import SQL

from ..tools import metrics
from ..tools.buckets import DEFAULT_LIMITS
from .debt_movements import MOVEMENT_KINDS


class DebtMonthlyReport(models.AbstractModel):
    _inherit = "debt.monthly.report"

    def _get_collection_tables(self, scope):
        """Activities, movement, recoveries, promises and what is outstanding."""
        contacts = self._get_contact_rows(scope)
        movements = self._get_movements(scope)
        outstanding = self._get_outstanding(scope)
        groups = (
            ("res.users", 0, self.env._("Officer")),
            ("debt.team", 1, self.env._("Team")),
            ("debt.segment", 2, self.env._("Segment")),
        )
        tables = [self._get_activity_table(contacts), self._get_officer_table(contacts)]
        titles = (
            self.env._("Movement of overdue debts by officer"),
            self.env._("Movement by team"),
            self.env._("Movement by segment"),
        )
        tables += [
            self._get_movement_table(scope, title, movements, *group)
            for title, group in zip(titles, groups, strict=True)
        ]
        if self._sees_everything() and not any(scope[n] for n in ("user", "team", "segment")):
            tables.append(self._get_ledger_table(scope))
        titles = (
            self.env._("Recoveries by officer"),
            self.env._("Recoveries by team"),
            self.env._("Recoveries by segment"),
        )
        tables += [
            self._get_recovery_table(scope, title, movements, *group)
            for title, group in zip(titles, groups, strict=True)
        ]
        tables.append(self._get_promise_table(scope))
        titles = (
            self.env._("Outstanding by age and officer"),
            self.env._("Outstanding by age and team"),
            self.env._("Outstanding by age and segment"),
        )
        tables += [
            self._get_outstanding_table(scope, title, outstanding, *group)
            for title, group in zip(titles, groups, strict=True)
        ]
        return tables

    def _get_activity_table(self, contacts):
        """Contacts by channel, direction and outcome."""
        counts = {}
        for row in contacts:
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
            "empty": self.env._("Nobody was contacted in this period."),
        }

    def _get_officer_table(self, contacts):
        """Contacts by who made them."""
        kinds = ("call", "email", "letter", "sms", "visit")
        counts = {}
        for row in contacts:
            found = counts.setdefault(row["user_id"], dict.fromkeys((*kinds, "other", "party"), 0))
            found[row["channel"] if row["channel"] in kinds else "other"] += 1
            found["party"] += row["reached"] == "right_party"
        name = self._get_names("res.users", counts)
        rows = []
        for user_id, found in counts.items():
            *channels, party = found.values()
            rows.append([name(user_id), *channels, sum(channels), party])
        labels = [self._get_label("debt.contact", "channel", kind) for kind in kinds]
        return {
            "title": self.env._("Activities by officer"),
            "note": self.env._("By who made or logged the contact; automatic ones count too."),
            "columns": [
                [self.env._("Officer"), "text"],
                *([label, "integer"] for label in labels),
                [self.env._("Other"), "integer"],
                [self.env._("Contacts"), "integer"],
                [self.env._("With the debtor"), "integer"],
            ],
            "rows": sorted(rows, key=lambda row: row[0]),
            "total": [
                self.env._("Total"),
                *(sum(column) for column in zip(*(row[1:] for row in rows), strict=True)),
            ]
            if rows
            else None,
            "empty": self.env._("Nobody was contacted in this period."),
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

    def _sum_movements(self, movements, place):
        """Movements by one of officer, team and segment: dict id → dict kind → amount."""
        sums = {}
        for row in movements:
            found = sums.setdefault(row[place], dict.fromkeys(MOVEMENT_KINDS, 0.0))
            found[row[3]] += float(row[4])
        return {id_: found for id_, found in sums.items() if any(found.values())}

    def _get_movement_table(self, scope, title, movements, model, place, first):
        """The movement by one of officer, team and segment."""
        sums = self._sum_movements(movements, place)
        name = self._get_names(model, sums)
        rows = sorted(
            (
                [name(id_), *(self._round(scope, found[kind]) for kind in MOVEMENT_KINDS)]
                for id_, found in sums.items()
            ),
            key=lambda row: row[0],
        )
        return {
            "title": title,
            "note": self.env._(
                "Opening + fell overdue + returned − collected − credited − written off "
                "± exchange = closing. Open debts past their due date, without credits."
            ),
            "columns": self._get_movement_columns(first),
            "rows": rows,
            "total": [self.env._("Total"), *self._add_columns(scope, rows, 1)],
            "digits": scope["company"].currency_id.decimal_places,
            "empty": self.env._("No debt was overdue in this period."),
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

    def _get_outstanding(self, scope):
        """What is open at the end of the period.

        :return: list of (officer id, team id, segment id, bucket, amount)
        """
        return self.env.execute_query(
            SQL(
                """
                SELECT debtor.officer_id, debtor.team_id, debtor.segment_id, item.bucket,
                       sum(item.amount)
                  FROM (SELECT item.company_id, item.partner_id, %(bucket)s AS bucket,
                               sum(item.residual) AS amount
                          FROM (%(items)s) item
                         GROUP BY 1, 2, 3) item
                  %(debtor)s
                 WHERE %(scope)s
                 GROUP BY debtor.officer_id, debtor.team_id, debtor.segment_id, item.bucket
                """,
                bucket=self._get_bucket_sql(scope["to"], DEFAULT_LIMITS),
                items=self._get_movements_sql(scope["company"], scope["to"]),
                debtor=self._get_debtor_join_sql(),
                scope=self._get_scope_sql(scope),
            )
        )

    def _get_outstanding_table(self, scope, title, outstanding, model, place, first):
        """What is open at the end, by age and one of officer, team and segment."""
        labels = self.env["debt.aged.balance"]._get_bucket_labels(
            {"limits": DEFAULT_LIMITS, "basis": "due"}
        )
        sums = {}
        for row in outstanding:
            found = sums.setdefault(row[place], [0.0] * (len(labels) + 1))
            found[row[3]] += float(row[4])
            found[-1] += float(row[4])
        name = self._get_names(model, sums)
        rows = sorted(
            (
                [name(id_), *(self._round(scope, amount) for amount in found)]
                for id_, found in sums.items()
                if any(self._round(scope, amount) for amount in found)
            ),
            key=lambda row: row[0],
        )
        return {
            "title": title,
            "note": self.env._("At the end of the period, credits included, by due date."),
            "columns": [
                [first, "text"],
                *([label, "money"] for label in [*labels, self.env._("Total")]),
            ],
            "rows": rows,
            "total": [
                self.env._("Total"),
                *(
                    self._round(scope, sum(row[column] for row in rows))
                    for column in range(1, len(labels) + 2)
                ),
            ],
            "digits": scope["company"].currency_id.decimal_places,
            "empty": self.env._("Nothing was open at the end of the period."),
        }

    def _get_recovery_table(self, scope, title, movements, model, place, first):
        """Recovered by one of officer, team and segment, with the rates and their denominators."""
        sums = self._sum_movements(movements, place)
        name = self._get_names(model, sums)
        rows = [[name(id_), *self._get_rates(scope, found)] for id_, found in sums.items()]
        whole = {kind: sum(f[kind] for f in sums.values()) for kind in MOVEMENT_KINDS}
        return {
            "title": title,
            "note": self.env._(
                "Recovery rate: collected ÷ (opening + fell overdue). Liquidation rate: collected "
                "÷ opening."
            ),
            "columns": [
                [first, "text"],
                [self.env._("Collected"), "money"],
                [self.env._("Opening"), "money"],
                [self.env._("Fell overdue"), "money"],
                [self.env._("Recovery rate"), "percent"],
                [self.env._("Liquidation rate"), "percent"],
            ],
            "rows": sorted(rows, key=lambda row: row[0]),
            "total": [self.env._("Total"), *self._get_rates(scope, whole)],
            "digits": scope["company"].currency_id.decimal_places,
            "empty": self.env._("No debt was overdue in this period."),
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
            "rows": sorted(
                (complete(name(row[0]), *row[1:]) for row in rows), key=lambda row: row[0]
            ),
            "total": complete(self.env._("Total"), *sums) if rows else None,
            "empty": self.env._("No promise was made or fell due in this period."),
            "digits": scope["company"].currency_id.decimal_places,
        }
