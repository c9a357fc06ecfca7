"""What the run decides and plans, set-based: one row per case in a temporary table.

The next level of an item is the highest one its age, the debtor's net debt and the waiting time
allow; the highest level of all items leads the one notice of the case.
"""

from odoo import models
from odoo.tools import SQL


class DebtRun(models.Model):
    _inherit = "debt.run"

    def _decide(self):
        """Decide the next step of every open case of the company.

        Fills two temporary tables that live until the transaction ends: ``debt_night_item`` (what
        each item has reached) and ``debt_night_case`` (one decision per case), and writes the
        decisions as lines of the run.
        """
        self.ensure_one()
        cr = self.env.cr
        cr.execute("DROP TABLE IF EXISTS debt_night_item, debt_night_case")
        cr.execute(
            SQL("CREATE TEMP TABLE debt_night_item ON COMMIT DROP AS (%s)", self._get_item_sql())
        )
        cr.execute("ANALYZE debt_night_item")
        cr.execute(
            SQL("CREATE TEMP TABLE debt_night_case ON COMMIT DROP AS (%s)", self._get_case_sql())
        )
        cr.execute("ANALYZE debt_night_case")
        cr.execute(
            SQL(
                """
                INSERT INTO debt_run_line (run_id, company_id, case_id, partner_id, decision,
                       level_id, mode, item_count, amount, data)
                SELECT %(run)s, %(company)s, case_id, partner_id, decision, level_id, mode,
                       item_count, amount, data
                  FROM debt_night_case
                """,
                run=self.id,
                company=self.company_id.id,
            )
        )

    def _get_item_sql(self):
        """SELECT: each open item with its collectible amount and the level it has reached.

        ``next_*`` is the level the item has reached but not had yet; ``is_repeat`` marks the
        current level coming up again; ``next_date`` is the day on which something falls due.
        """
        return SQL(
            """
            WITH collectible AS (%(collectible)s),
            net AS MATERIALIZED (
                SELECT f.case_id, c.strategy_id, s.catch_up, s.quiet_days,
                       -- highest minimum of the strategy's levels that the debtor's net debt
                       -- reaches: what a level asks for is compared with this
                       (SELECT max(v.minimum_amount) FROM debt_level v
                         WHERE v.strategy_id = c.strategy_id
                           AND v.minimum_amount <= f.amount - c.amount_credit) AS reached_minimum
                  FROM (SELECT case_id, sum(collectible) AS amount
                          FROM collectible GROUP BY case_id) f
                  JOIN debt_case c ON c.id = f.case_id AND c.state <> 'closed'
                  LEFT JOIN debt_strategy s ON s.id = c.strategy_id
            ),
            item AS (
                SELECT f.*, COALESCE(net.strategy_id, 0) AS strategy_id, net.catch_up,
                       net.quiet_days,
                       COALESCE(net.reached_minimum, -1) AS reached_minimum,
                       COALESCE(f.level_id, 0) AS had_level,
                       COALESCE(f.level_date, '-infinity'::date) AS had_since
                  FROM collectible f JOIN net ON net.case_id = f.case_id
            ),
            -- 200,000 items stand at a few thousand different places of their strategy
            place AS MATERIALIZED (
                SELECT p.*, cur.sequence AS current_sequence, cur.repeat_days, cur.repeat_max,
                       nxt.id AS next_id, nxt.sequence AS next_sequence, nxt.wait_until,
                       nxt.skips AS next_skips, later.reached_on
                  FROM (SELECT DISTINCT strategy_id, catch_up, quiet_days, had_level, had_since,
                               date_due, reached_minimum FROM item) p
                  LEFT JOIN debt_level cur ON cur.id = p.had_level
                  LEFT JOIN LATERAL (
                        SELECT v.id, v.sequence,
                               CASE WHEN cur.id IS NOT NULL THEN p.had_since + v.wait_days
                                    WHEN p.had_since = '-infinity' THEN %(date)s
                                    -- fell back to the beginning: nobody proposes it daily
                                    ELSE p.had_since + GREATEST(v.wait_days, p.quiet_days)
                                    END AS wait_until,
                               cur.id IS NULL AND EXISTS (
                                   SELECT FROM debt_level low
                                    WHERE low.strategy_id = v.strategy_id
                                      AND low.days >= 0 AND low.sequence < v.sequence) AS skips
                          FROM debt_level v
                         WHERE v.strategy_id = p.strategy_id AND v.days >= 0
                           AND v.days <= %(date)s - p.date_due
                           AND v.minimum_amount <= p.reached_minimum
                           AND (cur.sequence IS NULL OR v.sequence > cur.sequence)
                           AND (cur.sequence IS NOT NULL OR v.first_contact)
                         ORDER BY CASE WHEN p.catch_up = 'jump' THEN -v.sequence
                                       ELSE v.sequence END
                         LIMIT 1
                       ) nxt ON TRUE
                  LEFT JOIN LATERAL (
                        SELECT GREATEST(p.date_due + v.days, p.had_since + v.wait_days)
                                   AS reached_on
                          FROM debt_level v
                         WHERE v.strategy_id = p.strategy_id AND v.days > %(date)s - p.date_due
                           AND (cur.sequence IS NULL OR v.sequence > cur.sequence)
                         ORDER BY v.sequence LIMIT 1
                       ) later ON TRUE
            )
            SELECT i.item_id, i.case_id, i.collectible, i.collectible_currency, i.residual,
                   i.date_due, i.level_id, i.level_date,
                   %(date)s - i.date_due AS days,
                   p.next_id, p.next_sequence,
                   COALESCE(p.wait_until <= %(date)s, FALSE) AS next_ready,
                   p.next_skips,
                   COALESCE(p.next_id IS NULL AND p.repeat_days > 0
                       AND %(date)s - i.level_date >= p.repeat_days
                       AND (p.repeat_max = 0 OR i.repeat_count < p.repeat_max), FALSE)
                       AS is_repeat,
                   p.current_sequence,
                   LEAST(
                       p.wait_until, p.reached_on,
                       CASE WHEN p.next_id IS NULL AND p.repeat_days > 0
                                 AND (p.repeat_max = 0 OR i.repeat_count < p.repeat_max)
                            THEN i.level_date + p.repeat_days END
                   ) AS next_date
              FROM item i
              JOIN place p USING (strategy_id, had_level, had_since, date_due, reached_minimum)
            """,
            collectible=self.env["debt.case.item"]._get_collectible_sql(self.company_id, self.date),
            date=self.date,
        )

    def _get_case_sql(self):
        """SELECT: the decision on each open case, with its leading level and reason data."""
        return SQL(
            """
            WITH figures AS (
                SELECT p.case_id, sum(p.collectible) AS collectible,
                       count(*) FILTER (WHERE p.collectible > 0) AS item_count,
                       min(p.next_date) FILTER (WHERE p.collectible > 0) AS next_date,
                       max(p.days) AS oldest_days,
                       min(COALESCE(p.current_sequence, 0)) AS lowest_sequence
                  FROM debt_night_item p GROUP BY p.case_id
            ),
            lead_item AS (
                SELECT DISTINCT ON (p.case_id) p.case_id, p.next_skips AS jump, p.days,
                       CASE WHEN p.next_ready THEN p.next_id ELSE p.level_id END AS level_id,
                       NOT p.next_ready AS is_repeat, %(date)s - p.level_date AS since
                  FROM debt_night_item p
                 WHERE p.collectible > 0 AND (p.next_ready OR p.is_repeat)
                 ORDER BY p.case_id,
                          CASE WHEN p.next_ready THEN p.next_sequence
                               ELSE p.current_sequence END DESC,
                          p.next_ready DESC, p.days DESC
            ),
            blocked AS (%(blocked)s),
            pending AS (
                SELECT n.case_id, max(n.date) AS date FROM debt_notice n
                 WHERE n.company_id = %(company)s AND n.case_id IS NOT NULL
                   AND (n.state IN ('to_approve', 'to_review', 'ready', 'failed')
                        -- not in the post yet: the next level must not say it was
                        OR n.state = 'queued' AND n.channel = 'letter')
                 GROUP BY n.case_id
            ),
            same_day AS (
                SELECT n.partner_id FROM debt_notice n
                 WHERE n.company_id = %(company)s AND n.date = %(date)s AND n.automatic
                   AND n.state NOT IN ('cancelled', 'rejected')
            ),
            decided AS (
                SELECT c.id AS case_id, c.partner_id, c.user_id, c.amount_credit, c.strategy_id,
                       quiet.last AS quiet_last, quiet.until AS quiet_until,
                       lead.level_id, lead.jump, lead.days,
                       lead.is_repeat, lead.since, f.collectible AS amount, f.item_count,
                       f.next_date, f.oldest_days, f.lowest_sequence, v.mode,
                       v.deadline_days,
                       CASE WHEN lead.is_repeat THEN COALESCE(v.repeat_channel, v.channel)
                            ELSE v.channel END AS channel,
                       blocked.code, blocked.data, pending.date AS pending_date,
                       CASE
                         WHEN blocked.case_id IS NOT NULL THEN 'blocked'
                         WHEN pending.case_id IS NOT NULL THEN 'pending'
                         WHEN f.item_count = 0 THEN 'claimed'
                         WHEN f.collectible - c.amount_credit <= %(tolerance)s THEN 'covered'
                         WHEN c.strategy_id IS NULL THEN 'no_strategy'
                         WHEN lead.level_id IS NULL AND f.next_date IS NULL THEN 'exhausted'
                         WHEN lead.level_id IS NULL THEN 'waiting'
                         WHEN quiet.until > %(date)s THEN 'quiet'
                         ELSE 'notice' END AS decision
                  FROM debt_case c
                  JOIN figures f ON f.case_id = c.id
                  LEFT JOIN lead_item lead ON lead.case_id = c.id
                  LEFT JOIN debt_strategy s ON s.id = c.strategy_id
                  LEFT JOIN debt_level v ON v.id = lead.level_id
                  LEFT JOIN blocked ON blocked.case_id = c.id
                  LEFT JOIN pending ON pending.case_id = c.id
                  LEFT JOIN same_day ON same_day.partner_id = c.partner_id
                 CROSS JOIN LATERAL (
                        SELECT CASE WHEN same_day.partner_id IS NULL THEN c.last_notice_date
                                    ELSE %(date)s END AS last,
                               GREATEST(c.last_notice_date + s.quiet_days,
                                        CASE WHEN same_day.partner_id IS NOT NULL
                                             THEN %(date)s + 1 END) AS until
                       ) quiet
                 WHERE c.company_id = %(company)s AND c.state <> 'closed'
            )
            SELECT d.case_id, d.partner_id, d.user_id, d.decision, d.amount, d.amount_credit,
                   d.item_count,
                   CASE WHEN d.decision IN ('notice', 'quiet') THEN d.level_id END AS level_id,
                   CASE WHEN d.decision NOT IN ('notice', 'quiet') THEN NULL
                        WHEN d.channel IN ('call', 'visit')
                             AND (d.is_repeat OR d.mode = 'automatic')
                        THEN 'call' ELSE d.mode END AS mode,
                   d.channel,
                   CASE d.decision
                     WHEN 'notice' THEN CASE WHEN d.mode = 'automatic'
                                             THEN %(date)s + d.deadline_days ELSE %(date)s END
                     WHEN 'quiet' THEN d.quiet_until
                     WHEN 'pending' THEN %(date)s
                     WHEN 'blocked' THEN (d.data ->> 'until')::date + 1
                     ELSE CASE WHEN d.next_date > %(date)s THEN d.next_date END
                     END AS next_date,
                   jsonb_strip_nulls(CASE d.decision
                     WHEN 'notice' THEN jsonb_build_object('days', d.days, 'jump', d.jump,
                          'repeat', d.is_repeat, 'since', d.since)
                     WHEN 'blocked' THEN jsonb_build_object('code', d.code, 'data', d.data)
                     WHEN 'pending' THEN jsonb_build_object('date', d.pending_date)
                     WHEN 'covered' THEN jsonb_build_object('credit', d.amount_credit)
                     WHEN 'quiet' THEN jsonb_build_object('last', d.quiet_last,
                          'next', d.quiet_until)
                     WHEN 'waiting' THEN jsonb_build_object('next', d.next_date)
                     WHEN 'exhausted' THEN jsonb_build_object('minimum', (
                          SELECT min(v.minimum_amount) FROM debt_level v
                           WHERE v.strategy_id = d.strategy_id
                             AND v.days BETWEEN 0 AND d.oldest_days
                             AND v.sequence > d.lowest_sequence
                             AND (v.first_contact OR d.lowest_sequence > 0)
                             AND v.minimum_amount > d.amount - d.amount_credit))
                     ELSE '{}'::jsonb END) AS data
              FROM decided d
            """,
            blocked=self.env["debt.case"]._get_blocking_sql(self.date),
            company=self.company_id.id,
            date=self.date,
            tolerance=self.company_id.debt_tolerance,
        )

    def _plan_notices(self, release=True):
        """Create the notices that were decided, one per case, and let their items climb.

        :param release: automatic notices are ready to leave; False: they wait for approval
        :return: number of notices
        """
        self.ensure_one()
        cr = self.env.cr
        cr.execute(
            SQL(
                """
                INSERT INTO debt_notice (company_id, case_id, partner_id, debtor_key, user_id,
                       run_id, level_id, date, automatic, state, channel, amount_total,
                       amount_credit, create_uid, create_date, write_uid, write_date)
                SELECT %(company)s, p.case_id, p.partner_id, p.partner_id, p.user_id, %(run)s,
                       p.level_id, %(date)s, TRUE,
                       CASE p.mode WHEN 'call' THEN 'ready'
                            WHEN 'approval' THEN 'to_approve'
                            WHEN 'officer' THEN 'to_review'
                            ELSE %(automatic)s END,
                       p.channel, p.amount, p.amount_credit,
                       %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
                  FROM debt_night_case p
                 WHERE p.decision = 'notice'
                 ORDER BY p.case_id
                ON CONFLICT DO NOTHING
                """,
                company=self.company_id.id,
                run=self.id,
                date=self.date,
                automatic="ready" if release else "to_approve",
                uid=self.env.uid,
            )
        )
        planned = cr.rowcount
        if planned:
            cr.execute("ANALYZE debt_notice")
            self._plan_notice_items()
        self._plan_next_steps()
        return planned + self._plan_courtesy(release)

    def _plan_notice_items(self):
        """Tell all collectible items in the notice; those that reached a level are moved to it."""
        cr = self.env.cr
        cr.execute(
            SQL(
                """
                INSERT INTO debt_notice_item (notice_id, item_id, level_id,
                       previous_level_id, advanced, document_number, date_invoice, date_due,
                       days_overdue, currency_id, amount, amount_company)
                SELECT n.id, i.id,
                       CASE WHEN p.next_ready THEN p.next_id ELSE p.level_id END, p.level_id,
                       p.next_ready, i.document_number, i.date_invoice, i.date_due, p.days,
                       i.currency_id, p.collectible_currency, p.collectible
                  FROM debt_notice n
                  JOIN debt_night_item p ON p.case_id = n.case_id AND p.collectible > 0
                  JOIN debt_case_item i ON i.id = p.item_id
                 WHERE n.run_id = %(run)s AND n.automatic AND n.date = %(date)s
                """,
                run=self.id,
                date=self.date,
            )
        )
        cr.execute(
            SQL(
                """
                UPDATE debt_case_item i
                   SET level_id = CASE WHEN p.next_ready THEN p.next_id ELSE i.level_id END,
                       level_date = %(date)s,
                       repeat_count = CASE WHEN p.next_ready THEN 0 ELSE i.repeat_count + 1 END
                  FROM debt_night_item p
                  JOIN debt_notice n ON n.case_id = p.case_id AND n.run_id = %(run)s
                       AND n.automatic
                 WHERE p.item_id = i.id AND p.collectible > 0 AND (p.next_ready OR p.is_repeat)
                """,
                run=self.id,
                date=self.date,
            )
        )

    def _plan_next_steps(self):
        """Write on the cases what was decided: next step, last notice, level."""
        self.env.cr.execute(
            SQL(
                """
                WITH noticed AS (
                    SELECT case_id FROM debt_notice
                     WHERE run_id = %(run)s AND automatic AND case_id IS NOT NULL
                ),
                step AS (
                    SELECT c.id, p.next_date,
                           CASE WHEN n.case_id IS NULL THEN c.last_notice_date
                                ELSE %(date)s END AS noticed_on,
                           CASE WHEN n.case_id IS NULL THEN c.level_id
                                ELSE (SELECT i.level_id FROM debt_case_item i
                                        JOIN debt_level lv ON lv.id = i.level_id
                                       WHERE i.case_id = c.id AND i.date_out IS NULL
                                       ORDER BY lv.sequence DESC, lv.id LIMIT 1)
                                END AS level_id
                      FROM debt_night_case p
                      JOIN debt_case c ON c.id = p.case_id
                      LEFT JOIN noticed n ON n.case_id = c.id
                )
                UPDATE debt_case c
                   SET next_action_date = s.next_date, last_notice_date = s.noticed_on,
                       level_id = s.level_id
                  FROM step s
                 WHERE s.id = c.id
                   AND (c.next_action_date, c.last_notice_date, c.level_id)
                       IS DISTINCT FROM (s.next_date, s.noticed_on, s.level_id)
                """,
                run=self.id,
                date=self.date,
            )
        )
