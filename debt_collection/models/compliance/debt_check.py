from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.sql import values_table

DECISIONS = [
    ("allow", "Allowed"),
    ("warn", "Allowed, with a warning"),
    ("partial", "Allowed in part"),
    ("block", "Refused"),
    ("hard_block", "Refused for everybody"),
]
KINDS = [
    ("run", "Daily run"),
    ("dispatch", "When it was to leave"),
    ("ask", "Before a contact"),
    ("log", "Contact that was logged"),
    ("override", "Override"),
    ("export", "File handed out"),
    ("anonymise", "Anonymised"),
]
# A contact that was checked and not logged yet counts like one that was made, for so long.
RESERVED_MINUTES = 30
COLUMNS = {
    "company_id": "int",
    "partner_id": "int",
    "case_id": "int",
    "notice_id": "int",
    "user_id": "int",
    "date": "timestamp",
    "kind": "text",
    "action": "text",
    "purpose": "text",
    "recipient": "text",
    "decision": "text",
    "code": "text",
    "codes": "text",
    "words": "text",
    "rules": "text",
    "next_date": "timestamp",
    "jurisdiction": "text",
    "near_miss": "bool",
    "reserved": "bool",
}


class DebtCheck(models.Model):
    """What the gate answered, to whom, about which contact, by which rules in which version."""

    _name = "debt.check"
    _description = "Compliance check"
    _inherit = ["debt.evidence"]
    _order = "date desc, id desc"
    _log_access = False
    _follow_fields = frozenset({"partner_id", "case_id", "contact_id", "reserved"})

    date = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    partner_id = fields.Many2one(
        "res.partner", string="Debtor", readonly=True, index=True, ondelete="set null"
    )
    case_id = fields.Many2one("debt.case", readonly=True, index=True, ondelete="set null")
    notice_id = fields.Many2one(
        "debt.notice", readonly=True, index="btree_not_null", ondelete="set null"
    )
    contact_id = fields.Many2one(
        "debt.contact", readonly=True, index="btree_not_null", ondelete="set null"
    )
    override_id = fields.Many2one("debt.override", readonly=True, index="btree_not_null")
    user_id = fields.Many2one("res.users", string="Asked by", readonly=True)
    kind = fields.Selection(KINDS, string="Asked", readonly=True, required=True)
    action = fields.Char(readonly=True, required=True, help="Channel or action it was about.")
    purpose = fields.Char(readonly=True)
    recipient = fields.Char(readonly=True)
    decision = fields.Selection(DECISIONS, readonly=True, required=True)
    code = fields.Char(
        string="Main reason",
        readonly=True,
        groups="debt_collection.group_compliance,debt_collection.group_legal,"
        "debt_collection.group_auditor",
    )
    codes = fields.Char(
        string="Reasons",
        readonly=True,
        groups="debt_collection.group_compliance,debt_collection.group_legal,"
        "debt_collection.group_auditor",
    )
    words = fields.Text(string="In words", readonly=True)
    rules = fields.Char(readonly=True, help="Rules that were asked, with their versions.")
    rule_ids = fields.Many2many(
        "debt.rule", compute="_compute_rule_ids", search="_search_rule_ids", string="Rules asked"
    )
    next_date = fields.Datetime(string="Lawful from", readonly=True)
    jurisdiction = fields.Char(readonly=True)
    near_miss = fields.Boolean(
        readonly=True, help="A contact was made that was not permitted and not overridden."
    )
    reserved = fields.Boolean(
        readonly=True, help="Counts like a contact until the contact is logged, or for a while."
    )

    _date_idx = models.Index("(company_id, date DESC)")
    _reserved_idx = models.Index("(partner_id, date) WHERE reserved IS TRUE")

    @api.depends("action", "decision", "partner_id")
    def _compute_display_name(self):
        labels = dict(self._fields["decision"]._description_selection(self.env))
        for check in self:
            words = (check.action, labels.get(check.decision), check.partner_id.display_name)
            check.display_name = " · ".join(filter(None, words))

    @api.depends("rules")
    def _compute_rule_ids(self):
        ids = {
            check: [int(part.split("@")[0]) for part in (check.rules or "").split()]
            for check in self
        }
        existing = self.env["debt.rule"].with_context(active_test=False)
        existing = existing.browse({one for some in ids.values() for one in some}).exists()
        for check in self:
            check.rule_ids = existing.filtered(lambda rule, some=ids[check]: rule.id in some)

    @api.model
    def _search_rule_ids(self, operator, value):
        if operator != "in":
            return NotImplemented
        patterns = [f"(^| ){int(one)}@" for one in value]
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "%s ~ ANY(%s)", SQL.identifier(alias, "rules"), patterns
            )
        )

    @api.model
    def _insert(self, rows):
        """Write checks in one statement, however many.

        :param rows: dicts with the keys of ``COLUMNS``; missing ones are empty
        :return: list of ids in the order of the rows
        """
        if not rows:
            return []
        self.flush_model()
        table = values_table(
            "v",
            {"position": "int", **COLUMNS},
            [(position, *(row.get(name) for name in COLUMNS)) for position, row in enumerate(rows)],
        )
        names = SQL(", ").join(map(SQL.identifier, COLUMNS))
        found = self.env.execute_query(
            SQL(
                "INSERT INTO debt_check (%(names)s)"
                " SELECT %(names)s FROM (SELECT * FROM %(table)s ORDER BY position) v RETURNING id",
                names=names,
                table=table,
            )
        )
        return [check_id for (check_id,) in found]

    def _release(self, contact=None):
        """The contact that was reserved is logged, or will not take place: the log counts now.

        :param contact: debt.contact that came of it
        """
        values = {"reserved": False}
        if contact:
            values["contact_id"] = contact.id
        self.sudo().write(values)
