"""Words for a person: a template and its values, so that Odoo can translate the template.

Templates are marked with ``_lt`` for the extraction of terms; the models render them with
``render(sentence, env._)``, tests and logs with ``str(sentence)``.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


def _lt(template: str) -> str:
    """Mark a template for translation."""
    return template


@dataclass(frozen=True)
class Sentence:
    """Words with values still to be put in.

    :param template: English text with ``%(name)s``
    :param values: by name; a value may be a sentence or a list itself
    """

    template: str
    values: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        return render(self)


class _Values(dict):
    """Values of a sentence; one that a rule's own reason code does not have is left open."""

    def __missing__(self, _name: str) -> str:
        return "?"


def render(value: Any, translate: Callable[[str], str] = str) -> str:
    """Return text of a sentence.

    :param value: a sentence, a list of things to be joined by commas, or anything printable
    :param translate: function from an English template to one in the reader's language
    """
    if isinstance(value, Sentence):
        values = _Values((name, render(part, translate)) for name, part in value.values.items())
        return translate(value.template) % values if values else translate(value.template)
    if isinstance(value, (set, frozenset)):
        value = sorted(value)
    if isinstance(value, (list, tuple)):
        return ", ".join(render(part, translate) for part in value)
    if value in LABELS:
        return translate(LABELS[value])
    # names of circumstances, notices and the like are data, not terms
    return value.replace("_", " ") if isinstance(value, str) else str(value)


def say(template: str, **values: Any) -> Sentence:
    """Return a sentence of a template and its values."""
    return Sentence(template, values)


def either(condition: Any, template: str, **values: Any) -> Sentence | str:
    """Return a sentence when a condition holds, otherwise nothing."""
    return Sentence(template, values) if condition else ""


def joined(parts: Iterable[Sentence | str], between: str = "") -> Sentence:
    """Return several sentences as one, those that are empty left out.

    :param between: what stands between two of them
    """
    kept = {f"part{number}": part for number, part in enumerate(parts) if part}
    return Sentence(between.join(f"%({name})s" for name in kept), kept)


LABELS = {
    "@phone": _lt("telephone"),
    "@electronic": _lt("electronic message"),
    "@paper": _lt("post"),
    "@live": _lt("telephone or visit"),
    "@timed": _lt("any contact but post"),
    "@contact": _lt("any contact"),
    "@court": _lt("court"),
    "@money": _lt("interest and fees"),
    "call": _lt("call"),
    "voicemail": _lt("voice message"),
    "visit": _lt("visit"),
    "sms": _lt("text message"),
    "email": _lt("e-mail"),
    "whatsapp": _lt("WhatsApp message"),
    "social": _lt("social media message"),
    "portal_message": _lt("portal message"),
    "letter": _lt("letter"),
    "registered_letter": _lt("registered letter"),
    "postcard": _lt("postcard"),
    "notice": _lt("notice"),
    "claim": _lt("court claim"),
    "execution": _lt("execution"),
    "proof_of_claim": _lt("proof of claim"),
    "interest": _lt("interest"),
    "fee": _lt("fee"),
    "debtor": _lt("the debtor"),
    "attorney": _lt("the debtor's attorney"),
    "due": _lt("due date"),
    "person": _lt("person"),
    "debt": _lt("debt"),
    "MO": _lt("Mon"),
    "TU": _lt("Tue"),
    "WE": _lt("Wed"),
    "TH": _lt("Thu"),
    "FR": _lt("Fri"),
    "SA": _lt("Sat"),
    "SU": _lt("Sun"),
}

# What a hit says, by its reason code.
REASONS = {
    "NO_JURISDICTION": _lt("It is not known which country's rules protect this debtor."),
    "TZ_UNKNOWN": _lt("It is not known where the debtor is, so it is not known what time it is."),
    "WINDOW": _lt("It is %(time)s for the debtor, outside the hours of %(rule)s."),
    "HOLIDAY": _lt("It is a holiday for the debtor (%(date)s); %(rule)s allows no contact."),
    "HOLIDAYS_UNKNOWN": _lt("No holiday calendar is known for the debtor; %(rule)s asks for one."),
    "PERSON_WINDOW": _lt("The debtor asked not to be contacted at this time."),
    "FREQ": _lt("%(count)s of %(limit)s contacts used up (%(rule)s)."),
    "PATTERN": _lt("Contacts this close together may be taken for harassment (%(rule)s)."),
    "COOLOFF": _lt("It is too soon after %(date)s (%(rule)s)."),
    "FLAG_CEASE": _lt("The debtor told us to stop."),
    "FLAG_ATTORNEY": _lt("The debtor is represented; only the attorney may be contacted."),
    "ATTORNEY_UNRESPONSIVE": _lt("The attorney has not answered for %(days)s days."),
    "FLAG_DISPUTE": _lt("The debt is disputed and the dispute is not answered."),
    "LATE_DISPUTE": _lt("The debt was disputed after the validation period."),
    "FLAG_OC_REQUEST": _lt("The debtor asked for the original creditor's name."),
    "FLAG_DECEASED": _lt("The debtor has died; contact who acts for the estate."),
    "FLAG_BANKRUPTCY": _lt("The debtor is bankrupt."),
    "FLAG_BREATHING_SPACE": _lt("The debtor has a breathing space."),
    "FLAG_CAPACITY": _lt("The debtor may be unable to understand or decide."),
    "FLAG_MINOR": _lt("The debtor is under age; contact a parent or guardian."),
    "FLAG_HARDSHIP": _lt("The debtor is in hardship; take care."),
    "FLAG_LANGUAGE": _lt("The debtor needs another language, or help to read."),
    "FLAG_GRIEVANCE": _lt("A grievance of the debtor is open."),
    "FLAG_SENSITIVE_OCCASION": _lt("This is a sensitive time for the debtor."),
    "AUTOMATED_DECISION": _lt("Only a score decided this; a person has to review it."),
    "FLAG": _lt("There is a circumstance that stands in the way (%(flag)s)."),
    "MEDIUM_REFUSED": _lt("The debtor refused this way of contact."),
    "OPT_OUT": _lt("This number or address is opted out."),
    "CHANNEL_NOT_LISTED": _lt("%(rule)s does not allow this way of contact."),
    "SAFE_HARBOR_LOST": _lt("It is %(days)s days since this number was known to be the debtor's."),
    "THIRD_PARTY": _lt("This person must not learn of the debt."),
    "LOCATION_ONCE": _lt("This person was asked where the debtor is before."),
    "PUBLIC_DISCLOSURE": _lt("Others could see it."),
    "DEBTOR_LIST": _lt("Lists of debtors must not be published."),
    "NO_LEGAL_BASIS": _lt("There is no legal basis for telling others."),
    "WORKPLACE": _lt("The debtor must not be contacted at work."),
    "EMPLOYER_EMAIL": _lt("This is an address of the debtor's employer."),
    "NOTICE_MISSING": _lt("A notice has to be given first: %(notice)s."),
    "NOT_IN_DEFAULT": _lt("The debtor is not in default yet: %(notice)s is missing."),
    "NOTICE_WAIT": _lt("The wait after the notice of %(date)s is not over."),
    "NOTICE_UNDELIVERED": _lt("The notice of %(date)s did not arrive."),
    "NOTICE_NOT_APPROVED": _lt("The notice of %(date)s is not approved."),
    "RESPONSE_OPEN": _lt("The debtor answered the notice and the answer is not settled."),
    "DEFAULT_AGE": _lt("The debtor has not been in default for long enough."),
    "VALIDATION_OVERDUE": _lt("The notice due within %(days)s days of %(date)s was not sent."),
    "CONTENT_MISSING": _lt("The text lacks: %(tokens)s."),
    "CONTENT_OPT_OUT_MISSING": _lt("The text does not say how to opt out."),
    "CONTENT_FORBIDDEN": _lt("The text must not contain: %(tokens)s."),
    "NOT_LIMITED_CONTENT": _lt("The message says more or less than a limited-content message may."),
    "OVERSHADOW": _lt("The text demands payment before the debtor's time to dispute ends."),
    "LANGUAGE": _lt("The text has to be in: %(tokens)s."),
    "TIME_BARRED": _lt("The debt is time-barred since %(date)s."),
    "TIME_BARRED_DISCLOSURE": _lt(
        "The debt is time-barred since %(date)s; the text may have to say so."
    ),
    "RETENTION": _lt("This has to be kept until %(date)s."),
    "IN_DUPLUM": _lt("Charges during the default have reached the principal."),
    "FEE_CAP": _lt("The fees have reached their limit of %(limit)s."),
    "FEE_COUNT": _lt("This fee was charged %(count)s times this month, its limit."),
    "FIRST_REMINDER_FREE": _lt("The first reminder is free of charge."),
    "NOT_APPLICABLE": _lt("There is no basis for this charge against such a debtor."),
    "RATE_BELOW_MIN": _lt("The agreed rate is below the minimum of %(minimum)s %%."),
    "OVERRIDE_ROLE": _lt("This role may not override it."),
    "OVERRIDE_REASON": _lt("An override needs a reason."),
    "OVERRIDE_EXPIRED": _lt("The override has expired."),
    "OVERRIDE_USED": _lt("The override has been used."),
    "NOT_OVERRIDABLE": _lt("Nobody may override this."),
}


def reason(code: str, **values: Any) -> Sentence:
    """Return what a reason code says to a person; an unknown code says itself."""
    return Sentence(REASONS.get(code, "%(code)s"), {"code": code, **values})
