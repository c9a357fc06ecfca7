"""Words for a person: a template and its values, so that Odoo can translate the template.

Templates are marked with ``_`` for the extraction of terms; the models render them with
``render(sentence, env._)``, tests and logs with ``str(sentence)``.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


def _(template: str) -> str:
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


def render(value: Any, translate: Callable[[str], str] = str) -> str:
    """Return text of a sentence.

    :param value: a sentence, a list of things to be joined by commas, or anything printable
    :param translate: function from an English template to one in the reader's language
    """
    if isinstance(value, Sentence):
        values = {name: render(part, translate) for name, part in value.values.items()}
        return translate(value.template) % values if values else translate(value.template)
    if isinstance(value, (set, frozenset)):
        value = sorted(value)
    if isinstance(value, (list, tuple)):
        return ", ".join(render(part, translate) for part in value)
    return translate(LABELS[value]) if value in LABELS else str(value)


def say(template: str, **values: Any) -> Sentence:
    """Return a sentence of a template and its values."""
    return Sentence(template, values)


def either(condition: Any, template: str, **values: Any) -> Sentence | str:
    """Return a sentence when a condition holds, otherwise nothing."""
    return Sentence(template, values) if condition else ""


def joined(parts: Iterable[Sentence | str]) -> Sentence:
    """Return several sentences as one, those that are empty left out."""
    kept = {f"part{number}": part for number, part in enumerate(parts) if part}
    return Sentence("".join(f"%({name})s" for name in kept), kept)


LABELS = {
    "call": _("call"),
    "voicemail": _("voice message"),
    "visit": _("visit"),
    "sms": _("text message"),
    "email": _("e-mail"),
    "whatsapp": _("WhatsApp message"),
    "social": _("social media message"),
    "portal_message": _("portal message"),
    "letter": _("letter"),
    "registered_letter": _("registered letter"),
    "postcard": _("postcard"),
    "notice": _("notice"),
    "claim": _("court claim"),
    "execution": _("execution"),
    "proof_of_claim": _("proof of claim"),
    "interest": _("interest"),
    "fee": _("fee"),
    "debtor": _("the debtor"),
    "attorney": _("the debtor's attorney"),
    "person": _("person"),
    "debt": _("debt"),
    "MO": _("Mon"),
    "TU": _("Tue"),
    "WE": _("Wed"),
    "TH": _("Thu"),
    "FR": _("Fri"),
    "SA": _("Sat"),
    "SU": _("Sun"),
}

# What a hit says, by its reason code.
REASONS = {
    "NO_JURISDICTION": _("It is not known which country's rules protect this debtor."),
    "TZ_UNKNOWN": _("It is not known where the debtor is, so it is not known what time it is."),
    "WINDOW": _("It is %(time)s for the debtor, outside the hours of %(rule)s."),
    "HOLIDAY": _("It is a holiday for the debtor (%(date)s); %(rule)s allows no contact."),
    "HOLIDAYS_UNKNOWN": _("No holiday calendar is known for the debtor; %(rule)s asks for one."),
    "PERSON_WINDOW": _("The debtor asked not to be contacted at this time."),
    "FREQ": _("%(count)s of %(limit)s contacts used up (%(rule)s)."),
    "PATTERN": _("Contacts this close together may be taken for harassment (%(rule)s)."),
    "COOLOFF": _("It is too soon after %(date)s (%(rule)s)."),
    "FLAG_CEASE": _("The debtor told us to stop."),
    "FLAG_ATTORNEY": _("The debtor is represented; only the attorney may be contacted."),
    "ATTORNEY_UNRESPONSIVE": _("The attorney has not answered for %(days)s days."),
    "FLAG_DISPUTE": _("The debt is disputed and the dispute is not answered."),
    "LATE_DISPUTE": _("The debt was disputed after the validation period."),
    "FLAG_OC_REQUEST": _("The debtor asked for the original creditor's name."),
    "FLAG_DECEASED": _("The debtor has died; contact who acts for the estate."),
    "FLAG_BANKRUPTCY": _("The debtor is bankrupt."),
    "FLAG_BREATHING_SPACE": _("The debtor has a breathing space."),
    "FLAG_CAPACITY": _("The debtor may be unable to understand or decide."),
    "FLAG_GRIEVANCE": _("A grievance of the debtor is open."),
    "FLAG_SENSITIVE_OCCASION": _("This is a sensitive time for the debtor."),
    "AUTOMATED_DECISION": _("Only a score decided this; a person has to review it."),
    "FLAG": _("There is a circumstance that stands in the way (%(flag)s)."),
    "MEDIUM_REFUSED": _("The debtor refused this way of contact."),
    "OPT_OUT": _("This number or address is opted out."),
    "CHANNEL_NOT_LISTED": _("%(rule)s does not allow this way of contact."),
    "SAFE_HARBOR_LOST": _("It is %(days)s days since this number was known to be the debtor's."),
    "THIRD_PARTY": _("This person must not learn of the debt."),
    "LOCATION_ONCE": _("This person was asked where the debtor is before."),
    "PUBLIC_DISCLOSURE": _("Others could see it."),
    "DEBTOR_LIST": _("Lists of debtors must not be published."),
    "NO_LEGAL_BASIS": _("There is no legal basis for telling others."),
    "WORKPLACE": _("The debtor must not be contacted at work."),
    "EMPLOYER_EMAIL": _("This is an address of the debtor's employer."),
    "NOTICE_MISSING": _("A notice has to be given first: %(notice)s."),
    "NOT_IN_DEFAULT": _("The debtor is not in default yet: %(notice)s is missing."),
    "NOTICE_WAIT": _("The wait after the notice of %(date)s is not over."),
    "NOTICE_UNDELIVERED": _("The notice of %(date)s did not arrive."),
    "NOTICE_NOT_APPROVED": _("The notice of %(date)s is not approved."),
    "RESPONSE_OPEN": _("The debtor answered the notice and the answer is not settled."),
    "DEFAULT_AGE": _("The debtor has not been in default for long enough."),
    "VALIDATION_OVERDUE": _("The notice due within %(days)s days of %(date)s was not sent."),
    "CONTENT_MISSING": _("The text lacks: %(tokens)s."),
    "CONTENT_OPT_OUT_MISSING": _("The text does not say how to opt out."),
    "CONTENT_FORBIDDEN": _("The text must not contain: %(tokens)s."),
    "NOT_LIMITED_CONTENT": _("The message says more or less than a limited-content message may."),
    "OVERSHADOW": _("The text demands payment before the debtor's time to dispute ends."),
    "LANGUAGE": _("The text has to be in: %(tokens)s."),
    "TIME_BARRED": _("The debt is time-barred since %(date)s."),
    "TIME_BARRED_DISCLOSURE": _(
        "The debt is time-barred since %(date)s; the text may have to say so."
    ),
    "RETENTION": _("This has to be kept until %(date)s."),
    "IN_DUPLUM": _("Charges during the default have reached the principal."),
    "FEE_CAP": _("The fees have reached their limit of %(limit)s."),
    "FEE_COUNT": _("This fee was charged %(count)s times this month, its limit."),
    "FIRST_REMINDER_FREE": _("The first reminder is free of charge."),
    "NOT_APPLICABLE": _("There is no basis for this charge against such a debtor."),
    "RATE_BELOW_MIN": _("The agreed rate is below the minimum of %(minimum)s %%."),
    "OVERRIDE_ROLE": _("This role may not override it."),
    "OVERRIDE_REASON": _("An override needs a reason."),
    "OVERRIDE_EXPIRED": _("The override has expired."),
    "OVERRIDE_USED": _("The override has been used."),
    "NOT_OVERRIDABLE": _("Nobody may override this."),
}


def reason(code: str, **values: Any) -> Sentence:
    """Return what a reason code says to a person; an unknown code says itself."""
    return Sentence(REASONS.get(code, "%(code)s"), {"code": code, **values})
