"""Every path to a debtor asks the gate: notices and calls elsewhere, free messages here."""

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .test_compliance import NOON, ComplianceCommon

# 20:00 in Nairobi: outside the hours of the house policy.
EVENING = NOON.replace(hour=17)


@tagged("post_install", "-at_install")
class TestPaths(ComplianceCommon):
    """What people write by hand, and what they plan to say."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.colleague = cls.env["res.partner"].create(
            {"name": "Bookkeeper", "email": "books@example.com", "parent_id": cls.debtor.id}
        )
        cls.lawyer = cls.env["res.partner"].create(
            {"name": "Our lawyer", "email": "lawyer@example.com"}
        )

    def _refuse(self):
        """Let the debtor opt out, so that no e-mail may go."""
        self.env["debt.consent"]._opt_out(self.debtor.email, self.company, "link")

    def _post(self, record, partners, user=None, **values):
        """Post a message as an officer; return it."""
        return record.with_user(user or self.officer_a).message_post(
            **{
                "body": "When will you pay?",
                "message_type": "comment",
                "subtype_xmlid": "mail.mt_comment",
                "partner_ids": partners.ids,
                **values,
            }
        )

    def _count_checks(self):
        return self.env["debt.check"].search_count([("kind", "=", "dispatch")])

    def _dispute(self, amount=None):
        """Dispute the case's first item, in full or in part."""
        item = self.case.item_ids[0]
        return self.env["debt.dispute"].create(
            {
                "case_id": self.case.id,
                "reason_id": self._get_reason().id,
                "line_ids": [
                    Command.create({"item_id": item.id, "amount": amount or item.amount_residual})
                ],
            }
        )

    def _get_reason(self, kind="dispute"):
        return self.env["debt.dispute.reason"].search([("kind", "=", kind)], limit=1)

    def test_message_of_a_case(self):
        """A free message asks, counts as a contact, and is refused with the reason and the time."""
        before = self._count_checks()
        message = self._post(self.case, self.debtor)
        self.assertIn(self.debtor, message.notified_partner_ids)
        self.assertEqual(self._count_checks(), before + 1)
        contact = self.case.contact_ids[0]
        self.assertRecordValues(
            contact, [{"channel": "email", "direction": "out", "outcome": "sent"}]
        )
        self._refuse()
        with self.assertRaisesRegex(UserError, "may not go to the debtor now.*opted out"):
            self._post(self.case, self.debtor)

    def test_says_from_when_on(self):
        """What may go later says when."""
        with self._at(EVENING), self.assertRaisesRegex(UserError, "It may be sent from"):
            self._post(self.case, self.debtor)

    def _at(self, moment):
        return freeze_time(moment)

    def test_notes_and_colleagues(self):
        """Notes, colleagues, our lawyer and what the debtor writes are nobody's business."""
        self._refuse()
        before = self._count_checks()
        self._post(self.case, self.env["res.partner"], subtype_xmlid="mail.mt_note")
        self._post(self.case, self.manager.partner_id | self.lawyer)
        self.case.message_post(
            body="I have paid.",
            message_type="email",
            subtype_xmlid="mail.mt_comment",
            author_id=self.debtor.id,
            email_from=self.debtor.email,
        )
        self.assertEqual(self._count_checks(), before)

    def test_followers_and_typed_addresses(self):
        """Nobody gets round the gate by making the debtor follow, or by typing the address."""
        self._refuse()
        self.case.message_subscribe(self.debtor.ids)
        with self.assertRaises(UserError):
            self._post(self.case, self.env["res.partner"])
        self.case.message_unsubscribe(self.debtor.ids)
        with self.assertRaises(UserError):
            self._post(self.case, self.env["res.partner"], outgoing_email_to=self.debtor.email)
        # another of the debtor's people has an address of his own
        self.assertTrue(self._post(self.case, self.colleague))

    def test_automatic_messages_leave_the_debtor_out(self):
        """What the system writes is not refused: it goes without the debtor, and says so."""
        self._refuse()
        message = self.case.sudo().message_post(
            body="For your information",
            subtype_xmlid="mail.mt_comment",
            message_type="auto_comment",
            partner_ids=(self.debtor | self.manager.partner_id).ids,
        )
        self.assertEqual(message.notified_partner_ids, self.manager.partner_id)
        self.assertIn("may not go to the debtor", self.case.message_ids[0].body)

    def test_answers(self):
        """Who wrote to us is answered although a hold stops asking for money; once."""
        self.env["debt.hold"].create({"case_id": self.case.id, "reason": "Wait"})
        with self.assertRaises(UserError):
            self._post(self.case, self.debtor)
        self.case.message_post(
            body="Why?",
            message_type="email",
            author_id=self.debtor.id,
            email_from=self.debtor.email,
        )
        self.assertTrue(self._post(self.case, self.debtor, body="Because."))
        self.assertEqual(self.case.contact_ids[0].purpose, "reply")
        with self.assertRaises(UserError):
            self._post(self.case, self.debtor, body="And pay!")

    def test_agreements(self):
        """Disputes are answered during a hold; promises and plans ask like their case."""
        models = [
            model
            for name in self.env.registry
            if name.startswith("debt.")
            for model in [self.env[name]]
            if not model._abstract
            and "message_ids" in model._fields
            and {"case_id", "partner_id"} & model._fields.keys()
        ]
        self.assertGreater(len(models), 8)
        for model in models:
            if model._name == "debt.case" or not isinstance(
                model._fields.get("case_id") or model._fields["partner_id"], fields.Many2one
            ):
                continue
            record = (
                model.new({"case_id": self.case.id})
                if "case_id" in model._fields
                else model.new({"partner_id": self.debtor.id})
            )
            with self.subTest(model=model._name):
                self.assertEqual(record._get_debt_addressee()[1]._origin, self.debtor)

    def test_partner_page(self):
        """On the debtor's own page officers are asked about; salespeople write as before."""
        self._refuse()
        seller = self._create_user("seller", "base.group_user,base.group_partner_manager")
        self.assertTrue(self._post(self.debtor, self.debtor, user=seller))
        with self.assertRaises(UserError):
            self._post(self.debtor, self.debtor)

    def test_composer(self):
        """The e-mail composer, for one case and for many."""
        values = {
            "model": "debt.case",
            "res_ids": self.case.ids,
            "subject": "Your account",
            "body": "Please pay",
            "partner_ids": self.debtor.ids,
        }
        composer = self.env["mail.compose.message"].with_user(self.officer_a)
        self._refuse()
        for mode in ("comment", "mass_mail"):
            with self.subTest(mode=mode), self.assertRaises(UserError):
                composer.create({**values, "composition_mode": mode})._action_send_mail()

    def test_scheduled_message(self):
        """A message scheduled for later is asked about when it leaves."""
        with self._at(EVENING):
            scheduled = (
                self.env["mail.scheduled.message"]
                .with_user(self.officer_a)
                .create(
                    {
                        "model": "debt.case",
                        "res_id": self.case.id,
                        "body": "Please pay",
                        "partner_ids": self.debtor.ids,
                        "author_id": self.officer_a.partner_id.id,
                        "scheduled_date": fields.Datetime.add(EVENING, minutes=5),
                    }
                )
            )
        with self._at(fields.Datetime.add(EVENING, minutes=6)), self.assertRaises(UserError):
            scheduled.post_message()

    def test_text_messages(self):
        """The SMS composer: to the debtor, to a number, to many."""
        composer = self.env["sms.composer"].with_user(self.officer_a)
        one = {"res_model": "debt.case", "res_id": self.case.id, "body": "Please pay"}
        many = {"res_model": "debt.case", "res_ids": repr(self.case.ids), "body": "Please pay"}
        with self._at(EVENING):
            for values in (
                {**one, "composition_mode": "comment"},
                {**one, "composition_mode": "numbers", "numbers": "+254205550100"},
                {**many, "composition_mode": "mass"},
            ):
                with self.subTest(mode=values["composition_mode"]), self.assertRaises(UserError):
                    composer.create(values)._action_send_sms()

    def test_calls_on_the_plan(self):
        """A call planned for a day without a lawful hour moves to the next one, and says why."""
        saturday = fields.Date.add(NOON.date(), days=3)
        activity = self.case.with_user(self.officer_a).activity_schedule(
            "mail.mail_activity_data_call", date_deadline=saturday, user_id=self.officer_a.id
        )
        self.assertEqual(activity.date_deadline, fields.Date.add(saturday, days=2))
        self.assertIn("may be called again", activity.note)
        tomorrow = fields.Date.add(NOON.date(), days=1)
        activity = self.case.activity_schedule(
            "mail.mail_activity_data_call", date_deadline=tomorrow, user_id=self.officer_a.id
        )
        self.assertEqual((activity.date_deadline, activity.note), (tomorrow, False))

    # === WHAT OUR OWN RECORDS TELL ===

    def test_open_dispute(self):
        """A dispute about all that is owed warns; about a part of it, other debts are free."""
        self._create_overdue_invoice(50)
        self._run_day(send=False)
        first = self.case.item_ids[0]
        dispute = self._dispute(10)
        self.assertEqual(dispute.state, "open")
        self.assertFalse(self._ask().warning_codes)
        self.assertEqual(self._ask(items=first).warning_codes, ("FLAG_DISPUTE",))
        self.assertFalse(self._ask(items=first, purpose="dispute_answer").warning_codes)

    def test_validation_period(self):
        """A validation notice that left begins the debtor's time to dispute, and ends our wait."""
        place = self.env["debt.jurisdiction"].search([("code", "=", "US")])
        self.debtor.debt_jurisdiction_ids = place
        self.company.debt_actor = "agency"
        self.debtor.debt_debtor_type = "consumer"
        with self._at(fields.Datetime.add(NOON, days=-8)):
            self._post(self.case.with_user(self.officer_a), self.debtor)
        self.assertIn("VALIDATION_OVERDUE", self._ask().codes)
        level = self.case.item_ids.level_id[:1] or self.env["debt.level"].search([], limit=1)
        level.service_kind = "validation_notice"
        notice = self.case.notice_ids[:1].sudo()
        notice.write({"level_id": level.id, "channel": "letter"})
        notice.write({"state": "sent", "date_sent": fields.Datetime.add(NOON, days=-2)})
        self.assertNotIn("VALIDATION_OVERDUE", self._ask().codes)
        facts = self.env["debt.gate"]._load_facts(self.debtor, self.company, NOON)[self.debtor.id]
        self.assertEqual(facts.dates["sent"], fields.Date.add(NOON.date(), days=-2))
        self.assertGreater(facts.dates["validation_end"], fields.Date.add(NOON.date(), days=30))
        # a written dispute in that time stops collection for everybody
        self._dispute()
        self.assertEqual(self.case.call_decision, "hard_block")

    def test_served_notice(self):
        """A notice that came back is none; one that was served counts from that day."""
        level = self.env["debt.level"].search([], limit=1)
        level.service_kind = "s129"
        notice = self.case.notice_ids[:1].sudo()
        notice.write({"level_id": level.id, "channel": "letter"})
        sent = fields.Datetime.add(NOON, days=-5)
        notice.write({"state": "sent", "date_sent": sent, "date": sent.date()})

        def given():
            known = self.env["debt.gate"]._load_facts(self.debtor, self.company, NOON)
            return next(one for one in known[self.debtor.id].notices if one.kind == "s129")

        self.assertEqual((given().on, given().undelivered), (sent.date(), None))
        service = self.env["debt.notice.service"].create(
            {"notice_id": notice.id, "result": "returned", "date": NOON.date(), "method": "post"}
        )
        self.assertEqual(given().undelivered, service.date)
        self.env["debt.notice.service"].create(
            {"notice_id": notice.id, "result": "delivered", "date": NOON.date(), "method": "hand"}
        )
        self.assertEqual((given().on, given().undelivered), (NOON.date(), None))

    # === WHAT TEXTS SAY ===

    def _bind_content(self, **values):
        """A rule on content for letters, e-mails and texts."""
        return self.env["debt.rule"].create(
            {
                "code": "OWN-CONTENT",
                "type": "CONTENT",
                "severity": "hard_block",
                "actions": "email, letter, sms",
                "parameters": {"required": ["hours"], "forbidden": ["threat_of_suit"]},
                "grade": "policy",
                **values,
            }
        )

    def test_text_lacks_prescribed_words(self):
        """The dialog, the approval and the dispatch say which sentence is missing; then it goes."""
        self._bind_content()
        hours = self.env.ref("debt_collection.debt_phrase_hours")
        hours.write({"sentence": "You reach us from 8 to 17.", "wordings": "from 8 to 17"})
        sender = self.env["debt.notice.send"].with_user(self.officer_a)
        with Form(sender.with_context(default_case_id=self.case.id)) as form:
            form.channel = "email"
        wizard = form.record
        self.assertIn("The text lacks", wizard.obstacle)
        self.assertIn("You reach us from 8 to 17", wizard.obstacle)
        wizard.body += "<p>You reach us  from 8 to 17.</p>"
        self.assertFalse(wizard.obstacle)
        wizard.body += "<p>Otherwise we will SUE: legal action follows.</p>"
        self.assertIn("must not contain", wizard.obstacle)

    def test_approval_and_dispatch(self):
        """A text that lacks something is not approved and does not leave, and says why."""
        self._bind_content()
        notice = self.case.notice_ids[:1]
        self.assertIn("The text has to say: Say at what hours", notice.lacks_words)
        notice.sudo().state = "to_approve"
        with self.assertRaisesRegex(UserError, "Say at what hours"):
            notice.with_user(self.manager).action_approve()
        notice.sudo().state = "ready"
        self.env["debt.notice"]._dispatch([("id", "=", notice.id)], lambda *_args: None)
        self.assertEqual(notice.state, "failed")
        self.assertIn("Say at what hours", notice.error_message)

    def test_words_to_say(self):
        """The call dialog gives sentences with the names filled in, not codes."""
        self._bind_content(
            actions="call",
            parameters={"required": ["person_name", "business_name", "mini_miranda"]},
        )
        contact = (
            self.env["debt.contact"]
            .with_user(self.officer_a)
            .new({"case_id": self.case.id, "channel": "call"})
        )
        said = contact.gate_contents.splitlines()
        self.assertIn(f"My name is {self.officer_a.name}.", said)
        self.assertIn(f"This is {self.company.name}.", said)
        self.assertTrue(any("attempt to collect a debt" in line for line in said))
