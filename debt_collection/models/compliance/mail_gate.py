"""Free messages to debtors ask the gate: chatter, e-mail and SMS composers, calls on the plan.

Notices and statements ask for themselves. What is left is what people write by hand on a case, a
dispute, a promise, a plan, a referral or, working on collections, on the debtor's own page. The
question is put where Odoo finds out whom a message reaches, so that no door leads past it:
followers, mentions, addresses typed in, messages scheduled for later, texts. Internal notes,
colleagues, courts and agencies are not asked about, nor is what the debtor writes to us.
"""

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

OFFICER = "debt_collection.group_officer"


class MailThread(models.AbstractModel):
    """Messages about debts reach debtors only when the gate lets them."""

    _inherit = "mail.thread"

    def _get_debt_addressee(self):
        """Return whom a message of this record may contact about a debt.

        :return: (debt.case, the debtor's commercial partner, res.company), or nothing
        """
        if self._name == "res.partner":
            return self._get_debt_addressee_of_partner()
        if not self._name.startswith("debt.") or len(self) != 1:
            return None
        record = self.sudo()
        case = record if self._name == "debt.case" else self.env["debt.case"]
        if "case_id" in self._fields:
            case = record.case_id
        debtor = case.partner_id
        if not debtor and "partner_id" in self._fields:
            debtor = record.partner_id.commercial_partner_id
        company = case.company_id or ("company_id" in self._fields and record.company_id)
        return (case, debtor, company or self.env.company) if debtor else None

    def _get_debt_addressee_of_partner(self):
        # others write to their customers about other things
        if len(self) != 1 or self.env.su or not self.env.user.has_group(OFFICER):
            return None
        debtor = self.commercial_partner_id
        case = (
            self.env["debt.case"]
            .sudo()
            .search(
                [
                    ("partner_id", "=", debtor.id),
                    ("company_id", "=", self.env.company.id),
                    ("state", "!=", "closed"),
                ],
                limit=1,
            )
        )
        return (case, debtor, self.env.company) if case else None

    def _get_debt_purpose(self, case, channel):
        """Return why we write: to answer what the debtor wrote last, or to ask for payment.

        :param case: debt.case the message is about, may be empty
        :param channel: key of a channel
        """
        last = (
            self.env["debt.contact"]
            .sudo()
            .search(
                [("case_id", "=", case.id), ("superseded", "=", False), ("channel", "=", channel)],
                order="date desc, id desc",
                limit=1,
            )
            if case
            else None
        )
        return "reply" if last and last.direction == "in" else "demand"

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        """Leave out, or refuse, those of a debtor's people the rules do not let us contact now."""
        found = super()._notify_get_recipients(message, msg_vals=msg_vals, **kwargs)
        if not found or not (self._name.startswith("debt.") or self._name == "res.partner"):
            return found
        values = msg_vals or {}
        kind = values.get("message_type") or message.sudo().message_type
        named = values.get("partner_ids") or message.sudo().partner_ids.ids
        addressee = self._get_debt_addressee()
        if not addressee:
            return found
        case, debtor, company = addressee
        people = self.env["res.partner"].sudo().browse([one["id"] for one in found if one["id"]])
        people = people.filtered(lambda one: one.commercial_partner_id == debtor)
        people = people.filtered(lambda one: one.partner_share)
        asked = []
        for one in found:
            if one["id"] in people.ids:
                asked.append((one, people.browse(one["id"]), one.get("email_normalized")))
            elif not one["id"]:
                asked.append((one, debtor, one.get("email_normalized") or one.get("email")))
        channel = "sms" if kind == "sms" else "email"
        refused = self._ask_debt_gate(
            case,
            company,
            channel,
            [(partner, None if channel == "sms" else address) for _one, partner, address in asked],
        )
        gone = [one for (one, _partner, _address), no in zip(asked, refused, strict=True) if no]
        # a follower who is told of a change was not written to by anybody
        by_hand = kind in ("comment", "sms") or any(
            not one["id"] or one["id"] in named for one in gone
        )
        if gone and (by_hand or kind != "notification"):
            self._tell_debt_refusal([no for no in refused if no], by_hand)
        reached = [row for row, no in zip(asked, refused, strict=True) if not no]
        if kind == "notification":
            reached = [row for row in reached if not row[0]["id"] or row[0]["id"] in named]
        if reached and kind != "email":
            self._log_debt_contacts(case, debtor, company, channel, message, msg_vals, reached)
        return [one for one in found if not any(one is other for other in gone)]

    def _notify_thread_by_sms(
        self,
        message,
        recipients_data,
        msg_vals=False,
        sms_content=None,
        sms_numbers=None,
        sms_pid_to_number=None,
        put_in_queue=False,
        **kwargs,
    ):
        """Ask the gate about numbers typed in, too."""
        addressee = self._get_debt_addressee() if any(sms_numbers or ()) else None
        if addressee:
            case, debtor, company = addressee
            rows = [(debtor, number) for number in sms_numbers]
            refused = self._ask_debt_gate(case, company, "sms", rows)
            if any(refused):
                self._tell_debt_refusal([no for no in refused if no], True)
            sms_numbers = [
                number for number, no in zip(sms_numbers, refused, strict=True) if not no
            ]
            if sms_numbers:
                reached = [({}, debtor, number) for number in sms_numbers]
                self._log_debt_contacts(case, debtor, company, "sms", message, msg_vals, reached)
        return super()._notify_thread_by_sms(
            message,
            recipients_data,
            msg_vals=msg_vals,
            sms_content=sms_content,
            sms_numbers=sms_numbers,
            sms_pid_to_number=sms_pid_to_number,
            put_in_queue=put_in_queue,
            **kwargs,
        )

    def _ask_debt_gate(self, case, company, channel, rows):
        """Ask the gate about each person a message would reach, and log what it says.

        :param rows: list of (res.partner, address or None)
        :return: list of ContactPermission that refuse, or None, in the order of the rows
        """
        purpose = self._get_debt_purpose(case, channel)
        answers = []
        for partner, address in rows:
            partner = partner.with_user(self.env.user).sudo(self.env.su)
            options = {"addresses": {partner.id: address}} if address else {}
            permission = partner._get_contact_permissions(
                company,
                channel,
                kind="dispatch",
                records={partner.id: {"case_id": case.id or None}},
                purpose=purpose,
                **options,
            )[partner.id]
            answers.append(None if permission.allowed else permission)
        return answers

    def _tell_debt_refusal(self, refused, by_hand):
        """Refuse a message somebody is writing; note one that is sent by itself and goes without.

        :param refused: list of ContactPermission
        :param by_hand: somebody addressed the debtor
        :raises UserError: saying why, and from when on it may be sent
        """
        words = dict.fromkeys(reason for one in refused for reason in one.reasons)
        moments = [one.next_moment for one in refused]
        said = self.env._("This message may not go to the debtor now: %s", " ".join(words))
        if all(moments):
            when = format_datetime(self.env, max(moments), dt_format="short")
            said = self.env._(
                "%(refusal)s It may be sent from %(time)s on.", refusal=said, time=when
            )
        if by_hand and not self.env.su and self.env.user._is_internal():
            raise UserError(
                self.env._(
                    "%s\nKeep it as an internal note, or ask the compliance role to permit one "
                    "contact.",
                    said,
                )
            )
        self.sudo()._message_log(body=Markup("<p>%s</p>") % said)

    def _log_debt_contacts(self, case, debtor, company, channel, message, msg_vals, reached):
        """A message that reaches the debtor is a contact: it counts, and answers what was asked."""
        if not case:
            return
        subject = (msg_vals or {}).get("subject") or message.sudo().subject
        _row, partner, address = reached[0]
        override = self.env["debt.override"]._find_latest(
            company, debtor, channel, fields.Datetime.now()
        )
        override = override.get(debtor.id)
        contact = (
            self.env["debt.contact"]
            .sudo()
            .create(
                {
                    "case_id": case.id,
                    "user_id": self.env.uid,
                    "channel": channel,
                    "direction": "out",
                    "reached": "unknown",
                    "outcome": "sent",
                    "automatic": True,
                    "purpose": self._get_debt_purpose(case, channel),
                    "person_id": partner.id if partner != debtor else False,
                    "note": " · ".join(filter(None, (subject, address))) or False,
                }
            )
        )
        if override and not override.used_on and override.expires > fields.Datetime.now():
            override._use(contact, contact.date)

    @api.model
    def _check_debt_batch(self, model, res_ids, channel):
        """Refuse a message to many debtors as a whole when one of them may not be contacted now.

        :param model: name of the records' model
        :param res_ids: ids of the records
        :raises UserError: naming the debtors and why
        """
        if not model or not (model.startswith("debt.") or model == "res.partner"):
            return
        refused = []
        for record in self.env[model].browse(res_ids):
            addressee = record._get_debt_addressee() if "message_ids" in record._fields else None
            if not addressee:
                continue
            case, debtor, company = addressee
            partner = record if model == "res.partner" else debtor
            no = record._ask_debt_gate(case, company, channel, [(partner, None)])[0]
            if no:
                refused.append(f"{debtor.display_name}: {' '.join(no.reasons)}")
                continue
            message = self.env["mail.message"]
            record._log_debt_contacts(
                case, debtor, company, channel, message, {"subject": ""}, [({}, partner, None)]
            )
        if refused:
            raise UserError(
                self.env._(
                    "These debtors may not be contacted now; leave them out:\n%s",
                    "\n".join(refused),
                )
            )


class DebtDispute(models.Model):
    """What is written on a dispute answers it."""

    _inherit = "debt.dispute"

    def _get_debt_purpose(self, case, channel):
        return "dispute_answer"


class MailComposeMessage(models.TransientModel):
    """E-mails to many debtors at once ask like one."""

    _inherit = "mail.compose.message"

    def _action_send_mail_mass_mail(self, res_ids, auto_commit=False):
        self.env["mail.thread"]._check_debt_batch(self.model, res_ids, "email")
        return super()._action_send_mail_mass_mail(res_ids, auto_commit=auto_commit)


class SmsComposer(models.TransientModel):
    """Texts to many debtors at once, or to a number typed in, ask like one."""

    _inherit = "sms.composer"

    def _action_send_sms_mass(self, records=None):
        found = records if records is not None else self._get_records()
        self.env["mail.thread"]._check_debt_batch(self.res_model, found.ids, "sms")
        return super()._action_send_sms_mass(records)

    def _action_send_sms_numbers(self):
        if self.res_model and self.res_id:
            self.env["mail.thread"]._check_debt_batch(self.res_model, [self.res_id], "sms")
        return super()._action_send_sms_numbers()
