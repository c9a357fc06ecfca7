"""What stood against items on a day of the past, as far as the records tell."""

from odoo import api, fields, models
from odoo.tools import SQL

from ...const import CLAIM_KINDS


class DebtCaseItem(models.Model):
    """Claims as of a day: reports of a past day show the disputes and agreements of that day."""

    _inherit = "debt.case.item"

    @api.model
    def _get_marks_sql(self, date):
        """What stands, or stood, against receivable lines at the end of a day.

        From today on these are the claims collection itself goes by. For earlier days they are
        read from the dates of the records: of what ended without a date of its own (a promise
        taken back, a concession that lapsed) the day of its last change counts as its end.

        :param date: day looked at
        :return: SELECT with line_id (account.move.line), kind, amount, note, as
            ``_get_claims_on_items``
        """
        day = fields.Date.to_date(date)
        if day >= fields.Date.context_today(self):
            return SQL(
                "SELECT i.move_line_id AS line_id, claim.kind, claim.amount, claim.note"
                " FROM (%s) claim JOIN debt_case_item i ON i.id = claim.item_id"
                " WHERE i.move_line_id IS NOT NULL",
                self._get_claims_sql(day),
            )
        return SQL(" UNION ALL ").join(self._get_past_marks(day))

    @api.model
    def _get_past_marks(self, date):
        """Hook: claims of a past day, a SELECT for each kind of record.

        :param date: day before today
        :return: list of SQL, columns as ``_get_marks_sql``
        """
        return [
            SQL(
                """
                SELECT i.move_line_id AS line_id, 'hold' AS kind, NULL::numeric AS amount,
                       h.reason AS note
                  FROM debt_hold h
                  JOIN debt_case_item i ON i.case_id = h.case_id AND i.date_in <= %(date)s
                       AND (i.date_out IS NULL OR i.date_out > %(date)s)
                 WHERE h.date_from <= %(date)s AND h.date_to >= %(date)s
                   AND (h.date_released IS NULL OR h.date_released > %(date)s)
                   AND i.move_line_id IS NOT NULL
                   AND (NOT EXISTS (SELECT FROM debt_case_item_debt_hold_rel r
                                     WHERE r.debt_hold_id = h.id)
                        OR EXISTS (SELECT FROM debt_case_item_debt_hold_rel r
                                    WHERE r.debt_hold_id = h.id AND r.debt_case_item_id = i.id))
                """,
                date=date,
            ),
            SQL(
                """
                SELECT dl.move_line_id, 'disputed', dl.amount,
                       COALESCE(r.name ->> %(lang)s, r.name ->> 'en_US')
                  FROM debt_dispute_line dl
                  JOIN debt_dispute d ON d.id = dl.agreement_id AND d.date_open <= %(date)s
                  JOIN debt_dispute_reason r ON r.id = d.reason_id
                 WHERE (dl.live OR d.date_closed > %(date)s) AND dl.move_line_id IS NOT NULL
                """,
                date=date,
                lang=self.env.lang or "en_US",
            ),
            SQL(
                """
                SELECT pl.move_line_id, 'promised', pl.amount, to_char(p.date, 'YYYY-MM-DD')
                  FROM debt_promise_line pl
                  JOIN debt_promise p ON p.id = pl.agreement_id AND p.date_made <= %(date)s
                 WHERE pl.move_line_id IS NOT NULL
                   AND (pl.live OR COALESCE(
                            p.date_judged,
                            (SELECT min(n.date_made) FROM debt_promise n
                              WHERE n.replaces_id = p.id),
                            p.write_date::date) > %(date)s)
                """,
                date=date,
            ),
            SQL(
                """
                SELECT pl.move_line_id, 'on_plan', pl.amount, p.reference
                  FROM debt_plan_line pl
                  JOIN debt_plan p ON p.id = pl.agreement_id AND p.date_start <= %(date)s
                 WHERE (pl.live OR p.date_end > %(date)s) AND pl.move_line_id IS NOT NULL
                UNION ALL
                SELECT part.move_line_id, 'on_plan', NULL, p.reference
                  FROM debt_plan_installment part
                  JOIN debt_plan p ON p.id = part.plan_id AND p.date_start <= %(date)s
                 WHERE (p.state = 'active' OR p.date_end > %(date)s)
                   AND part.move_line_id IS NOT NULL
                """,
                date=date,
            ),
            SQL(
                """
                SELECT cl.move_line_id, CASE c.kind WHEN 'settlement' THEN 'promised'
                       ELSE 'hold' END, cl.amount,
                       CASE c.kind WHEN 'settlement' THEN to_char(c.date_pay, 'YYYY-MM-DD')
                            ELSE c.reason END
                  FROM debt_concession_line cl
                  JOIN debt_concession c ON c.id = cl.agreement_id AND c.date_start <= %(date)s
                 WHERE cl.move_line_id IS NOT NULL
                   AND (cl.live OR COALESCE(c.date_done, c.write_date::date) > %(date)s)
                   AND (c.kind = 'settlement'
                        OR (c.kind = 'deferment' AND c.date_until >= %(date)s))
                """,
                date=date,
            ),
            SQL(
                """
                SELECT i.move_line_id, 'referred', NULL, COALESCE(p.name, r.name)
                  FROM debt_referral_item ri
                  JOIN debt_referral r ON r.id = ri.referral_id AND r.date_placed <= %(date)s
                  JOIN debt_case_item i ON i.id = ri.item_id
                  LEFT JOIN res_partner p ON p.id = r.recipient_id
                 WHERE (ri.state = 'placed' OR r.date_end > %(date)s)
                   AND i.move_line_id IS NOT NULL
                """,
                date=date,
            ),
        ]

    @api.model
    def _get_marks(self, line_ids, date, kinds=None):
        """What stands, or stood, against receivable lines, in words.

        :param line_ids: ids of account.move.line
        :param date: day looked at
        :param kinds: keys of ``const.CLAIM_KINDS`` to keep to; None: all
        :return: dict line id → words
        """
        if not line_ids:
            return {}
        rows = self.env.execute_query(
            SQL(
                "SELECT line_id, kind, amount, note FROM (%s) mark"
                " WHERE line_id = ANY(%s) AND kind = ANY(%s)",
                self._get_marks_sql(date),
                list(line_ids),
                list(kinds or dict(CLAIM_KINDS)),
            )
        )
        marks = {}
        for line_id, kind, amount, note in rows:
            words = self._describe_claim(kind, amount and float(amount), note)
            marks.setdefault(line_id, []).append(words)
        return {line_id: ", ".join(dict.fromkeys(words)) for line_id, words in marks.items()}
