"""Who may see and do what: portfolios, companies, roles; through every door RPC has."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import tagged

from odoo.addons.debt_collection.tests.common import TODAY, DebtCommon

# Other departments answer the disputes they are responsible for, and read the names of reasons.
FOR_DEPARTMENTS = {"debt.dispute", "debt.dispute.line"}
NAMES_FOR_ALL = {"debt.dispute.reason"}


@tagged("post_install", "-at_install")
class TestSecurity(DebtCommon):
    """Four cases: A's, B's, nobody's, and A's one that is with the lawyers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.senior = cls._create_user("senior_t", "debt_collection.group_senior")
        cls.legal = cls._create_user("legal_t", "debt_collection.group_legal")
        cls.reader = cls._create_user("reader_t", "debt_collection.group_reader")
        cls.auditor = cls._create_user("auditor_t", "debt_collection.group_auditor")
        cls.plain = cls._create_user("plain_t", "base.group_user")
        cls.portal = cls._create_user("portal_t", "base.group_portal")
        cls.team = cls.env["debt.team"].create(
            {
                "name": "North",
                "leader_id": cls.senior.id,
                "member_ids": [Command.set(cls.officer_a.ids)],
            }
        )
        debtors = {name: cls._create_debtor(f"{name} Ltd") for name in ("A", "B", "free", "court")}
        for debtor in debtors.values():
            cls._create_overdue_invoice(10, 100, partner=debtor)
        cls.first_run = cls._run_day(send=False, release=False)
        cls.cases = {name: cls._get_case(debtor) for name, debtor in debtors.items()}
        cls.cases["A"].write({"user_id": cls.officer_a.id, "team_id": cls.team.id})
        cls.cases["B"].user_id = cls.officer_b
        cls.cases["court"].write({"user_id": cls.officer_a.id, "team_id": cls.team.id})
        cls.cases["court"].sudo()._set_escalation("pre_legal")
        for case in cls.cases.values():
            cls.env["debt.contact"].create(
                {
                    "case_id": case.id,
                    "outcome": "no_answer",
                    "no_next_step_reason": "The run goes on",
                }
            )
            cls.env["debt.hold"].create(
                {
                    "case_id": case.id,
                    "item_ids": case.item_ids.ids,
                    "reason": "Looks into it",
                    "date_to": TODAY,
                }
            )
        cls.all_ids = [case.id for case in cls.cases.values()]

    def _rpc(self, user, model, method, *args, **kwargs):
        """Call a method the way the web client does: with the user's rights, by name."""
        return call_kw(self.env(user=user)[model], method, args, kwargs)

    def _search_cases(self, user, model="debt.case", path="id"):
        """Names of the cases a role finds, directly or through something that hangs on them."""
        records = self.env[model].with_user(user).search([(path, "in", self.all_ids)])
        found = records if path == "id" else records[path.removesuffix(".id")]
        return {name for name, case in self.cases.items() if case in found.sudo()}

    # === PORTFOLIO ===

    def test_who_reads_which_case(self):
        """Officers see their own and free cases, seniors their team's too, the others all."""
        everything = {"A", "B", "free", "court"}
        table = {
            "officer_a": {"A", "court", "free"},
            "officer_b": {"B", "free"},
            "senior": {"A", "court", "free"},
            "legal": everything,
            "manager": everything,
            "reader": everything,
            "auditor": everything,
        }
        doors = {
            "debt.case": "id",
            "debt.case.item": "case_id",
            "debt.notice": "case_id",
            "debt.contact": "case_id",
            "debt.hold": "case_id",
            "debt.run.line": "case_id",
        }
        for role, expected in table.items():
            for model, path in doors.items():
                with self.subTest(role=role, model=model):
                    self.assertEqual(self._search_cases(self[role], model, path), expected)

    def __getitem__(self, role):
        return getattr(self, role)

    def test_officer_cannot_read_the_others_case(self):
        """Not by id, not by browsing, not by grouping, not by name."""
        case = self.cases["B"]
        mine = self.env["debt.case"].with_user(self.officer_a)
        with self.assertRaises(AccessError):
            case.with_user(self.officer_a).amount_overdue  # noqa: B018
        with self.assertRaises(AccessError):
            self._rpc(self.officer_a, "debt.case", "read", case.ids, ["amount_overdue"])
        with self.assertRaises(AccessError):
            self._rpc(
                self.officer_a, "debt.case", "web_read", case.ids, specification={"state": {}}
            )
        self.assertFalse(mine.search([("id", "=", case.id)]))
        self.assertFalse(mine.name_search("B Ltd"))
        self.assertEqual(mine.search_count([]), 3)
        [(total,)] = mine._read_group([], [], ["amount_overdue:sum"])
        self.assertEqual(total, 300)
        groups = self._rpc(
            self.officer_a, "debt.case", "formatted_read_group", [], ["user_id"], ["__count"]
        )
        self.assertNotIn(
            self.officer_b.id, [group["user_id"][0] for group in groups if group["user_id"]]
        )

    def test_no_way_around_through_relations(self):
        """What hangs on B's case tells officer A nothing about it."""
        case = self.cases["B"]
        notice = case.notice_ids
        for record in (
            case.item_ids,
            notice,
            notice.item_ids,
            case.contact_ids,
            case.hold_ids,
            case.run_line_ids,
        ):
            with self.subTest(record._name), self.assertRaises(AccessError):
                record.with_user(self.officer_a).read()
        partner = case.partner_id.with_user(self.officer_a)
        self.assertFalse(partner.debt_case_ids)
        self.assertEqual((partner.debt_case_count, partner.debt_overdue), (0, 0.0))
        invoice = case.item_ids.move_line_id.move_id.with_user(self.officer_a)
        self.assertFalse(invoice.debt_case_id)

    def test_manager_reads_figures_on_partner_and_invoice(self):
        """The same fields for somebody who may see them."""
        case = self.cases["B"]
        partner = case.partner_id.with_user(self.manager)
        self.assertEqual((partner.debt_case_count, partner.debt_overdue), (1, 100.0))
        invoice = case.item_ids.move_line_id.move_id.with_user(self.manager)
        self.assertEqual(invoice.debt_case_id, case)

    def test_a_free_case_becomes_mine(self):
        """Assigned to A, it disappears from B's list."""
        case = self.cases["free"]
        self._rpc(self.officer_a, "debt.case", "action_assign_to_me", case.ids)
        self.assertEqual(case.user_id, self.officer_a)
        self.assertNotIn("free", self._search_cases(self.officer_b))

    # === WHAT ROLES WRITE ===

    def test_who_works_on_which_case(self):
        """Assigning is work on the case: allowed where the role works, refused elsewhere."""
        table = {
            "officer_a": {"A", "court", "free"},
            "officer_b": {"B", "free"},
            "senior": {"A", "court", "free"},
            "legal": {"court"},
            "manager": {"A", "B", "free", "court"},
            "reader": set(),
            "auditor": set(),
        }
        for role, expected in table.items():
            for name, case in self.cases.items():
                before = case.user_id
                with self.subTest(role=role, case=name):
                    if name in expected:
                        self._rpc(self[role], "debt.case", "action_assign_to_me", case.ids)
                        self.assertEqual(case.user_id, self[role])
                        case.user_id = before
                    else:
                        with self.assertRaises(AccessError):
                            self._rpc(self[role], "debt.case", "action_assign_to_me", case.ids)
                        with self.assertRaises(AccessError):
                            case.with_user(self[role]).write({"user_id": self[role].id})

    def test_actions_check_rights(self):
        """Every public action, called on B's case by A and by those who only read."""
        case = self.cases["B"]
        notice = case.notice_ids
        self.assertEqual(notice.state, "cancelled", "every item is on hold")
        case.hold_ids.action_release()
        notice = self._run_day(8, release=False).notice_ids.filtered(lambda n: n.case_id == case)
        self.assertEqual(notice.state, "to_approve")
        calls = [
            (case, "action_assign_to_me"),
            (case, "action_hold"),
            (case, "action_release_holds"),
            (case, "action_log_call"),
            (case.hold_ids, "action_release"),
            (notice, "action_approve"),
            (notice, "action_reject"),
            (notice, "action_send"),
            (notice, "action_cancel"),
            (self.first_run, "action_preview"),
            (self.first_run, "action_execute"),
        ]
        for role in ("officer_a", "legal", "reader", "auditor", "plain", "portal"):
            for record, method in calls:
                with (
                    self.subTest(role=role, method=f"{record._name}.{method}"),
                    self.assertRaises(AccessError),
                ):
                    self._rpc(self[role], record._name, method, record.ids)
        self.assertEqual((case.user_id, notice.state), (self.officer_b, "to_approve"))

    def test_readers_change_nothing(self):
        """Reader and auditor: no write, no creation, no deletion on any of our models."""
        samples = {
            "debt.case": {"user_id": self.reader.id},
            "debt.case.item": {"date_due": "2020-01-01"},
            "debt.hold": {"reason": "x"},
            "debt.notice": {"channel": "call"},
            "debt.notice.item": {"amount": 1},
            "debt.contact": {"note": "x"},
            "debt.run": {"date": "2020-01-01"},
            "debt.run.line": {"amount": 1},
            "debt.team": {"name": "x"},
            "debt.strategy": {"name": "x"},
            "debt.level": {"name": "x"},
            "debt.segment": {"name": "x"},
            "debt.priority.rule": {"points": 1},
        }
        self.env["debt.segment"].create({"name": "All"})
        for role in ("reader", "auditor"):
            for model, values in samples.items():
                records = self.env[model].with_user(self[role])
                record = records.search([], limit=1)
                with self.subTest(role=role, model=model):
                    self.assertTrue(record, "may read")
                    self.assertFalse(record.has_access("write"))
                    self.assertFalse(records.has_access("create"))
                    self.assertFalse(record.has_access("unlink"))
                    with self.assertRaises(UserError):
                        record.write(values)

    def test_figures_belong_to_the_engine(self):
        """State, figures and evidence cannot be written through RPC, whoever asks."""
        case = self.cases["A"]
        writes = [
            (case, {"state": "closed"}),
            (case, {"amount_overdue": 0}),
            (case, {"escalation": "write_off"}),
            (case, {"partner_id": self.debtor.id}),
            (case, {"item_ids": [Command.update(case.item_ids.id, {"date_out": "2020-01-01"})]}),
            (case.item_ids, {"date_out": "2020-01-01"}),
            (case.notice_ids, {"state": "sent"}),
            (case.notice_ids, {"item_ids": [Command.clear()]}),
            (case.notice_ids.item_ids, {"amount": 1}),
            (case.hold_ids, {"state": "released"}),
            (case.contact_ids, {"note": "x"}),
            (case.run_line_ids, {"amount": 1}),
        ]
        for role in ("officer_a", "manager"):
            for record, values in writes:
                with self.subTest(role=role, model=record._name, values=values):
                    self.assertTrue(record, "something to try it on")
                    with self.assertRaises(UserError):
                        self._rpc(self[role], record._name, "write", record.ids, values)
        for model in ("debt.case", "debt.case.item", "debt.notice", "debt.notice.item"):
            with self.subTest(create=model), self.assertRaises(AccessError):
                self._rpc(self.manager, model, "create", [{}])

    def test_manager_only(self):
        """Runs, strategies, levels, segments, teams and rules are the credit manager's."""
        creations = {
            "debt.run": {},
            "debt.run.start": {},
            "debt.team": {"name": "x"},
            "debt.strategy": {"name": "x"},
            "debt.level": {"strategy_id": self.strategy.id, "name": "x", "days": 99},
            "debt.segment": {"name": "x"},
            "debt.priority.rule": {"name": "x"},
        }
        for model, values in creations.items():
            for role in ("officer_a", "senior", "legal", "reader", "auditor"):
                with self.subTest(role=role, model=model), self.assertRaises(AccessError):
                    self.env[model].with_user(self[role]).create(values)
        with self.assertRaises(AccessError):
            self.cases["A"].with_user(self.officer_a).strategy_id = self.strategy
        self.cases["A"].with_user(self.manager).strategy_id = self.strategy
        run = self.env["debt.run"].with_user(self.manager).create({"date": TODAY})
        run.action_preview()
        self.assertEqual(run.state, "previewed")
        with self.assertRaises(AccessError):
            self.strategy.with_user(self.officer_a).action_new_version()

    def test_private_methods_stay_private(self):
        """What has no check of its own cannot be called from outside."""
        for model, method in (
            ("debt.case", "_sync"),
            ("debt.case", "_set_escalation"),
            ("debt.notice", "_dispatch"),
            ("debt.notice", "_set_state"),
            ("debt.run", "_execute"),
            ("debt.hold", "_do_release"),
        ):
            with self.subTest(method), self.assertRaises(AccessError):
                self._rpc(self.manager, model, method)

    # === OUTSIDERS ===

    def test_outsiders(self):
        """Internal users without a role and portal users find nothing of ours."""
        for role in ("plain", "portal"):
            for model in sorted(self.env.registry):
                if not model.startswith("debt.") or self.env[model]._abstract:
                    continue
                theirs = self.env[model].with_user(self[role])
                with self.subTest(role=role, model=model):
                    if role == "plain" and model in NAMES_FOR_ALL:
                        continue
                    if role == "plain" and model in FOR_DEPARTMENTS:
                        self.assertFalse(theirs.search([]), "nothing but what is theirs to solve")
                        continue
                    with self.assertRaises(AccessError):
                        theirs.search([])

    def test_outsiders_keep_working(self):
        """Our fields on partners and invoices do not break the screens of others."""
        accountant = self._create_user(
            "accountant_t", "account.group_account_user,base.group_partner_manager"
        )
        partner = self.cases["A"].partner_id
        for user in (self.plain, accountant):
            theirs = partner.with_user(user)
            names = [name for name in theirs.fields_get() if name.startswith("debt_")]
            self.assertIn("debt_case_count", names)
            self.assertNotIn("debt_case_ids", names)
            self.assertEqual(theirs.read(names)[0]["debt_case_count"], 0)
        invoice = self.cases["A"].item_ids.move_line_id.move_id
        self.assertFalse(invoice.with_user(accountant).debt_case_id)
        partner.with_user(accountant).write({"comment": "Called about the address"})
        partner.write({"debt_debtor_type": "consumer", "debt_timezones": "Europe/Paris"})
        double = partner.with_user(accountant).copy()
        self.assertEqual(double.name, f"{partner.name} (copy)")
        self.assertFalse(double.sudo().debt_timezones, "found out about the first alone")

    # === COMPANIES ===

    def test_company_isolation(self):
        """The manager of one company sees nothing of the other's, even of a shared debtor."""
        other = self.setup_other_company(name="Elsewhere")["company"]
        stranger = self._create_user("stranger_t", "debt_collection.group_manager", company=other)
        for model in (
            "debt.case",
            "debt.case.item",
            "debt.notice",
            "debt.notice.item",
            "debt.contact",
            "debt.hold",
            "debt.run",
            "debt.run.line",
        ):
            mine = self.env[model].with_user(self.manager)
            with self.subTest(model):
                self.assertTrue(mine.search([], limit=1))
                self.assertFalse(self.env[model].with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            self.cases["A"].with_user(stranger).read(["state"])
        with self.assertRaises(AccessError):
            self.env["debt.run"].with_user(stranger).create({"company_id": self.company.id})
        self.assertTrue(
            self.env["debt.strategy"].with_user(stranger).search([]), "shared strategies"
        )
        own = self.env["debt.strategy"].create({"name": "Ours", "company_id": self.company.id})
        self.assertNotIn(own, self.env["debt.strategy"].with_user(stranger).search([]))
