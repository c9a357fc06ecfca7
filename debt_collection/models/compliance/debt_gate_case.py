"""What the gate says about a case as a whole: when to call, and whether to contact at all."""

from dataclasses import replace
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL, format_datetime

from ...tools.compliance import clock
from ...tools.compliance.decision import evaluate
from ...tools.compliance.sentences import Sentence, render
from .circumstances import SENSITIVE
from .debt_gate import DATED_TYPES, MASKED

# A verdict that nothing but an event can change is looked at again after so long.
UNFORESEEABLE = timedelta(hours=20)
# Rows about a debtor on which the answer depends.
WATCHED = {
    "debt_contact": SQL(),
    "debt_consent": SQL(),
    "debt_debtor_flag": SQL(),
    "debt_legal_notice": SQL(),
    "debt_dispute": SQL(),
    "debt_notice": SQL(" AND x.date_sent IS NOT NULL"),
}


class DebtGate(models.AbstractModel):
    """See the module."""

    _inherit = "debt.gate"

    @api.model
    def _make_plain_request(self, company, action, at, address=""):
        """Return a question about a debtor as such: any debt, whoever of the debtor's people."""
        return self._make_request(company, self.env["res.partner"], action, at, address)

    @api.model
    def _prune(self, facts, company, book, at, horizons):
        """Leave out contacts that no count looks at, so that debtors share their answers.

        Days are what is counted, and zones differ by quarters of an hour: a contact's time is cut
        down to its quarter, which changes no day. Where minutes count, where the debtor has
        circumstances, wishes or agreements, nothing is left out.

        :param horizons: dict that keeps the days looked back for each set of jurisdictions
        """
        if not facts.contacts or facts.flags or facts.blocked or facts.call_consents:
            return facts
        if facts.jurisdictions not in horizons:
            horizons[facts.jurisdictions] = self._get_horizon(facts, company, book)
        days = horizons[facts.jurisdictions]
        if days is None:
            return facts
        since = clock.as_utc(at) - timedelta(days=days + 2)
        contacts = [
            replace(
                one, at=one.at.replace(minute=one.at.minute // 15 * 15, second=0, microsecond=0)
            )
            for one in facts.contacts
            if days and one.at > since
        ]
        return replace(facts, contacts=tuple(sorted(contacts, key=lambda one: one.at)))

    @api.model
    def _get_horizon(self, facts, company, book):
        """Return how many days back the rules count contacts; None: to the minute, or for ever."""
        days = 0
        for action in ("call", "letter"):
            for rule in book.find(facts.jurisdictions, action):
                free = rule.actors and company.debt_actor not in rule.actors
                if free and rule.rule_set not in facts.adopted:
                    continue
                if rule.type == "FREQ":
                    if rule.parameters.after_conversation or rule.parameters.period == "minutes":
                        return None
                    length = {"week": 7, "month": 31}.get(rule.parameters.period)
                    days = max(days, length or rule.parameters.length)
                elif rule.type == "COOLOFF" and rule.parameters.trigger == "conversation":
                    days = max(days, rule.parameters.days + 1)
        return days

    @api.model
    def _judge_case(self, company, call, facts, book):
        """Judge a call and any contact at all.

        :return: (what is stored of the verdict and until when it holds, values of the check's row)
        """
        decision = evaluate(call, facts, book)
        begin, end = self._find_span(call, facts, book, decision)
        letter = evaluate(replace(call, action="letter", address=""), facts, book)
        words = self._say(decision) if decision.decision not in ("allow", "warn") else None
        if words and begin:
            words = self.env._(
                "%(words)s From %(time)s on, by the debtor's clock.",
                words=words,
                time=format_datetime(
                    self.env,
                    begin.replace(tzinfo=None),
                    tz=(facts.zones or clock.NOWHERE)[0].key,
                    dt_format="short",
                ),
            )
        refused = None if letter.allowed else self._say(letter)
        until = letter.next_moment if refused else None
        values = (
            decision.decision,
            begin and begin.replace(tzinfo=None),
            end and end.replace(tzinfo=None),
            words,
            refused,
            until and fields.Date.subtract(until.date(), days=1),
            self._find_validity(company, call, facts, book, letter, end),
        )
        places = facts.jurisdictions
        row = self._prepare_row(company, None, call, decision, "run")
        return values, {**row, "jurisdiction": places[0] if places else None}

    @api.model
    def _find_validity(self, company, call, facts, book, letter, end):
        """Return until when a verdict holds as long as nothing happens.

        The answer about a call holds until its lawful hours end. What a letter may do changes with
        the day alone: flags and waits begin and end, a debt becomes time-barred.

        :param letter: Decision about a letter
        :param end: end of the hours in which a call is lawful; none: not foreseeable
        :return: moment without a zone, as Odoo stores it
        """
        until = end or call.at + UNFORESEEABLE
        request = replace(call, action="letter", address="")
        own = facts.flags or facts.notices or not letter.allowed
        if own or facts.contacts or self._has_dated_rules(company, facts, book):
            # the days that begin before then, in each zone
            days = {
                clock.day_begins(clock.local_date(call.at, zone) + step * clock.DAY, zone)
                for zone in facts.zones or clock.NOWHERE
                for step in (1, 2)
            }
            for moment in sorted(day for day in days if call.at < day < until):
                later = evaluate(replace(request, at=moment), facts, book, find_next=False)
                if later.codes != letter.codes:
                    return moment.replace(tzinfo=None)
        return until.replace(tzinfo=None)

    @api.model
    def _has_dated_rules(self, company, facts, book):
        """Tell whether a rule about letters depends on dates of the debts."""
        return any(
            rule.type in DATED_TYPES and (not rule.actors or company.debt_actor in rule.actors)
            for rule in book.find(facts.jurisdictions, "letter")
        )

    @api.model
    def _get_stamp(self, company):
        """Return a short text that changes with the rules, calendars and settings in force."""
        found = self.env.execute_query(
            SQL(
                """
                SELECT md5(concat_ws('|',
                    (SELECT concat(count(*), max(write_date)) FROM debt_rule),
                    (SELECT concat(count(*), max(write_date)) FROM debt_jurisdiction),
                    (SELECT concat(count(*), max(write_date)) FROM resource_calendar),
                    (SELECT concat(count(*), max(write_date)) FROM resource_calendar_attendance),
                    (SELECT concat(count(*), max(write_date)) FROM resource_calendar_leaves),
                    (SELECT string_agg(debt_jurisdiction_id::text, ',' ORDER BY 1)
                       FROM debt_jurisdiction_res_company_rel WHERE res_company_id = %(company)s),
                    %(own)s))
                """,
                company=company.id,
                own=repr(
                    (
                        company.country_id.id,
                        company.state_id.id,
                        company.debt_actor,
                        company.debt_adopted_rule_sets,
                        self.env.lang,
                    )
                ),
            )
        )
        return found[0][0]

    @api.model
    def _find_stale(self, company, at):
        """Return the open cases whose verdict may have changed since it was found.

        That is: it has ended, rules or settings are others, or something about the debtor was
        written since. What is written by the web client asks the gate at once; here it is found
        out again, so that nothing is missed that was written another way.

        :param at: moment of the run (datetime, UTC)
        :return: list of (case id, commercial partner id)
        """
        gate = self.with_context(lang=company.partner_id.lang or self.env.lang)
        written = SQL(" OR ").join(
            SQL(
                "EXISTS (SELECT FROM %s x WHERE x.partner_id = c.partner_id"
                " AND x.write_date >= c.gate_at%s)",
                SQL.identifier(table),
                condition,
            )
            for table, condition in WATCHED.items()
        )
        return self.env.execute_query(
            SQL(
                """
                WITH moved AS (
                    SELECT k.address FROM debt_consent k
                     WHERE k.company_id = %(company)s AND k.scope = 'address'
                       AND k.write_date >= (SELECT min(gate_at) FROM debt_case
                                             WHERE company_id = %(company)s
                                               AND state <> 'closed'))
                SELECT c.id, c.partner_id
                  FROM debt_case c
                  JOIN res_partner p ON p.id = c.partner_id
                  LEFT JOIN (SELECT i.case_id, max(i.date_due) AS due FROM debt_case_item i
                              WHERE i.date_out IS NULL GROUP BY i.case_id) d ON d.case_id = c.id
                 WHERE c.company_id = %(company)s AND c.state <> 'closed'
                   AND (c.call_decision IS NULL OR c.gate_until IS NULL OR c.gate_until <= %(at)s
                        OR c.gate_from > %(at)s
                        OR c.gate_stamp IS DISTINCT FROM %(stamp)s
                        OR c.gate_due IS DISTINCT FROM d.due
                        OR p.write_date >= c.gate_at
                        OR COALESCE(p.phone_sanitized, p.phone) IN (SELECT address FROM moved)
                        OR %(written)s)
                """,
                company=company.id,
                at=at,
                stamp=gate._get_stamp(company),
                written=written,
            )
        )

    @api.model
    def _say(self, decision):
        """Return what stands in the way in one line; protected circumstances are not named."""
        said = dict.fromkeys(
            render(
                Sentence(MASKED) if one.values.get("flag") in SENSITIVE else one.words, self.env._
            )
            for one in decision.hits
            if one.strength > 1
        )
        return " ".join(said)
