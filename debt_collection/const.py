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
