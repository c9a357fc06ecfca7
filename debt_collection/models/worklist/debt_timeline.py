from odoo import api, fields, models
from odoo.tools import SQL, format_date

# Room for so many SELECTs: the id of a row is made of its source's id and the SELECT's place.
PLACES = 64


class DebtTimeline(models.Model):
    """Everything that happened with a debtor, in one list: read from where it was recorded.

    Each capability appends a SELECT of its own (``_get_timeline_selects``) and puts its rows into
    words (``_describe``). Rows know their debtor and, where there is one, their case, on which
    the record rules stand.
    """

    _name = "debt.timeline"
    _description = "Timeline of a debtor"
    _auto = False
    _order = "date desc, id desc"

    date = fields.Datetime(readonly=True)
    kind = fields.Selection(
        [
            ("notice", "Notice"),
            ("level", "Level"),
            ("contact", "Contact"),
            ("reply", "Reply"),
            ("payment", "Payment"),
            ("item_out", "Item settled"),
            ("hold", "Hold"),
            ("snooze", "Snooze"),
            ("case", "Case"),
        ],
        readonly=True,
    )
    code = fields.Char(readonly=True, export_string_translation=False)
    text = fields.Char(readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Debtor", readonly=True)
    case_id = fields.Many2one("debt.case", readonly=True)
    user_id = fields.Many2one("res.users", string="By", readonly=True)
    level_id = fields.Many2one("debt.level", readonly=True)
    amount = fields.Monetary(readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    res_model = fields.Char(readonly=True, export_string_translation=False)
    res_id = fields.Integer(readonly=True)
    summary = fields.Char(string="What happened", compute="_compute_summary")

    @property
    def _table_query(self):
        self.env.flush_all()
        # arms without a sort or a window, so that the debtor's rows alone are read
        return SQL(" UNION ALL ").join(
            SQL(
                """
                SELECT source_id::bigint * %(places)s + %(place)s AS id, date, kind, code, text,
                       company_id, partner_id, case_id, user_id, level_id, amount, currency_id,
                       res_model, res_id
                  FROM (%(select)s) arm
                """,
                places=PLACES,
                place=place,
                select=select,
            )
            for place, select in enumerate(self._get_timeline_selects())
        )

    @api.model
    def _get_timeline_selects(self):
        """Hook: where the rows come from. Capabilities append to the end of the list.

        Each SELECT has ``source_id`` (unique in it), ``date`` (timestamp, UTC), ``kind`` (key of
        the field), ``code`` (for ``_describe``), ``text``, ``company_id``, ``partner_id`` (the
        commercial partner), ``case_id``, ``user_id``, ``level_id``, ``amount``, ``currency_id``,
        ``res_model`` and ``res_id`` (what a click opens); all of them typed, NULL where there is
        nothing.

        :return: list of SQL
        """
        return [
            SQL(
                """
                SELECT n.id AS source_id, COALESCE(n.date_sent, n.date) AS date,
                       'notice' AS kind, n.state AS code, COALESCE(n.subject, n.note) AS text,
                       n.company_id, n.partner_id, n.case_id,
                       COALESCE(n.decided_by_id, n.user_id) AS user_id, n.level_id,
                       n.amount_total AS amount, co.currency_id,
                       'debt.notice' AS res_model, n.id AS res_id
                  FROM debt_notice n JOIN res_company co ON co.id = n.company_id
                """
            ),
            SQL(
                """
                SELECT n.id AS source_id, n.date::timestamp AS date, 'level' AS kind,
                       'level' AS code, NULL AS text, n.company_id, n.partner_id, n.case_id,
                       NULL::int AS user_id, n.level_id, NULL::numeric AS amount,
                       NULL::int AS currency_id, 'debt.notice' AS res_model, n.id AS res_id
                  FROM debt_notice n
                 WHERE n.case_id IS NOT NULL AND n.state NOT IN ('cancelled', 'rejected')
                   AND EXISTS (SELECT FROM debt_notice_item i
                                WHERE i.notice_id = n.id
                                  AND i.previous_level_id IS DISTINCT FROM i.level_id)
                """
            ),
            SQL(
                """
                SELECT c.id AS source_id, c.date,
                       CASE WHEN c.direction = 'in' THEN 'reply' ELSE 'contact' END AS kind,
                       c.outcome AS code, c.note AS text, c.company_id, c.partner_id, c.case_id,
                       c.user_id, NULL::int AS level_id, NULL::numeric AS amount,
                       NULL::int AS currency_id, 'debt.contact' AS res_model, c.id AS res_id
                  FROM debt_contact c
                 WHERE c.superseded IS NOT TRUE
                   AND (c.notice_id IS NULL OR c.direction = 'in' OR c.outcome = 'bounced')
                """
            ),
            SQL(
                """
                SELECT p.id AS source_id, p.date::timestamp AS date, 'payment' AS kind,
                       p.payment_type AS code, COALESCE(p.memo, p.name) AS text, p.company_id,
                       debtor.commercial_partner_id AS partner_id,
                       (SELECT c.id FROM debt_case c
                         WHERE c.partner_id = debtor.commercial_partner_id
                           AND c.company_id = p.company_id
                         ORDER BY c.state = 'closed', c.id DESC LIMIT 1) AS case_id,
                       p.create_uid AS user_id, NULL::int AS level_id, p.amount, p.currency_id,
                       'account.payment' AS res_model, p.id AS res_id
                  FROM account_payment p JOIN res_partner debtor ON debtor.id = p.partner_id
                 WHERE p.partner_type = 'customer' AND p.state IN ('in_process', 'paid')
                """
            ),
            SQL(
                """
                SELECT i.id AS source_id, i.date_out::timestamp AS date, 'item_out' AS kind,
                       i.exit_reason AS code, i.document_number AS text, c.company_id,
                       c.partner_id, c.id AS case_id, NULL::int AS user_id, i.level_id,
                       i.amount_in AS amount, i.currency_id, 'debt.case' AS res_model,
                       c.id AS res_id
                  FROM debt_case_item i JOIN debt_case c ON c.id = i.case_id
                 WHERE i.date_out IS NOT NULL
                """
            ),
            self._get_interval_sql("debt_hold", "hold", SQL("h.date_from"), SQL("h.date_to")),
            SQL(
                """
                SELECT h.id AS source_id, h.date_released::timestamp AS date, 'hold' AS kind,
                       'end' AS code, h.release_reason AS text, c.company_id, c.partner_id,
                       c.id AS case_id, NULL::int AS user_id, NULL::int AS level_id,
                       NULL::numeric AS amount, NULL::int AS currency_id,
                       'debt.hold' AS res_model, h.id AS res_id
                  FROM debt_hold h JOIN debt_case c ON c.id = h.case_id
                 WHERE h.date_released IS NOT NULL
                """
            ),
            self._get_interval_sql("debt_snooze", "snooze", SQL("h.date_from"), SQL("h.date_to")),
            SQL(
                """
                SELECT c.id AS source_id, c.date_open::timestamp AS date, 'case' AS kind,
                       'open' AS code, c.reference AS text, c.company_id, c.partner_id,
                       c.id AS case_id, NULL::int AS user_id, NULL::int AS level_id,
                       NULL::numeric AS amount, NULL::int AS currency_id,
                       'debt.case' AS res_model, c.id AS res_id
                  FROM debt_case c
                 WHERE c.date_open IS NOT NULL
                """
            ),
            SQL(
                """
                SELECT c.id AS source_id, c.date_close::timestamp AS date, 'case' AS kind,
                       'close' AS code, c.reference AS text, c.company_id, c.partner_id,
                       c.id AS case_id, NULL::int AS user_id, NULL::int AS level_id,
                       NULL::numeric AS amount, NULL::int AS currency_id,
                       'debt.case' AS res_model, c.id AS res_id
                  FROM debt_case c
                 WHERE c.date_close IS NOT NULL
                """
            ),
        ]

    @api.model
    def _get_rows_sql(self, kind, model, **columns):
        """Rows of a table with ``case_id``, ``company_id``, ``partner_id`` and ``user_id``.

        :param kind: key of the field ``kind``
        :param model: name of the model; a click opens its record
        :param columns: SQL of ``date`` and where wanted of ``code``, ``text``, ``amount``,
            ``currency`` and ``where``; the table is ``r``
        :return: SELECT as ``_get_timeline_selects`` wants it
        """
        return SQL(
            """
            SELECT r.id AS source_id, (%(date)s)::timestamp AS date, %(kind)s AS kind,
                   (%(code)s)::varchar AS code, (%(text)s)::varchar AS text, r.company_id,
                   r.partner_id, r.case_id, r.user_id, NULL::int AS level_id,
                   (%(amount)s)::numeric AS amount, (%(currency)s)::int AS currency_id,
                   %(model)s AS res_model, r.id AS res_id
              FROM %(table)s r
             WHERE %(date)s IS NOT NULL AND %(where)s
            """,
            kind=kind,
            model=model,
            table=SQL.identifier(self.env[model]._table),
            date=columns["date"],
            code=columns.get("code", SQL("r.state")),
            text=columns.get("text", SQL("NULL")),
            amount=columns.get("amount", SQL("NULL")),
            currency=columns.get("currency", SQL("NULL")),
            where=columns.get("where", SQL("TRUE")),
        )

    @api.model
    def _get_interval_sql(self, table, kind, date_from, date_to):
        """Rows of a table whose records hang on a case and last from a day to another one.

        :param table: its name, with ``case_id``, ``user_id`` and ``reason``
        :param kind: key of the field ``kind``
        :param date_from, date_to: SQL of first and last day; the last is the ``code``
        """
        return SQL(
            """
            SELECT h.id AS source_id, GREATEST(h.create_date, %(start)s::timestamp) AS date,
                   %(kind)s AS kind, %(end)s::text AS code, h.reason AS text, c.company_id,
                   c.partner_id, c.id AS case_id, h.user_id, NULL::int AS level_id,
                   NULL::numeric AS amount, NULL::int AS currency_id,
                   'debt.case' AS res_model, c.id AS res_id
              FROM %(table)s h JOIN debt_case c ON c.id = h.case_id
            """,
            kind=kind,
            table=SQL.identifier(table),
            start=date_from,
            end=date_to,
        )

    @api.depends("kind", "code", "text", "level_id")
    def _compute_summary(self):
        for row in self:
            row.summary = row._describe()

    def _describe(self):
        """Hook: what happened, in one line.

        :return: str
        """
        self.ensure_one()
        if self.kind == "notice":
            words = (self.level_id.name, self._get_label("debt.notice", "state"), self.text)
        elif self.kind == "level":
            words = (self.env._("Reached %(level)s", level=self.level_id.name),)
        elif self.kind in ("contact", "reply"):
            words = (self._get_label("debt.contact", "outcome"), self.text)
        elif self.kind == "payment":
            refund = self.code == "outbound"
            words = (
                self.env._("Paid back") if refund else self.env._("Payment received"),
                self.text,
            )
        elif self.kind == "item_out":
            words = (self.text, self._get_label("debt.case.item", "exit_reason"))
        elif self.kind == "hold" and self.code == "end":
            words = (self.env._("Hold ended"), self.text)
        elif self.kind == "hold":
            until = format_date(self.env, self.code)
            words = (self.env._("On hold until %(date)s", date=until), self.text)
        elif self.kind == "snooze":
            until = format_date(self.env, self.code)
            words = (self.env._("Snoozed until %(date)s", date=until), self.text)
        elif self.code == "open":
            words = (self.env._("Case %(reference)s opened", reference=self.text or ""),)
        else:
            words = (
                self.env._("Case %(reference)s closed", reference=self.text or ""),
                self.case_id.outcome and self._get_label("debt.case", "outcome", self.case_id),
            )
        return " · ".join(word.strip() for word in words if word)

    def _get_label(self, model, name, record=None):
        """Label of the code in a selection.

        :param model: name of the model with the selection
        :param name: name of the selection
        :param record: record whose value is meant instead of the code
        """
        labels = dict(self.env[model]._fields[name]._description_selection(self.env))
        return labels.get(record[name] if record else self.code, self.code)

    def action_open(self):
        """Open what the row is about."""
        self.ensure_one()
        return self.env[self.res_model].browse(self.res_id)._get_records_action()
