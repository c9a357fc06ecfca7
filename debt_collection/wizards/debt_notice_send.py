from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..const import CHANNELS, NOTICE_KINDS, WRITTEN_CHANNELS


class DebtNoticeSend(models.TransientModel):
    """Shows what would be sent to the debtor of a case, lets it be changed, and sends just that."""

    _name = "debt.notice.send"
    _description = "Send to the debtor"

    case_id = fields.Many2one("debt.case", required=True, readonly=True)
    company_id = fields.Many2one(related="case_id.company_id")
    partner_id = fields.Many2one(related="case_id.partner_id")
    strategy_id = fields.Many2one(related="case_id.strategy_id")
    notice_id = fields.Many2one(
        "debt.notice", compute="_compute_notice_id", help="It waited already and is sent now."
    )
    level_id = fields.Many2one(
        "debt.level",
        string="Wording",
        required=True,
        compute="_compute_level_id",
        store=True,
        readonly=False,
        domain="[('strategy_id', '=', strategy_id), ('days', '>=', 0)]",
        help="The level whose text is used. Levels after approval wait for a credit manager.",
    )
    legal_kind = fields.Selection(
        NOTICE_KINDS,
        string="Formal notice",
        compute="_compute_legal_kind",
        store=True,
        readonly=False,
        help="The text, the deadline and its proof of service are those of such a notice. Leave "
        "it empty for a message without legal effect.",
    )
    deadline = fields.Date(string="Pay by", compute="_compute_destination")
    channel = fields.Selection(
        [entry for entry in CHANNELS if entry[0] in WRITTEN_CHANNELS],
        required=True,
        compute="_compute_channel",
        store=True,
        readonly=False,
    )
    recipient_id = fields.Many2one(
        "res.partner",
        string="Addressee",
        required=True,
        compute="_compute_recipient_id",
        store=True,
        readonly=False,
        domain="[('id', 'child_of', partner_id)]",
    )
    destination = fields.Text(string="Goes to", compute="_compute_destination")
    subject = fields.Char(compute="_compute_text", store=True, readonly=False)
    body = fields.Html(
        string="Text", compute="_compute_text", store=True, readonly=False, sanitize=False
    )
    sms_body = fields.Text(string="SMS", compute="_compute_text", store=True, readonly=False)
    attached = fields.Boolean(string="Statement attached", compute="_compute_destination")
    needs_approval = fields.Boolean(compute="_compute_destination")
    obstacle = fields.Char(compute="_compute_destination", help="Why it cannot be sent now.")
    warning = fields.Char(compute="_compute_destination")

    @api.depends("case_id")
    def _compute_notice_id(self):
        for wizard in self:
            wizard.notice_id = wizard.case_id and wizard.case_id._get_pending_notice()

    @api.depends("case_id")
    def _compute_level_id(self):
        """The level of the notice that waits, else the one the case stands at."""
        for wizard in self:
            levels = wizard.strategy_id.level_ids.filtered(lambda level: level.days >= 0)
            standing = wizard.notice_id.sudo().level_id or wizard.case_id.level_id
            wizard.level_id = standing or levels.sorted("sequence")[:1]

    @api.depends("level_id")
    def _compute_legal_kind(self):
        for wizard in self:
            chosen = wizard.notice_id.sudo().legal_kind
            wizard.legal_kind = chosen or wizard.level_id.legal_kind

    @api.depends("level_id")
    def _compute_channel(self):
        for wizard in self:
            planned = wizard.notice_id.sudo().channel
            channels = [planned, *(wizard.level_id._get_channels(wizard.level_id.channel or ""))]
            channels = [key for key in channels if key in WRITTEN_CHANNELS]
            draft = wizard._get_draft(channel=False)
            reached = (key for key in channels if draft and not draft._get_unreachable_reason(key))
            wizard.channel = next(reached, channels[0] if channels else "email")

    @api.depends("channel")
    def _compute_recipient_id(self):
        for wizard in self:
            draft = wizard._get_draft(channel=wizard.channel)
            wizard.recipient_id = draft._find_recipient(wizard.channel) if draft else False

    @api.depends("channel", "recipient_id", "level_id", "legal_kind", "subject", "body", "sms_body")
    def _compute_destination(self):
        """Where it goes, and what stands in the way: no address, or the contact gate."""
        for wizard in self:
            wizard.destination = wizard.obstacle = wizard.warning = False
            wizard.attached = wizard.needs_approval = wizard.deadline = False
            draft = wizard._get_draft(channel=wizard.channel, recipient=wizard.recipient_id)
            if not draft:
                continue
            address = draft._get_address(wizard.channel)
            wizard.deadline = address["deadline"]
            wizard.destination = {
                "email": address["email_to"],
                "letter": address["address_to"],
                "sms": address["phone_to"],
            }.get(wizard.channel)
            text = wizard.sms_body if wizard.channel == "sms" else wizard.body
            permission = draft._get_contact_permissions_of_text(
                (wizard.subject, text), wizard.partner_id
            )
            reasons = list(permission.reasons)
            missing = draft._get_unreachable_reason(wizard.channel, address)
            wizard.obstacle = "; ".join(filter(None, (missing, *reasons))) or False
            wizard.warning = "; ".join(permission.warnings) or False
            wizard.attached = wizard.channel == "email" and draft._wants_statement()
            wizard.needs_approval = wizard._needs_approval()

    @api.depends("channel", "level_id", "recipient_id", "legal_kind")
    def _compute_text(self):
        """The text as it would leave by itself, or as somebody wrote it before."""
        for wizard in self:
            draft = wizard._get_draft(channel=wizard.channel, recipient=wizard.recipient_id)
            if not draft:
                wizard.subject = wizard.body = wizard.sms_body = False
                continue
            draft.update(draft._get_address(wizard.channel))
            waiting = wizard.notice_id.sudo()
            if waiting.edited and (waiting.channel, waiting.level_id, waiting.legal_kind) == (
                wizard.channel,
                wizard.level_id,
                wizard.legal_kind,
            ):
                subject, text = waiting._get_own_message()
            else:
                subject, text = draft._get_messages()[draft.id]
            is_sms = wizard.channel == "sms"
            wizard.subject = subject
            wizard.body = False if is_sms else text
            wizard.sms_body = text if is_sms else False

    def _get_draft(self, channel, recipient=None):
        """The notice as it would be, in memory alone.

        :param channel: key of CHANNELS, or False for the level's
        :param recipient: res.partner chosen by hand
        :return: new debt.notice of the superuser, or False while the dialog is incomplete
        """
        self.ensure_one()
        if not self.case_id or not self.level_id:
            return False
        notices = self.env["debt.notice"].sudo()
        values = notices._prepare_by_hand(self.case_id.sudo(), self.level_id.sudo())
        values["legal_kind"] = self.legal_kind
        if channel:
            values["channel"] = channel
        if recipient:
            values.update(recipient_id=recipient.id, edited=True)
        return notices.new(values)

    def _needs_approval(self):
        """Whether a credit manager has to release it first; formal notices always ask."""
        self.ensure_one()
        waits = (
            self.notice_id.sudo().state == "to_approve"
            or self.level_id.mode == "approval"
            or self.legal_kind
        )
        return bool(waits) and not self.env.user.has_group("debt_collection.group_manager")

    def action_send(self):
        """Send exactly what the dialog shows; where approval is needed, ask for it.

        :raises UserError: when the rules forbid the contact or nothing is left to ask for
        """
        self.ensure_one()
        self.case_id.check_access("write")
        if self.obstacle:
            raise UserError(self.env._("This cannot be sent: %(reason)s.", reason=self.obstacle))
        if not (self.sms_body if self.channel == "sms" else self.body):
            raise UserError(self.env._("Write a text first."))
        notices = self.env["debt.notice"].sudo()
        notice = self.notice_id.sudo()
        if not notice:
            values = notices._prepare_by_hand(self.case_id.sudo(), self.level_id)
            notice = notices._create_by_hand({**values, "channel": self.channel})
        body = self.sms_body if self.channel == "sms" else Markup(self.body)
        notice._set_by_hand(
            self.level_id,
            self.channel,
            self.recipient_id,
            self.subject,
            body,
            legal_kind=self.legal_kind,
        )
        if self._needs_approval():
            notice._set_state("to_approve")
            return {"type": "ir.actions.act_window_close"}
        notice.decided_by_id = self.env.user
        notice.with_user(self.env.user).sudo()._do_release()
        return {"type": "ir.actions.act_window_close"}
