"""The officer's worklist: whose a case is today, snoozing, the walk, many cases at once."""

from datetime import date, timedelta

from freezegun import freeze_time
from lxml import etree

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tests import Form, tagged
from odoo.tools.safe_eval import safe_eval

from odoo.addons.debt_collection.tests.common import TODAY, DebtCommon


@tagged("post_install", "-at_install")
class TestWorklist(DebtCommon):
    """Five debtors: two of officer A, one of officer B, two that nobody has."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cases = {}
        for name, days, amount in (
            ("First", 50, 500),
            ("Second", 40, 400),
            ("Third", 30, 300),
            ("Fourth", 20, 200),
            ("Fifth", 10, 100),
        ):
            debtor = cls._create_debtor(f"{name} Ltd", phone="+12025550100")
            cls._create_overdue_invoice(days, amount, partner=debtor)
            cls.cases[name] = debtor
        cls._run_day(send=False)
        cls.cases = {name: cls._get_case(debtor) for name, debtor in cls.cases.items()}
        for name in ("First", "Second"):
            cls.cases[name].user_id = cls.officer_a
        cls.cases["Third"].user_id = cls.officer_b
        cls.all = cls.env["debt.case"].browse([case.id for case in cls.cases.values()])

    def _see(self, user, domain=()):
        """The cases of this test that a user finds."""
        cases = self.env["debt.case"].with_user(user)
        return cases.search(Domain("id", "in", self.all.ids) & Domain(domain)).sudo(False)

    def _names(self, cases):
        return [case.sudo().partner_id.name.split()[0] for case in cases]

    # === ABSENCE ===

    def _leave(self, first=0, last=0):
        """Officer A is away, B stands in.

        :param first, last: days after TODAY
        """
        return self.env["debt.absence"].create(
            {
                "user_id": self.officer_a.id,
                "substitute_id": self.officer_b.id,
                "date_from": TODAY + timedelta(days=first),
                "date_to": TODAY + timedelta(days=last),
            }
        )

    def test_substitute_sees_and_works(self):
        """While A is away, A's cases are B's too, with all that hangs on them."""
        first = self.cases["First"]
        hold = self.env["debt.hold"].create(
            {"case_id": first.id, "reason": "Looks into it", "date_to": TODAY}
        )
        self.assertNotIn(first, self._see(self.officer_b))
        with self.assertRaises(AccessError):
            first.with_user(self.officer_b).action_assign_to_me()
        self._leave()
        self.assertEqual(
            self._names(self._see(self.officer_b, [("is_mine", "=", True)])),
            ["First", "Second", "Third"],
        )
        self.assertTrue(first.with_user(self.officer_b).may_work)
        words = first.with_user(self.officer_b).absence_words
        for expected in ("officer_a", "03/18/2026", "officer_b"):
            self.assertIn(expected, words)
        for model in ("debt.case.item", "debt.hold", "debt.notice", "debt.run.line"):
            found = self.env[model].with_user(self.officer_b)
            self.assertTrue(found.search([("case_id", "=", first.id)]), model)
        hold.with_user(self.officer_b).action_release()
        self.env["debt.contact"].with_user(self.officer_b).create(
            {"case_id": first.id, "outcome": "no_answer", "no_next_step_reason": "The run goes on"}
        )
        self.assertEqual(first.user_id, self.officer_a, "the case stays A's")

    def test_every_rule_knows_substitutes(self):
        """No record rule about cases asks for the officer alone; figures of the past may."""
        rules = self.env["ir.rule"].sudo().search([("model_id.model", "like", "debt.%")])
        rules = rules.filtered(lambda rule: rule.model_id.model != "debt.snapshot.analysis")
        self.assertTrue(rules)
        for rule in rules:
            self.assertNotIn("[user.id, False]", rule.domain_force or "", rule.name)

    def test_substitution_ends_by_itself(self):
        """Before the first and after the last day nothing of A's is B's."""
        self._leave(first=1, last=2)
        for day, seen in ((0, False), (1, True), (2, True), (3, False)):
            with freeze_time(TODAY + timedelta(days=day)):
                self.env.invalidate_all()
                mine = self._see(self.officer_b, [("is_mine", "=", True)])
                self.assertEqual(self.cases["First"] in mine, seen, f"day {day}")
                case = self.cases["First"].with_user(self.officer_b)
                self.assertEqual(case.has_access("write"), seen, f"day {day}")

    def test_absence_taken_back(self):
        """An absence that is changed or deleted changes what B sees at once."""
        absence = self._leave()
        self.assertIn(self.cases["First"], self._see(self.officer_b))
        absence.date_to = absence.date_from = TODAY + timedelta(days=9)
        self.assertNotIn(self.cases["First"], self._see(self.officer_b))
        absence.write({"date_from": TODAY})
        self.assertIn(self.cases["First"], self._see(self.officer_b))
        absence.unlink()
        self.assertNotIn(self.cases["First"], self._see(self.officer_b))

    def test_whose_absence(self):
        """Officers enter their own absence, managers anybody's; the substitute must be one."""
        absences = self.env["debt.absence"]
        values = {"substitute_id": self.officer_b.id, "date_to": TODAY}
        absences.with_user(self.officer_a).create(values)
        with self.assertRaises(AccessError):
            absences.with_user(self.officer_b).create({**values, "user_id": self.officer_a.id})
        absences.with_user(self.manager).create({**values, "user_id": self.officer_a.id})
        outsider = self._create_user("outsider_w", "base.group_user")
        with self.assertRaises(ValidationError):
            self._leave().substitute_id = outsider

    def test_new_cases_are_not_dealt_to_the_absent(self):
        """A is away: new cases of the team go to B, until nobody is there."""
        team = self.env["debt.team"].create(
            {"name": "Both", "member_ids": [Command.set((self.officer_a | self.officer_b).ids)]}
        )
        self.company.debt_team_id = team
        self._leave()
        for name in ("New 1", "New 2"):
            self._create_overdue_invoice(10, 100, partner=self._create_debtor(name))
        self._run_day(send=False)
        new = self.env["debt.case"].search([("partner_id.name", "like", "New _")])
        self.assertEqual(len(new), 2)
        self.assertEqual(new.user_id, self.officer_b)

    # === SNOOZE ===

    def _snooze(self, cases, days=3, user=None):
        """Snooze through the dialog."""
        cases = cases.with_user(user or self.officer_a)
        action = cases.action_snooze()
        wizard = self.env["debt.case.snooze"].with_user(user or self.officer_a)
        wizard = wizard.with_context(**action["context"]).create(
            {"date_to": TODAY + timedelta(days=days), "reason": "New bookkeeper"}
        )
        return wizard.action_confirm()

    def test_snooze_and_return(self):
        """A snoozed case leaves the worklist, comes back on its day, and is chased meanwhile."""
        case = self.cases["First"]
        worklist = case._get_worklist_domain()
        self._snooze(case, days=3)
        self.assertTrue(case.is_snoozed)
        self.assertEqual(case.snooze_reason, "New bookkeeper")
        self.assertNotIn(case, self._see(self.officer_a, worklist))
        self.assertIn(case, self._see(self.officer_a, [("is_snoozed", "=", True)]))
        self.assertIn("New bookkeeper", case.message_ids[:1].body)
        self.assertFalse(case.blocking_words, "follow-up goes on")
        with freeze_time(TODAY + timedelta(days=3)):
            self.env.invalidate_all()
            self.assertFalse(case.is_snoozed)
            self.assertIn(case, self._see(self.officer_a, case._get_worklist_domain()))

    def test_wake_up(self):
        """Woken up by hand: back at once, and the log says by whom."""
        case = self.cases["First"]
        self._snooze(case)
        case.with_user(self.officer_a).action_wake_up()
        self.assertFalse(case.is_snoozed)
        self.assertEqual(case.snooze_ids.date_ended, TODAY)
        self.assertIn("officer_a", case.snooze_ids.end_reason)

    def test_snoozed_anew(self):
        """The later snooze counts; the earlier one stays as evidence."""
        case = self.cases["First"]
        self._snooze(case, days=3)
        self._snooze(case, days=9)
        self.assertEqual(case.snoozed_until, TODAY + timedelta(days=9))
        self.assertEqual(set(case.snooze_ids.mapped("end_reason")), {False, "Snoozed anew."})
        self.assertEqual(case.snooze_reason, "New bookkeeper")
        with self.assertRaises(UserError):
            case.snooze_ids.with_user(self.manager).write({"reason": "x"})
        with self.assertRaises(UserError):
            case.snooze_ids.sudo().unlink()
        with self.assertRaises(AccessError):
            case.with_user(self.officer_a).snoozed_until = False

    def test_snooze_needs_a_day_to_come(self):
        """Today is no day to come back on, and what is refused leaves nothing behind."""
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            self._snooze(self.cases["First"], days=0)
        self.assertFalse(self.cases["First"].snooze_ids)

    def test_snoozes_move_with_a_merged_case(self):
        """Partners merged: the snooze is found in the case that stays."""
        self._snooze(self.cases["Second"])
        self.cases["Second"].sudo()._merge_into(self.cases["First"].sudo())
        self.assertEqual(self.cases["First"].snooze_ids.reason, "New bookkeeper")

    # === THE WALK ===

    def test_walk_keeps_the_order(self):
        """Next goes on in the order of the list, past cases that are settled or put off."""
        cases = self.env["debt.case"].with_user(self.officer_a)
        domain = [("id", "in", self.all.ids)]
        walk = cases.get_walk(domain, "amount_overdue desc")
        self.assertEqual(self._names(cases.browse(walk)), ["First", "Second", "Fourth", "Fifth"])
        self._snooze(self.cases["Second"])
        self.assertEqual(cases.get_next_debtor(walk[1:]), self.cases["Fourth"].id)
        self._pay(self.cases["Fourth"].open_item_ids.move_line_id.move_id)
        self.assertEqual(cases.get_next_debtor(walk[1:]), self.cases["Fifth"].id)
        self.assertFalse(cases.get_next_debtor([]))

    def test_next_without_a_walk(self):
        """A case opened by itself: next is the worklist's, and its end is said."""
        case = self.cases["First"].with_user(self.officer_a)
        walk = case.get_walk(case._get_worklist_domain())
        action = case.action_next_debtor()
        self.assertEqual(action["res_id"], walk[walk.index(case.id) + 1])
        last = case.browse(walk[-1])
        self.assertEqual(last.action_next_debtor()["tag"], "display_notification")

    def test_log_and_next(self):
        """The dialog opened from the case can go on; the one from the list cannot."""
        case = self.cases["First"].with_user(self.officer_a)
        self.assertFalse(case.action_log_call()["context"]["debt_walk"])
        action = case.with_context(debt_walk=True).action_log_call()
        self.assertTrue(action["context"]["debt_walk"])
        contacts = self.env["debt.contact"].with_user(self.officer_a)
        form = Form(contacts.with_context(**action["context"]), view=action["views"][0][0])
        form.outcome = "no_answer"
        form.no_next_step_reason = "The next reminder goes out by itself"
        self.assertEqual(form.save().action_saved_next()["tag"], "debt_collection.next_debtor")

    # === MANY AT ONCE ===

    def test_hold_many(self):
        """One dialog holds several cases, each with its own hold."""
        cases = (self.cases["First"] | self.cases["Second"]).with_user(self.officer_a)
        action = cases.action_hold_many()
        wizard = self.env["debt.case.hold"].with_user(self.officer_a)
        wizard.with_context(**action["context"]).create({"reason": "Strike"}).action_confirm()
        self.assertEqual(cases.mapped("state"), ["on_hold", "on_hold"])
        self.assertEqual(cases.hold_ids.mapped("reason"), ["Strike", "Strike"])

    def _send_dialog(self, cases, user=None, **values):
        """The dialog of bulk sending, opened on cases."""
        user = user or self.officer_a
        action = cases.with_user(user).action_send_many()
        wizard = self.env["debt.case.send"].with_user(user)
        return wizard.with_context(**action["context"]).create(values)

    def test_send_many(self):
        """Waiting notices go, what waits for approval stays with officers, managers release it."""
        cases = self.cases["First"] | self.cases["Second"] | self.cases["Fourth"]
        waiting = cases.sudo().notice_ids
        waiting.state = "to_review"
        self.cases["First"].sudo().notice_ids.state = "to_approve"
        states = {"to_approve": 1, "to_review": 2}
        wizard = self._send_dialog(cases)
        self.assertEqual(wizard.notice_count, states["to_review"])
        self.assertEqual(wizard.to_approve_count, states["to_approve"])
        wizard.action_confirm()
        self.assertEqual(
            set(waiting.mapped("state")), {"queued", "to_approve"}, "approval is the manager's"
        )
        self._send_dialog(cases, user=self.manager).action_confirm()
        self.assertEqual(set(waiting.mapped("state")), {"queued"})

    def test_send_to_those_without_a_notice(self):
        """Ticked: cases without a waiting notice are written to at their level."""
        case = self.cases["First"].sudo()
        case.notice_ids._do_cancel("Not now")
        case.open_item_ids.level_id = self.level_reminder
        case._refresh_level()
        with self.assertRaisesRegex(UserError, "Nothing of these"):
            self._send_dialog(case).action_confirm()
        wizard = self._send_dialog(case, write_missing=True)
        self.assertEqual(wizard.without_count, 1)
        wizard.action_confirm()
        new = case.notice_ids.filtered(lambda notice: notice.state == "queued")
        self.assertRecordValues(new, [{"level_id": self.level_reminder.id, "amount_total": 500.0}])

    def test_print_letters(self):
        """Letters of the selected cases go into one file; none: it says so."""
        cases = self.cases["First"] | self.cases["Second"]
        with self.assertRaisesRegex(UserError, "No letter"):
            cases.with_user(self.officer_a).action_print_letters()
        printed = []
        self.patch(
            type(self.env["debt.notice"]), "action_print", lambda notices: printed.extend(notices)
        )
        cases.sudo().notice_ids.write({"channel": "letter", "state": "ready"})
        cases.with_user(self.officer_a).action_print_letters()
        self.assertEqual({notice.case_id for notice in printed}, set(cases))

    def test_a_reply_wakes_up(self):
        """The debtor answers a snoozed case: it is back on the worklist, marked."""
        case = self.cases["First"]
        self._snooze(case)
        case.sudo().message_post(
            body="We pay on Monday",
            message_type="email",
            author_id=case.partner_id.id,
            subtype_xmlid="mail.mt_comment",
        )
        self.assertFalse(case.is_snoozed)
        self.assertTrue(case.reply_date)
        self.assertEqual(case.snooze_ids.end_reason, "The debtor answered.")
        rows = self.env["debt.timeline"].search(
            [("partner_id", "=", case.partner_id.id), ("kind", "=", "reply")]
        )
        self.assertIn("We pay on Monday", rows.summary)
        self.assertIn(case, self._see(self.officer_a, [("reply_date", "!=", False)]))

    def _assign(self, cases, user=None, **values):
        """Assign through the dialog."""
        action = cases.with_user(user or self.manager).action_assign()
        wizard = self.env["debt.case.assign"].with_user(user or self.manager)
        return wizard.with_context(**action["context"]).create(values).action_confirm()

    def test_assign_to_one(self):
        """The chosen officer gets them; one who cannot see the company does not."""
        free = self.cases["Fourth"] | self.cases["Fifth"]
        self._assign(free, user=self.officer_a, user_id=self.officer_b.id)
        self.assertEqual(free.user_id, self.officer_b)
        with self.assertRaises(AccessError):
            self._assign(free, user=self.officer_a, user_id=self.officer_a.id)
        other = self.setup_other_company(name="Elsewhere")["company"]
        stranger = self._create_user("stranger_w", "debt_collection.group_officer", company=other)
        with self.assertRaisesRegex(UserError, "does not work for"):
            self._assign(free, user_id=stranger.id)

    def test_share_among_a_team(self):
        """Shared: each member gets about as many, the absent one none."""
        members = self.officer_a | self.officer_b
        team = self.env["debt.team"].create(
            {"name": "Both", "member_ids": [Command.set(members.ids)]}
        )
        self._assign(self.all, mode="team", team_id=team.id)
        counts = sorted(
            count
            for _user, count in self.env["debt.case"]._read_group(
                [("id", "in", self.all.ids)], ["user_id"], ["__count"]
            )
        )
        self.assertEqual(counts, [2, 3])
        self._leave()
        self._assign(self.all, mode="team", team_id=team.id)
        self.assertEqual(self.all.user_id, self.officer_b)

    def test_only_what_nobody_works_on(self):
        """Reassigning what lies idle leaves the others where they are."""
        self.env["debt.contact"].create(
            {
                "case_id": self.cases["First"].id,
                "outcome": "no_answer",
                "no_next_step_reason": "The run goes on",
            }
        )
        cases = self.cases["First"] | self.cases["Second"]
        self._assign(cases, user_id=self.officer_b.id, only_unworked=True)
        self.assertEqual(self.cases["First"].user_id, self.officer_a)
        self.assertEqual(self.cases["Second"].user_id, self.officer_b)

    # === THE TEAM ===

    def test_load(self):
        """Figures of each desk, equal to the cases behind them."""
        self._snooze(self.cases["First"])
        self._leave()
        loads = self.env["debt.officer.load"].with_user(self.manager)
        load = loads.search([("user_id", "=", self.officer_a.id)])
        self.assertRecordValues(
            load,
            [
                {
                    "case_count": 2,
                    "amount_overdue": 900.0,
                    "unworked_count": 1,
                    "snoozed_count": 1,
                    "on_hold_count": 0,
                    "substitute_id": self.officer_b.id,
                    "absent_until": TODAY,
                }
            ],
        )
        behind = self.env["debt.case"].search(load.action_view_cases()["domain"])
        self.assertEqual(sum(behind.mapped("amount_overdue")), 900.0)
        free = loads.search([("user_id", "=", False)])
        self.assertEqual(free.case_count, 2)
        action = load.action_reassign()
        self.assertEqual(
            sorted(action["context"]["default_case_ids"]),
            sorted((self.cases["First"] | self.cases["Second"]).ids),
        )
        with self.assertRaises(AccessError):
            loads.with_user(self.officer_a).search([])

    # === MONEY ===

    def test_register_payment(self):
        """Odoo's dialog, with all that is open in one payment; paying closes the case."""
        case = self.cases["First"]
        self._create_overdue_invoice(5, 50, partner=case.partner_id)
        self._run_day(send=False)
        action = case.with_user(self.officer_a).action_register_payment()
        wizard = self.env["account.payment.register"].with_user(self.officer_a)
        wizard = wizard.with_context(**action["context"]).create({})
        self.assertEqual((wizard.amount, wizard.group_payment), (550.0, True))
        payment = wizard._create_payments()
        self.assertEqual(case.state, "closed")
        self.assertEqual(payment.with_user(self.officer_a).debt_case_id, case)
        self.assertEqual(case.payment_count, 1)
        with self.assertRaisesRegex(UserError, "nothing to pay"):
            case.action_register_payment()

    def test_payment_link(self):
        """Odoo's dialog for the document that is due longest."""
        case = self.cases["First"]
        later = self._create_overdue_invoice(5, 50, partner=case.partner_id)
        self._run_day(send=False)
        action = case.action_payment_link()
        wizard = self.env["payment.link.wizard"].with_context(**action["context"]).create({})
        self.assertEqual(wizard.amount, 500.0)
        self.assertNotEqual(action["context"]["active_id"], later.id)

    # === FROM THE DEBTOR ===

    def test_call_from_the_debtor(self):
        """From the partner: on the open case, or on none; a colleague's case is named."""
        partner = self.cases["First"].partner_id.with_user(self.officer_a)
        self.assertEqual(
            partner.action_log_debt_call()["context"]["default_case_id"], self.cases["First"].id
        )
        with self.assertRaisesRegex(UserError, "colleague"):
            self.cases["Third"].partner_id.with_user(self.officer_a).action_log_debt_call()
        action = self.debtor.with_user(self.officer_a).action_log_debt_call()
        contacts = self.env["debt.contact"].with_user(self.officer_a)
        form = Form(contacts.with_context(**action["context"]), view=action["views"][0][0])
        form.outcome = "paid_already"
        form.reached = "right_party"
        form.no_next_step_reason = "Nothing is open"
        contact = form.save()
        self.assertRecordValues(
            contact,
            [{"partner_id": self.debtor.id, "company_id": self.company.id, "case_id": False}],
        )

    def test_local_time(self):
        """The debtor's clock: one where there is one, a span where the country has several."""
        with freeze_time("2026-03-18 12:00:00"):
            partner = self.debtor
            partner.country_id = self.env.ref("base.de")
            self.assertIn("1:00", partner.debt_local_time)
            partner.country_id = self.env.ref("base.us")
            self.assertIn("–", partner.debt_local_time)
            partner.write({"country_id": False, "phone": False})
            self.assertFalse(partner.debt_local_time)

    # === TIMELINE ===

    def test_timeline(self):
        """Everything about a debtor is found in one list, for those who may see the case."""
        case = self.cases["First"]
        self.env["debt.contact"].create(
            {
                "case_id": case.id,
                "outcome": "promised",
                "reached": "right_party",
                "note": "On Friday",
                "no_next_step_reason": "Awaited",
            }
        )
        hold = self.env["debt.hold"].create(
            {"case_id": case.id, "reason": "Promised", "date_to": TODAY}
        )
        hold._do_release("Broken")
        self._snooze(case)
        self._pay(case.open_item_ids.move_line_id.move_id)
        timeline = self.env["debt.timeline"].with_user(self.officer_a)
        rows = timeline.search(case.partner_id.action_view_debt_timeline()["domain"])
        kinds = rows.mapped("kind")
        for kind in ("notice", "contact", "hold", "snooze", "payment", "item_out", "case"):
            self.assertIn(kind, kinds)
        words = "\n".join(rows.mapped("summary"))
        for expected in ("On Friday", "Hold ended · Broken", "Snoozed until", "closed · Paid"):
            self.assertIn(expected, words)
        self.assertEqual(
            rows.filtered(lambda row: row.kind == "contact").action_open()["res_model"],
            "debt.contact",
        )
        for row in rows:
            self.assertTrue(row.action_open())
        theirs = self.env["debt.timeline"].with_user(self.officer_b)
        self.assertFalse(theirs.search([("partner_id", "=", case.partner_id.id)]))

    def test_timeline_leaves_out_what_was_corrected(self):
        """A corrected entry is no event; the correction is."""
        case = self.cases["First"]
        values = {"case_id": case.id, "outcome": "other", "no_next_step_reason": "Nothing"}
        wrong = self.env["debt.contact"].create({**values, "note": "Wrong"})
        self.env["debt.contact"].create({**values, "note": "Right", "corrects_id": wrong.id})
        rows = self.env["debt.timeline"].search(
            [("partner_id", "=", case.partner_id.id), ("kind", "=", "contact")]
        )
        self.assertEqual(rows.mapped("text"), ["Right"])

    # === HOW TO CONTACT ===

    def test_contact_advice(self):
        """Ways, the best of them by the log, zone, language and wishes, on the case itself."""
        self.debtor.write(
            {
                "phone": "+32470000001",
                "country_id": self.env.ref("base.be").id,
                "lang": "en_US",
                "debt_no_contact_times": "MO-FR 15:00-17:00",
            }
        )
        self._create_overdue_invoice(10)
        self._run_day()
        case = self._get_case()
        officer = case.with_user(self.officer_a)
        advice = officer._get_contact_advice()
        ways = {way["channel"]: way for way in advice["ways"]}
        self.assertEqual(list(ways), ["call", "email", "letter", "sms"])
        self.assertFalse(ways["letter"]["allowed"], "no postal address")
        self.assertTrue(ways["email"]["allowed"])
        self.assertEqual(advice["zone"], "Europe/Brussels")
        self.env["debt.contact"].create(
            [
                {
                    "case_id": case.id,
                    "channel": "email",
                    "direction": "in",
                    "reached": "right_party",
                    "outcome": "other",
                    "no_next_step_reason": "Test",
                }
            ]
        )
        case.invalidate_recordset()
        self.assertEqual(officer._get_contact_advice()["best"]["channel"], "email")
        text = str(officer.contact_advice)
        for words in ("Best: ", "reached", "Europe/Brussels", "English", "MO-FR 15:00-17:00"):
            self.assertIn(words, text)
        case.partner_id.name = "<b>x</b>"
        self.assertNotIn("<b>x", str(officer.contact_advice))

    # === FIRST STEPS ===

    def test_onboarding(self):
        """Marks follow what is done; the panel goes when all is, or when it is hidden."""
        cases = self.env["debt.case"].with_user(self.manager)
        steps = {step["key"]: step for step in cases.get_onboarding_steps()}
        self.assertEqual(list(steps), ["bank", "levels", "team", "run"])
        self.assertTrue(steps["levels"]["done"] and steps["run"]["done"])
        for key in ("levels", "team", "run"):
            # by name: the web client reads help as HTML only where it loads an action itself
            self.assertTrue(self.env.ref(steps[key]["action"]))
        bank = self.company.partner_id.bank_ids
        self.assertEqual(steps["bank"]["action"]["target"], "current" if bank else "new")
        self.assertFalse(cases.with_user(self.officer_a).get_onboarding_steps())
        with self.assertRaises(AccessError):
            cases.with_user(self.officer_a).dismiss_onboarding()
        cases.dismiss_onboarding()
        self.assertFalse(cases.get_onboarding_steps())

    # === FILTERS ===

    def test_filters(self):
        """Each filter of the day finds what it says."""
        view = self.env.ref("debt_collection.debt_case_view_search")
        filters = {
            node.get("name"): safe_eval(node.get("domain"), {"uid": self.officer_a.id})
            for node in etree.fromstring(view.arch).iter("filter")
            if node.get("domain")
        }
        self._snooze(self.cases["Second"])
        self.env["debt.hold"].create(
            {"case_id": self.cases["Fifth"].id, "reason": "x", "date_to": TODAY}
        )
        self.env["debt.contact"].create(
            {
                "case_id": self.cases["First"].id,
                "outcome": "callback",
                "reached": "right_party",
                "next_step": "call",
                "next_date": TODAY,
            }
        )
        for name, expected in {
            "mine": ["First", "Second"],
            "unassigned": ["Fourth", "Fifth"],
            "to_work": ["First", "Fourth"],
            "on_hold": ["Fifth"],
            "snoozed": ["Second"],
            "no_contact_14": ["Second", "Fourth", "Fifth"],
        }.items():
            with self.subTest(name):
                found = self._see(self.officer_a, filters[name])
                self.assertEqual(sorted(self._names(found)), sorted(expected))
        self.assertIn(self.cases["First"], self._see(self.officer_a, filters["due_today"]))
        self.assertEqual(self.cases["First"].activity_ids.date_deadline, date(2026, 3, 18))
