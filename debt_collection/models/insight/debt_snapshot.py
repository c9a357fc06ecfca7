from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, format_date

from ...tools.buckets import DEFAULT_LIMITS

BACKFILL_MONTHS = 12


class DebtSnapshot(models.Model):
    """What was open on a day, item by item, kept as it was.

    Taken at each month end and on demand, and filled in for past months from the ledger, in one
    statement. Roll rates, cure rates and trends follow items from one snapshot to the next.
    """

    _name = "debt.snapshot"
    _description = "Ageing snapshot"
    _order = "date desc, company_id"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        readonly=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(
        required=True, readonly=True, default=lambda self: self._get_last_month_end()
    )
    taken_on = fields.Datetime(readonly=True)
    taken_by = fields.Many2one("res.users", readonly=True)
    item_count = fields.Integer(string="Items", readonly=True)
    debtor_count = fields.Integer(string="Debtors", readonly=True)
    amount_total = fields.Monetary(string="Open", readonly=True, help="As in the general ledger.")
    amount_overdue = fields.Monetary(
        string="Overdue", readonly=True, help="Open debts past their due date, without credits."
    )
    line_ids = fields.One2many("debt.snapshot.line", "snapshot_id", string="Items as they were")

    _day_uniq = models.UniqueIndex("(company_id, date)", "There is a snapshot of this day already.")

    @api.depends("date", "company_id")
    def _compute_display_name(self):
        for snapshot in self:
            snapshot.display_name = format_date(self.env, snapshot.date)

    @api.model
    def _get_last_month_end(self):
        """The last day of the month before today."""
        return fields.Date.context_today(self).replace(day=1) - relativedelta(days=1)

    @api.model_create_multi
    def create(self, vals_list):
        """A snapshot is taken the moment it is made."""
        snapshots = super().create(vals_list)
        for snapshot in snapshots:
            if snapshot.date > fields.Date.context_today(self):
                raise UserError(
                    self.env._(
                        "%(date)s has not come yet.", date=format_date(self.env, snapshot.date)
                    )
                )
            snapshot._take()
        return snapshots

    def _take(self):
        """Write the items down: two statements, whatever their number."""
        self.ensure_one()
        self.env["debt.case"]._follow_movements()
        self.env.flush_all()
        producer = self.env["debt.open.items"].sudo()
        company = self.company_id
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO debt_snapshot_line (snapshot_id, line_id, partner_id, user_id, team_id,
                       segment_id, currency_id, document_number, invoice_date, date_due, residual,
                       residual_currency)
                SELECT %(snapshot)s, item.line_id, debtor.partner_id, debtor.officer_id,
                       debtor.team_id, debtor.segment_id, item.currency_id, move.name,
                       item.invoice_date, item.due, item.residual, item.residual_currency
                  FROM (%(items)s) item
                  JOIN account_move move ON move.id = item.move_id
                  %(debtor)s
                """,
                snapshot=self.id,
                items=producer._get_items_sql(company, self.date),
                debtor=producer._get_debtor_join_sql(),
            )
        )
        self.env.cr.execute(
            SQL(
                """
                UPDATE debt_snapshot s
                   SET item_count = f.items, debtor_count = f.debtors, amount_total = f.total,
                       amount_overdue = f.overdue, taken_on = now() at time zone 'UTC',
                       taken_by = %(user)s
                  FROM (SELECT count(*) AS items, count(DISTINCT partner_id) AS debtors,
                               COALESCE(sum(residual), 0) AS total,
                               COALESCE(sum(residual) FILTER (
                                    WHERE residual > 0 AND date_due < %(date)s), 0) AS overdue
                          FROM debt_snapshot_line WHERE snapshot_id = %(snapshot)s) f
                 WHERE s.id = %(snapshot)s
                """,
                user=self.env.uid,
                date=self.date,
                snapshot=self.id,
            )
        )
        self.invalidate_recordset()

    def action_retake(self):
        """Take the snapshots again, after entries were booked into the past."""
        self.check_access("write")
        self._check_manager()
        for snapshot in self:
            self.env.cr.execute(
                SQL("DELETE FROM debt_snapshot_line WHERE snapshot_id = %s", snapshot.id)
            )
            snapshot._take()

    def action_view_lines(self):
        """The items as they were, as a pivot."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "debt_collection.debt_snapshot_analysis_action"
        )
        action["domain"] = [("snapshot_id", "=", self.id)]
        return action

    @api.model
    def action_backfill(self, months=BACKFILL_MONTHS):
        """Take the month ends of the past that are missing, from the ledger.

        Officers, teams and segments are those of today: the ledger does not know who had a debtor
        then.

        :param months: how many months to go back
        :return: the new snapshots
        """
        self._check_manager()
        end = self._get_last_month_end()
        dates = [
            (end + relativedelta(days=1)) - relativedelta(months=back, days=1)
            for back in range(int(months))
        ]
        companies = self.env.companies
        known = {
            (snapshot.company_id, snapshot.date)
            for snapshot in self.search(
                [("company_id", "in", companies.ids), ("date", "in", dates)]
            )
        }
        return self.create(
            [
                {"company_id": company.id, "date": date}
                for company in companies
                for date in sorted(dates)
                if (company, date) not in known
            ]
        )

    @api.model
    def _cron_take(self):
        """Take the last month end where it is missing; commits company by company."""
        date = self._get_last_month_end()
        cron = self.env["ir.cron"]
        for company in self.env["res.company"].search([("debt_run_daily", "=", True)]):
            if not self.search_count([("company_id", "=", company.id), ("date", "=", date)]):
                self.create({"company_id": company.id, "date": date})
            if not cron._commit_progress(1):
                break

    def _check_manager(self):
        if not self.env.su and not self.env.user.has_group("debt_collection.group_manager"):
            raise AccessError(self.env._("Only a credit manager takes snapshots."))

    # === FOLLOWING ITEMS ===

    def _get_pairs(self, later, limits=DEFAULT_LIMITS, filters=None, producer=None):
        """Where the debts of this snapshot were in a later one, summed by bucket.

        :param later: debt.snapshot of the same company
        :param filters: dict of ``user_id``, ``team_id``, ``segment_id`` → ids to keep to
        :param producer: debt.open.items in the environment of whoever may see the result, where
            the snapshots were found as superuser
        :return: list of (bucket before, open before, bucket after or None, open after), as
            ``tools.metrics.roll_matrix`` takes them; credits are left out
        """
        self.ensure_one()
        producer = self.env["debt.open.items"] if producer is None else producer
        conditions = [producer._get_portfolio_of_snapshot_sql("a")]
        for name, ids in (filters or {}).items():
            conditions.append(SQL("%s = ANY(%s)", SQL.identifier("a", name), list(ids)))
        thresholds = producer._get_thresholds(limits)
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT before, sum(amount), after, sum(LEAST(GREATEST(residual, 0), amount))
                  FROM (
                    SELECT width_bucket(%(first)s::date - a.date_due, %(thresholds)s::int[])
                                AS before,
                           width_bucket(%(second)s::date - b.date_due, %(thresholds)s::int[])
                                AS after,
                           a.residual AS amount, b.residual
                      FROM debt_snapshot_line a
                      LEFT JOIN debt_snapshot_line b ON b.snapshot_id = %(later)s
                           AND b.line_id = a.line_id
                     WHERE a.snapshot_id = %(earlier)s AND a.residual > 0 AND %(conditions)s
                  ) pair
                 GROUP BY before, after
                """,
                first=self.date,
                second=later.date,
                thresholds=thresholds,
                earlier=self.id,
                later=later.id,
                conditions=SQL(" AND ").join(conditions),
            )
        )
        return [
            (before, float(amount), after, float(left or 0.0))
            for before, amount, after, left in rows
        ]


class DebtSnapshotLine(models.Model):
    """One item of a snapshot. Numbers of records, not references: it outlives what it tells of.

    Foreign keys would be checked one by one for 200,000 items a month, and a deleted journal item
    must not change what was open then.
    """

    _name = "debt.snapshot.line"
    _description = "Item of a snapshot"
    _log_access = False

    snapshot_id = fields.Many2one("debt.snapshot", required=True, ondelete="cascade", index=True)
    line_id = fields.Integer(string="Journal item", aggregator=None)
    partner_id = fields.Integer(string="Debtor", aggregator=None)
    user_id = fields.Integer(string="Officer", aggregator=None)
    team_id = fields.Integer(aggregator=None)
    segment_id = fields.Integer(aggregator=None)
    currency_id = fields.Integer(aggregator=None)
    document_number = fields.Char()
    invoice_date = fields.Date()
    date_due = fields.Date(string="Due date")
    residual = fields.Float(string="Open", digits=0)
    residual_currency = fields.Float(string="Open in its currency", digits=0)

    @api.model
    def _set_partner(self, partners, partner):
        """Let the items follow their debtor when partners are merged.

        :param partners: those that go
        :param partner: the one that stays
        """
        self.env.cr.execute(
            SQL(
                "UPDATE debt_snapshot_line SET partner_id = %s WHERE partner_id = ANY(%s)",
                partner.id,
                list(partners.ids),
            )
        )


class DebtSnapshotAnalysis(models.Model):
    """Items of all snapshots for pivot, graph and list; the statement keeps to the portfolio."""

    _name = "debt.snapshot.analysis"
    _description = "Ageing history"
    _auto = False
    _order = "date desc, residual desc"

    snapshot_id = fields.Many2one("debt.snapshot", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    company_currency_id = fields.Many2one("res.currency", readonly=True)
    date = fields.Date(string="Month end", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Debtor", readonly=True)
    user_id = fields.Many2one("res.users", string="Officer", readonly=True)
    team_id = fields.Many2one("debt.team", readonly=True)
    segment_id = fields.Many2one("debt.segment", readonly=True)
    document_number = fields.Char(readonly=True)
    invoice_date = fields.Date(string="Document date", readonly=True)
    date_due = fields.Date(string="Due date", readonly=True)
    days = fields.Integer(string="Age (days)", readonly=True, aggregator="max")
    bucket = fields.Char(string="Age", readonly=True)
    overdue = fields.Monetary(readonly=True, currency_field="company_currency_id")
    residual = fields.Monetary(string="Open", readonly=True, currency_field="company_currency_id")

    @property
    def _table_query(self):
        labels = self.env["debt.open.item"]._get_labels(DEFAULT_LIMITS, "due")
        return SQL(
            """
            SELECT line.id, line.snapshot_id, snapshot.company_id, snapshot.date,
                   company.currency_id AS company_currency_id,
                   partner.id AS partner_id, users.id AS user_id, team.id AS team_id,
                   segment.id AS segment_id, line.document_number, line.invoice_date,
                   line.date_due, snapshot.date - line.date_due AS days,
                   (%(labels)s::text[])[1 + width_bucket(snapshot.date - line.date_due,
                        %(thresholds)s::int[])] AS bucket,
                   CASE WHEN line.date_due < snapshot.date AND line.residual > 0
                        THEN line.residual ELSE 0 END AS overdue,
                   line.residual
              FROM debt_snapshot_line line
              JOIN debt_snapshot snapshot ON snapshot.id = line.snapshot_id
              JOIN res_company company ON company.id = snapshot.company_id
              LEFT JOIN res_partner partner ON partner.id = line.partner_id
              LEFT JOIN res_users users ON users.id = line.user_id
              LEFT JOIN debt_team team ON team.id = line.team_id
              LEFT JOIN debt_segment segment ON segment.id = line.segment_id
             WHERE %(portfolio)s
            """,
            portfolio=self.env["debt.open.items"]._get_portfolio_of_snapshot_sql("line"),
            labels=labels,
            thresholds=self.env["debt.open.items"]._get_thresholds(DEFAULT_LIMITS),
        )
