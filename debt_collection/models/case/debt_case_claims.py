"""The two owner functions: what is collectible, and who may be contacted.

Capabilities add to them through two hooks, ``_get_claims_on_items`` and ``_get_blocking_reasons``.
Both return SQL, because the night asks for all items at once and the day for a few; either way
the same statements answer.
"""

from odoo import api, models
from odoo.tools import SQL, format_date

from ...const import CLAIM_KINDS


class DebtCaseItem(models.Model):
    _inherit = "debt.case.item"

    @api.model
    def _get_claims_on_items(self, date):
        """Hook: what is taken out of collection although it is open, item by item.

        A capability appends a SELECT of its own with the columns

        * ``item_id``: debt.case.item
        * ``kind``: key of ``const.CLAIM_KINDS``, put into words by ``_describe_claim``; where
          claims overlap, their order decides
        * ``amount``: how much of the open amount, in the item's currency; NULL: all of it
        * ``note``: text that belongs to the reason, may be NULL

        :param date: day for which the claims are valid
        :return: list of SQL
        """
        return [
            SQL(
                """
                SELECT i.id AS item_id, 'hold' AS kind, NULL::numeric AS amount, h.reason AS note
                  FROM debt_hold h
                  JOIN debt_case_item i ON i.case_id = h.case_id AND i.date_out IS NULL
                 WHERE h.state = 'active' AND h.date_from <= %(date)s AND h.date_to >= %(date)s
                   AND (NOT EXISTS (SELECT FROM debt_case_item_debt_hold_rel r
                                     WHERE r.debt_hold_id = h.id)
                        OR EXISTS (SELECT FROM debt_case_item_debt_hold_rel r
                                    WHERE r.debt_hold_id = h.id AND r.debt_case_item_id = i.id))
                """,
                date=date,
            )
        ]

    @api.model
    def _describe_claim(self, kind, amount, note):
        """Words for a claim.

        :param kind: code given by ``_get_claims_on_items``
        :param amount: claimed amount in the item's currency, None for all of it
        :param note: text given with it
        :return: str
        """
        if kind == "hold":
            return self.env._("On hold: %(reason)s", reason=note)
        return note or kind

    @api.model
    def _get_claims_sql(self, date):
        """All claims on items as one SELECT (columns as in ``_get_claims_on_items``)."""
        return SQL(" UNION ALL ").join(self._get_claims_on_items(date))

    @api.model
    def _get_parts_sql(self, company, date):
        """What of each open item of a company is claimed, by kind: parts that never overlap.

        Claims on the same money are served in the order of ``const.CLAIM_KINDS``: each takes what
        it asks for of what the ones before it left. In the company's currency the parts are cut
        from the running total, so that they and the rest sum to the residual to the cent.

        :param company: res.company
        :param date: day for which the claims are valid
        :return: SELECT with item_id, kind, amount (item currency), amount_company
        """
        return SQL(
            """
            SELECT part.item_id, part.kind, part.upto - part.before AS amount,
                   round(part.residual * part.upto / part.open / %(unit)s) * %(unit)s
                   - round(part.residual * part.before / part.open / %(unit)s) * %(unit)s
                        AS amount_company
              FROM (
                SELECT asked.item_id, asked.kind, asked.residual, asked.open,
                       LEAST(sum(asked.amount) OVER before, asked.open) AS upto,
                       LEAST(sum(asked.amount) OVER before - asked.amount, asked.open) AS before
                  FROM (
                    SELECT claim.item_id, claim.kind, l.amount_residual AS residual,
                           l.amount_residual_currency AS open,
                           COALESCE(array_position(%(kinds)s, claim.kind::text), 99) AS rank,
                           CASE WHEN bool_or(claim.amount IS NULL)
                                THEN l.amount_residual_currency
                                ELSE sum(GREATEST(claim.amount, 0)) END AS amount
                      FROM (%(claims)s) claim
                      JOIN debt_case_item i ON i.id = claim.item_id AND i.date_out IS NULL
                      JOIN debt_case c ON c.id = i.case_id AND c.company_id = %(company)s
                      JOIN account_move_line l ON l.id = i.move_line_id
                           AND l.amount_residual_currency > 0
                     GROUP BY claim.item_id, claim.kind, l.id
                  ) asked
                WINDOW before AS (PARTITION BY asked.item_id ORDER BY asked.rank, asked.kind)
              ) part
             WHERE part.upto > part.before
            """,
            claims=self._get_claims_sql(date),
            company=company.id,
            kinds=[kind for kind, _label in CLAIM_KINDS],
            unit=SQL("%s::numeric", str(company.sudo().currency_id.rounding)),
        )

    @api.model
    def _get_collectible_sql(self, company, date):
        """How much of each open item of a company is collectible: the one producer.

        open − disputed − promised − on plan − on hold − referred, never below zero.

        :param company: res.company
        :param date: day for which the claims are valid
        :return: SELECT with item_id, case_id, date_due, level_id, level_date, repeat_count,
            residual and collectible (company currency), residual_currency and
            collectible_currency (item currency)
        """
        return SQL(
            """
            SELECT i.id AS item_id, i.case_id, i.move_line_id, i.date_due, i.level_id,
                   i.level_date, i.repeat_count,
                   l.amount_residual AS residual, l.amount_residual_currency AS residual_currency,
                   CASE WHEN l.amount_residual_currency = COALESCE(cl.amount, 0)
                             AND cl.item_id IS NOT NULL THEN 0
                        ELSE l.amount_residual - COALESCE(cl.amount_company, 0)
                   END AS collectible,
                   l.amount_residual_currency - COALESCE(cl.amount, 0) AS collectible_currency
              FROM debt_case_item i
              JOIN debt_case c ON c.id = i.case_id AND c.company_id = %(company)s
              JOIN account_move_line l ON l.id = i.move_line_id
              LEFT JOIN (
                    SELECT parts.item_id, sum(parts.amount) AS amount,
                           sum(parts.amount_company) AS amount_company
                      FROM (%(parts)s) parts
                     GROUP BY parts.item_id
                   ) cl ON cl.item_id = i.id
             WHERE i.date_out IS NULL
            """,
            parts=self._get_parts_sql(company, date),
            company=company.id,
        )

    def _get_collectible_amounts(self, date):
        """Collectible amount of these items, with what stands against the rest.

        :param date: day for which the claims are valid
        :return: dict item id → (amount in the item's currency, list of (kind, amount, note));
            items that left the case are not in it
        """
        result = {
            item_id: (parts["collectible"], []) for item_id, parts in self._get_split(date).items()
        }
        if not result:
            return result
        for item_id, kind, amount, note in self.env.execute_query(
            SQL(
                "SELECT item_id, kind, amount, note FROM (%s) claim WHERE item_id = ANY(%s)",
                self._get_claims_sql(date),
                list(result),
            )
        ):
            result[item_id][1].append((kind, amount and float(amount), note))
        return result

    def _get_split(self, date, company_currency=False):
        """The open amount of these items in its parts: what is collectible, what claimed, by kind.

        The parts of an item sum exactly to what is open on it.

        :param date: day for which the claims are valid
        :param company_currency: amounts in the company's currency, not the item's
        :return: dict item id → dict with ``open``, ``collectible`` and one amount per kind of
            claim found (keys of ``const.CLAIM_KINDS``); items that left the case are not in it
        """
        self._follow_movements()
        open_items = self.filtered(lambda item: not item.date_out and item.id)
        result = {}
        if not open_items:
            return result
        self.env.flush_all()
        names = ("residual_currency", "collectible_currency", "amount")
        if company_currency:
            names = ("residual", "collectible", "amount_company")
        residual, collectible, amount = map(SQL.identifier, names)
        for company in open_items.company_id:
            for item_id, open_amount, rest in self.env.execute_query(
                SQL(
                    "SELECT item_id, %s, %s FROM (%s) figures WHERE item_id = ANY(%s)",
                    residual,
                    collectible,
                    self._get_collectible_sql(company, date),
                    open_items.ids,
                )
            ):
                result[item_id] = {"open": float(open_amount), "collectible": float(rest)}
            for item_id, kind, part in self.env.execute_query(
                SQL(
                    "SELECT item_id, kind, %s FROM (%s) parts WHERE item_id = ANY(%s)",
                    amount,
                    self._get_parts_sql(company, date),
                    open_items.ids,
                )
            ):
                result[item_id][kind] = float(part)
        return result


class DebtCase(models.Model):
    _inherit = "debt.case"

    @api.model
    def _get_blocking_reasons(self, date):
        """Hook: what keeps us from contacting the debtor of a case at all.

        A capability appends a SELECT with ``case_id``, ``code`` and ``data`` (jsonb) and puts the
        code into words in ``_describe_blocking``. Where ``data`` has ``until``, the last day of
        the reason, the case's next step is on the day after it.

        :param date: day for which the reasons are valid
        :return: list of SQL
        """
        return [
            SQL(
                """
                SELECT h.case_id, 'hold' AS code,
                       jsonb_build_object('reason', h.reason, 'until', h.date_to) AS data
                  FROM debt_hold h
                 WHERE h.state = 'active' AND h.date_from <= %(date)s AND h.date_to >= %(date)s
                   AND NOT EXISTS (SELECT FROM debt_case_item_debt_hold_rel r
                                    WHERE r.debt_hold_id = h.id)
                """,
                date=date,
            )
        ]

    @api.model
    def _describe_blocking(self, code, data):
        """Words for a blocking reason.

        :param code: given by ``_get_blocking_reasons``
        :param data: dict given with it
        :return: str
        """
        if code == "hold":
            return self.env._(
                "on hold until %(until)s (%(reason)s)",
                until=format_date(self.env, data["until"]),
                reason=data["reason"],
            )
        return code

    @api.model
    def _get_blocking_sql(self, date):
        """The first blocking reason of each case as one SELECT (case_id, code, data)."""
        return SQL(
            "SELECT DISTINCT ON (case_id) case_id, code, data FROM (%s) reason"
            " ORDER BY case_id, code",
            SQL(" UNION ALL ").join(self._get_blocking_reasons(date)),
        )

    def _get_blocking_words(self, date):
        """What keeps us from contacting the debtors of these cases, in words.

        :param date: day for which the reasons are valid
        :return: dict case id → words; cases that may be contacted are not in it
        """
        if not self.ids:
            return {}
        self._follow_movements()
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                "SELECT case_id, code, data FROM (%s) blocked WHERE case_id = ANY(%s)",
                self._get_blocking_sql(date),
                self.ids,
            )
        )
        return {case_id: self._describe_blocking(code, data) for case_id, code, data in rows}

    def _on_money_received(self):
        """Hook: money arrived for these cases (payment, credit note, write-off).

        Called in the transaction of the movement, after items and figures are up to date; not
        when it is undone, nor when only a document changes.
        """
        holds = self.env["debt.hold"].sudo()
        holds.search(
            [
                ("case_id", "in", self.ids),
                ("state", "=", "active"),
                ("release_on_payment", "=", True),
            ]
        )._do_release(self.env._("Money arrived."))
