from odoo import api, fields, models
from odoo.exceptions import UserError

# Relations that follow a merged or moved debtor; everything else of a contact never changes.
FOLLOWING_FIELDS = {"case_id", "partner_id"}


class DebtContact(models.Model):
    """One contact with a debtor, or one attempt at it. Append-only: corrected by a new row."""

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
    channel = fields.Selection(
        [
            ("call", "Call"),
            ("email", "E-mail"),
            ("letter", "Letter"),
            ("sms", "SMS"),
            ("visit", "Visit"),
            ("meeting", "Meeting"),
            ("portal", "Portal"),
        ],
        required=True,
        default="call",
    )
    direction = fields.Selection(
        [("out", "We contacted them"), ("in", "They contacted us")],
        required=True,
        default="out",
    )
    reached = fields.Selection(
        [
            ("right_party", "The debtor"),
            ("third_party", "Somebody else"),
            ("nobody", "Nobody"),
            ("unknown", "Not known"),
        ],
        string="Person reached",
        required=True,
        default="unknown",
    )
    outcome = fields.Selection(
        [
            ("sent", "Sent"),
            ("no_answer", "No answer"),
            ("message_left", "Message left"),
            ("will_pay", "Says will pay"),
            ("paid_already", "Says has paid"),
            ("disputes", "Disputes"),
            ("cannot_pay", "Cannot pay"),
            ("refuses", "Refuses to pay"),
            ("wrong_number", "Wrong number or address"),
            ("other", "Other"),
        ],
        required=True,
        default="other",
    )
    note = fields.Text()
    duration = fields.Float(string="Duration (minutes)")
    next_date = fields.Date(string="Next step on")
    notice_id = fields.Many2one("debt.notice", readonly=True, ondelete="restrict", index=True)
    corrects_id = fields.Many2one(
        "debt.contact",
        ondelete="restrict",
        index="btree_not_null",
        help="The earlier entry this one replaces.",
    )

    @api.depends("case_id")
    def _compute_from_case(self):
        for contact in self.filtered("case_id"):
            contact.company_id = contact.case_id.company_id
            contact.partner_id = contact.case_id.partner_id

    @api.depends("date", "channel", "partner_id")
    def _compute_display_name(self):
        labels = dict(self._fields["channel"]._description_selection(self.env))
        for contact in self:
            words = (labels.get(contact.channel), contact.partner_id.display_name)
            contact.display_name = " · ".join(filter(None, words))

    @api.model_create_multi
    def create(self, vals_list):
        contacts = super().create(vals_list)
        contacts._stamp_cases()
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

    def _stamp_cases(self):
        """Keep the day of the last contact on the cases."""
        for case, contacts in self.grouped("case_id").items():
            latest = fields.Date.to_date(max(contacts.mapped("date")))
            if case and (not case.last_contact_date or case.last_contact_date < latest):
                case.sudo().last_contact_date = latest

    def _plan_next_steps(self):
        """Plan the next step of the officer where one was agreed."""
        for contact in self.filtered(lambda c: c.case_id and c.next_date):
            contact.case_id.activity_schedule(
                "mail.mail_activity_data_call",
                date_deadline=contact.next_date,
                summary=self.env._("Call again: %(note)s", note=contact.note or ""),
                user_id=(contact.case_id.user_id or contact.user_id).id,
            )

    def _set_case(self, case):
        """Move the entries to the case their own was merged into."""
        self.sudo().write({"case_id": case.id, "partner_id": case.partner_id.id})

    def _set_partner(self, partner):
        """Let the entries follow their case to another debtor."""
        self.sudo().write({"partner_id": partner.id})
