"""What the gate is asked and what is known: plain values the models gather."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal

from . import business_days, clock, vocabulary
from .windows import Blocked, Interval


@dataclass(frozen=True)
class Charge:
    """Money somebody wants to add to a debt.

    :param kind: ``interest``, ``fixed_compensation``, ``first_reminder``, ``reminder``,
        ``lump_sum`` or any other name rules use
    :param asked: amount that is asked for; none: compute it
    :param principal: amount that bears the interest, or a lump sum depends on
    :param invoices: the late invoices' amounts, for a compensation per invoice
    :param periods: (days, index rate in percent a year) for interest
    :param contract_rate: agreed rate in percent a year
    :param legal_rate: legal rate in percent a year
    :param item: tariff item
    :param capital: capital of the debt
    :param principal_at_default: unpaid principal when the default began
    :param accrued: charges accrued during the default so far
    :param charged: fees charged so far below the same cap
    :param count: charges of this item this month so far
    """

    kind: str
    asked: Decimal | None = None
    principal: Decimal = Decimal(0)
    invoices: tuple[Decimal, ...] = ()
    periods: tuple[tuple[int, Decimal], ...] = ()
    contract_rate: Decimal | None = None
    legal_rate: Decimal | None = None
    item: str = ""
    capital: Decimal = Decimal(0)
    principal_at_default: Decimal = Decimal(0)
    accrued: Decimal = Decimal(0)
    charged: Decimal = Decimal(0)
    count: int = 0


@dataclass(frozen=True)
class Request:
    """What somebody wants to do.

    :param action: ``call``, ``email``, ``claim``… (see :mod:`.vocabulary`)
    :param at: the moment at which it leaves us, not the one at which it was approved
    :param person: key of the person it is addressed to
    :param debts: keys of the debts it is about; empty: all of them
    :param recipient: who that person is: ``debtor``, ``attorney``, ``employer``, ``cra``…
    :param purpose: ``demand``, ``reply``, ``location``, ``optout_confirmation``…
    :param actor: in whose name (:data:`.vocabulary.ACTORS`)
    :param address: number or e-mail address used
    :param address_kind: ``employer`` for one of the debtor's employer
    :param place: where it reaches the person: ``home``, ``work``; empty: not known, treated as home
    :param public: whether others can see it
    :param document: kind of document: ``validation``, ``first_claim``…
    :param content: tokens of what the text says; none: the text is not known yet
    :param traits: further facts about this request, named by rules: ``states_debt``…
    :param pay_before: a date by which the text demands payment
    :param charge: the money, for ``interest`` and ``fee``
    """

    action: str
    at: datetime
    person: str = ""
    debts: tuple[str, ...] = ()
    recipient: str = "debtor"
    purpose: str = "demand"
    actor: str = "creditor_own_name"
    address: str = ""
    address_kind: str = ""
    place: str = ""
    public: bool = False
    document: str = ""
    content: frozenset[str] | None = None
    traits: frozenset[str] = frozenset()
    pay_before: date | None = None
    charge: Charge | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "at", clock.as_utc(self.at))

    @property
    def medium(self) -> str:
        """The medium used; a message left is a telephone call."""
        return vocabulary.medium(self.action)


@dataclass(frozen=True)
class Contact:
    """A contact that took place, was tried or is reserved.

    :param action: its channel: ``call``, ``sms``, ``letter``…
    :param at: when it was sent or begun
    :param debts: the debts it was about, the one it is attributed to first; empty: all
    :param result: what became of it: ``ring``, ``busy``, ``conversation``, ``sent``…
    :param inbound: whether the debtor contacted us
    :param person: key of the person
    :param place: where it reached the person; empty: not known
    :param recipient: who that person is
    """

    action: str
    at: datetime
    debts: tuple[str, ...] = ()
    result: str = vocabulary.RESERVED
    inbound: bool = False
    person: str = ""
    place: str = ""
    recipient: str = "debtor"

    def __post_init__(self) -> None:
        object.__setattr__(self, "at", clock.as_utc(self.at))

    @property
    def medium(self) -> str:
        """The medium used."""
        return vocabulary.medium(self.action)


@dataclass(frozen=True)
class Flag:
    """A circumstance that stands in the way: cease, attorney, bankruptcy, moratorium…

    :param code: its name
    :param start: first calendar day, or the moment a notice was received; none: always
    :param end: last calendar day; none: until it is taken away
    :param debts: debts it is about; empty: all
    :param resolved: what was asked of us has been done (verification or answer sent, decision
        reviewed by a person)
    :param asked_on: for an attorney: since when he has left our question unanswered
    :param consents: whether he agreed to direct contact
    :param partial: the debtor has other debts too, which may be spoken of: a question about none
        in particular is not about its debts
    """

    code: str
    start: date | None = None
    end: date | None = None
    debts: tuple[str, ...] = ()
    resolved: bool = False
    asked_on: date | None = None
    consents: bool = False
    partial: bool = False


@dataclass(frozen=True)
class TimeConsent:
    """Hours at which the debtor agreed to be contacted although they are usual for nobody.

    :param interval: minutes since midnight, in the debtor's time
    :param direct: given to us, not to a former creditor or collector
    """

    interval: Interval
    direct: bool = True


@dataclass(frozen=True)
class CallConsent:
    """Agreement to be called in the next days.

    :param given: the day it was given; day 1 of its term
    :param until: moment at which it ends early, or was withdrawn
    :param direct: given to us
    :param at: the moment it was given, when that is known
    """

    given: date
    until: datetime | None = None
    direct: bool = True
    at: datetime | None = None


@dataclass(frozen=True)
class Notice:
    """A notice that was given, or another event rules ask for.

    :param kind: ``letter_of_claim``, ``written_notice``, ``conversation``…
    :param on: the day the wait counts from (dated, sent, received, delivered)
    :param undelivered: the day it came back or proved not to have arrived
    :param not_delivered: that there is no proof it arrived where it had to
    :param approved: whether an authority that has to approve it did
    :param response: what the debtor answered: ``rejected``, ``referred``…; empty: nothing
    :param debts: debts it was about; empty: all
    """

    kind: str
    on: date
    undelivered: date | None = None
    not_delivered: bool = False
    approved: bool = False
    response: str = ""
    debts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Facts:
    """Everything known about a debtor that a rule may ask for.

    :param jurisdictions: of residence, of the debt's law and of the creditor; empty: not known
    :param debtor_type: ``consumer``, ``sole_trader`` or ``company``
    :param zones: where the debtor may be; empty: there is no evidence
    :param holidays: public holidays there; none: not known
    :param weekend: weekdays that are no business days there (Monday is 0)
    :param contacts: the contact log, in any order
    :param flags: what stands in the way
    :param blocked: periods the debtor asked us to leave out
    :param time_consents: hours the debtor agreed to
    :param call_consents: agreements to be called
    :param opted_out: numbers and addresses that must not be used
    :param stopped_media: media the debtor refused
    :param only_media: media the debtor limited us to; ``writing`` for anything written
    :param consent_age_days: days since a number was last used by or agreed with its owner
    :param reassigned_checked: whether the number was checked for a new owner
    :param notices: what was given to the debtor
    :param dates: other dates rules ask for: ``default_since``, ``due``, ``validation_end``…
    :param interruptions: days on which limitation began anew
    :param time_barred: judged by a person; none: compute it
    :param traits: further facts named by rules: ``npl_transferred``, ``nca``…
    :param location_contacts: contacts with this third party for location information so far
    :param same_debt: groups of debts that count as one
    :param adopted: rule sets the company keeps although they do not bind it
    """

    jurisdictions: tuple[str, ...] = ()
    debtor_type: str = "consumer"
    zones: clock.Zones = ()
    holidays: frozenset[date] | None = frozenset()
    weekend: frozenset[int] = business_days.SATURDAY_AND_SUNDAY
    contacts: tuple[Contact, ...] = ()
    flags: tuple[Flag, ...] = ()
    blocked: tuple[Blocked, ...] = ()
    time_consents: tuple[TimeConsent, ...] = ()
    call_consents: tuple[CallConsent, ...] = ()
    opted_out: frozenset[str] = frozenset()
    stopped_media: frozenset[str] = frozenset()
    only_media: frozenset[str] = frozenset()
    consent_age_days: int | None = None
    reassigned_checked: bool = False
    notices: tuple[Notice, ...] = ()
    dates: dict[str, date] = field(default_factory=dict)
    interruptions: tuple[date, ...] = ()
    time_barred: bool | None = None
    traits: frozenset[str] = frozenset()
    location_contacts: int = 0
    same_debt: tuple[frozenset[str], ...] = ()
    adopted: frozenset[str] = frozenset()

    def group(self, debts: Iterable[str]) -> frozenset[str]:
        """Return debts together with those that count as one with them."""
        result = set(debts)
        for group in self.same_debt:
            if group & result:
                result |= group
        return frozenset(result)

    def with_contact(self, contact: Contact) -> "Facts":
        """Return the same facts after one more contact: how a reservation is taken account of."""
        return replace(self, contacts=(*self.contacts, contact))

    def may_answer(self, request: Request) -> bool:
        """Tell whether the debtor wrote or called in this medium and got no answer yet.

        One reply for each message (12 CFR 1006 Supp. I cmt 6(b)(1)-2, 6(b)(2)-1).
        """
        return request.purpose == "reply" and bool(self.unanswered(request))

    def unanswered(self, request: Request) -> list[Contact]:
        """Return the debtor's messages in the medium of a request that got no answer yet."""
        pending: list[Contact] = []
        for contact in sorted(self.contacts, key=lambda contact: contact.at):
            if contact.at > request.at or contact.medium != request.medium:
                continue
            if request.person and contact.person and contact.person != request.person:
                continue
            if contact.inbound:
                pending.append(contact)
            elif contact.result not in vocabulary.NOT_CONNECTED and pending:
                pending.pop(0)
        return pending
