"""Loads what is known about debtors for the gate: a handful of statements, however many debtors."""

from collections import defaultdict
from datetime import timedelta
from functools import lru_cache

import pytz

from odoo import api, models, tools
from odoo.tools import SQL

from ...tools import timezones
from ...tools.compliance import business_days, clock, facts, vocabulary, windows
from .circumstances import DATE_KEYS, OBSTACLE_KEYS, TRAIT_KEYS
from .debt_check import RESERVED_MINUTES
from .debt_jurisdiction import HOUSE
from .debt_rule import split

# Contacts further back matter to no count; only the first conversation may (see below).
LOOK_BACK = timedelta(days=100)
# What became of a contact, in the words of the rules. Whoever said something was spoken to.
RESULTS = {
    "sent": "sent",
    "no_answer": "ring",
    "busy": "busy",
    "not_in_service": "not_in_service",
    "message_left": "voicemail",
    "voicemail_no_ring": "voicemail_no_ring",
    "dropped": "answered_dropped",
    "wrong_number": "wrong_number",
    "bounced": "bounced",
    "received": "received",
}
ACTIONS = {"meeting": "visit", "portal": "portal_message"}


class DebtGate(models.AbstractModel):
    """See the module."""

    _inherit = "debt.gate"

    @api.model
    def _load_facts(self, partners, company, at, own_user=None, addresses=None, kinds=None):
        """Return what is known about debtors.

        :param partners: res.partner, commercial partners
        :param company: res.company in whose name we act
        :param at: latest moment that is asked about (UTC)
        :param own_user: whose own reservations do not count against him
        :param addresses: numbers and e-mail addresses that are asked about; None: all
        :param kinds: kinds of notices that matter to what is asked; None: all
        :return: dict partner id → Facts
        """
        self.env.flush_all()
        ids = partners.ids
        index = self.env["debt.jurisdiction"]._get_index()
        seat = self._get_seat(company, index)
        contacts = self._load_contacts(ids, company, at, own_user)
        circumstances = self._load_circumstances(ids, company)
        consents = self._load_consents(ids, company, at, addresses)
        services = self._load_services(ids, company, kinds)
        disputes = self._load_disputes(ids, company)
        begun = self._load_first_contacts(ids, company)
        debts = self._load_debts(ids, company)
        adopted = frozenset(split(company.debt_adopted_rule_sets))
        moment = clock.as_utc(at).date()
        shared = {}
        result = {}
        for row in self._load_partners(ids):
            partner_id, is_company, debtor_type, explicit, country_id, country, state_id = row[:7]
            state, phone, blocked, places, calendar_id = row[7:]
            own = [*index["country"].get(country_id, ()), *index["state"].get(state_id, ())]
            own += [index["code"][place] for place in places or () if place in index["code"]]
            codes = tuple(dict.fromkeys((*own, *seat)))
            calendar = calendar_id or next(
                (index["calendar"][code] for code in codes if code in index["calendar"]), None
            )
            key = (codes, calendar)
            if key not in shared:
                shared[key] = self._get_calendar_days(calendar, moment.year) if calendar else None
            holidays, weekend = shared[key] or (None, business_days.SATURDAY_AND_SUNDAY)
            known = circumstances.get(partner_id, {})
            asked = consents.get(partner_id, {})
            dates = dict(debts["dates"].get(partner_id, ()))
            notices = services.get(partner_id, ())
            dates.update(self._get_term_dates(company, codes, holidays, notices))
            if partner_id in begun:
                dates["initial_communication"] = begun[partner_id]
            dates.update(known.get("dates", ()))
            flags = (
                *known.get("flags", ()),
                *self._make_dispute_flags(disputes.get(partner_id, ()), dates),
            )
            zones = timezones.candidates(explicit or "", country or "", state or "", phone or "")
            result[partner_id] = facts.Facts(
                jurisdictions=codes,
                debtor_type=debtor_type or ("company" if is_company else "consumer"),
                zones=zones,
                holidays=holidays,
                weekend=weekend,
                contacts=tuple(contacts.get(partner_id, ())),
                flags=flags,
                blocked=_parse_blocked(blocked or ""),
                time_consents=tuple(asked.get("hours", ())),
                call_consents=tuple(_make_call_consents(asked.get("calls", ()), zones)),
                opted_out=consents["addresses"],
                stopped_media=frozenset(asked.get("stopped", ())),
                only_media=frozenset(asked.get("only", ())),
                consent_age_days=asked.get("age"),
                reassigned_checked=known.get("rechecked", False),
                notices=tuple(notices),
                dates=dates,
                interruptions=tuple(known.get("interruptions", ())),
                time_barred=known.get("time_barred"),
                traits=frozenset(known.get("traits", ())),
                same_debt=debts["groups"].get(partner_id, ()),
                adopted=adopted,
            )
        return result

    @api.model
    def _get_seat(self, company, index):
        """Return the jurisdictions of the company; the house policy where it has none."""
        codes = [
            *index["country"].get(company.country_id.id, ()),
            *index["state"].get(company.state_id.id, ()),
        ]
        codes += [
            index["code"][place.id]
            for place in company.debt_jurisdiction_ids
            if place.id in index["code"]
        ]
        if not codes and HOUSE in index["code"].values():
            codes = [HOUSE]
        return codes

    @api.model
    @tools.ormcache("calendar_id", "year")
    def _get_calendar_days(self, calendar_id, year):
        """Return the public holidays around a year, and the weekdays that are no business days.

        :return: (frozenset of dates, frozenset of weekday numbers)
        """
        calendar = self.env["resource.calendar"].sudo().browse(calendar_id)
        zone = pytz.timezone(calendar.tz or "UTC")
        days = set()
        for leave in calendar.leave_ids.filtered(lambda leave: not leave.resource_id):
            day = pytz.utc.localize(leave.date_from).astimezone(zone).date()
            last = pytz.utc.localize(leave.date_to).astimezone(zone)
            while day <= last.date():
                days.add(day)
                day += clock.DAY
        worked = {int(line.dayofweek) for line in calendar.attendance_ids}
        weekend = frozenset(range(7)) - worked if worked else business_days.SATURDAY_AND_SUNDAY
        return frozenset(days), frozenset(weekend)

    @api.model
    def _load_partners(self, ids):
        return self.env.execute_query(
            SQL(
                """
                SELECT p.id, p.is_company, p.debt_debtor_type, p.debt_timezones,
                       p.country_id, c.code, p.state_id, s.code, p.phone, p.debt_no_contact_times,
                       (SELECT array_agg(r.debt_jurisdiction_id ORDER BY r.debt_jurisdiction_id)
                          FROM debt_jurisdiction_res_partner_rel r
                         WHERE r.res_partner_id = p.id),
                       p.debt_calendar_id
                  FROM res_partner p
                  LEFT JOIN res_country c ON c.id = p.country_id
                  LEFT JOIN res_country_state s ON s.id = p.state_id
                 WHERE p.id = ANY(%s)
                """,
                ids,
            )
        )

    @api.model
    def _load_contacts(self, ids, company, at, own_user):
        """Return the contacts that count, corrected ones as corrected, and what is reserved.

        :return: dict partner id → list of facts.Contact
        """
        result = defaultdict(list)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT c.partner_id, c.channel, c.date, c.direction, c.outcome, c.reached,
                       c.recipient, c.person_id, c.place,
                       (SELECT array_agg(r.debt_case_item_id ORDER BY r.debt_case_item_id)
                          FROM debt_case_item_debt_contact_rel r WHERE r.debt_contact_id = c.id),
                       c.attributed_item_id
                  FROM debt_contact c
                 WHERE c.partner_id = ANY(%(ids)s) AND c.company_id = %(company)s
                   AND c.date > %(since)s AND c.superseded IS NOT TRUE
                UNION ALL
                -- the first conversation, where it is older: some counts begin with it
                SELECT o.* FROM (
                    SELECT DISTINCT ON (c.partner_id) c.partner_id, c.channel, c.date,
                           c.direction, c.outcome, c.reached, c.recipient, c.person_id, c.place,
                           NULL::int[], NULL::int
                      FROM debt_contact c
                     WHERE c.partner_id = ANY(%(ids)s) AND c.company_id = %(company)s
                       AND c.date <= %(since)s AND c.superseded IS NOT TRUE
                       AND c.reached = 'right_party' AND c.channel IN ('call', 'visit', 'meeting')
                       AND c.outcome NOT IN ('sent', 'no_answer', 'busy', 'wrong_number',
                                             'message_left', 'bounced')
                     ORDER BY c.partner_id, c.date) o
                """,
                ids=ids,
                company=company.id,
                since=at - LOOK_BACK,
            )
        )
        for row in rows:
            partner_id, channel, date, direction, outcome, reached, recipient, person_id = row[:8]
            place, items, first = row[8:]
            debts = [str(item) for item in items or ()]
            if first and str(first) in debts:
                debts.remove(str(first))
                debts.insert(0, str(first))
            result[partner_id].append(
                facts.Contact(
                    action=ACTIONS.get(channel, channel),
                    at=date,
                    debts=tuple(debts),
                    result=_get_result(channel, direction, outcome, reached),
                    inbound=direction == "in",
                    person=str(person_id or ""),
                    place=place or "",
                    recipient=recipient or ("other" if reached == "third_party" else "debtor"),
                )
            )
        reserved = self.env.execute_query(
            SQL(
                """
                SELECT k.partner_id, k.action, k.date, k.recipient FROM debt_check k
                 WHERE k.reserved AND k.partner_id = ANY(%s) AND k.company_id = %s
                   AND k.date > %s AND k.user_id IS DISTINCT FROM %s
                """,
                ids,
                company.id,
                at - timedelta(minutes=RESERVED_MINUTES),
                own_user.id if own_user else None,
            )
        )
        for partner_id, action, date, recipient in reserved:
            result[partner_id].append(
                facts.Contact(action=action, at=date, recipient=recipient or "debtor")
            )
        return result

    @api.model
    def _load_circumstances(self, ids, company):
        """Return the circumstances by what they are to the rules.

        :return: dict partner id → dict of flags, traits, dates, interruptions…
        """
        result = defaultdict(lambda: defaultdict(list))
        for row in self.env.execute_query(
            SQL(
                """
                SELECT f.partner_id, f.kind, f.date_from, f.date_to, f.resolved_on, f.asked_on,
                       f.consents,
                       (SELECT array_agg(r.debt_case_item_id ORDER BY r.debt_case_item_id)
                          FROM debt_case_item_debt_debtor_flag_rel r
                         WHERE r.debt_debtor_flag_id = f.id)
                  FROM debt_debtor_flag f
                 WHERE f.active AND f.partner_id = ANY(%s)
                   AND (f.company_id IS NULL OR f.company_id = %s)
                 ORDER BY f.date_from, f.id
                """,
                ids,
                company.id,
            )
        ):
            partner_id, kind, begin, end, resolved, asked, agrees, items = row
            own = result[partner_id]
            if kind in OBSTACLE_KEYS:
                own["flags"].append(
                    facts.Flag(
                        kind,
                        start=begin,
                        end=end,
                        debts=tuple(str(item) for item in items or ()),
                        resolved=bool(resolved),
                        asked_on=asked,
                        consents=bool(agrees),
                    )
                )
            elif kind == "acknowledgement":
                own["interruptions"].append(begin)
            elif kind in DATE_KEYS:
                own["dates"].append((kind, begin))
            elif kind in TRAIT_KEYS:
                own["traits"].append(kind)
            elif kind == "number_rechecked":
                own["rechecked"] = True
            else:
                own["time_barred"] = kind == "time_barred"
        return result

    @api.model
    def _load_consents(self, ids, company, at, addresses):
        """Return what debtors refuse and agree to; the latest word about a thing holds.

        :return: dict partner id → dict, and under ``addresses`` all addresses opted out
        """
        latest, calls = {}, []
        for row in self.env.execute_query(
            SQL(
                """
                SELECT k.partner_id, k.scope, k.decision, k.medium, k.address, k.hours, k.date,
                       k.valid_until, k.given_to_us, k.only_day
                  FROM debt_consent k
                 WHERE k.company_id = %(company)s AND k.date <= %(at)s
                   AND (k.partner_id = ANY(%(ids)s)
                        OR k.scope = 'address' AND (%(all)s OR k.address = ANY(%(addresses)s)))
                 ORDER BY k.date, k.id
                """,
                ids=ids,
                all=addresses is None,
                addresses=list(addresses or ()),
                company=company.id,
                at=at,
            )
        ):
            partner_id, scope, _decision, medium, address, hours = row[:6]
            if scope == "call":
                calls.append(row)
            elif scope == "address":
                latest[scope, None, address] = row
            else:
                latest[scope, partner_id, medium or hours] = row
        result = defaultdict(lambda: defaultdict(list))
        opted_out = set()
        for row in (*latest.values(), *calls):
            partner_id, scope, decision, medium, address, hours, date, until, to_us = row[:9]
            own = result[partner_id]
            if scope == "address":
                if decision == "out":
                    opted_out.add(address)
                elif medium == "sms":
                    own["age"] = (at - date).days
            elif scope == "medium" and decision == "out":
                own["stopped"].append(medium)
            elif scope == "only" and decision == "in":
                own["only"].append(medium)
            elif scope == "hours" and decision == "in" and (not until or until > at):
                own["hours"].append(facts.TimeConsent(windows.parse_interval(hours), bool(to_us)))
            elif scope == "call" and decision == "in":
                own["calls"].append((date, until, bool(to_us), row[9]))
        result["addresses"] = frozenset(opted_out)
        return result

    @api.model
    def _load_debts(self, ids, company):
        """Return the days debts fell due and which debts count as one.

        A contact is about all debts of the debtor: it is late for the youngest of them only when
        it is late for all, so the latest due date counts. A court claim names its items and gives
        their own date (see ``debt.gate._ask``).
        """
        dates, groups = {}, defaultdict(lambda: defaultdict(set))
        for partner_id, due, grouped in self.env.execute_query(
            SQL(
                """
                SELECT c.partner_id, max(i.date_due),
                       array_agg(i.id || ' ' || i.account_group)
                           FILTER (WHERE i.account_group IS NOT NULL)
                  FROM debt_case c JOIN debt_case_item i ON i.case_id = c.id
                 WHERE c.partner_id = ANY(%s) AND c.company_id = %s AND c.state <> 'closed'
                   AND i.date_out IS NULL
                 GROUP BY c.partner_id
                """,
                ids,
                company.id,
            )
        ):
            if due:
                dates[partner_id] = {"due": due, "default_since": due}
            for pair in grouped or ():
                item, _space, group = pair.partition(" ")
                groups[partner_id][group].add(item)
        return {
            "dates": dates,
            "groups": {
                partner_id: tuple(frozenset(items) for items in found.values())
                for partner_id, found in groups.items()
            },
        }


def _get_result(channel, direction, outcome, reached):
    """Return what became of a contact, in the words of the rules."""
    if direction == "in" and channel not in ("call", "visit", "meeting"):
        return "received"
    if outcome in RESULTS:
        return RESULTS[outcome]
    if outcome == "other" and reached in ("nobody", "unknown"):
        return "ring" if reached == "nobody" else "sent"
    return vocabulary.CONVERSATION if reached != "third_party" else "answered_other"


def _make_call_consents(rows, zones):
    """Yield agreements to be called; the day is the debtor's, where only the day is known."""
    for date, until, to_us, only_day in rows:
        given = clock.as_utc(date)
        yield facts.CallConsent(
            given=clock.local_date(given, (zones or clock.NOWHERE)[0]),
            until=clock.as_utc(until) if until else None,
            direct=to_us,
            at=None if only_day else given,
        )


@lru_cache(maxsize=4096)
def _parse_blocked(text):
    """Return the periods of a debtor's wishes, one a line."""
    return tuple(windows.Blocked.parse(line) for line in text.splitlines() if line.strip())
