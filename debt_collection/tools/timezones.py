"""Where a debtor may be: time zones of an address and of a telephone number, as evidence."""

from datetime import UTC, datetime
from functools import lru_cache

import phonenumbers
import pytz
from phonenumbers.timezone import time_zones_for_number

from .compliance import clock

EASTERN, CENTRAL, MOUNTAIN, PACIFIC = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
)
SYDNEY = "Australia/Sydney"
# States of countries with several zones; where a state has several, all of them.
STATES = {
    "US": {
        EASTERN: "CT DE DC FL GA IN KY ME MD MA MI NH NJ NY NC OH PA RI SC TN VT VA WV",
        CENTRAL: "AL AR FL IL IN IA KS KY LA MN MS MO NE ND OK SD TN TX WI",
        MOUNTAIN: "CO ID KS MT NE NV NM ND OR SD TX UT WY",
        "America/Phoenix": "AZ",
        PACIFIC: "CA ID NV OR WA",
        "America/Anchorage": "AK",
        "America/Adak": "AK",
        "Pacific/Honolulu": "HI",
        "Pacific/Guam": "GU MP",
        "America/Puerto_Rico": "PR VI",
        "Pacific/Pago_Pago": "AS",
    },
    "CA": {
        "America/Toronto": "ON QC NU",
        "America/Winnipeg": "MB ON NU",
        "America/Regina": "SK",
        "America/Edmonton": "AB BC NT NU SK",
        "America/Vancouver": "BC",
        "America/Whitehorse": "YT",
        "America/Halifax": "NS NB PE NL QC",
        "America/St_Johns": "NL",
    },
    "AU": {
        SYDNEY: "NSW ACT VIC TAS",
        "Australia/Brisbane": "QLD",
        "Australia/Adelaide": "SA",
        "Australia/Broken_Hill": "NSW",
        "Australia/Darwin": "NT",
        "Australia/Perth": "WA",
    },
}
SAMPLES = tuple(datetime(2026, month, 15, 12, tzinfo=UTC) for month in range(1, 13))


def _distinct(names):
    """Return zones that keep the same time all year once each, in the order given."""
    found = {}
    for name in names:
        where = clock.zone(name)
        key = tuple(moment.astimezone(where).utcoffset() for moment in SAMPLES)
        found.setdefault(key, name)
    return tuple(found.values())


@lru_cache(maxsize=4096)
def of_address(country, state=""):
    """Return the zones an address may lie in.

    :param str country: code of the country (ISO 3166)
    :param str state: code of the state within the country
    :return: names of zones; none for an unknown country
    """
    by_state = [zone for zone, codes in STATES.get(country, {}).items() if state in codes.split()]
    return _distinct(by_state or pytz.country_timezones.get(country, ()))


@lru_cache(maxsize=65536)
def of_number(number, country=""):
    """Return the zones a telephone number points to.

    :param str number: as it was written
    :param str country: code of the country it belongs to when it has no country code
    :return: names of zones; none when the number says nothing
    """
    try:
        parsed = phonenumbers.parse(number, country or None)
    except phonenumbers.NumberParseException:
        return ()
    names = [name for name in time_zones_for_number(parsed) if name != "Etc/Unknown"]
    return _distinct(name for name in names if name in pytz.all_timezones_set)


@lru_cache(maxsize=65536)
def candidates(explicit="", country="", state="", number=""):
    """Return the zones a debtor may be in, from all evidence; conflicting evidence adds up.

    What a person has found out goes before everything. An address that settles the zone counts,
    and so does the number where it points elsewhere; an address in a country of several zones is
    narrowed down by a number that lies there (12 CFR 1006 Supp. I cmt 6(b)(1)(i)-2).

    :param str explicit: names of zones, separated by commas
    :return: time zones; none: there is no evidence
    """
    if explicit:
        return clock.zones(name.strip() for name in explicit.split(",") if name.strip())
    address = of_address(country, state) if country else ()
    phone = of_number(number, country) if number and (len(address) != 1 or number[0] == "+") else ()
    if len(phone) > 1 and address:
        # a number of a whole country says no more than the address
        phone = ()
    settled = len(address) == 1 or state
    names = (*address, *phone) if settled or not phone else phone
    return clock.zones(_distinct(names))
