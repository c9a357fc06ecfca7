import json

from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError

from ...tools.compliance import rules, schema, sentences, vocabulary
from ...tools.compliance.errors import RuleError

RULE_TYPES = [
    ("WINDOW", "Hours"),
    ("FREQ", "Frequency"),
    ("COOLOFF", "Pause"),
    ("PREREQ_NOTICE", "Notice first"),
    ("CONTENT", "Content"),
    ("FLAG", "Circumstance"),
    ("CONSENT", "Consent"),
    ("RECIPIENT", "Recipient"),
    ("LIMITATION", "Limitation"),
    ("RETENTION", "Retention"),
    ("CAP", "Limit of charges"),
    ("LATE_CHARGE", "Charge for late payment"),
]
SEVERITIES = [
    ("info", "Information"),
    ("warn", "Warning"),
    ("block", "Block"),
    ("hard_block", "Block for everybody"),
]
BASES = [
    ("law", "Law"),
    ("presumption", "Presumption"),
    ("guidance", "Guidance"),
    ("draft", "Draft"),
    ("policy", "Own policy"),
]
GRADES = [
    ("P", "Text of the law read"),
    ("O", "Authority's page read"),
    ("S", "Secondary source"),
    ("K", "From knowledge"),
    ("policy", "Own policy"),
    ("verify", "To be verified"),
]
# Lists kept as words, separated by commas: they are read and written by people.
LISTS = (
    "actions",
    "actors",
    "debtor_types",
    "except_purposes",
    "except_recipients",
    "only_if",
    "unless",
)
# What makes a rule another rule: changing any of it is a new version in the checks' log.
MEANING = {*LISTS, "code", "jurisdiction_id", "type", "parameters", "severity", "rule_set"}
MEANING |= {"reason", "valid_from", "valid_to", "active", "company_id"}


def split(text):
    """Return the words of a comma separated list, without repetitions."""
    return tuple(dict.fromkeys(word for part in (text or "").split(",") if (word := part.strip())))


def _word(code):
    """Return a code as part of an external id."""
    return "everywhere" if code == rules.EVERYWHERE else code.lower().replace("-", "_")


class DebtRule(models.Model):
    """A rule of law or policy about contacts, notices, texts, terms or charges, in one version.

    What it says is kept as typed parameters (``tools.compliance.parameters_*``) and shown as a
    sentence. Rules only ever forbid: what one refuses no other allows, so a state's rules add to
    its country's. Shipped rules whose source was not seen are inactive until somebody confirms
    them by name.
    """

    _name = "debt.rule"
    _description = "Compliance rule"
    _inherit = ["debt.cached.settings"]
    _order = "jurisdiction_id, rule_set, code, valid_from"
    _rec_name = "code"
    _rec_names_search = ["code", "rule_set", "source"]

    code = fields.Char(required=True, help="Name of the rule; versions of a rule share it.")
    rule_set = fields.Char(help="Law or policy the rule belongs to.", index=True)
    jurisdiction_id = fields.Many2one(
        "debt.jurisdiction",
        ondelete="restrict",
        index=True,
        default=lambda self: self.env["debt.jurisdiction"].search(
            [("code", "=", rules.EVERYWHERE)], limit=1
        ),
        help="Where it holds, with everything that lies in it. Empty: everywhere.",
    )
    company_id = fields.Many2one("res.company", help="Empty: all companies.")
    type = fields.Selection(RULE_TYPES, required=True)
    severity = fields.Selection(
        SEVERITIES,
        required=True,
        default="block",
        help="A block or warning can be overridden by the compliance role, a block for everybody "
        "by nobody.",
    )
    parameters = fields.Json(required=True, default=dict)
    parameters_text = fields.Text(
        string="What it asks for",
        compute="_compute_parameters_text",
        inverse="_inverse_parameters_text",
        help='The parameters as JSON, such as {"hours": {"MO-FR": ["08:00-20:00"]}}.',
    )
    parameter_schema = fields.Json(
        compute="_compute_parameter_schema", help="What the parameters of its type are."
    )
    sentence = fields.Char(string="In words", compute="_compute_sentence")

    # Whom and what it covers
    actions = fields.Char(
        required=True,
        default="@contact",
        help="What it is about, separated by commas: call, email, letter, sms, visit, claim, "
        "interest, fee…, or a kind: @contact, @timed (all but post), @phone, @electronic, @paper, "
        "@live, @court, @money.",
    )
    actors = fields.Char(
        string="In whose name",
        help="In whose name we act when it binds us, separated by commas: creditor_own_name, "
        "creditor_other_name, agency, buyer. Empty: any.",
    )
    debtor_types = fields.Char(
        string="Whom it protects",
        help="consumer, sole_trader, company, separated by commas. Empty: all.",
    )
    except_purposes = fields.Char(help="Purposes it does not cover.")
    except_recipients = fields.Char(help="Persons contact with whom it neither covers nor counts.")
    only_if = fields.Char(help="Facts without which it does not hold.")
    unless = fields.Char(help="Facts with which it does not hold.")
    reason = fields.Char(string="Reason code", help="Where the one of its type is too general.")

    # Where it comes from
    basis = fields.Selection(BASES, required=True, default="policy")
    valid_from = fields.Date()
    valid_to = fields.Date()
    source = fields.Char(help="Article of the law, page of the guidance.")
    url = fields.Char(string="Read at")
    grade = fields.Selection(GRADES, string="Evidence", required=True, default="policy")
    verified_on = fields.Date(readonly=True, copy=False)
    verified_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    to_confirm = fields.Text(
        string="To be confirmed", help="What has to be found out before the rule may be used."
    )
    active = fields.Boolean(default=True)
    preset = fields.Boolean(readonly=True, copy=False, help="Ships with the addon.")
    edited = fields.Boolean(
        readonly=True, copy=False, help="Changed by you: updates of the addon leave it alone."
    )
    version = fields.Integer(readonly=True, default=1, copy=False)

    # === COMPUTE METHODS ===

    @api.depends("parameters")
    def _compute_parameters_text(self):
        for rule in self:
            rule.parameters_text = json.dumps(
                rule.parameters or {}, indent=2, ensure_ascii=False, sort_keys=True
            )

    @api.depends("type")
    def _compute_parameter_schema(self):
        for rule in self:
            rule.parameter_schema = list(schema.describe(rule.type)) if rule.type else []

    @api.onchange("type")
    def _onchange_type(self):
        """Another type has other parameters: what does not belong to it is left out."""
        names = {one["name"] for one in schema.describe(self.type)} if self.type else set()
        kept = {name: value for name, value in (self.parameters or {}).items() if name in names}
        if kept != self.parameters:
            self.parameters = kept

    def _inverse_parameters_text(self):
        for rule in self:
            try:
                parameters = json.loads(rule.parameters_text or "{}")
            except ValueError as error:
                raise ValidationError(
                    self.env._("The parameters are no valid JSON: %(problem)s", problem=str(error))
                ) from error
            rule.parameters = parameters

    @api.depends("type", "parameters", "actions", "severity")
    @api.depends_context("lang")
    def _compute_sentence(self):
        for rule in self:
            try:
                rule.sentence = sentences.render(rule._to_rule().sentence(), self.env._)
            except RuleError as error:
                rule.sentence = self._word(error)

    # === CONSTRAINTS ===

    @api.constrains(
        *LISTS,
        "type",
        "parameters",
        "parameters_text",
        "severity",
        "basis",
        "grade",
        "valid_from",
        "valid_to",
        "code",
        "jurisdiction_id",
        "company_id",
        "active",
    )
    def _check_rule(self):
        """Refuse a rule that cannot be applied, or two versions of it at once."""
        try:
            made = {rule: rule._to_rule() for rule in self}
            for rule in made:
                versions = self.with_context(active_test=True).search(
                    [("code", "=", rule.code), ("company_id", "=", rule.company_id.id)]
                )
                rules.check_versions(version._to_rule() for version in versions)
        except RuleError as error:
            raise ValidationError(self._word(error)) from error

    @api.constrains("active", "to_confirm", "verified_by_id")
    def _check_confirmed(self):
        for rule in self:
            if rule.active and rule.to_confirm and not rule.verified_by_id:
                raise ValidationError(
                    self.env._(
                        "The rule %(rule)s has not been confirmed. Find out what it says there "
                        "first, then press Confirm: %(what)s",
                        rule=rule.code,
                        what=rule.to_confirm,
                    )
                )

    # === CRUD ===

    def write(self, vals):
        if MEANING & vals.keys() and not self.env.context.get("debt_preset"):
            for rule in self:
                super(DebtRule, rule).write({"version": rule.version + 1, "edited": True})
        return super().write(vals)

    def copy_data(self, default=None):
        """Copies are drafts of a new version: they begin where the old one ends."""
        active = (default or {}).get("active", False)
        return [{**values, "active": active} for values in super().copy_data(default)]

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        if self.filtered("preset"):
            raise UserError(self.env._("Rules that ship with the addon are archived, not deleted."))
        used = self.env["debt.check"].sudo().search_count([("rule_ids", "in", self.ids)], limit=1)
        if used:
            raise UserError(
                self.env._("This rule has decided about contacts already. Archive it instead.")
            )

    # === ACTIONS ===

    def action_confirm(self):
        """Take rules into use: the user confirms that they say what their source says."""
        self.check_access("write")
        self.with_context(debt_preset=True).write(
            {
                "active": True,
                "verified_on": fields.Date.context_today(self),
                "verified_by_id": self.env.uid,
            }
        )
        return True

    # === PURE RULES ===

    def _word(self, error):
        """Put what is wrong with a rule into the user's words.

        :param error: RuleError; values that are errors themselves are worded too
        """
        values = {
            name: self._word(value) if isinstance(value, RuleError) else value
            for name, value in error.values.items()
        }
        translate = self.env._
        template = translate(error.template)
        return template % values if values else template

    def _to_rule(self):
        """Return the rule as the decision logic takes it.

        :raises RuleError: when it cannot be applied as it is written
        """
        self.ensure_one()
        data = {name: split(self[name]) for name in LISTS}
        for name in ("valid_from", "valid_to"):
            data[name] = fields.Date.to_string(self[name]) or None
        for name in ("code", "rule_set", "reason", "source"):
            data[name] = self[name] or ""
        for name in ("type", "severity", "basis", "grade"):
            data[name] = self[name]
        return rules.Rule.from_data(
            {
                **data,
                "jurisdiction": self.jurisdiction_id.code or rules.EVERYWHERE,
                "parameters": self.parameters or {},
            }
        )

    @api.model
    @tools.ormcache("company_id")
    def _get_book(self, company_id):
        """The rules that hold for a company, and the record of each code.

        :param company_id: id of the company in whose name we act
        :return: (RuleBook, dict code → (record id, version))
        """
        records = self.sudo().search([("company_id", "in", (False, company_id))])
        made = [record._to_rule() for record in records]
        index = self.env["debt.jurisdiction"]._get_index()
        known = {*index["code"].values(), rules.EVERYWHERE}
        book = rules.RuleBook(
            (rule for rule in made if rule.jurisdiction in known), index["parents"]
        )
        return book, {record.code: (record.id, record.version) for record in records}

    @api.model
    def _check_vocabulary(self):
        """The words people choose from are those the logic knows (a test asserts it)."""
        return (
            {key for key, _label in RULE_TYPES} == set(vocabulary.RULE_TYPES)
            and {key for key, _label in SEVERITIES} == set(vocabulary.SEVERITIES)
            and {key for key, _label in BASES} == set(vocabulary.BASES)
            and {key for key, _label in GRADES} == set(vocabulary.GRADES)
        )

    # === PRESETS ===

    @api.model
    def _load_presets(self):
        """Bring the shipped rules up to date: new ones come, unedited ones follow, edited stay.

        Called at each installation and upgrade. A rule is found by its external id, made of its
        code; one that was changed here is never touched.
        """
        with tools.file_open("debt_collection/data/compliance_presets.json") as stream:
            data = json.load(stream)
        places = self._load_jurisdictions(data["jurisdictions"])
        known = self._get_preset_records("debt.rule")
        new = []
        for values in data["rules"]:
            vals = self._prepare_preset(values, places)
            record = known.get(values["code"])
            if not record:
                new.append(vals)
            elif not record.edited:
                changed = {
                    name: value
                    for name, value in vals.items()
                    if record._fields[name].convert_to_write(record[name], record) != value
                    and (record[name] or value)
                }
                if record.verified_by_id:
                    changed.pop("active", None)
                if changed:
                    record.with_context(debt_preset=True).write(changed)
        self._name_presets("debt.rule", self.create(new), lambda rule: rule.code)

    @api.model
    def _load_jurisdictions(self, data):
        """Create missing jurisdictions, parents first, and return all by their code."""
        model = self.env["debt.jurisdiction"].with_context(active_test=False)
        places = {place.code: place for place in model.search([])}
        for values in data:
            if values["code"] in places:
                continue
            country = values.get("country") or values.get("state", "").partition("-")[0]
            places[values["code"]] = place = model.create(
                {
                    "code": values["code"],
                    "name": values["name"],
                    "parent_id": places[values["parent"]].id if values.get("parent") else False,
                    "country_id": country
                    and self.env["res.country"].search([("code", "=", country)]).id,
                    "state_id": self._find_state(values.get("state")),
                }
            )
            self._name_presets("debt.jurisdiction", place, lambda record: record.code)
        return places

    @api.model
    def _find_state(self, code):
        """Return the id of a state given as ``US-MA``, or False."""
        if not code:
            return False
        country, _dash, state = code.partition("-")
        return (
            self.env["res.country.state"]
            .search([("country_id.code", "=", country), ("code", "=", state)], limit=1)
            .id
        )

    @api.model
    def _prepare_preset(self, data, places):
        """Return the values of a shipped rule's record."""
        vals = {name: ", ".join(data.get(name, ())) or False for name in LISTS}
        for name in ("code", "rule_set", "type", "severity", "reason", "source", "url", "grade"):
            vals[name] = data.get(name) or False
        made = rules.Rule.from_data(data)
        vals.update(
            severity=made.severity,
            basis=made.basis,
            parameters=data["parameters"],
            jurisdiction_id=places[data["jurisdiction"]].id,
            active=made.active,
            to_confirm=made.to_confirm or False,
            verified_on=made.verified_on or False,
            valid_from=made.valid_from or False,
            valid_to=made.valid_to or False,
            preset=True,
        )
        return vals

    @api.model
    def _get_preset_records(self, model):
        """Return the records that shipped with the addon by their code, archived ones too."""
        ids = (
            self.env["ir.model.data"]
            .sudo()
            .search([("module", "=", "debt_collection"), ("model", "=", model)])
            .mapped("res_id")
        )
        records = self.env[model].with_context(active_test=False).browse(ids).exists()
        return {record.code: record for record in records}

    @api.model
    def _name_presets(self, model, records, get_code):
        """Give shipped records their external ids, which uninstalling needs too."""
        prefix = model.replace(".", "_")
        self.env["ir.model.data"].sudo().create(
            [
                {
                    "module": "debt_collection",
                    "name": f"{prefix}_{_word(get_code(record))}",
                    "model": model,
                    "res_id": record.id,
                    "noupdate": True,
                }
                for record in records
            ]
        )
