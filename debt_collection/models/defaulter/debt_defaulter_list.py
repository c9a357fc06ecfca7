"""Lists of defaulters for a regulator or register: criteria, exclusions, approval, withdrawal."""

import base64

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, format_date

from ...const import CLAIM_KINDS, ESCALATIONS
from ...tools.exchange import write_csv
from ..escalation.debt_escalation_rule import get_escalation_rank_sql

OWNED_FIELDS = {"name", "state", "approved_by_id", "date_approved", "date_exported"}
CRITERIA = {
    "company_id",
    "recipient_id",
    "legal_basis",
    "date",
    "minimum_amount",
    "minimum_days",
    "escalation",
    "consumers",
    "consumer_basis",
}


class DebtDefaulterList(models.Model):
    """One list of defaulters that goes to a recipient on a legal basis.

    ::

        draft ──► to_approve ──► approved (numbered) ──► exported
          ▲            └── sent back                        └─► debtors are withdrawn when they pay

    Who is disputed, promised, on a plan or on hold, below the threshold, or a consumer without a
    basis for consumers, is left out, and the list says so.
    """

    _name = "debt.defaulter.list"
    _description = "Defaulter list"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"

    name = fields.Char(string="Number", readonly=True, copy=False)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    recipient_id = fields.Many2one(
        "res.partner", required=True, help="Regulator, register, bureau."
    )
    legal_basis = fields.Char(required=True, help="The provision that lets us name debtors to it.")
    date = fields.Date(string="As of", required=True, default=fields.Date.context_today)
    user_id = fields.Many2one(
        "res.users", string="Prepared by", default=lambda self: self.env.user, readonly=True
    )
    minimum_amount = fields.Monetary(string="Net overdue from", default=500.0, required=True)
    minimum_days = fields.Integer(string="Days overdue from", default=90, required=True)
    escalation = fields.Selection(ESCALATIONS, string="Escalation from", default="formal_notice")
    consumers = fields.Boolean(help="Natural persons may be named too.")
    consumer_basis = fields.Char(
        string="Basis for consumers", help="The provision that lets us name natural persons."
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("to_approve", "To approve"),
            ("approved", "Approved"),
            ("exported", "Handed over"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    approved_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    date_approved = fields.Date(string="Approved on", readonly=True, copy=False)
    date_exported = fields.Date(string="Handed over on", readonly=True, copy=False)
    line_ids = fields.One2many("debt.defaulter.line", "list_id", string="Debtors")
    listed_count = fields.Integer(string="Listed", compute="_compute_counts")
    excluded_count = fields.Integer(string="Left out", compute="_compute_counts")
    withdrawn_count = fields.Integer(string="Withdrawn", compute="_compute_counts")
    to_withdraw_count = fields.Integer(string="To be told", compute="_compute_counts")

    _thresholds = models.Constraint(
        "CHECK(minimum_amount >= 0 AND minimum_days >= 0)", "Thresholds are not negative."
    )

    @api.depends("name", "recipient_id")
    def _compute_display_name(self):
        for record in self:
            name = record.name or self.env._("Draft")
            record.display_name = f"{name} · {record.recipient_id.display_name}"

    @api.depends("line_ids.state", "line_ids.date_told")
    def _compute_counts(self):
        for record in self:
            lines = record.line_ids
            record.listed_count = len(lines.filtered(lambda line: line.state == "listed"))
            record.excluded_count = len(lines.filtered(lambda line: line.state == "excluded"))
            withdrawn = lines.filtered(lambda line: line.state == "withdrawn")
            record.withdrawn_count = len(withdrawn)
            record.to_withdraw_count = len(withdrawn.filtered(lambda line: not line.date_told))

    # === CRUD ===

    def write(self, vals):
        if not self.env.su:
            if OWNED_FIELDS & vals.keys():
                raise AccessError(self.env._("Number and state follow from the buttons."))
            if CRITERIA & vals.keys() and self.filtered(lambda r: r.state != "draft"):
                raise UserError(
                    self.env._("Criteria change in a draft only. Send the list back first.")
                )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_approved(self):
        if self.filtered(lambda record: record.state in ("approved", "exported")):
            raise UserError(self.env._("Approved lists are kept as evidence."))

    # === PREPARE ===

    def action_prepare(self):
        """Find the debtors the criteria name, and who of them is left out and why."""
        self.check_access("write")
        for record in self:
            if record.state != "draft":
                raise UserError(self.env._("The list was submitted already. Send it back first."))
            if record.consumers and not (record.consumer_basis or "").strip():
                raise UserError(self.env._("Name the basis for consumers, or leave consumers out."))
            record.line_ids.sudo().unlink()
            record._fill()
        return True

    def _get_candidates_sql(self, date):
        """SELECT: the debtors the criteria name on a day, each with why it is left out, if so.

        :param date: day for which days overdue and what is set aside are judged
        :rtype: SQL
        """
        escalation = SQL("TRUE")
        if self.escalation:
            escalation = SQL(
                "%s >= %s",
                get_escalation_rank_sql(SQL("c.escalation")),
                get_escalation_rank_sql(SQL("%s", self.escalation)),
            )
        return SQL(
            """
            SELECT c.company_id, c.id AS case_id, c.partner_id, p.name AS partner_name, p.vat,
                   c.amount_overdue - c.amount_credit AS amount, c.oldest_due_date, x.code
              FROM debt_case c
              JOIN res_partner p ON p.id = c.partner_id
              LEFT JOIN (
                   SELECT i.case_id, min(claim.kind) AS kind
                     FROM (%(claims)s) claim
                     JOIN debt_case_item i ON i.id = claim.item_id AND i.date_out IS NULL
                    WHERE claim.kind <> 'referred'
                    GROUP BY i.case_id) claimed ON claimed.case_id = c.id
             CROSS JOIN LATERAL (
                   SELECT CASE
                     WHEN claimed.kind IS NOT NULL THEN claimed.kind
                     WHEN p.is_company IS NOT TRUE AND NOT %(consumers)s THEN 'consumer'
                     WHEN c.amount_overdue - c.amount_credit < %(amount)s THEN 'threshold'
                     END AS code) x
             WHERE c.company_id = %(company)s AND c.state <> 'closed' AND %(escalation)s
               AND %(date)s - c.oldest_due_date >= %(days)s
            """,
            claims=self.env["debt.case.item"]._get_claims_sql(date),
            company=self.company_id.id,
            consumers=self.consumers,
            amount=self.minimum_amount,
            days=self.minimum_days,
            date=date,
            escalation=escalation,
        )

    def _fill(self):
        """Write the lines in one statement."""
        self.ensure_one()
        self.env["debt.case"]._follow_movements()
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO debt_defaulter_line (list_id, company_id, case_id, partner_id,
                       partner_name, vat, amount, date_oldest, state, exclusion,
                       create_uid, create_date, write_uid, write_date)
                SELECT %(list)s, n.company_id, n.case_id, n.partner_id, n.partner_name, n.vat,
                       n.amount, n.oldest_due_date,
                       CASE WHEN n.code IS NULL THEN 'listed' ELSE 'excluded' END, n.code,
                       %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
                  FROM (%(candidates)s) n
                 ORDER BY n.partner_name, n.case_id
                """,
                candidates=self._get_candidates_sql(self.date),
                list=self.id,
                uid=self.env.uid,
            )
        )
        self.invalidate_recordset()

    def _recheck(self):
        """Before a list is approved or first handed over: leave out who must not be named now.

        Who has disputed, promised, agreed on a plan, been put on hold or paid part of it since the
        list was prepared is left out with that word.
        """
        self.env["debt.case"]._follow_movements()
        self.env.flush_all()
        for record in self:
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE debt_defaulter_line l SET state = 'excluded', exclusion = n.code
                      FROM (%s) n
                     WHERE l.list_id = %s AND l.state = 'listed' AND n.case_id = l.case_id
                       AND n.code IS NOT NULL
                    """,
                    record._get_candidates_sql(fields.Date.context_today(record)),
                    record.id,
                )
            )
        self.line_ids.invalidate_recordset()
        self.invalidate_recordset()

    # === APPROVAL ===

    def action_submit(self):
        """Ask another credit manager to approve the list."""
        self.check_access("write")
        for record in self.filtered(lambda record: record.state == "draft"):
            if not record.listed_count:
                raise UserError(
                    self.env._(
                        "The list names nobody: find the debtors first, or look at the criteria."
                    )
                )
            record.sudo().state = "to_approve"
        return True

    def action_send_back(self):
        """Back to the draft, to be put right."""
        self._check_can_approve()
        self.filtered(lambda record: record.state == "to_approve").sudo().state = "draft"
        return True

    def action_approve(self):
        """Number the list; from now on it may be handed over.

        :raises AccessError: for anyone but a credit manager
        :raises UserError: for the person who prepared it
        """
        self._check_can_approve()
        self.filtered(lambda record: record.state == "to_approve")._recheck()
        for record in self.filtered(lambda record: record.state == "to_approve"):
            if record.user_id == self.env.user:
                raise UserError(
                    self.env._("A list is approved by somebody else than the one who prepared it.")
                )
            record.sudo().write(
                {
                    "name": self.env["ir.sequence"].sudo().next_by_code("debt.defaulter.list"),
                    "state": "approved",
                    "approved_by_id": self.env.uid,
                    "date_approved": fields.Date.context_today(record),
                }
            )
        return True

    def _check_can_approve(self):
        """:raises AccessError: for anyone but a credit manager."""
        self.check_access("write")
        self.env["debt.case"]._check_manager()

    # === EXPORT ===

    def _get_document(self, withdrawals=False):
        """The list, or the debtors withdrawn from it, as a plain document.

        :param withdrawals: what the recipient has to take back
        :return: dict as ``debt.report.renderer`` takes it
        """
        self.ensure_one()
        state = "withdrawn" if withdrawals else "listed"
        lines = self.line_ids.filtered(lambda line: line.state == state)
        title = self.env._("Withdrawals from the defaulter list %s", self.name)
        if not withdrawals:
            title = self.env._("Defaulter list %s", self.name)
        columns = [
            [self.env._("No."), "integer"],
            [self.env._("Debtor"), "text"],
            [self.env._("Tax number"), "text"],
            [self.env._("Oldest due date"), "date"],
            [self.env._("Overdue (%s)", self.currency_id.name), "money"],
        ]
        if withdrawals:
            columns.append([self.env._("Withdrawn on"), "date"])
        rows = []
        for number, line in enumerate(lines, 1):
            row = [
                number,
                line.partner_name,
                line.vat or "",
                fields.Date.to_string(line.date_oldest) or None,
                line.amount,
            ]
            rows.append([*row, fields.Date.to_string(line.date_withdrawn)] if withdrawals else row)
        return {
            "title": title,
            "facts": [
                [self.env._("Creditor"), self.company_id.name],
                [self.env._("Recipient"), self.recipient_id.display_name],
                [self.env._("Legal basis"), self.legal_basis],
                *(
                    [[self.env._("Basis for consumers"), self.consumer_basis]]
                    if self.consumers
                    else []
                ),
                [self.env._("As of"), format_date(self.env, self.date)],
                [
                    self.env._("Approved"),
                    f"{self.approved_by_id.name}, {format_date(self.env, self.date_approved)}",
                ],
            ],
            "notes": [],
            "tables": [
                {
                    "title": title,
                    "columns": columns,
                    "rows": rows,
                    "total": None,
                    "digits": self.currency_id.decimal_places,
                }
            ],
        }

    def action_export_pdf(self):
        """Hand the list over as PDF."""
        return self._action_export("pdf")

    def action_export_xlsx(self):
        """Hand the list over as XLSX."""
        return self._action_export("xlsx")

    def action_export_csv(self):
        """Hand the list over as CSV."""
        return self._action_export("csv")

    def action_export_withdrawals(self):
        """Hand over who has to be taken from the list; they count as told."""
        action = self._action_export("xlsx", withdrawals=True)
        lines = self.line_ids.filtered(lambda line: line.state == "withdrawn")
        lines.filtered(
            lambda line: not line.date_told
        ).sudo().date_told = fields.Date.context_today(self)
        return action

    def _action_export(self, form, withdrawals=False):
        self.ensure_one()
        self._check_can_approve()
        if self.state not in ("approved", "exported"):
            raise UserError(self.env._("Only an approved list may be handed over."))
        self.env["debt.defaulter.line"]._withdraw_settled(self.company_id)
        if self.state == "approved":
            self._recheck()
        document = self._get_document(withdrawals)
        renderer = self.env["debt.report.renderer"]
        if form == "csv":
            table = document["tables"][0]
            content = write_csv([label for label, _kind in table["columns"]], table["rows"])
        elif form == "pdf":
            content = renderer._render_pdf(document, self.company_id, landscape=False)
        else:
            content = renderer._render_xlsx(document)
        stem = self.name.replace("/", "-") + ("-withdrawals" if withdrawals else "")
        attachment = (
            self.env["ir.attachment"]
            .sudo()
            .create(
                {
                    "name": f"{stem}.{form}",
                    "datas": base64.b64encode(content),
                    "res_model": self._name,
                    "res_id": self.id,
                }
            )
        )
        if not withdrawals:
            self.sudo().write(
                {"state": "exported", "date_exported": fields.Date.context_today(self)}
            )
        self.message_post(body=self.env._("Handed over: %s", attachment.name))
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{attachment.id}?download=true",
            "target": "download",
        }


def get_exclusions():
    """Keys and words of why a debtor is left out."""
    return [
        *(pair for pair in CLAIM_KINDS if pair[0] != "referred"),
        ("threshold", "Below the threshold"),
        ("consumer", "Consumer without legal basis"),
    ]
