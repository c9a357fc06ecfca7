"""The gate on real records: reservations, overrides, near misses, opt-outs, dispatch, evidence."""

import base64
import io
import json
import zipfile
from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from ..models.compliance.circumstances import OBSTACLE_KEYS
from .common import TODAY, DebtCommon

# A plain Wednesday afternoon where nobody's hours end.
NOON = fields.Datetime.to_datetime(TODAY).replace(hour=12)


class ComplianceCommon(DebtCommon):
    """A company that keeps to the house policy, and a debtor in Paris with an open case."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(NOON))
        house = cls.env["debt.jurisdiction"].search([("code", "=", "HOUSE")])
        cls.company.debt_jurisdiction_ids = house
        cls.debtor.write(
            {
                "country_id": cls.env.ref("base.ke").id,
                "phone": "+254 20 5550100",
                "email": "late@example.com",
            }
        )
        cls._create_overdue_invoice(40)
        cls._run_day(send=False)
        cls.case = cls._get_case()
        cls.case.user_id = cls.officer_a

    def _log(self, user=None, **values):
        """Log a call of the case."""
        return (
            self.env["debt.contact"]
            .with_user(user or self.officer_a)
            .create(
                {
                    "case_id": self.case.id,
                    "channel": "call",
                    "outcome": "no_answer",
                    "no_next_step_reason": "Test",
                    **values,
                }
            )
        )

    def _ask(self, channel="call", user=None, **options):
        """Ask the gate about the debtor."""
        partner = self.debtor.with_user(user or self.officer_a)
        return partner._get_contact_permissions(self.company, channel, **options)[partner.id]

    def _flag(self, kind, **values):
        return self.env["debt.debtor.flag"].create(
            {"partner_id": self.debtor.id, "kind": kind, **values}
        )


@tagged("post_install", "-at_install")
class TestGate(ComplianceCommon):
    """Asking, reserving, overriding, logging."""

    def test_hours_of_the_debtor(self):
        """15:00 in Nairobi is fine, 20:00 is not; the next moment is 08:00 there."""
        self.assertTrue(self._ask().allowed)
        refused = self._ask(at=NOON.replace(hour=17))
        self.assertEqual(refused.codes, ("WINDOW",))
        self.assertEqual(refused.next_moment, NOON.replace(hour=5) + timedelta(days=1))
        self.assertTrue(refused.overridable)

    def test_no_zone_fails_closed(self):
        """Without any evidence nothing that depends on the clock is allowed."""
        self.debtor.write({"country_id": False, "phone": False})
        self.assertEqual(self._ask().codes, ("TZ_UNKNOWN",))

    def test_conflicting_evidence_adds_up(self):
        """A number of another zone than the address: lawful in both or not at all."""
        self.debtor.phone = "+1 212 555 0123"
        self.assertEqual(len(self.debtor._get_debt_zone_names()), 2)
        self.assertFalse(self._ask(at=NOON.replace(hour=6)).allowed)

    def test_checks_are_logged_and_kept(self):
        """Asking with an intent is logged with the rules' versions; nobody changes the log."""
        before = self.env["debt.check"].search_count([])
        self._ask()
        self.assertEqual(self.env["debt.check"].search_count([]), before)
        self._ask(kind="ask", at=NOON.replace(hour=17))
        check = self.env["debt.check"].search([], limit=1, order="id desc")
        self.assertEqual((check.decision, check.code), ("block", "WINDOW"))
        self.assertIn("HOUSE-HOURS", check.rule_ids.mapped("code"))
        for forbidden in (lambda: check.write({"decision": "allow"}), check.unlink):
            with self.assertRaises(UserError):
                forbidden()

    def test_counts_by_what_is_recorded(self):
        """Three contacts a week; a busy line and a corrected entry give their place back."""
        for outcome in ("message_left", "message_left", "busy"):
            self._log(outcome=outcome, reached="nobody" if outcome == "busy" else "unknown")
        self.assertTrue(self._ask().allowed)
        last = self._log(outcome="message_left", reached="unknown")
        self.assertEqual(self._ask().codes, ("FREQ",))
        self.assertEqual(self.case.call_decision, "block")
        self._log(outcome="wrong_number", corrects_id=last.id)
        self.assertTrue(self._ask().allowed)
        self.assertTrue(self.case.to_call_now)

    def test_second_officer_is_told(self):
        """Two officers open the call dialog: the second one learns who is calling."""
        self.case.user_id = False
        self.case.with_user(self.officer_a).action_log_call()
        told = self._ask(user=self.officer_b, own_user=self.officer_b)
        self.assertEqual(told.codes, ("RESERVED",))
        self.assertIn("is about to contact this debtor since 12:00", told.reasons[0])
        self.assertTrue(self._ask(own_user=self.officer_a).allowed)
        self._log()
        self.assertTrue(self._ask(user=self.officer_b, own_user=self.officer_b).allowed)

    def test_reserved_place_counts(self):
        """The last place of the week is taken by whoever checks first."""
        for _number in range(2):
            self._log(outcome="message_left", reached="unknown")
        self.env["debt.gate"].with_user(self.officer_a)._reserve(
            self.case.with_user(self.officer_a), "call"
        )
        self.assertEqual(self._ask("email").codes, ("FREQ",))

    def test_override_once(self):
        """The compliance role permits one contact; it is spent by it and kept with its reason."""
        self._flag("attorney", date_from=TODAY)
        self.assertFalse(self._ask().allowed)
        values = {"case_id": self.case.id, "reason": "other", "note": "Agreed with the attorney"}
        with self.assertRaises(AccessError):
            self.env["debt.override"].with_user(self.officer_a).create(values)
        override = self.env["debt.override"].with_user(self.manager).create(values)
        self.assertIn("attorney", override.refusal)
        self.assertTrue(self._ask().allowed)
        contact = self._log()
        self.assertFalse(contact.near_miss)
        self.assertEqual(contact.override_id, override)
        self.assertTrue(override.used_on)
        self.assertFalse(self._ask().allowed)
        with freeze_time(NOON + timedelta(minutes=1)):
            self.env["debt.override"].with_user(self.manager).create(values)
        with freeze_time(NOON + timedelta(minutes=32)):
            self.assertEqual(self._ask().codes[0], "OVERRIDE_EXPIRED")

    def test_never_against_a_hard_block(self):
        """Nobody overrides what is blocked for everybody, nor what is permitted."""
        values = {"case_id": self.case.id, "reason": "other", "note": "Please"}
        overrides = self.env["debt.override"].with_user(self.manager)
        with self.assertRaisesRegex(UserError, "nothing has to be overridden"):
            overrides.create(values)
        self._flag("minor", date_from=TODAY)
        with self.assertRaisesRegex(UserError, "Nobody may override"):
            overrides.create(values)

    def test_near_miss_is_kept(self):
        """A contact that was not permitted is logged all the same, and marked."""
        self._flag("attorney", date_from=TODAY)
        contact = self._log()
        self.assertTrue(contact.near_miss)
        check = self.env["debt.check"].search([("contact_id", "=", contact.id)])
        self.assertTrue(check.near_miss)
        report = self.env["debt.check.report"].search([("near_misses", "=", 1)])
        self.assertEqual(report.partner_id, self.debtor)

    def test_protected_circumstances(self):
        """Officers are told that there is something; the compliance role is told what."""
        flag = self._flag("mental_capacity", date_from=TODAY)
        hidden = self._ask()
        self.assertFalse(hidden.allowed)
        self.assertIn("protected", hidden.reasons[0])
        self.assertIn("unable to understand", self._ask(user=self.manager).reasons[0])
        with self.assertRaises(AccessError):
            flag.with_user(self.officer_a).read(["kind"])
        self._ask(kind="ask", at=NOON + timedelta(minutes=1))
        check = self.env["debt.check"].search([], limit=1, order="id desc")
        self.assertNotIn("mental", check.with_user(self.officer_a).words)
        with self.assertRaises(AccessError):
            check.with_user(self.officer_a).read(["code"])

    def test_changes_are_honoured_at_once(self):
        """The worklist follows a circumstance, a wish, a refusal, and their end."""
        found = lambda: self.case in self.env["debt.case"].search([("to_call_now", "=", True)])  # noqa: E731
        self.assertTrue(found())
        flag = self._flag("bankruptcy", date_from=TODAY)
        self.assertFalse(found())
        self.assertTrue(self.case.blocking_words)
        flag.date_to = TODAY - timedelta(days=1) if flag.date_from < TODAY else False
        flag.active = False
        self.assertTrue(found())
        self.debtor.debt_no_contact_times = "MO-FR 14:00-16:00"
        self.assertFalse(found())
        self.debtor.debt_no_contact_times = False
        self.env["debt.consent"].create(
            {
                "partner_id": self.debtor.id,
                "company_id": self.company.id,
                "scope": "medium",
                "medium": "call",
            }
        )
        self.assertFalse(found())

    def test_span_agrees_with_the_gate(self):
        """``to call now`` is what the gate says, at every hour of two days."""
        for hour in range(0, 48, 3):
            at = NOON + timedelta(hours=hour)
            with freeze_time(at):
                self.env["debt.case"]._cron_refresh_gate()
                self.case.invalidate_recordset()
                self.assertEqual(self.case.to_call_now, self._ask().allowed, at)

    def test_run_does_not_plan_what_is_refused(self):
        """A debtor who may not be contacted at all gets no notice, and the reason is said."""
        self._flag("bankruptcy", date_from=TODAY)
        other = self._create_debtor("Other")
        other.country_id = self.env.ref("base.ke")
        self._create_overdue_invoice(40, partner=other)
        self.case.notice_ids.action_cancel()
        run = self._run_day(20, send=False)
        decision = self._get_decision(run)
        self.assertEqual(decision.decision, "blocked")
        self.assertIn("bankrupt", decision.reason)
        checks = self.env["debt.check"].search([("kind", "=", "run")])
        self.assertEqual(checks.partner_id, self.debtor | other)

    def test_run_judges_only_what_may_have_changed(self):
        """An answer holds until its hours end, a rule changes or something about the debtor."""

        def judged():
            before = self.env["debt.check"].search_count([("kind", "=", "run")])
            self._run_day(send=False)
            return self.env["debt.check"].search_count([("kind", "=", "run")]) - before

        judged()
        self.assertEqual(judged(), 0)
        self._log(outcome="message_left", reached="unknown")
        self.assertEqual(judged(), 0, "the log asked the gate at once")
        self.env.cr.execute("UPDATE debt_case SET gate_at = gate_at - interval '1 day'")
        self.assertEqual(judged(), 1, "written since, whoever wrote it")
        self.env["debt.rule"].search([("code", "=", "HOUSE-HOURS")]).parameters = {
            "hours": {"MO-FR": ["09:00-11:00"]}
        }
        self.env.cr.execute("UPDATE debt_rule SET write_date = write_date + interval '1 second'")
        self.assertEqual(judged(), 1, "another rule")
        self.assertEqual(self.case.call_decision, "block")
        self.assertEqual(judged(), 0)
        with freeze_time(NOON + timedelta(days=1)):
            self._run_day(TODAY + timedelta(days=1), send=False)
            self.assertGreater(self.case.gate_until, NOON + timedelta(days=1))

    def test_verdict_ends_with_a_flag(self):
        """A circumstance that begins tomorrow ends today's answer at midnight."""
        self._flag("bankruptcy", date_from=TODAY + timedelta(days=1))
        self.assertFalse(self.case.refused_words)
        midnight = fields.Datetime.to_datetime(TODAY).replace(hour=21)
        self.assertLessEqual(self.case.gate_until, midnight, "00:00 in Nairobi")
        with freeze_time(NOON + timedelta(hours=14)):
            self.env["debt.case"]._cron_refresh_gate()
            self.assertTrue(self.case.refused_words)

    def test_gate_costs_no_query_per_case(self):
        """The judgement of many cases takes as many statements as that of a few."""
        counts = []
        for number in (5, 40):
            partners = self.env["res.partner"].create(
                [
                    {"name": f"P{number} {one}", "country_id": self.env.ref("base.ke").id}
                    for one in range(number)
                ]
            )
            cases = (
                self.env["debt.case"]
                .sudo()
                .create(
                    [
                        {
                            "partner_id": partner.id,
                            "company_id": self.company.id,
                            "currency_id": self.company.currency_id.id,
                        }
                        for partner in partners
                    ]
                )
            )
            pairs = [(case.id, case.partner_id.id) for case in cases]
            self.env.flush_all()
            self.env["debt.case"]._judge_gate(self.company, pairs, NOON, "run")
            start = self.env.cr.sql_log_count
            self.env["debt.case"]._judge_gate(self.company, pairs, NOON, "run")
            counts.append(self.env.cr.sql_log_count - start)
        self.assertEqual(counts[0], counts[1])
        self.assertLess(counts[0], 20)


@tagged("post_install", "-at_install")
class TestConsentAndDispatch(ComplianceCommon):
    """Opt-outs, notices that wait, evidence, retention, bad rules."""

    def test_notice_waits_for_its_moment(self):
        """At night an e-mail waits until morning; then it leaves, unless that changed."""
        notice = self.case.notice_ids
        night = NOON.replace(hour=22)
        with freeze_time(night):
            notice._do_release()
            self.env["debt.notice"]._dispatch([("id", "=", notice.id)], lambda _count: True)
            self.assertEqual(notice.state, "ready")
            self.assertEqual(notice.send_after, NOON.replace(hour=5) + timedelta(days=1))
            self.assertTrue(notice.wait_reason)
            self.env["debt.notice"]._dispatch([("id", "=", notice.id)], lambda _count: True)
            self.assertEqual(notice.state, "ready")
        with freeze_time(notice.send_after):
            self.env["debt.notice"]._dispatch([("id", "=", notice.id)], lambda _count: True)
            self.assertIn(notice.state, ("queued", "sent"))
            self.assertFalse(notice.send_after)

    def test_email_is_checked_when_it_leaves(self):
        """An e-mail that was queued before and would leave at night waits."""
        notice = self.case.notice_ids
        notice._do_release()
        self.env["debt.notice"]._dispatch([("id", "=", notice.id)], lambda _count: True)
        self.assertEqual(notice.state, "queued")
        with freeze_time(NOON.replace(hour=18)):
            notice.mail_id.send()
        self.assertEqual(notice.state, "ready")
        self.assertTrue(notice.send_after)

    def test_every_email_can_be_opted_out_of(self):
        """The link and the header of the e-mail opt exactly this address out, by signature."""
        notice = self.case.notice_ids
        notice._do_release()
        self.env["debt.notice"]._dispatch([("id", "=", notice.id)], lambda _count: True)
        values = notice.mail_id._prepare_outgoing_list()[0]
        url = self.env["debt.consent"]._get_opt_out_url("late@example.com", self.company)
        self.assertEqual(values["headers"]["List-Unsubscribe"], f"<{url}>")
        self.assertIn("One-Click", values["headers"]["List-Unsubscribe-Post"])
        self.assertEqual(values["body"].count("/collections/opt-out"), 1)
        self.assertEqual(values["body"], notice.body, "what is kept is what leaves, foot included")
        consents = self.env["debt.consent"]
        token = consents._sign_opt_out("late@example.com", self.company.id)
        self.assertEqual(
            consents._check_opt_out("late@example.com", str(self.company.id), token), self.company
        )
        for email, company in (("x@example.com", self.company.id), ("late@example.com", 999999)):
            self.assertFalse(consents._check_opt_out(email, str(company), token))

    def test_stop_by_text_message(self):
        """STOP is an opt-out of the number at once, START takes it back, anything else nothing."""
        consents = self.env["debt.consent"]
        self.assertFalse(consents._process_sms_reply("+254205550100", "Who is this?"))
        stop = consents._process_sms_reply("+254205550100", " Stop. ")
        self.assertEqual((stop.partner_id, stop.way), (self.debtor, "sms"))
        self.assertEqual(self._ask("sms").codes, ("OPT_OUT",))
        self.assertEqual(self._ask("call").codes, ("OPT_OUT",))
        self.assertTrue(self._ask("email").allowed)
        with freeze_time(NOON + timedelta(minutes=1)):
            consents._process_sms_reply("+254 20 555 0100", "START")
            self.assertTrue(self._ask("sms").allowed)

    def test_opt_out_holds_for_whoever_uses_the_address(self):
        """Another debtor with the same address is not written to there either."""
        other = self._create_debtor("Same address", email="LATE@example.com")
        other.country_id = self.env.ref("base.ke")
        self.env["debt.consent"]._opt_out("late@example.com", self.company, "link")
        answer = other._get_contact_permissions(self.company, "email")[other.id]
        self.assertEqual(answer.codes, ("OPT_OUT",))

    def test_said_on_the_telephone(self):
        """An officer who logs that the debtor opted out has done all there is to do."""
        self._log(outcome="opted_out", reached="right_party")
        self.assertIn("MEDIUM_REFUSED", self._ask().codes)

    def test_bad_rules_are_refused(self):
        """Each mistake gives one clear error, and nothing is saved."""
        rule = self.env["debt.rule"].search([("code", "=", "HOUSE-HOURS")])
        contacts = self.env["debt.rule"].search([("code", "=", "HOUSE-CONTACTS")])
        for record, parameters, words in (
            (rule, {"hours": {"MO-FR": ["20:00-08:00"]}}, "end before they begin"),
            (rule, {"hours": {"MO-FR": ["08:00-20:00"]}, "zone": "Mars/Base"}, "no time zone"),
            (contacts, {"limit": 0, "period": "week"}, "at least 1"),
            (contacts, {"limit": 1, "period": "days", "length": 0}, "at least 1"),
            (contacts, {"limit": 1, "period": "days", "lenght": 7}, "no parameter"),
        ):
            with self.subTest(words=words):
                self._refuse(words, record, "parameters_text", json.dumps(parameters))
        self._refuse("JSON", rule, "parameters_text", "{")
        with self.assertRaises(ValidationError) as refused:
            rule.copy({"active": True})
        self.assertIn("Two versions", str(refused.exception))
        unconfirmed = self.env["debt.rule"].with_context(active_test=False)
        unconfirmed = unconfirmed.search([("to_confirm", "!=", False)], limit=1)
        self._refuse("has not been confirmed", unconfirmed, "active", True)
        self._refuse("no weekday", self.debtor, "debt_no_contact_times", "sometimes")
        self._refuse("no time zone", self.debtor, "debt_timezones", "Europe/Nowhere")
        unconfirmed.action_confirm()
        self.assertTrue(unconfirmed.active)

    def test_parameters_in_fields(self):
        """Each type describes its parameters for the form; what ships fits what is described."""
        rules = self.env["debt.rule"].with_context(active_test=False).search([])
        self.assertEqual(len(set(rules.mapped("type"))), 12)
        for rule in rules:
            described = {one["name"]: one for one in rule.parameter_schema}
            with self.subTest(rule=rule.code):
                self.assertLessEqual(rule.parameters.keys(), described.keys())
                self.assertTrue(all(one["help"] for one in described.values()))
        hours = rules.filtered(lambda one: one.code == "HOUSE-HOURS")
        kinds = {one["name"]: one["kind"] for one in hours.parameter_schema}
        self.assertEqual((kinds["hours"], kinds["holidays"]), ("hours", "boolean"))
        with Form(hours) as form:
            form.type = "FREQ"
            self.assertFalse(form.parameters, "hours belong to no frequency")
            form.parameters = {"limit": 2, "period": "week"}
        self.assertIn("at most 2", hours.sentence)
        self._refuse("has to be at least 1", hours, "parameters", {"limit": 0, "period": "week"})
        self._refuse("cannot be", hours, "parameters", {"limit": "two", "period": "week"})

    def _refuse(self, words, record, name, value):
        """Writing this value is refused with these words, and leaves no trace."""
        before = record[name]
        with self.assertRaises(ValidationError) as refused:
            record[name] = value
        self.assertIn(words, str(refused.exception))
        record.invalidate_recordset()
        self.assertEqual(record[name], before)

    def test_presets_follow_updates_but_not_over_edits(self):
        """An update restores what nobody changed, leaves what somebody did, and adds nothing."""
        rules = self.env["debt.rule"].with_context(active_test=False)
        count = rules.search_count([])
        edited = rules.search([("code", "=", "HOUSE-HOURS")])
        edited.parameters_text = json.dumps({"hours": {"MO-SA": ["09:00-18:00"]}})
        untouched = rules.search([("code", "=", "HOUSE-CONTACTS")])
        untouched.with_context(debt_preset=True).source = "stale"
        self.assertEqual((edited.version, edited.edited), (2, True))
        rules._load_presets()
        self.assertEqual(rules.search_count([]), count)
        self.assertIn("MO-SA", edited.parameters["hours"])
        self.assertEqual(untouched.source, "House policy")
        self.assertTrue(all(rule.to_confirm for rule in rules.search([("active", "=", False)])))

    def test_vocabulary(self):
        """What people choose from is what the rules know."""
        self.assertTrue(self.env["debt.rule"]._check_vocabulary())
        named = set()
        for rule in self.env["debt.rule"].with_context(active_test=False).search([]):
            if rule.type == "FLAG":
                named |= set(rule.parameters["flags"])
            self.assertTrue(rule.sentence)
        self.assertLessEqual(named, OBSTACLE_KEYS)

    def test_complete_file(self):
        """The compliance role hands out everything in one ZIP, and that is logged."""
        self._flag("attorney", date_from=TODAY, note="Kessler")
        self._log(note="Spoke with Ann")
        with self.assertRaises(AccessError):
            self.debtor.with_user(self.officer_a)._make_debtor_file()
        notice = self._send_letter()
        self._create_proof(notice)
        invoice = self.case.item_ids.move_line_id.move_id
        invoice.invoice_pdf_report_file = base64.b64encode(b"%PDF-printed")
        name, content = self.debtor.with_user(self.manager)._make_debtor_file()
        self.assertTrue(name.startswith("Late-Ltd"))
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            data = json.loads(archive.read("data.json"))
            letter = archive.read(f"debt-notice/{notice.id}.pdf")
            self.assertEqual(archive.testzip(), None)
            others = {name for name in archive.namelist() if not name.startswith("debt-notice/")}
            papers = {archive.read(name) for name in others}
        self.assertLessEqual({b"%PDF-printed", b"Signed by Ann"}, papers)
        self.assertEqual(data["debt.notice.service"][0]["number"], "RR 123")
        self.assertEqual((letter[:5], letter.rstrip()[-5:]), (b"%PDF-", b"%%EOF"))
        self.assertEqual(data["debt.contact"][0]["note"], "Spoke with Ann")
        self.assertEqual(data["debt.debtor.flag"][0]["note"], "Kessler")
        self.assertEqual(data["debtor"]["name"], "Late Ltd")
        self.assertTrue(self.env["debt.check"].search([("kind", "=", "export")]))

    def _send_letter(self):
        """A letter of the case as it stands in the books after it left."""
        notice = self.case.notice_ids[:1].sudo()
        notice.write({"state": "sent", "channel": "letter", "body": "<p>Please pay</p>"})
        notice.write({"date_sent": NOON, "subject": "Reminder"})
        return notice

    def _create_proof(self, notice):
        """A notice was delivered by registered mail, and somebody signed."""
        return self.env["debt.notice.service"].create(
            {
                "notice_id": notice.id,
                "result": "delivered",
                "date": NOON.date(),
                "number": "RR 123",
                "proof": base64.b64encode(b"Signed by Ann"),
                "proof_name": "proof.txt",
            }
        )

    def test_retention_of_what_was_agreed_and_proven(self):
        """Words and papers about the person go, wherever they lie; amounts and dates stay."""
        proof = self._create_proof(self._send_letter())
        promise = self.env["debt.promise"].create(
            {"case_id": self.case.id, "amount": 10, "promised_by": "Ann", "note": "On Friday"}
        )
        promise.message_post(body="Ann said so", attachments=[("ann.txt", b"Ann")])
        self._pay(self.case.open_item_ids.move_line_id.move_id)
        self.assertEqual(self.case.state, "closed")
        self.company.debt_retention_years = 1
        with freeze_time(NOON + timedelta(days=366 * 2)):
            self.env["debt.case"]._gc_personal_data()
        proof.invalidate_recordset()
        promise.invalidate_recordset()
        self.assertTrue(self.case.anonymised_on)
        self.assertRecordValues(proof, [{"number": False, "proof": False, "result": "delivered"}])
        self.assertRecordValues(promise, [{"promised_by": False, "note": False, "amount": 10}])
        self.assertFalse(promise.message_ids)
        self.assertFalse(
            self.env["ir.attachment"].search(
                [("res_model", "=", "debt.promise"), ("res_id", "=", promise.id)]
            )
        )

    def test_retention(self):
        """After its term a closed file is anonymised, unless a rule tells to keep it."""
        self._log(note="Private words")
        self._pay(self.case.open_item_ids.move_line_id.move_id)
        self.assertEqual(self.case.state, "closed")
        contact = self.case.contact_ids.filtered("note")[:1]
        with freeze_time(NOON + timedelta(days=366 * 2)):
            self.env["debt.case"]._gc_personal_data()
            self.assertEqual(contact.note, "Private words")
            self.company.debt_retention_years = 1
            keep = self.env["debt.rule"].create(
                {
                    "code": "KEEP",
                    "type": "RETENTION",
                    "actions": "delete",
                    "parameters": {"years": 3},
                }
            )
            self.env["debt.case"]._gc_personal_data()
            self.assertEqual(contact.note, "Private words")
            keep.active = False
            self.env["debt.case"]._gc_personal_data()
            contact.invalidate_recordset()
            self.assertFalse(contact.note)
            self.assertTrue(self.case.anonymised_on)
            self.assertEqual(contact.outcome, "no_answer")

    def test_limitation_date(self):
        """Each debt shows when it is time-barred; an acknowledgement begins the term anew."""
        germany = self.env["debt.jurisdiction"].search([("code", "=", "DE")])
        self.debtor.debt_jurisdiction_ids = germany
        item = self.case.open_item_ids
        item.invalidate_recordset()
        self.assertEqual(item.limitation_date, fields.Date.to_date("2030-01-01"))
        self._flag("acknowledgement", date_from="2028-05-01")
        item.invalidate_recordset()
        self.assertEqual(item.limitation_date, fields.Date.to_date("2031-05-02"))

    def test_other_company(self):
        """Refusals and checks of one company are no business of another."""
        other = self.company_data_2 = self.setup_other_company()["company"]
        consent = self.env["debt.consent"]._opt_out("late@example.com", self.company, "link")
        self._ask("email", kind="ask")
        user = self._create_user("foreign", "debt_collection.group_manager", company=other)
        self.assertFalse(consent.with_user(user).search([("id", "=", consent.id)]))
        self.assertFalse(self.env["debt.check"].with_user(user).search([]))
        answer = self.debtor._get_contact_permissions(other, "email")[self.debtor.id]
        self.assertNotIn("OPT_OUT", answer.codes)
