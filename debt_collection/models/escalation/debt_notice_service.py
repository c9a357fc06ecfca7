from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

# A debtor who refuses to take a notice cannot say it never came: the attempt counts as service.
SERVED = ("delivered", "refused")


class DebtNoticeService(models.Model):
    """How a notice was posted or served, with the document that proves it. Append-only."""

    _name = "debt.notice.service"
    _description = "Service of a notice"
    _order = "date desc, id desc"

    notice_id = fields.Many2one("debt.notice", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="notice_id.company_id", store=True, index=True)
    case_id = fields.Many2one(related="notice_id.case_id")
    partner_id = fields.Many2one(related="notice_id.partner_id", string="Debtor")
    user_id = fields.Many2one(
        "res.users", string="Recorded by", default=lambda self: self.env.user, readonly=True
    )
    date = fields.Date(required=True, default=fields.Date.context_today)
    method = fields.Selection(
        [
            ("registered", "Registered mail"),
            ("bailiff", "Bailiff"),
            ("courier", "Courier"),
            ("hand", "By hand"),
            ("email", "E-mail with receipt"),
            ("post", "Ordinary mail"),
        ],
        string="How",
        default="registered",
        required=True,
    )
    result = fields.Selection(
        [
            ("posted", "Handed over for delivery"),
            ("delivered", "Delivered"),
            ("refused", "Refused by the addressee"),
            ("unclaimed", "Not collected"),
            ("returned", "Came back: unknown address"),
        ],
        default="delivered",
        required=True,
    )
    number = fields.Char(string="Registered mail number")
    proof = fields.Binary(attachment=True)
    proof_name = fields.Char(string="File name")
    note = fields.Char()

    @api.depends("notice_id", "result", "date")
    def _compute_display_name(self):
        labels = dict(self._fields["result"]._description_selection(self.env))
        for row in self:
            row.display_name = f"{row.date} · {labels.get(row.result, '')}"

    @api.constrains("date", "notice_id", "method", "number")
    def _check_service(self):
        for row in self:
            notice = row.notice_id
            if notice.state != "sent":
                raise ValidationError(
                    self.env._("Only a notice that was sent can be served. Send it first.")
                )
            if notice.date_sent and row.date < notice.date:
                raise ValidationError(
                    self.env._("A notice cannot be served before the day it was decided on.")
                )
            if row.date > fields.Date.context_today(row):
                raise ValidationError(self.env._("The day of service lies in the future."))
            if row.method == "registered" and row.result == "posted" and not row.number:
                raise ValidationError(self.env._("Please give the number of the registered mail."))

    @api.model_create_multi
    def create(self, vals_list):
        for notice in self.env["debt.notice"].browse(
            {vals["notice_id"] for vals in vals_list if vals.get("notice_id")}
        ):
            if not self.env.su:
                notice._check_can_record_service()
        rows = super().create(vals_list)
        for row in rows.filtered(lambda row: row.result in SERVED):
            notice = row.notice_id.sudo()
            if notice.level_id.deadline_from == "service" and notice.deadline_state == "running":
                notice.deadline = notice._get_deadline(notice.date_served)
        for row in rows.filtered("case_id"):
            row.case_id.sudo()._message_log(
                body=self.env._(
                    "%(notice)s: %(service)s",
                    notice=row.notice_id.level_id.name or "",
                    service=row.display_name,
                )
            )
        return rows

    def write(self, vals):
        if not self.env.su:
            raise UserError(self.env._("Proofs are kept as they were. Record another one."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        raise UserError(self.env._("Proofs of service are kept as evidence."))


class DebtNotice(models.Model):
    """Notices: who may say how they were served."""

    _inherit = "debt.notice"

    def _check_can_record_service(self):
        """:raises AccessError: for readers, and for notices of cases the user does not work on."""
        self.check_access("read")
        self.case_id.check_access("write")
