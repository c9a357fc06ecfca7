"""Properties of the decision logic, on facts and rules nobody thought of."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from compliance_cases import PARENTS, RULES, gate
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

STRENGTH = gate.vocabulary.STRENGTH
MINUTE = timedelta(minutes=1)
BUSY = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)

# Zones with half hours, quarters, changes at midnight and of half an hour, and one without any.
ZONES = (
    "America/New_York",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "Europe/London",
    "Africa/Cairo",
    "Asia/Beirut",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Guam",
    "Atlantic/Azores",
    "UTC",
)
# Days on which clocks are changed somewhere, among others.
DAYS = st.one_of(
    st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    st.sampled_from(
        [
            date(2017, 10, 15),
            date(2018, 2, 18),
            date(2026, 3, 8),
            date(2026, 3, 29),
            date(2026, 4, 5),
            date(2026, 4, 24),
            date(2026, 10, 4),
            date(2026, 10, 25),
            date(2026, 10, 30),
            date(2026, 11, 1),
        ]
    ),
)
MOMENTS = st.builds(
    lambda day, minute: datetime(day.year, day.month, day.day, tzinfo=UTC) + minute * MINUTE,
    DAYS,
    st.integers(-600, 1800),
)
MINUTES = st.integers(0, 96).map(lambda quarter: quarter * 15)


@st.composite
def intervals(draw):
    """Return an interval of a day in quarters of an hour."""
    begin, end = sorted(draw(st.lists(MINUTES, min_size=2, max_size=2, unique=True)))
    return begin, end


HOURS = st.lists(st.lists(intervals(), max_size=1).map(tuple), min_size=7, max_size=7).filter(any)
ZONE_SETS = st.lists(st.sampled_from(ZONES), min_size=1, max_size=2, unique=True)


def rule(parameters, severity="block", **values):
    """Return a rule about calls."""
    number = values.pop("number", 0)
    return gate.rules.Rule(
        code=f"R{number}",
        jurisdiction="X",
        parameters=parameters,
        actions=frozenset({"call"}),
        severity=severity,
        **values,
    )


WINDOWS = st.builds(
    lambda hours, holidays: gate.parameters_contact.Window(
        gate.windows.Hours(tuple(hours)), holidays
    ),
    HOURS,
    st.booleans(),
)
FREQUENCIES = st.builds(
    gate.parameters_contact.Freq,
    limit=st.integers(1, 4),
    period=st.sampled_from(["days", "week", "month"]),
    unit=st.sampled_from(["attempt", "connected", "contact", "unanswered"]),
    scope=st.sampled_from([frozenset(), frozenset({"person"}), frozenset({"person", "debt"})]),
) | st.builds(
    gate.parameters_contact.Freq,
    limit=st.integers(1, 4),
    period=st.sampled_from(["days", "minutes"]),
    length=st.integers(1, 10),
)
PAUSES = st.builds(
    gate.parameters_contact.Cooloff, days=st.integers(1, 10), first_day=st.sampled_from([0, 1])
)
FLAGS = st.just(gate.parameters_contact.FlagRule(frozenset({"moratorium"}), days=5))
PARAMETERS = st.one_of(WINDOWS, FREQUENCIES, PAUSES, FLAGS)
RULE_LISTS = st.lists(
    st.builds(
        rule,
        PARAMETERS,
        severity=st.sampled_from(["warn", "block", "hard_block"]),
        valid_to=st.none() | DAYS,
    ),
    min_size=1,
    max_size=4,
).map(lambda rules: [replace(one, code=f"R{number}") for number, one in enumerate(rules)])
RESULTS = ["ring", "busy", "voicemail", "wrong_number", "conversation", "reserved", "not_sent"]


@st.composite
def questions(draw):
    """Return a request and the facts for it."""
    at = draw(MOMENTS)
    contacts = draw(
        st.lists(
            st.builds(
                gate.facts.Contact,
                action=st.just("call"),
                at=st.integers(1, 15 * 1440).map(lambda minutes: at - minutes * MINUTE),
                debts=st.sampled_from([(), ("D1",), ("D2",), ("D1", "D2")]),
                result=st.sampled_from(RESULTS),
                inbound=st.booleans(),
                person=st.sampled_from(["P1", "P2"]),
            ),
            max_size=8,
        )
    )
    start = draw(st.none() | st.integers(-10, 10))
    flags = ()
    if start is not None:
        flags = (gate.facts.Flag("moratorium", at.date() + timedelta(days=start)),)
    facts = gate.facts.Facts(
        jurisdictions=("X",),
        zones=gate.clock.zones(draw(ZONE_SETS)),
        holidays=frozenset(draw(st.lists(DAYS, max_size=2))),
        contacts=tuple(contacts),
        flags=flags,
        blocked=tuple(draw(st.lists(st.builds(gate.windows.Blocked, intervals()), max_size=1))),
    )
    request = gate.facts.Request("call", at, person="P1", debts=("D1",))
    return request, facts


def ask(request, facts, rules, **options):
    """Return the decision by a list of rules."""
    return gate.decision.evaluate(request, facts, gate.rules.RuleBook(rules), **options)


def strength(decision):
    """Return how much a decision stands in the way."""
    return STRENGTH[decision.decision]


@BUSY
@given(questions(), RULE_LISTS)
def test_adding_a_rule_never_relaxes(question, rules):
    """One more rule: never a weaker answer, never an earlier next moment."""
    request, facts = question
    fewer, more = ask(request, facts, rules[:-1]), ask(request, facts, rules)
    assert strength(more) >= strength(fewer)
    assert set(fewer.codes) <= set(more.codes)
    if not fewer.allowed and more.next_moment:
        assert fewer.next_moment
        assert more.next_moment >= fewer.next_moment


@BUSY
@given(questions(), RULE_LISTS)
def test_next_moment_is_the_first(question, rules):
    """The next lawful moment is lawful; neither the minute before nor any tried before it is."""
    request, facts = question
    decision = ask(request, facts, rules)
    if not decision.next_moment:
        assert decision.allowed and decision.decision == "allow" or decision.hits
        return
    level = min(strength(decision), STRENGTH["block"])
    assert decision.next_moment > request.at

    def answer(at):
        return strength(ask(replace(request, at=at), facts, rules, find_next=False))

    assert answer(decision.next_moment) < level
    assert answer(max(request.at, decision.next_moment - MINUTE)) >= level
    step = (decision.next_moment - request.at) / 23
    assert all(answer(request.at + number * step) >= level for number in range(23))


@BUSY
@given(WINDOWS, MOMENTS, st.sampled_from(ZONES))
def test_window_opens_at_the_first_minute(window, moment, name):
    """Minute by minute through changes of clocks: nothing open is passed over."""
    where = gate.clock.zone(name)
    opening = gate.windows.Opening(window.hours)
    found = opening.next_open(moment, where)
    assert found is not None
    assert opening.is_open(found, where)
    minutes = min(int((found - moment) / MINUTE), 4 * 1440)
    assert not any(opening.is_open(moment + step * MINUTE, where) for step in range(minutes))


def changes_of(name):
    """Return the moments of 2026 at which a zone's clocks are changed."""
    where = gate.clock.zone(name)
    days = (date(2026, 1, 1) + timedelta(days=number) for number in range(365))
    return [moment for day in days for moment in gate.clock.changes(day, where)]


@pytest.mark.parametrize("name", [name for name in ZONES if changes_of(name)])
def test_around_changes_of_clocks(name):
    """Some hour a day around the change, and its complement: found as by trying every time."""
    where = gate.clock.zone(name)
    step = 5 * MINUTE
    for change in changes_of(name):
        wall = change.astimezone(where)
        around = {(wall.hour * 60 + wall.minute + shift) % 1440 for shift in range(-120, 91, 30)}
        for begin in sorted(around):
            hours = (begin, min(begin + 75, 1440))
            opening = gate.windows.Opening(gate.windows.Hours(((hours,),) * 7))
            blocked = gate.windows.Blocked(hours)
            for start in range(-26, 3, 2):
                moment = change + start * 5 * step
                found = opening.next_open(moment, where)
                tried = moment
                while not opening.is_open(tried, where):
                    tried += step
                assert found == tried
                tried = moment
                while blocked.has(tried, where):
                    tried += step
                assert blocked.next_free(moment, where) == tried


@BUSY
@given(DAYS, st.sampled_from(ZONES))
def test_days_begin_once(day, name):
    """A day's first moment belongs to it and the second before does not."""
    where = gate.clock.zone(name)
    begins = gate.clock.day_begins(day, where)
    before = gate.clock.local_date(begins - timedelta(seconds=1), where)
    after = gate.clock.local_date(begins, where)
    # Samoa left out a day
    assert before < day <= after


@BUSY
@given(questions(), FREQUENCIES, st.sampled_from(RESULTS))
def test_counting_is_monotone(question, freq, result):
    """One contact more never frees; one that proves not to count never forbids."""
    request, facts = question
    rules = [rule(freq)]
    contact = gate.facts.Contact("call", request.at - MINUTE, ("D1",), result, person="P1")
    fewer, more = ask(request, facts, rules), ask(request, facts.with_contact(contact), rules)
    assert strength(more) >= strength(fewer)
    if fewer.next_moment and more.next_moment:
        assert more.next_moment >= fewer.next_moment
    wrong = tuple(replace(one, result="wrong_number") for one in facts.contacts)
    assert strength(ask(request, replace(facts, contacts=wrong), rules)) <= strength(fewer)


@BUSY
@given(questions(), RULE_LISTS, st.sampled_from(ZONES))
def test_one_more_zone_never_relaxes(question, rules, name):
    """Less certain evidence of where the debtor is never allows more."""
    request, facts = question
    rules = [one for one in rules if one.valid_to is None]
    assume(rules)
    wider = replace(facts, zones=tuple(dict.fromkeys((*facts.zones, gate.clock.zone(name)))))
    assert strength(ask(request, wider, rules)) >= strength(ask(request, facts, rules))
    nowhere = ask(request, replace(facts, zones=()), rules)
    if any(one.type == "WINDOW" for one in rules):
        assert not nowhere.allowed


@BUSY
@given(questions(), st.sampled_from(sorted(PARENTS)))
def test_children_never_relax(question, place):
    """A state's answer is never weaker than its country's, by the shipped rules."""
    request, facts = question
    book = gate.rules.RuleBook([one for one in RULES if one.active], PARENTS)
    request = replace(request, actor="agency")

    def answer(where):
        known = replace(facts, jurisdictions=(where,))
        return strength(gate.decision.evaluate(request, known, book, find_next=False))

    assert answer(place) >= answer(PARENTS[place])
