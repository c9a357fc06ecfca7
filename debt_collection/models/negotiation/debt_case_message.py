"""Messages to the debtor about what was agreed: sent through the gate, kept in the contact log."""

from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import format_date

# Ways a reminder takes, in this order, before a person has to call.
REMINDER_CHANNELS = ("email", "sms")


class DebtCase(models.Model):
    _inherit = "debt.case"

    # === HOW A MESSAGE REACHES THE DEBTOR ===

    def _get_courier(self):
        """A notice in memory alone: it knows addressee, language, bank account of this case."""
        self.ensure_one()
        return self.env["debt.notice"].new(
            {
                "case_id": self.id,
                "company_id": self.company_id.id,
                "partner_id": self.partner_id.id,
                "user_id": self.user_id.id,
            }
        )

    def _log_agreement_contact(self, channel, note, purpose):
        """Keep in the contact log that a message about an agreement left.

        :param channel: key of CHANNELS
        :param note: subject, or text of an SMS
        :param purpose: key of PURPOSES
        """
        self.env["debt.contact"].sudo().create(
            [
                {
                    "case_id": case.id,
                    "company_id": case.company_id.id,
                    "partner_id": case.partner_id.id,
                    "user_id": case.user_id.id or self.env.uid,
                    "channel": channel,
                    "outcome": "sent",
                    "purpose": purpose,
                    "automatic": True,
                    "note": note[case.id] if isinstance(note, dict) else note,
                }
                for case in self
            ]
        )

    # === REMINDERS OF AGREED PAYMENTS ===

    @api.model
    def _remind_agreed(self, company, date):
        """Remind of promises, instalments and settlements that come up: each once.

        The debtor gets one message about all of them, by e-mail or SMS, where the company wants
        that, an address is known and the gate permits it; it waits for a lawful moment before the
        day of payment. Where no message can go, the officer gets a call to make.

        :param company: res.company
        :param date: day of the run
        """
        days = company.sudo().debt_promise_reminder
        if days <= 0:
            return
        by_case = defaultdict(list)
        for model in self._get_agreed_models():
            for payment in self.env[model].sudo()._find_to_remind(company, date, days):
                by_case[payment.case_id].append(payment)
        if not by_case:
            return
        told, waiting = self.browse(), self.browse()
        if (
            company.debt_remind_debtor
            and company.debt_send_automatically
            and date >= fields.Date.context_today(self)
        ):
            told, waiting = self._send_reminders(company, by_case)
        for case, payments in by_case.items():
            if case in waiting:
                continue
            for payment in payments:
                payment.date_reminded = date
                if case not in told:
                    payment._plan_reminder_call(date)

    @api.model
    def _get_agreed_models(self):
        """Names of the models of payments a debtor agreed on (hook)."""
        return ["debt.promise", "debt.plan.installment", "debt.concession"]

    @api.model
    def _send_reminders(self, company, by_case):
        """Write to the debtors who can be reached now.

        :param by_case: dict debt.case → list of agreed payments
        :return: (cases whose debtor was written to, cases that wait for a lawful moment)
        """
        told, waiting = self.browse(), self.browse()
        left = self.browse().union(*by_case)
        for channel in REMINDER_CHANNELS:
            facts = {}
            for case in left:
                courier = case._get_courier()
                address = courier._get_address(channel)
                bounced = courier._get_bounced_addresses()
                if not courier._get_unreachable_reason(channel, address, bounced):
                    facts[case] = case._prepare_reminder(courier, address, by_case[case])
            permissions = self._ask_gate(company, channel, facts)
            going = self.browse()
            for case, fact in facts.items():
                permission = permissions[case.partner_id.id]
                moment = permission.next_moment
                if permission.allowed:
                    going |= case
                elif moment and moment.date() <= fact["first"]:
                    waiting |= case
                    self.env.ref("debt_collection.ir_cron_remind_agreed").sudo()._trigger(at=moment)
            if going:
                going._send_reminder(channel, {case.id: facts[case] for case in going})
            told |= going
            left -= going | waiting
        return told, waiting

    @api.model
    def _ask_gate(self, company, channel, facts):
        """Answer of the contact gate about reminders, logged as for every message that leaves.

        :param facts: dict debt.case → dict of ``_prepare_reminder``
        :return: dict partner id → ContactPermission
        """
        partners = self.env["res.partner"].union(*(case.partner_id for case in facts))
        return partners._get_contact_permissions(
            company,
            channel,
            kind="dispatch",
            purpose="reminder",
            records={case.partner_id.id: {"case_id": case.id} for case in facts},
            addresses={case.partner_id.id: fact["address"] for case, fact in facts.items()},
        )

    def _prepare_reminder(self, courier, address, payments):
        """What the texts of a reminder tell.

        :param courier: see ``_get_courier``
        :param address: values of ``debt.notice._get_address``
        :param payments: records of ``_get_agreed_models``
        :return: dict for the templates
        """
        lang = address["lang"]
        told = [payment._get_reminder() for payment in payments]
        bank = courier._get_bank(told[0]["currency"], self.env["account.move"])
        return {
            "recipient_id": address["recipient_id"],
            "address": address["email_to"] or address["phone_to"],
            "lang": lang,
            "first": min(payment["date"] for payment in told),
            "bank": bank.acc_number or False,
            "payments": [
                {
                    "date": format_date(self.env, payment["date"], lang_code=lang),
                    "amount": payment["currency"].with_context(lang=lang).format(payment["amount"]),
                    "reference": payment["reference"],
                }
                for payment in sorted(told, key=lambda one: one["date"])
            ],
        }

    def _get_agreed_facts(self):
        """What the texts of a reminder tell, for templates; nothing while none is written.

        :return: dict of ``_prepare_reminder``
        """
        self.ensure_one()
        facts = self.env.context.get("agreed", {}).get(self.id)
        return facts or {"recipient_id": False, "lang": False, "bank": False, "payments": []}

    def _send_reminder(self, channel, facts):
        """Queue the reminders of these cases, and keep them in the contact log.

        :param channel: email or sms
        :param facts: dict case id → dict of ``_prepare_reminder``
        """
        cases = self.sudo()
        if channel == "email":
            template = self.env.ref("debt_collection.mail_template_agreed_payment").sudo()
            mails = template.with_context(agreed=facts).send_mail_batch(
                cases.ids,
                email_values={"is_notification": True},
                email_layout_xmlid="debt_collection.mail_layout_notice",
            )
            notes = {mail.res_id: mail.subject for mail in mails}
        else:
            template = self.env.ref("debt_collection.sms_template_agreed_payment").sudo()
            template = template.with_context(agreed=facts)
            notes = template._render_field("body", cases.ids, compute_lang=True)
            for case in cases:
                case._message_sms(
                    notes[case.id],
                    partner_ids=[facts[case.id]["recipient_id"]],
                    sms_numbers=[facts[case.id]["address"]],
                    put_in_queue=True,
                )
        cases._log_agreement_contact(channel, notes, "reminder")

    @api.model
    def _cron_remind_agreed(self):
        """Send what waited for its lawful moment, for companies whose run of today is done."""
        today = fields.Date.context_today(self)
        runs = (
            self.env["debt.run"]
            .sudo()
            .search([("date", "=", today), ("state", "in", ("running", "done"))])
        )
        for company in runs.company_id:
            self.with_company(company)._remind_agreed(company, today)
            self.env["ir.cron"]._commit_progress(1)
