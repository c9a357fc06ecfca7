from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ...const import (
    CONTACT_CHANNELS,
    CONTACT_DIRECTIONS,
    CONTACT_OUTCOMES,
    CONTACT_REACHED,
    NEXT_STEPS,
    NONPAYMENT_REASONS,
    SPOKEN_OUTCOMES,
    UNREACHED_OUTCOMES,
)

# Relations that follow a merged or moved debtor, and what the log itself adds to an entry later;
# everything else of a contact never changes.
FOLLOWING_FIELDS = {"case_id", "partner_id", "superseded", "activity_id"}

# Channels on which we come to the debtor: the gate decides about them.
GATED_CHANNELS = ("call", "email", "letter", "sms", "visit", "meeting")

# What a correction takes over from the entry it corrects, to be changed where it was wrong.
CORRECTED_FIELDS = (
    "channel",
    "direction",
    "reached",
    "person_name",
    "outcome",
    "nonpayment_reason",
    "note",
    "duration",
    "next_step",
    "no_next_step_reason",
)


class DebtContact(models.Model):
    """One contact with a debtor, or one attempt at it. Append-only: corrected by a new row.

    Whoever logs a contact says how it ended and what comes next, or why nothing does. Entries the
    system writes (notices that left, bounces, replies, actions on the portal) carry ``notice_id``
    or ``automatic`` and are exempt. A corrected entry stays, is marked ``superseded``, and no
    figure counts it.
    """

    _name = "debt.contact"
    _description = "Collection contact"
    _order = "date desc, id desc"
    _check_company_auto = True

    case_id = fields.Many2one("debt.case", ondelete="restrict", index="btree_not_null")
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        compute="_compute_from_case",
        store=True,
        precompute=True,
        readonly=False,
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Debtor",
        required=True,
        index=True,
        compute="_compute_from_case",
        store=True,
        precompute=True,
        readonly=False,
    )
    date = fields.Datetime(required=True, default=fields.Datetime.now)
    user_id = fields.Many2one(
        "res.users", string="Officer", default=lambda self: self.env.user, index=True
    )
    channel = fields.Selection(CONTACT_CHANNELS, required=True, default="call")
    direction = fields.Selection(CONTACT_DIRECTIONS, required=True, default="out")
    reached = fields.Selection(
        CONTACT_REACHED,
        string="Person reached",
        required=True,
        compute="_compute_reached",
        store=True,
        precompute=True,
        readonly=False,
        help="Who was spoken to or written to. Somebody else must not learn about the debt.",
    )
    person_name = fields.Char(string="Spoken with", help="Name of the person, and who that is.")
    outcome = fields.Selection(CONTACT_OUTCOMES, required=True)
    nonpayment_reason = fields.Selection(
        NONPAYMENT_REASONS,
        string="Reason for non-payment",
        help="Why the debtor says nothing was paid so far.",
    )
    note = fields.Text()
    duration = fields.Float(string="Duration (minutes)")
    next_step = fields.Selection(
        NEXT_STEPS, help="What is agreed or planned; it becomes an activity of the officer."
    )
    next_date = fields.Date(string="Next step on")
    no_next_step_reason = fields.Char(
        string="No further step because", help="Instead of a next step: why there is none."
    )
    activity_id = fields.Many2one(
        "mail.activity",
        string="Planned activity",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    notice_id = fields.Many2one("debt.notice", readonly=True, ondelete="restrict", index=True)
    automatic = fields.Boolean(readonly=True, help="Written by the system, not by a person.")
    corrects_id = fields.Many2one(
        "debt.contact",
        ondelete="restrict",
        index="btree_not_null",
        help="The earlier entry this one replaces.",
    )
    correction_id = fields.Many2one(
        "debt.contact", string="Corrected by", compute="_compute_correction_id"
    )
    superseded = fields.Boolean(
        string="Corrected",
        readonly=True,
        help="A later entry replaces this one: it does not count.",
    )

    # For the dialog: whom, and whether now
    phone = fields.Char(related="partner_id.phone")
    email = fields.Char(related="partner_id.email")
    local_time = fields.Char(related="partner_id.debt_local_time")
    permission_state = fields.Selection(
        [("free", "Allowed"), ("warned", "Allowed, with a warning"), ("blocked", "Not allowed")],
        compute="_compute_permission",
    )
    permission_words = fields.Text(string="What the rules say", compute="_compute_permission")

    _correction_uniq = models.UniqueIndex(
        "(corrects_id) WHERE corrects_id IS NOT NULL",
        "This entry has been corrected already. Correct the entry that replaced it.",
    )

    # === COMPUTE METHODS ===

    @api.depends("case_id")
    def _compute_from_case(self):
        for contact in self:
            case = contact.case_id
            contact.company_id = case.company_id or contact.company_id or self.env.company
            contact.partner_id = case.partner_id or contact.partner_id

    @api.depends("outcome")
    def _compute_reached(self):
        """Where the outcome says that nobody was reached, nobody has to say it again."""
        for contact in self:
            if contact.outcome in UNREACHED_OUTCOMES:
                contact.reached = "nobody"
            elif not contact.outcome or contact.reached == "nobody":
                contact.reached = False
            elif not contact.reached and not self.env.context.get("debt_ask_reached"):
                contact.reached = "unknown"

    @api.depends("superseded")
    def _compute_correction_id(self):
        corrections = self.search([("corrects_id", "in", self._origin.ids)])
        by_corrected = {contact.corrects_id.id: contact for contact in corrections}
        for contact in self:
            contact.correction_id = by_corrected.get(contact._origin.id, False)

    @api.depends("partner_id", "company_id", "channel")
    def _compute_permission(self):
        """What the gate says about a contact on this channel at this moment."""
        for contact in self:
            partner = contact.partner_id._origin
            state, words = False, ()
            if partner and contact.channel in GATED_CHANNELS:
                company = contact.company_id or self.env.company
                permission = partner._get_contact_permissions(company, contact.channel)[partner.id]
                if not permission.allowed:
                    state, words = "blocked", permission.reasons
                elif permission.warnings or permission.contents:
                    state, words = "warned", (*permission.warnings, *permission.contents)
                else:
                    state = "free"
            contact.permission_state = state
            contact.permission_words = "\n".join(words)

    @api.depends("date", "channel", "partner_id")
    def _compute_display_name(self):
        labels = dict(self._fields["channel"]._description_selection(self.env))
        for contact in self:
            words = (labels.get(contact.channel), contact.partner_id.display_name)
            contact.display_name = " · ".join(filter(None, words))

    # === CONSTRAINTS ===

    @api.constrains("outcome", "reached")
    def _check_reached(self):
        outcomes = dict(self._fields["outcome"]._description_selection(self.env))
        for contact in self:
            if contact.reached == "nobody" and contact.outcome in SPOKEN_OUTCOMES:
                raise ValidationError(
                    self.env._(
                        "“%(outcome)s” can only be said by somebody. Please choose who was "
                        "reached.",
                        outcome=outcomes[contact.outcome],
                    )
                )

    @api.constrains("next_step", "next_date", "no_next_step_reason")
    def _check_next_step(self):
        for contact in self:
            if contact.automatic or contact.notice_id:
                continue
            if bool(contact.next_step) != bool(contact.next_date):
                raise ValidationError(
                    self.env._("A next step needs a day, and a day needs a next step.")
                )
            if not contact.next_step and not (contact.no_next_step_reason or "").strip():
                raise ValidationError(
                    self.env._(
                        "What comes next? Please choose the next step and its day, or say why "
                        "there is no further step."
                    )
                )

    # === CRUD ===

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any(vals.get("automatic") for vals in vals_list):
            raise AccessError(self.env._("Only the system marks its own entries as automatic."))
        corrected = self.browse(filter(None, (vals.get("corrects_id") for vals in vals_list)))
        corrected._check_can_correct()
        contacts = super().create(vals_list)
        corrected._set_superseded()
        contacts._stamp_cases()
        contacts._finish_planned_steps()
        contacts._plan_next_steps()
        return contacts

    def write(self, vals):
        if not self.env.su or not vals.keys() <= FOLLOWING_FIELDS:
            raise UserError(
                self.env._("The contact log cannot be changed. Add a new entry that corrects it.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        raise UserError(
            self.env._("The contact log cannot be deleted. Add a new entry that corrects it.")
        )

    # === ACTIONS ===

    def action_correct(self):
        """Open the dialog that corrects the entry by a new one, filled with what this one says."""
        self.ensure_one()
        self._check_can_correct()
        return self._get_log_action(
            {
                **{f"default_{name}": self[name] for name in CORRECTED_FIELDS},
                "default_case_id": self.case_id.id,
                "default_partner_id": self.partner_id.id,
                "default_company_id": self.company_id.id,
                "default_corrects_id": self.id,
                "default_date": fields.Datetime.to_string(self.date),
                "default_next_date": fields.Date.to_string(self.next_date) or False,
            },
            name=self.env._("Correct this entry"),
        )

    def action_saved(self):
        """After saving: go on to what follows from the outcome, or close the dialog.

        :return: action
        """
        self.ensure_one()
        return self._get_follow_up_action() or {"type": "ir.actions.act_window_close"}

    def action_saved_next(self):
        """After saving: what follows from the outcome, else on to the next debtor.

        :return: action
        """
        self.ensure_one()
        return self._get_follow_up_action() or {
            "type": "ir.actions.client",
            "tag": "debt_collection.next_debtor",
            "params": {"case_id": self.case_id.id},
        }

    # === BUSINESS METHODS ===

    @api.model
    def _get_log_action(self, context, name=None):
        """The dialog that logs a contact.

        Nothing is guessed: the officer has to choose outcome, person reached and next step.

        :param context: defaults, at least ``default_case_id`` or ``default_partner_id``
        :param name: title of the dialog
        """
        return {
            "type": "ir.actions.act_window",
            "name": name or self.env._("Log a call"),
            "res_model": self._name,
            "view_mode": "form",
            "views": [[self.env.ref("debt_collection.debt_contact_view_form_dialog").id, "form"]],
            "target": "new",
            "context": {
                "default_channel": "call",
                "debt_ask_reached": True,
                "debt_walk": bool(self.env.context.get("debt_walk")),
                **context,
            },
        }

    def _get_follow_up_action(self):
        """Hook: the dialog that follows from the outcome of the entry that was just saved.

        A capability returns the act_window that records what was said (a promise for
        ``promised``, a dispute for ``disputes``…), with target ``new``.

        :return: act_window dict, or False when nothing follows
        """
        self.ensure_one()
        return False

    def _check_can_correct(self):
        """:raises UserError: for entries that were corrected before or written by the system."""
        self.check_access("read")
        if self.filtered("superseded"):
            raise UserError(
                self.env._(
                    "This entry has been corrected already. Correct the entry that replaced it."
                )
            )
        if not self.env.su and self.filtered(lambda c: c.automatic or c.notice_id):
            raise UserError(
                self.env._(
                    "The system wrote this entry when it happened; it is not corrected by hand. "
                    "Log a new contact that explains it."
                )
            )

    def _set_superseded(self):
        """Mark entries as replaced: figures do not count them, what they planned is dropped."""
        if not self:
            return
        entries = self.sudo()
        entries.activity_id.filtered("active").unlink()
        entries.superseded = True
        entries.case_id._refresh_last_contact()

    def _stamp_cases(self):
        """Keep the day of the last contact on the cases."""
        for case, contacts in self.grouped("case_id").items():
            latest = fields.Date.to_date(max(contacts.mapped("date")))
            if case and (not case.last_contact_date or case.last_contact_date < latest):
                case.sudo().last_contact_date = latest

    def _finish_planned_steps(self):
        """A logged contact does what an earlier one had planned until that day."""
        done = self.env["mail.activity"]
        for contact in self.filtered(lambda c: c.case_id and not c.automatic and not c.notice_id):
            earlier = contact.case_id.contact_ids - self
            day = fields.Date.to_date(contact.date)
            done |= earlier.activity_id.filtered(
                lambda activity, day=day: activity.active and activity.date_deadline <= day
            )
        if done:
            done.sudo().action_feedback()

    def _plan_next_steps(self):
        """Plan the next step for the officer of the case where one was agreed."""
        kinds = {
            "call": "mail.mail_activity_data_call",
            "email": "mail.mail_activity_data_email",
            "meeting": "mail.mail_activity_data_meeting",
            "visit": "mail.mail_activity_data_meeting",
        }
        labels = dict(self._fields["next_step"]._description_selection(self.env))
        for contact in self.filtered(lambda c: c.case_id and c.next_date):
            activity = contact.case_id.activity_schedule(
                kinds.get(contact.next_step, "mail.mail_activity_data_todo"),
                date_deadline=contact.next_date,
                summary=": ".join(filter(None, (labels.get(contact.next_step), contact.note))),
                user_id=(contact.case_id.user_id or contact.user_id).id,
            )
            contact.sudo().activity_id = activity

    def _set_case(self, case):
        """Move the entries to the case their own was merged into."""
        self.sudo().write({"case_id": case.id, "partner_id": case.partner_id.id})

    def _set_partner(self, partner):
        """Let the entries follow their case to another debtor."""
        self.sudo().write({"partner_id": partner.id})
