"""The shipped texts of formal notices: which template says what, on which channel."""

# Texts of the kinds a person may choose whatever the level says.
KIND_TEMPLATES = {
    (channel, kind): f"{prefix}_template_{name}"
    for channel, prefix in (("email", "mail"), ("letter", "letter"))
    for kind, name in (
        ("default_notice", "formal_notice"),
        ("final_demand", "final_demand"),
        ("pre_action", "pre_action"),
    )
}
