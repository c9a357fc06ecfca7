"""Promises against money: one statement finds what changed, whoever asks."""

from odoo import api, fields, models
from odoo.tools import SQL, format_date

from ...tools.promise import judge_promise
from ...tools.sql import values_table
from .debt_promise import JUDGED_STATES


class DebtPromise(models.Model):
    _inherit = "debt.promise"

    @api.model
    def _judge_company(self, company, date):
        """Judge the open promises of a company.

        :param company: res.company
        :param date: day of the run
        :return: the promises whose state moved
        """
        return self._judge(
            SQL("p.company_id = %s AND p.state = 'open'", company.id), date, only_moved=True
        )

    @api.model
    def _judge_moved(self, pairs, line_ids):
        """Money moved: judge the promises of these debtors and on these lines, ended ones too.

        A payment that was undone breaks a kept promise again, or reopens it; one that is booked
        later but arrived in time keeps a broken one.

        :param pairs: set of (company id, commercial partner id)
        :param line_ids: ids of account.move.line
        """
        return self._judge(
            SQL(
                """
                p.state = ANY(%(states)s) AND p.id IN (
                    SELECT o.id FROM debt_promise o JOIN %(moved)s USING (company_id, partner_id)
                    UNION ALL
                    SELECT pl.agreement_id FROM debt_promise_line pl
                     WHERE pl.move_line_id = ANY(%(lines)s))
                """,
                states=list(JUDGED_STATES),
                moved=values_table(
                    "moved",
                    {"company_id": "int", "partner_id": "int"},
                    [(company_id, partner_id or 0) for company_id, partner_id in pairs],
                ),
                lines=list(line_ids),
            ),
            fields.Date.context_today(self),
        )

    @api.model
    def _judge(self, condition, date, only_moved=False):
        """Judge promises against the money received in their window.

        Money that is not allocated yet counts too, for the promises of its debtor in the order of
        their days, as far as it arrived in the window and in their currency.

        :param condition: SQL over the alias ``p`` (debt_promise)
        :param date: day of judgement
        :param only_moved: leave promises alone whose state stays, whatever arrived for them
        :return: the promises whose state moved
        """
        self.env.flush_all()
        rows = self.env.execute_query(self._get_judge_sql(condition))
        changed, lines = {}, []
        currencies = self.env["res.currency"]
        for (
            promise_id,
            state,
            amount,
            seen,
            received,
            still_open,
            loose,
            limit,
            currency_id,
            by,
        ) in rows:
            currency = currencies.browse(currency_id)
            unit = currency.rounding
            allocated = currency.round(float(received))
            counted = min(allocated + float(loose), max(float(amount), allocated))
            target = judge_promise(
                float(amount), counted, float(still_open) - (counted - allocated), date, limit, unit
            )
            if target == state and currency.compare_amounts(allocated, float(seen)) == 0:
                continue
            if target == state and only_moved:
                continue
            changed[promise_id] = (state, target, allocated if target == "open" else counted)
            lines += [(line["id"], line["received"]) for line in by]
        if not changed:
            return self.browse()
        self._write_received(lines)
        return self._apply(changed, date)

    @api.model
    def _get_judge_sql(self, condition):
        """SELECT: what was promised, received and is still open of some promises.

        :param condition: SQL over the alias ``p``
        """
        return SQL(
            """
            WITH line AS (
                SELECT p.id AS promise_id, pl.id, pl.amount,
                       %(money)s AS received,
                       CASE WHEN l.parent_state = 'posted' AND l.no_followup IS NOT TRUE
                            THEN GREATEST(l.amount_residual_currency, 0) ELSE 0 END AS open
                  FROM debt_promise p
                  JOIN debt_promise_line pl ON pl.agreement_id = p.id
                  LEFT JOIN account_move_line l ON l.id = pl.move_line_id
                 WHERE %(condition)s
            ),
            total AS (
                SELECT promise_id, sum(received) AS received, sum(open) AS open,
                       jsonb_agg(jsonb_build_object('id', id, 'received', received)) AS by
                  FROM line GROUP BY promise_id
            ),
            loose AS (
                SELECT p.id AS promise_id, sum(-cl.amount_residual_currency) AS amount
                  FROM total
                  JOIN debt_promise p ON p.id = total.promise_id
                       AND total.received < p.amount AND total.open > 0
                  JOIN res_partner debtor ON debtor.commercial_partner_id = p.partner_id
                  JOIN account_move_line cl ON cl.partner_id = debtor.id
                       AND cl.company_id = p.company_id AND cl.reconciled IS NOT TRUE
                       AND cl.parent_state = 'posted' AND cl.currency_id = p.currency_id
                       AND cl.amount_residual_currency < 0
                       AND cl.date BETWEEN p.date_made AND p.date_limit
                  JOIN account_account a ON a.id = cl.account_id
                       AND a.account_type = 'asset_receivable'
                  JOIN account_move cm ON cm.id = cl.move_id
                  JOIN account_journal j ON j.id = cm.journal_id
                 WHERE cm.origin_payment_id IS NOT NULL OR cm.statement_line_id IS NOT NULL
                    OR j.type IN ('bank', 'cash', 'credit')
                 GROUP BY p.id
            ),
            -- money that is not allocated keeps one promise only: the earliest first
            ahead AS (
                SELECT p.id, sum(GREATEST(
                           CASE WHEN o.state = 'open' THEN o.amount ELSE o.amount_kept END
                           - (SELECT COALESCE(sum(ol.amount_received), 0)
                                FROM debt_promise_line ol WHERE ol.agreement_id = o.id), 0)
                       ) AS amount
                  FROM loose
                  JOIN debt_promise p ON p.id = loose.promise_id
                  JOIN debt_promise o ON o.partner_id = p.partner_id
                       AND o.company_id = p.company_id AND o.currency_id = p.currency_id
                       AND (o.state = 'kept' AND o.id <> p.id
                            OR o.state = 'open' AND (o.date, o.id) < (p.date, p.id))
                 GROUP BY p.id
            )
            SELECT p.id, p.state, p.amount, COALESCE(p.amount_received, 0), total.received,
                   total.open, GREATEST(COALESCE(loose.amount, 0) - COALESCE(ahead.amount, 0), 0),
                   p.date_limit, p.currency_id, total.by
              FROM total
              JOIN debt_promise p ON p.id = total.promise_id
              LEFT JOIN loose ON loose.promise_id = p.id
              LEFT JOIN ahead ON ahead.id = p.id
             ORDER BY p.id
            """,
            condition=condition,
            money=self._get_money_sql(
                SQL("pl.move_line_id"),
                SQL("p.date_made"),
                SQL("p.date_limit"),
                SQL("pl.partial_id"),
            ),
        )

    @api.model
    def _write_received(self, lines):
        """Keep on the lines what was received on each, in one statement.

        :param lines: list of (debt.promise.line id, amount)
        """
        self.env.cr.execute(
            SQL(
                """
                UPDATE debt_promise_line pl SET amount_received = now.received
                  FROM %s WHERE now.id = pl.id
                   AND pl.amount_received IS DISTINCT FROM now.received
                """,
                values_table("now", {"id": "int", "received": "numeric"}, lines),
            )
        )
        self.env["debt.promise.line"].invalidate_model(["amount_received"], flush=False)

    @api.model
    def _apply(self, changed, date):
        """Write what a judgement found, and act on it.

        :param changed: dict promise id → (state before, state now, received)
        :return: the promises whose state moved
        """
        moved = self.browse()
        for promise_id, (before, target, received) in changed.items():
            promise = self.browse(promise_id)
            if target == "open" and before != "open" and promise._get_item_problems():
                # the debtor's word was given anew meanwhile: this one cannot be waited for too
                target = "partly_kept" if received else "broken"
            kept = min(received, promise.amount)
            judged = target in ("kept", "partly_kept", "broken")
            values = {
                "amount_received": received,
                "amount_kept": kept,
                "kept_company": promise.amount_company * kept / (promise.amount or 1.0),
                "kept_count": 1.0 if target == "kept" else 0.0,
                "is_due": judged,
                "date_judged": date if judged else False,
            }
            if target == before:
                promise.sudo().write(values)
            elif target == "withdrawn" and before != "open":
                continue  # a promise of the past stays what it was when its items are cancelled
            else:
                moved |= promise._set_state(
                    target, promise._get_verdict(target, received), **values
                )
        ended = moved.filtered(lambda promise: promise.state != "open")
        ended._end()
        (moved - ended).line_ids.sudo().write({"live": True})
        self._act_on_broken(
            ended.filtered(lambda promise: promise.state in ("broken", "partly_kept")), date
        )
        if moved:
            moved._after_claims_changed()
        return moved

    def _get_verdict(self, target, received):
        """Why the state moved, in words."""
        self.ensure_one()
        figures = {
            "received": self.currency_id.format(received),
            "amount": self.currency_id.format(self.amount),
            "limit": format_date(self.env, self.date_limit),
        }
        if target == "open":
            return self.env._("A payment was undone; the window lasts until %(limit)s.", **figures)
        if target == "withdrawn":
            return self.env._("Nothing is left of the promised items.")
        if target == "kept":
            return self.env._("%(received)s of %(amount)s arrived in time.", **figures)
        return self.env._("%(received)s of %(amount)s arrived until %(limit)s.", **figures)

    # === WHAT FOLLOWS ===

    @api.model
    def _act_on_broken(self, promises, date):
        """Make the call-back task of promises that were not kept: once for each, for ever.

        :param date: day of judgement
        """
        new = promises.filtered(lambda promise: not promise.date_acted)
        new.sudo().write({"date_acted": date})
        new._schedule_calls(
            date,
            lambda promise: self.env._(
                "Promise not kept: %(received)s of %(amount)s",
                received=promise.currency_id.format(promise.amount_received),
                amount=promise.currency_id.format(promise.amount),
            ),
        )
        new._on_promise_broken()

    def _on_promise_broken(self):
        """Hook: promises turned out not to be kept, each for the first time."""
        for promise in self:
            promise.case_id._message_log(
                body=self.env._(
                    "Promise of %(date)s not kept: %(verdict)s",
                    date=format_date(self.env, promise.date),
                    verdict=promise.state_reason,
                )
            )

    @api.model
    def _get_remind_domain(self, company, date, days):
        """Open promises; not on the day they are given."""
        return [
            *super()._get_remind_domain(company, date, days),
            ("state", "=", "open"),
            ("date_made", "<", date),
        ]

    def _get_reminder(self):
        return {
            "date": self.date,
            "amount": self.amount - self.amount_received,
            "currency": self.currency_id,
            "reference": ", ".join(filter(None, self.line_ids.mapped("document_number"))),
        }

    def _plan_reminder_call(self, date):
        """The promise knows its task: it goes when the money comes."""
        self._schedule_calls(
            date,
            lambda promise: self.env._(
                "Promise comes up on %(date)s: %(amount)s",
                date=format_date(self.env, promise.date),
                amount=promise.currency_id.format(promise.amount - promise.amount_received),
            ),
        )

    def _schedule_calls(self, date, get_summary):
        """Give the officers of these promises a call to make, all in one go.

        :param get_summary: function of a promise that returns the words of its task
        """
        pairs = [(promise, promise.case_id._get_task_owner(promise.user_id)) for promise in self]
        pairs = [(promise, user) for promise, user in pairs if user]
        if not pairs:
            return
        self._drop_activity()
        activities = self.env["mail.activity"].sudo().with_context(mail_activity_quick_update=True)
        created = activities.create(
            [
                {
                    "activity_type_id": self.env.ref("mail.mail_activity_data_call").id,
                    "res_model_id": self.env["ir.model"]._get_id("debt.case"),
                    "res_id": promise.case_id.id,
                    "summary": get_summary(promise),
                    "note": promise.note or False,
                    "date_deadline": date,
                    "user_id": user.id,
                    "automated": True,
                }
                for promise, user in pairs
            ]
        )
        for (promise, _user), activity in zip(pairs, created, strict=True):
            promise.sudo().activity_id = activity
