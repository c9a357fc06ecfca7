"""When the debtor of a case may be called: judged by the run, kept on the case, always current."""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.sql import values_table
from ..case.debt_case import OWNED_FIELDS

OWNED_FIELDS |= {
    "call_decision",
    "call_from",
    "call_until",
    "call_words",
    "refused_words",
    "refused_until",
    "reserved_on",
    "gate_at",
    "gate_from",
    "gate_until",
    "gate_due",
    "gate_stamp",
}
STORED = {
    "case_id": "int",
    "call_decision": "text",
    "call_from": "timestamp",
    "call_until": "timestamp",
    "call_words": "text",
    "refused_words": "text",
    "refused_until": "date",
    "gate_from": "timestamp",
    "gate_until": "timestamp",
    "gate_due": "date",
    "gate_stamp": "text",
}


class DebtCase(models.Model):
    """When the debtor may be contacted, kept on the case."""

    _inherit = "debt.case"

    call_decision = fields.Selection(
        [
            ("allow", "May be called"),
            ("warn", "May be called, with a warning"),
            ("block", "Not now"),
            ("hard_block", "Not to be called"),
        ],
        string="Call",
        readonly=True,
    )
    call_from = fields.Datetime(
        string="To call from",
        readonly=True,
        help="From when on a call is lawful. Empty: not foreseeable.",
    )
    call_until = fields.Datetime(string="To call until", readonly=True)
    call_words = fields.Char(string="Why not now", readonly=True)
    refused_words = fields.Char(
        readonly=True, help="What stands in the way of any contact, letters too."
    )
    refused_until = fields.Date(readonly=True)
    reserved_on = fields.Datetime(
        readonly=True, help="Last moment at which somebody was about to contact the debtor."
    )
    gate_at = fields.Datetime(
        string="Judged at", readonly=True, help="When the rules were last asked about the case."
    )
    gate_from = fields.Datetime(
        string="Holds from", readonly=True, help="The moment the rules were asked about."
    )
    gate_until = fields.Datetime(
        string="Holds until",
        readonly=True,
        help="First moment at which the answer may be another although nothing has happened.",
    )
    gate_due = fields.Date(readonly=True, help="Latest due date when the rules were asked.")
    gate_stamp = fields.Char(
        readonly=True,
        export_string_translation=False,
        help="Rules, calendars and settings by which the case was judged.",
    )
    to_call_now = fields.Boolean(
        compute="_compute_to_call_now",
        search="_search_to_call_now",
        help="The rules let the debtor be called at this moment.",
    )
    override_ids = fields.One2many("debt.override", "case_id", string="Overrides")
    check_ids = fields.One2many("debt.check", "case_id", string="Compliance checks")
    check_count = fields.Integer(compute="_compute_check_count")
    may_override = fields.Boolean(compute="_compute_may_override")

    _call_idx = models.Index("(company_id, call_until) WHERE state <> 'closed'")

    @api.depends("call_from", "call_until", "state")
    def _compute_to_call_now(self):
        now = fields.Datetime.now()
        blocked = self._get_blocking_words(fields.Date.context_today(self))
        for case in self:
            case.to_call_now = bool(
                case.state == "open"
                and case.id not in blocked
                and case.call_from
                and case.call_from <= now
                and (not case.call_until or case.call_until > now)
            )

    @api.model
    def _search_to_call_now(self, operator, value):
        """Cases the gate agrees with at this minute, and nothing else blocks."""
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        now = fields.Datetime.now()
        blocked = self._get_blocking_sql(fields.Date.context_today(self))
        return Domain(
            [("state", "=", "open"), ("call_from", "<=", now), ("call_until", ">", now)]
        ) & Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "%s NOT IN (SELECT case_id FROM (%s) blocked)",
                SQL.identifier(alias, "id"),
                blocked,
            )
        )

    def _compute_check_count(self):
        counts = dict(
            self.env["debt.check"]._read_group(
                [("case_id", "in", self.ids)], ["case_id"], ["__count"]
            )
        )
        for case in self:
            case.check_count = counts.get(case, 0)

    @api.depends_context("uid")
    @api.depends("call_decision", "state")
    def _compute_may_override(self):
        allowed = self.env.user.has_group("debt_collection.group_compliance")
        for case in self:
            case.may_override = allowed and case.state != "closed" and not case.to_call_now

    # === ACTIONS ===

    def action_log_call(self):
        """Check and reserve the call before the dialog shows the number."""
        action = super().action_log_call()
        if self.state != "closed":
            self.env["debt.gate"]._reserve(self, "call")
        return action

    def action_override(self):
        """Open the dialog in which the compliance role permits one contact all the same."""
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Permit one contact"),
            "res_model": "debt.override",
            "view_mode": "form",
            "target": "new",
            "context": {"default_case_id": self.id, "default_channel": "call"},
        }

    def action_view_checks(self):
        """Open the compliance checks of the case."""
        return self._action_view_related("debt_collection.debt_check_action")

    # === THE GATE ===

    @api.model
    def _get_blocking_reasons(self, date):
        """What the rules say against any contact, letters too, as the last judgement found."""
        reasons = super()._get_blocking_reasons(date)
        if not self.env.context.get("debt_gate_asked"):
            reasons.append(
                SQL(
                    """
                    SELECT c.id, 'rules',
                           jsonb_build_object('words', c.refused_words, 'until', c.refused_until)
                      FROM debt_case c
                     WHERE c.refused_words IS NOT NULL AND c.state <> 'closed'
                       AND (c.refused_until IS NULL OR c.refused_until >= %s)
                    """,
                    date,
                )
            )
        return reasons

    @api.model
    def _describe_blocking(self, code, data):
        return data["words"] if code == "rules" else super()._describe_blocking(code, data)

    @api.model
    def _refresh_gate_of(self, partners, companies=None):
        """Judge the open cases of debtors anew, after something about them changed."""
        domain = [("partner_id", "in", partners.ids), ("state", "!=", "closed")]
        if companies:
            domain.append(("company_id", "in", companies.ids))
        if partners:
            self.sudo().search(domain)._refresh_gate()

    def _refresh_gate(self, at=None, kind=None):
        """Judge when the debtors of these cases may be called, and whether contacted at all.

        :param at: moment of the judgement (UTC), now by default
        :param kind: key of the checks' log; none: nothing is logged
        """
        cases = self.sudo().filtered(lambda case: case.state != "closed")
        for company, some in cases.grouped("company_id").items():
            rows = [(case.id, case.partner_id.id) for case in some]
            cases._judge_gate(company, rows, at or fields.Datetime.now(), kind)

    @api.model
    def _judge_gate(self, company, pairs, at, kind=None):
        """Judge many cases of a company in a handful of statements.

        :param pairs: list of (case id, commercial partner id)
        """
        gate = self.env["debt.gate"].with_context(lang=company.partner_id.lang or self.env.lang)
        partners = self.env["res.partner"].browse({partner for _case, partner in pairs})
        known = gate._load_facts(
            partners, company, at, kinds=gate._get_wanted_notices(company, ("call", "letter"))
        )
        book, _versions = self.env["debt.rule"]._get_book(company.id)
        phones = dict(
            self.env.execute_query(
                SQL(
                    "SELECT id, COALESCE(phone_sanitized, phone) FROM res_partner"
                    " WHERE id = ANY(%s)",
                    partners.ids,
                )
            )
        )
        stamp = gate._get_stamp(company)
        memo, calls, horizons, rows, checks = {}, {}, {}, [], []
        company = company.sudo()
        for case_id, partner_id in pairs:
            if partner_id not in known:
                continue
            facts = gate._prune(known[partner_id], company, book, at, horizons)
            phone = phones.get(partner_id)
            address = phone if phone in facts.opted_out else ""
            if address not in calls:
                calls[address] = gate._make_plain_request(company, "call", at, address)
            call = calls[address]
            key = gate._get_signature(call, facts, book)
            if key not in memo:
                memo[key] = gate._judge_case(company, call, facts, book)
            values, template = memo[key]
            due = known[partner_id].dates.get("due")
            rows.append((case_id, *values[:-1], at, values[-1], due, stamp))
            if kind:
                checks.append(
                    {**template, "case_id": case_id, "partner_id": partner_id, "kind": kind}
                )
        self._store_gate(rows)
        self.env["debt.check"].sudo()._insert(checks)

    @api.model
    def _store_gate(self, rows):
        """Write what was judged on the cases, and when."""
        names = [name for name in STORED if name != "case_id"]
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE debt_case c
                   SET %(changes)s, gate_at = clock_timestamp() AT TIME ZONE 'UTC'
                  FROM %(rows)s
                 WHERE c.id = v.case_id
                """,
                changes=SQL(", ").join(
                    SQL("%s = v.%s", SQL.identifier(name), SQL.identifier(name)) for name in names
                ),
                rows=values_table("v", STORED, rows),
            )
        )
        self.invalidate_model([*names, "gate_at"])

    @api.model
    def _cron_refresh_gate(self):
        """Find the next lawful stretch of time for cases whose last one has ended."""
        now = fields.Datetime.now()
        found = self.env.execute_query(
            SQL(
                """
                SELECT company_id, id, partner_id FROM debt_case
                 WHERE state <> 'closed'
                   AND (call_until <= %(now)s OR gate_until <= %(now)s OR call_decision IS NULL)
                """,
                now=now,
            )
        )
        by_company = {}
        for company_id, case_id, partner_id in found:
            by_company.setdefault(company_id, []).append((case_id, partner_id))
        for company_id, pairs in by_company.items():
            self._judge_gate(self.env["res.company"].browse(company_id), pairs, now)
