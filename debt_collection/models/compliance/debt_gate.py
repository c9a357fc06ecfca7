"""The gate: may this be done to this debtor, now, in this way? The one answer every path asks for.

The decision itself is pure (``tools.compliance``); here facts and rules are gathered, in batches,
and the answers are kept.
"""

from dataclasses import replace
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import format_datetime

from ...tools.compliance import clock, vocabulary
from ...tools.compliance import facts as pure
from ...tools.compliance.decision import evaluate
from ...tools.compliance.hits import hit
from ...tools.compliance.sentences import Sentence, _lt, render
from ...tools.permission import ContactPermission
from .circumstances import SENSITIVE
from .debt_check import RESERVED_MINUTES

# What the keys of channels are called among the actions of rules.
CHANNEL_ACTIONS = {"meeting": "visit", "portal": "portal_message", "activity": "call"}
MASKED = _lt("A protected circumstance stands in the way; ask the compliance role.")
BUSY = _lt("%(name)s is about to contact this debtor since %(time)s.")
# Facts that matter to rules of these types alone; others need not tell debtors apart.
DATED_TYPES = {"LIMITATION", "PREREQ_NOTICE", "COOLOFF", "CONTENT", "RETENTION"}
SPAN = timedelta(hours=36)
SENSITIVE_GROUPS = (
    "debt_collection.group_compliance",
    "debt_collection.group_legal",
    "debt_collection.group_auditor",
)


class DebtGate(models.AbstractModel):
    """Owner of the question. Callers use ``res.partner._get_contact_permissions``."""

    _name = "debt.gate"
    _description = "Compliance gate"

    # === DECISIONS ===

    @api.model
    def _decide(self, company, requests, own_user=None, known=None):
        """Decide about many requests at once.

        :param company: res.company in whose name we act
        :param requests: list of (commercial partner id, pure Request)
        :param own_user: res.users whose own reservations do not count
        :param known: facts by partner id, when they are loaded already
        :return: list of pure Decision, in the order of the requests
        """
        if not requests:
            return []
        if known is None:
            last = max(request.at for _partner, request in requests).replace(tzinfo=None)
            partners = self.env["res.partner"].browse({partner for partner, _one in requests})
            addresses = {request.address for _partner, request in requests if request.address}
            known = self._load_facts(partners, company, last, own_user, addresses)
        book, _versions = self.env["debt.rule"]._get_book(company.id)
        asked = self._count_locations(company, requests)
        memo = {}
        result = []
        for partner_id, request in requests:
            facts = known[partner_id]
            if request.purpose == "location":
                count = asked.get((partner_id, request.recipient, request.person), 0)
                facts = replace(facts, location_contacts=count)
            key = self._get_signature(request, facts, book)
            if key not in memo:
                memo[key] = evaluate(request, facts, book)
            result.append(memo[key])
        return result

    @api.model
    def _count_locations(self, company, requests):
        """Count how often third parties were asked where a debtor is (12 CFR 1006.10(c)).

        :return: dict (partner id, recipient, person) → number
        """
        owners = [owner for owner, request in requests if request.purpose == "location"]
        if not owners:
            return {}
        rows = self.env.execute_query(
            SQL(
                """
                SELECT partner_id, recipient, COALESCE(person_id::text, ''), count(*)
                  FROM debt_contact
                 WHERE partner_id = ANY(%s) AND company_id = %s AND purpose = 'location'
                   AND superseded IS NOT TRUE AND direction = 'out'
                 GROUP BY 1, 2, 3
                """,
                owners,
                company.id,
            )
        )
        return {tuple(row[:3]): row[3] for row in rows}

    @api.model
    def _get_signature(self, request, facts, book):
        """Return what the answer depends on: debtors who share it share the answer."""
        rules = book.find(facts.jurisdictions, request.action)
        types = {rule.type for rule in rules}
        own = ()
        if types & DATED_TYPES:
            own = (
                tuple(sorted(facts.dates.items())),
                facts.interruptions,
                facts.notices,
                facts.time_barred,
            )
        return (
            replace(request, person="", address="") if not facts.contacts else request,
            request.address in facts.opted_out,
            facts.jurisdictions,
            facts.debtor_type,
            facts.zones,
            facts.holidays,
            facts.weekend,
            facts.contacts,
            facts.flags,
            facts.blocked,
            facts.time_consents,
            facts.call_consents,
            facts.stopped_media,
            facts.only_media,
            facts.consent_age_days,
            facts.reassigned_checked,
            facts.traits,
            facts.location_contacts,
            facts.same_debt,
            facts.adopted,
            own,
        )

    @api.model
    def _find_span(self, request, facts, book, decision):
        """Return the first stretch of time in which the request is permitted.

        :param decision: of the request's own moment
        :return: (first moment, moment at which it ends), UTC; (None, None): not foreseeable
        """
        begin = request.at if decision.allowed else decision.next_moment
        if begin is None:
            return None, None
        moments = {begin + SPAN}
        for zone in facts.zones or clock.NOWHERE:
            day = clock.local_date(begin, zone)
            for step in (0, 1, 2):
                moments.add(clock.day_begins(day + step * clock.DAY, zone))
                for minute in self._get_closings(facts, book, request.action):
                    moments.update(clock.wall_moments(day + step * clock.DAY, minute, zone))
        for moment in sorted(one for one in moments if one > begin):
            later = evaluate(replace(request, at=moment), facts, book, find_next=False)
            if not later.allowed:
                return begin, moment
        return begin, begin + SPAN

    @api.model
    def _get_closings(self, facts, book, action):
        """Return the minutes of the day at which something may begin to stand in the way."""
        minutes = {begin for blocked in facts.blocked for begin in blocked.interval}
        minutes |= {end for consent in facts.time_consents for end in consent.interval}
        for rule in book.find(facts.jurisdictions, action):
            if rule.type == "WINDOW":
                minutes |= {
                    end for intervals in rule.parameters.hours.days for _b, end in intervals
                }
        return minutes

    # === PERMISSIONS ===

    @api.model
    def _make_request(self, company, partner, channel, at, address=None, items=None, **values):
        """Return what is asked, in the terms of the rules.

        :param partner: res.partner who is contacted
        :param channel: key of a channel, or another action of the rules
        :param address: number or e-mail address; by default the partner's
        :param items: debt.case.item it is about; none: all debts
        :param values: more of ``Request``: recipient, purpose, place, content…
        """
        action = CHANNEL_ACTIONS.get(channel, channel)
        if address is None:
            if action == "email":
                address = partner.email
            elif action in ("call", "sms", "voicemail", "whatsapp"):
                address = partner.phone_sanitized or partner.phone
        return pure.Request(
            action=action,
            at=at,
            person="" if partner == partner.commercial_partner_id else str(partner.id),
            debts=tuple(str(item.id) for item in items or ()),
            actor=company.debt_actor,
            address=self.env["debt.consent"]._normalize(address) if address else "",
            **values,
        )

    @api.model
    def _get_permissions(
        self,
        partners,
        company,
        channel,
        at=None,
        *,
        kind=None,
        records=None,
        overrides=True,
        own_user=None,
        obstacles=None,
        addresses=None,
        texts=None,
        purposes=None,
        **values,
    ):
        """May we contact these debtors?

        :param kind: key of the checks' log; none: only look, nothing is logged
        :param records: dict partner id → values of the log (case_id, notice_id)
        :param overrides: take overrides into account that are open
        :param own_user: res.users who asks: his own reservations do not count, others' stop him
        :param obstacles: dict commercial partner id → words of what else stands in the way
        :param addresses: dict partner id → number or e-mail address that is used
        :param texts: function from a partner id to the values of the request that are known from
            the text (document, content, pay_before); called where a rule on content may hold
        :param purposes: dict partner id → purpose, where it is not the same for all
        :param values: see ``_make_request``
        :return: dict partner id → ContactPermission
        """
        at = at or fields.Datetime.now()
        requests = []
        for partner in partners:
            own = dict(values)
            if purposes and partner.id in purposes:
                own["purpose"] = purposes[partner.id]
            request = self._make_request(
                company, partner, channel, at, (addresses or {}).get(partner.id), **own
            )
            requests.append((partner.commercial_partner_id.id, request))
        known = self._load_facts(
            partners.commercial_partner_id,
            company,
            at,
            own_user,
            {request.address for _owner, request in requests if request.address},
        )
        if texts:
            requests = [
                (owner, replace(request, **texts(partner.id)))
                if self._asks_for_content(company, known[owner], request.action)
                else (owner, request)
                for partner, (owner, request) in zip(partners, requests, strict=True)
            ]
        decisions = self._decide(company, requests, known=known)
        open_overrides = (
            self.env["debt.override"]._find_latest(company, partners, channel, at)
            if overrides
            else {}
        )
        result, rows = {}, []
        for partner, (owner, request), decision in zip(partners, requests, decisions, strict=True):
            if obstacles and owner in obstacles:
                decision = self._add_obstacle(decision, obstacles[owner])
            chosen = open_overrides.get(owner)
            if chosen and chosen.recipient == request.recipient:
                overridden = chosen._apply(decision, at)
                if overridden.overridden or not decision.allowed:
                    decision = overridden
            decision = self._tell_reserved(decision, owner, company, at, own_user)
            result[partner.id] = self._to_permission(decision)
            if kind:
                places = known[owner].jurisdictions
                extra = {"jurisdiction": places[0] if places else None}
                extra |= (records or {}).get(partner.id, {})
                rows.append(self._prepare_row(company, owner, request, decision, kind, **extra))
        self.env["debt.check"].sudo()._insert(rows)
        return result

    @api.model
    def _add_obstacle(self, decision, words):
        """Add what stands in the way beside the rules: a hold, a plan that is kept…"""
        first = replace(hit(None, "blocked", severity=vocabulary.BLOCK), words=Sentence(words))
        strong = decision.decision == vocabulary.HARD_BLOCK
        return replace(
            decision,
            decision=vocabulary.HARD_BLOCK if strong else vocabulary.BLOCK,
            hits=(*decision.hits, first) if strong else (first, *decision.hits),
            next_moment=None,
        )

    @api.model
    def _tell_reserved(self, decision, owner, company, at, own_user):
        """Add a refusal while another officer is about to contact the debtor."""
        if not own_user or not decision.allowed:
            return decision
        found = self._get_reservations(owner, company, at).filtered(
            lambda check: check.user_id != own_user
        )
        if not found:
            return decision
        words = Sentence(
            BUSY,
            {
                "name": found[0].user_id.name,
                "time": format_datetime(self.env, found[0].date, dt_format="HH:mm"),
            },
        )
        until = clock.as_utc(found[0].date + timedelta(minutes=RESERVED_MINUTES))
        first = replace(hit(None, "RESERVED", until, vocabulary.BLOCK), words=words)
        return replace(
            decision,
            decision=vocabulary.BLOCK,
            hits=(first, *decision.hits),
            next_moment=until,
            overridden=False,
        )

    @api.model
    def _get_reservations(self, owner, company, at):
        """Return the checks that hold a place for a contact that is about to be made."""
        return (
            self.env["debt.check"]
            .sudo()
            .search(
                [
                    ("reserved", "=", True),
                    ("partner_id", "=", owner),
                    ("company_id", "=", company.id),
                    ("date", ">", at - timedelta(minutes=RESERVED_MINUTES)),
                    ("date", "<=", at),
                ]
            )
        )

    @api.model
    def _to_permission(self, decision):
        """Return a decision in the user's words; protected circumstances are not named to all."""
        if not self._sees_sensitive():
            hits = tuple(
                replace(one, words=Sentence(MASKED)) if one.values.get("flag") in SENSITIVE else one
                for one in decision.hits
            )
            decision = replace(decision, hits=hits)
        if any(one.type == "CONTENT" and one.values.get("tokens") for one in decision.hits):
            hits = tuple(map(self._say_content, decision.hits))
            decision = replace(decision, hits=hits)
        return ContactPermission.from_decision(decision, self.env._)

    @api.model
    def _say_content(self, one):
        """Return a hit of a rule on content that names sentences instead of codes."""
        if one.type != "CONTENT" or not one.values.get("tokens") or one.code == "LANGUAGE":
            return one
        said = self.env["debt.phrase"]._say(one.values["tokens"])
        said = [sentence.rstrip(".") for sentence in said]
        return replace(
            one, words=Sentence(one.words.template, {**one.words.values, "tokens": said})
        )

    @api.model
    def _sees_sensitive(self):
        """Tell whether the user may know of protected circumstances."""
        return self.env.su or any(map(self.env.user.has_group, SENSITIVE_GROUPS))

    # === RESERVING ===

    @api.model
    def _reserve(self, case, channel, at=None, **values):
        """Check and take a place for one contact, so that two officers cannot both have the last.

        The case's row is written: of two transactions at once the second starts over and finds
        the first one's reservation.

        :param case: debt.case
        :param channel: key of a channel
        :return: ContactPermission
        """
        case.ensure_one()
        at = at or fields.Datetime.now()
        self.env.cr.execute(SQL("UPDATE debt_case SET reserved_on = %s WHERE id = %s", at, case.id))
        partner, company = case.partner_id, case.company_id
        permission = partner._get_contact_permissions(
            company,
            channel,
            at,
            kind="ask",
            records={partner.id: {"case_id": case.id}},
            own_user=self.env.user,
            **values,
        )[partner.id]
        self._get_reservations(partner.id, company, at).filtered(
            lambda check: check.user_id == self.env.user
        )._release()
        if permission.allowed:
            newest = self.env["debt.check"].sudo().search([("case_id", "=", case.id)], limit=1)
            newest.write({"reserved": True})
        return permission

    # === LOG ===

    @api.model
    def _prepare_row(self, company, owner, request, decision, kind, **extra):
        """Return the values of a check's row."""
        book_rules = self.env["debt.rule"]._get_book(company.id)[1]
        hits = [one for one in decision.hits if one.strength > 1]
        words = []
        for one in hits:
            masked = one.values.get("flag") in SENSITIVE
            words.append(Sentence(MASKED) if masked else one.words)
        said = dict.fromkeys(render(word, self.env._) for word in words)
        moment = decision.next_moment
        return {
            "company_id": company.id,
            "partner_id": owner,
            "user_id": self.env.uid,
            "date": request.at.replace(tzinfo=None),
            "kind": kind,
            "action": request.action,
            "purpose": request.purpose,
            "recipient": request.recipient,
            "decision": decision.decision,
            "code": decision.reason or None,
            "codes": ", ".join(decision.codes) or None,
            "words": "\n".join(said) or None,
            "rules": " ".join(
                f"{book_rules[code][0]}@{book_rules[code][1]}"
                for code in decision.considered
                if code in book_rules
            )
            or None,
            "next_date": moment.replace(tzinfo=None) if moment else None,
            "near_miss": False,
            "reserved": False,
            **extra,
        }
