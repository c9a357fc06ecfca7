"""Words that rules, questions and answers share."""

# What a hit does to what was asked, from weakest to strongest. ``partial`` is for money only: less
# than asked may be charged.
ALLOW, INFO, WARN, PARTIAL, BLOCK, HARD_BLOCK = (
    "allow",
    "info",
    "warn",
    "partial",
    "block",
    "hard_block",
)
STRENGTH = {ALLOW: 0, INFO: 1, WARN: 2, PARTIAL: 3, BLOCK: 4, HARD_BLOCK: 5}
SEVERITIES = (INFO, WARN, BLOCK, HARD_BLOCK)

# In whose name we act: debtor laws often bind agencies and not creditors' own staff.
ACTORS = ("creditor_own_name", "creditor_other_name", "agency", "buyer")
DEBTOR_TYPES = ("consumer", "sole_trader", "company")
BASES = ("law", "presumption", "guidance", "draft", "policy")
GRADES = ("P", "O", "S", "K", "policy", "verify")

RULE_TYPES = (
    "WINDOW",
    "FREQ",
    "COOLOFF",
    "PREREQ_NOTICE",
    "CONTENT",
    "FLAG",
    "CONSENT",
    "RECIPIENT",
    "LIMITATION",
    "RETENTION",
    "CAP",
    "LATE_CHARGE",
)

# Actions by kind, so that a rule can name a kind: "@phone" in a rule's actions.
PHONE = frozenset({"call", "voicemail"})
ELECTRONIC = frozenset({"sms", "email", "whatsapp", "social", "portal_message"})
PAPER = frozenset({"letter", "postcard", "registered_letter", "notice", "fax"})
LIVE = PHONE | {"visit"}
CONTACT = LIVE | ELECTRONIC | PAPER
# Contacts that reach a person at a moment of ours: paper arrives when the post brings it.
TIMED = LIVE | ELECTRONIC
COURT = frozenset({"claim", "execution", "proof_of_claim"})
MONEY = frozenset({"interest", "fee"})
GROUPS = {
    "phone": PHONE,
    "electronic": ELECTRONIC,
    "paper": PAPER,
    "live": LIVE,
    "timed": TIMED,
    "contact": CONTACT,
    "court": COURT,
    "money": MONEY,
}
WRITING = PAPER | {"sms", "email", "whatsapp", "portal_message"}

# Actions that are made visible to others, whoever they are addressed to.
PUBLIC_ACTIONS = frozenset({"postcard"})
LIST_ACTIONS = frozenset({"publish_list", "report_list"})

# What became of a contact. A contact that is only reserved counts like one that was made.
RESERVED = "reserved"
NOT_CONNECTED = frozenset({"busy", "not_in_service", "not_sent", "bounced"})
WRONG_PERSON = frozenset({"wrong_number"})
# Nobody was told anything.
UNANSWERED = frozenset({"ring", "voicemail_no_ring", "answered_dropped"})
CONVERSATION = "conversation"


def expand(actions: frozenset[str]) -> frozenset[str]:
    """Return actions with each kind replaced by its members.

    :param actions: names of actions, or ``@`` and the name of a kind
    :return: names of actions
    :raises KeyError: for an unknown kind
    """
    result: set[str] = set()
    for action in actions:
        result |= GROUPS[action[1:]] if action.startswith("@") else {action}
    return frozenset(result)


def medium(action: str) -> str:
    """Return the medium an action uses: a message left is a telephone call."""
    return "call" if action in PHONE else action
