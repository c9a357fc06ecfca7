"""What may be known about a debtor beside contacts and consents: kinds of ``debt.debtor.flag``."""

# Circumstances that may stand in the way of a contact; the rules of type FLAG name them.
OBSTACLES = [
    ("cease", "Told us to stop"),
    ("attorney", "Represented by an attorney"),
    ("attorney_written_notice", "Named a legal adviser in writing"),
    ("bankruptcy", "Bankruptcy or insolvency"),
    ("deceased", "Deceased"),
    ("minor", "Under age"),
    ("breathing_space", "Breathing space"),
    ("mental_health_crisis", "Mental health crisis"),
    ("mental_capacity", "Limited mental capacity"),
    ("hardship", "Hardship"),
    ("language", "Needs another language or help to read"),
    ("dispute_valid_grounds", "Dispute with possibly valid grounds"),
    ("dispute_open", "Dispute open"),
    ("dispute_written_in_validation", "Written dispute in the validation period"),
    ("late_dispute", "Dispute after the validation period"),
    ("original_creditor_request", "Asked for the original creditor"),
    ("objection_open", "Objection open"),
    ("grievance_open", "Grievance open"),
    ("automated_decision", "Decided by a score alone"),
    ("bereavement", "Bereavement"),
    ("calamity", "Calamity"),
    ("wedding", "Wedding"),
    ("festival", "Religious festival"),
]

# Facts on which rules depend, true from one day to another.
TRAITS = [
    ("employer_prohibits", "Not to be contacted at work"),
    ("work_consent", "Agreed to be contacted at work"),
    ("third_party_consent", "Agreed in writing that others are told"),
    ("used_by_debtor", "Wrote from the employer's address"),
    ("contact_in_period", "Contact within the limitation period"),
    ("nca", "Credit agreement (National Credit Act)"),
    ("mortgage", "Mortgage"),
    ("federal_institution", "Debt of a federal institution"),
    ("npl_transferred", "Credit was transferred"),
    ("claims_interest", "Interest is claimed"),
    ("name_indicates_collection", "Our name says that we collect debts"),
    ("legal_basis", "Legal basis for telling others"),
    ("access_extended", "Told that the access request takes longer"),
    ("number_rechecked", "Number checked for a new owner"),
    ("time_barred", "Judged to be time-barred"),
    ("not_time_barred", "Judged not to be time-barred"),
]

# Days from which terms count: the day the circumstance begins.
DATES = [
    ("due", "Due date in law"),
    ("default_since", "In default since"),
    ("initial_communication", "First communication"),
    ("validation_end", "Validation period ends"),
    ("acknowledgement", "Acknowledged the debt (limitation begins anew)"),
    ("last_activity", "Last collection activity"),
    ("recorded", "Call recorded"),
    ("received", "Access request received"),
    ("sent", "Validation notice sent"),
]

KINDS = [*OBSTACLES, *TRAITS, *DATES]
OBSTACLE_KEYS = frozenset(key for key, _label in OBSTACLES)
TRAIT_KEYS = frozenset(key for key, _label in TRAITS) - {
    "number_rechecked",
    "time_barred",
    "not_time_barred",
}
DATE_KEYS = frozenset(key for key, _label in DATES) - {"acknowledgement"}

# Health, age, family and money troubles: for the named roles only.
SENSITIVE = frozenset(
    {
        "minor",
        "breathing_space",
        "mental_health_crisis",
        "mental_capacity",
        "hardship",
        "bereavement",
    }
)

# Notices the law asks for, beside our own reminders.
SERVICES = [
    ("invoice", "Invoice"),
    ("invoice_with_hint", "Invoice that tells of default after 30 days"),
    ("due_calendar", "Due on a calendar day"),
    ("mahnung", "Reminder that puts in default (Mahnung)"),
    ("aanmaning", "14-day letter (aanmaning)"),
    ("first_reminder_email", "First reminder by e-mail"),
    ("first_reminder_post", "First reminder by post"),
    ("letter_of_claim", "Letter of claim"),
    ("documents_provided", "Requested documents provided"),
    ("notice_of_intention", "Notice of intention to claim"),
    ("validation_notice", "Validation notice"),
    ("written_notice", "Written notice of collection"),
    ("s129", "Section 129 notice"),
    ("service_charge_notice", "Service charge notice"),
    ("art10_communication", "Communication on transfer of the credit"),
    ("letter", "Letter about the debt"),
    ("email", "E-mail about the debt"),
    ("electronic_message", "Electronic message about the debt"),
    ("conversation", "Conversation about the debt"),
]

# Who may be at the other end; everybody else is a third party.
RECIPIENTS = [
    ("debtor", "The debtor"),
    ("attorney", "Attorney"),
    ("debt_adviser", "Debt adviser"),
    ("guarantor", "Guarantor"),
    ("spouse", "Spouse"),
    ("parent", "Parent"),
    ("guardian", "Guardian"),
    ("executor", "Executor"),
    ("administrator", "Administrator"),
    ("personal_representative", "Personal representative"),
    ("trustee", "Trustee in insolvency"),
    ("successor", "Successor"),
    ("employer", "Employer"),
    ("relative", "Relative"),
    ("neighbour", "Neighbour"),
    ("cra", "Credit reporting agency"),
    ("creditor", "Creditor"),
    ("creditor_attorney", "Creditor's attorney"),
    ("collector_attorney", "Our attorney"),
    ("other", "Somebody else"),
]

PURPOSES = [
    ("demand", "Ask for payment"),
    ("reminder", "Remind"),
    ("reply", "Answer the debtor"),
    ("location", "Find out where the debtor is"),
    ("debtor_request", "At the debtor's request"),
    ("dispute_answer", "Answer a dispute"),
    ("complaint_reply", "Answer a complaint"),
    ("query_reply", "Answer a question"),
    ("verification", "Send the verification of the debt"),
    ("validation_notice", "Give the validation notice"),
    ("written_notice", "Give the written notice"),
    ("art10_communication", "Tell of the transfer of the credit"),
    ("terminate_efforts", "Say that we stop"),
    ("intended_remedy", "Say which remedy we intend"),
    ("may_invoke_remedy", "Say which remedies we may use"),
    ("ongoing_liability", "Debt that is not part of the moratorium"),
    ("service_of_document", "Serve a document"),
    ("optout_confirmation", "Confirm an opt-out"),
    ("legally_required", "Required by law"),
    ("other", "Something else"),
]
