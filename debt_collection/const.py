"""Selections and small tables shared by several models: one word for one thing everywhere."""

CASE_STATES = [
    ("open", "Open"),
    ("on_hold", "On hold"),
    ("closed", "Closed"),
]

# Order matters: the position is the severity, used when an escalation may only go up.
ESCALATIONS = [
    ("amicable", "Amicable"),
    ("formal_notice", "Formal notice"),
    ("management", "Management review"),
    ("pre_legal", "Pre-legal"),
    ("legal", "Legal"),
    ("agency", "Agency"),
    ("write_off", "Write-off"),
]

# Legal action and an agency are two ways at the same height.
ESCALATION_RANK = {
    "amicable": 0,
    "formal_notice": 1,
    "management": 2,
    "pre_legal": 3,
    "legal": 4,
    "agency": 4,
    "write_off": 5,
}

ESCALATION_ROLES = [
    ("officer", "Officer"),
    ("senior", "Senior officer"),
    ("legal", "Legal"),
    ("manager", "Credit manager"),
]

# Notices that have legal consequences: they carry a deadline and want a proof of service.
NOTICE_KINDS = [
    ("default_notice", "Default notice"),
    ("final_demand", "Final demand"),
    ("pre_action", "Notice before legal action"),
]

EXIT_REASONS = [
    ("paid", "Paid"),
    ("credited", "Credited"),
    ("reversed", "Reversed"),
    ("written_off", "Written off"),
    ("cancelled", "Back to draft or cancelled"),
    ("deleted", "Deleted"),
    ("moved", "Moved to another debtor"),
    ("excluded", "Excluded from follow-up"),
    ("not_due", "No longer overdue"),
    ("below_tolerance", "Below the tolerance"),
]

# A case closes with the reason its items left, or with one of these two.
CASE_OUTCOMES = [
    *EXIT_REASONS,
    ("mixed", "Several reasons"),
    ("merged", "Merged into another case"),
]

# What takes an open amount out of collection. Order matters: where claims overlap, the first one
# takes its part, the next one what is left, so that the parts always sum to what is open.
CLAIM_KINDS = [
    ("referred", "Referred"),
    ("disputed", "Disputed"),
    ("on_plan", "On plan"),
    ("promised", "Promised"),
    ("hold", "On hold"),
]

# The contact log uses the same keys.
CHANNELS = [
    ("email", "E-mail"),
    ("letter", "Letter"),
    ("sms", "SMS"),
    ("call", "Call"),
    ("visit", "Visit"),
]

# What a person does with the debtor; the other channels are written and leave by themselves.
PERSONAL_CHANNELS = ("call", "visit")
WRITTEN_CHANNELS = ("email", "letter", "sms")

LEVEL_MODES = [
    ("automatic", "Automatic"),
    ("officer", "By the officer"),
    ("approval", "After approval"),
]

NOTICE_STATES = [
    ("to_approve", "To approve"),
    ("to_review", "For the officer"),
    ("ready", "Ready to send"),
    ("queued", "On its way"),
    ("sent", "Done"),
    ("failed", "Failed"),
    ("bounced", "Came back"),
    ("cancelled", "Cancelled"),
    ("rejected", "Rejected"),
]

# Notices that nobody has seen yet; at most one of them per case (see the index on debt.notice).
PENDING_NOTICE_STATES = ("to_approve", "to_review", "ready", "failed")

RUN_STATES = [
    ("draft", "New"),
    ("previewed", "Previewed"),
    ("running", "Sending"),
    ("done", "Done"),
]

# === The contact log ===

CONTACT_CHANNELS = [
    ("call", "Call"),
    ("email", "E-mail"),
    ("letter", "Letter"),
    ("sms", "SMS"),
    ("visit", "Visit"),
    ("meeting", "Meeting"),
    ("portal", "Portal"),
]

CONTACT_DIRECTIONS = [
    ("out", "We contacted them"),
    ("in", "They contacted us"),
]

CONTACT_REACHED = [
    ("right_party", "The debtor"),
    ("third_party", "Somebody else"),
    ("nobody", "Nobody"),
    ("unknown", "Not known"),
]

CONTACT_OUTCOMES = [
    ("sent", "Sent"),
    ("no_answer", "No answer"),
    ("busy", "Busy"),
    ("not_in_service", "Not in service"),
    ("dropped", "Answered, then cut off"),
    ("voicemail_no_ring", "Voicemail, no message"),
    ("message_left", "Message left"),
    ("promised", "Promises to pay"),
    ("paid_already", "Says has paid"),
    ("disputes", "Disputes"),
    ("cannot_pay", "Cannot pay"),
    ("refuses", "Refuses to pay"),
    ("callback", "Asks to be called back"),
    ("wrong_number", "Wrong number or address"),
    ("bounced", "Bounced"),
    ("opted_out", "Opted out"),
    ("other", "Other"),
]

# Outcomes that say by themselves that nobody was spoken to.
UNREACHED_OUTCOMES = (
    "no_answer",
    "busy",
    "not_in_service",
    "dropped",
    "voicemail_no_ring",
    "wrong_number",
    "bounced",
)
# Outcomes that only somebody can have told us.
SPOKEN_OUTCOMES = (
    "promised",
    "paid_already",
    "disputes",
    "cannot_pay",
    "refuses",
    "callback",
    "opted_out",
)

NONPAYMENT_REASONS = [
    ("forgot", "Forgot"),
    ("cash_flow", "Cash flow"),
    ("dispute", "Dispute"),
    ("invoice_missing", "Invoice missing"),
    ("approval_pending", "Approval pending"),
    ("insolvency", "Insolvency"),
    ("hardship", "Hardship"),
    ("other", "Other"),
]

NEXT_STEPS = [
    ("call", "Call"),
    ("email", "Write an e-mail"),
    ("letter", "Write a letter"),
    ("sms", "Send an SMS"),
    ("visit", "Visit"),
    ("meeting", "Meet"),
    ("check_payment", "Check the payment"),
    ("send_documents", "Send documents"),
    ("clarify", "Clarify in the company"),
    ("other", "Something else"),
]

# From who pays on time to who does not pay at all.
RISK_GRADES = [
    ("A", "A · pays on time"),
    ("B", "B · pays a little late"),
    ("C", "C · pays late"),
    ("D", "D · pays very late"),
    ("E", "E · loss likely"),
]

# To whom a case is given: who works on it is another matter than how far it has escalated.
REFERRAL_KINDS = [
    ("internal", "Internal legal desk"),
    ("agency", "Collection agency"),
    ("attorney", "Attorney"),
    ("court", "Court"),
    ("insurer", "Credit insurer"),
]

COST_KINDS = [
    ("court", "Court"),
    ("attorney", "Attorney"),
    ("agency", "Agency"),
    ("bailiff", "Bailiff"),
    ("field", "Field visit"),
    ("postage", "Postage"),
    ("research", "Research"),
    ("other", "Other"),
]

STATEMENT_KINDS = [("open", "Open items"), ("activity", "Activity with running balance")]

# The three reports of a month that are frozen and signed off.
REPORT_KINDS = [
    ("collection", "Collection Report"),
    ("registration", "Registration Report"),
    ("tracker", "Follow-up Tracker"),
]
