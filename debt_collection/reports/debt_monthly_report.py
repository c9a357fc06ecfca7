"""The three monthly reports as documents: Collection Report, Registration Report, Tracker."""

from datetime import datetime, time, timedelta

import pytz

from odoo import api, models
from odoo.tools import SQL, format_date


class DebtMonthlyReport(models.AbstractModel):
    """Figures of a period for one company, an officer, a team or a segment; plain documents."""

    _name = "debt.monthly.report"
    _inherit = ["debt.open.items"]
    _description = "Monthly reports"

    @api.model
    def _get_document(self, kind, company, date_from, date_to, user=None, team=None, segment=None):
        """A monthly report as a document (see ``debt.report.renderer``).

        :param kind: key of ``REPORT_KINDS``
        :param company: res.company
        :param date_from, date_to: first and last day
        :param user: only debtors of this officer
        :param team: only debtors of this team
        :param segment: only debtors of this segment
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
            "segment": segment,
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
        if segment:
            facts.append([self.env._("Segment"), segment.name])
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
        """Condition on the alias ``debtor``: portfolio of the user, and who was asked for."""
        conditions = [self._get_portfolio_sql()]
        if scope["user"]:
            conditions.append(SQL("debtor.officer_id = %s", scope["user"].id))
        if scope["team"]:
            conditions.append(SQL("debtor.team_id = %s", scope["team"].id))
        if scope["segment"]:
            conditions.append(SQL("debtor.segment_id = %s", scope["segment"].id))
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
        missing = {
            "res.users": self.env._("Unassigned"),
            "debt.team": self.env._("No team"),
            "debt.segment": self.env._("No segment"),
        }[model]
        return lambda id_: names.get(id_) or missing

    def _get_label(self, model, field, value):
        """Label of a selection value in the user's language."""
        labels = self.env[model]._fields[field]._description_selection(self.env)
        return dict(labels).get(value, value or "")

    def _round(self, scope, amount):
        return scope["company"].currency_id.round(float(amount or 0.0))

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
