"""Factories every test of the addon stands on."""

from datetime import timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.tests import new_test_user

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

# The day on which tests happen, unless they say otherwise: a plain Wednesday.
TODAY = fields.Date.to_date("2026-03-18")


class DebtCommon(AccountTestInvoicingCommon):
    """A company with a chart, debtors with e-mail, officers, and verbs to make days pass."""

    @classmethod
    def setUpClass(cls):
        cls.startClassPatcher(freeze_time(TODAY))
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.company.debt_tolerance = 1.0
        cls.strategy = cls.env.ref("debt_collection.strategy_standard")
        cls.level_courtesy = cls.env.ref("debt_collection.level_courtesy")
        cls.level_reminder = cls.env.ref("debt_collection.level_reminder")
        cls.level_formal_reminder = cls.env.ref("debt_collection.level_formal_reminder")
        cls.level_formal_notice = cls.env.ref("debt_collection.level_formal_notice")
        cls.manager = cls._create_user("manager_t", "debt_collection.group_manager")
        cls.officer_a = cls._create_user("officer_a", "debt_collection.group_officer")
        cls.officer_b = cls._create_user("officer_b", "debt_collection.group_officer")
        cls.debtor = cls._create_debtor("Late Ltd")

    @classmethod
    def get_default_groups(cls):
        """The test user manages collections, beside what accounting tests need."""
        return super().get_default_groups() | cls.quick_ref("debt_collection.group_manager")

    # === FACTORIES ===

    @classmethod
    def _create_user(cls, login, groups, company=None):
        """A user of the given groups (comma separated xml ids) in the test company."""
        company = company or cls.company_data["company"]
        return new_test_user(
            cls.env,
            login=login,
            groups=groups,
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
            tz="UTC",
        )

    @classmethod
    def _create_debtor(cls, name, **values):
        """A company partner that can be reached by e-mail (``email=False``: it cannot)."""
        email = f"{name.lower().replace(' ', '.')}@example.com"
        return cls.env["res.partner"].create(
            {"name": name, "is_company": True, "email": email, **values}
        )

    @classmethod
    def _create_overdue_invoice(cls, days, amount=100.0, partner=None, company=None, **values):
        """A posted customer invoice.

        :param days: days between its due date and TODAY; negative: due in the future
        :param amount: total, without taxes
        :param values: more values of the account.move (``currency_id``, ``move_type``…)
        """
        due = TODAY - timedelta(days=days)
        env = cls.env
        if company:
            env = env(context={**env.context, "allowed_company_ids": company.ids})
        move = env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": (partner or cls.debtor).id,
                "invoice_date": due - timedelta(days=30),
                "invoice_date_due": due,
                "invoice_payment_term_id": False,
                "invoice_line_ids": [
                    Command.create(
                        {"name": "Service", "quantity": 1, "price_unit": amount, "tax_ids": False}
                    )
                ],
                **({"company_id": company.id} if company else {}),
                **values,
            }
        )
        move.action_post()
        return move

    @classmethod
    def _create_credit_note(cls, amount, partner=None, **values):
        """A posted credit note that is not allocated to anything."""
        return cls._create_overdue_invoice(
            values.pop("days", 0), amount, partner=partner, move_type="out_refund", **values
        )

    @classmethod
    def _create_instalment_term(cls, *parts):
        """A payment term of (percent, days after the invoice) parts."""
        return cls.env["account.payment.term"].create(
            {
                "name": "Instalments",
                "line_ids": [
                    Command.create(
                        {
                            "value": "percent",
                            "value_amount": percent,
                            "nb_days": days,
                            "delay_type": "days_after",
                        }
                    )
                    for percent, days in parts
                ],
            }
        )

    @classmethod
    def _create_strategy(cls, *levels, name="Test strategy", **values):
        """A running strategy without quiet days.

        :param levels: values of its levels, lowest first: at least ``days``; they are called
            Level 1, 2, 3… and wait for nothing unless said otherwise
        """
        return cls.env["debt.strategy"].create(
            {
                "name": name,
                "quiet_days": 0,
                **values,
                "level_ids": [
                    Command.create(
                        {"name": f"Level {rank}", "sequence": rank * 10, "wait_days": 0, **level}
                    )
                    for rank, level in enumerate(levels, 1)
                ],
            }
        )

    @classmethod
    def _get_receivable(cls, move):
        """The receivable lines of a document, by due date."""
        return move.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        ).sorted("date_maturity")

    # === VERBS ===

    @classmethod
    def _run_day(cls, date=None, company=None, **kwargs):
        """Execute a collection run.

        :param date: date, or days after TODAY
        :return: debt.run
        """
        if isinstance(date, int):
            date = TODAY + timedelta(days=date)
        run = cls.env["debt.run"].create(
            {"date": date or TODAY, "company_id": (company or cls.company).id}
        )
        if kwargs:
            run._execute(**kwargs)
        else:
            run.action_execute()
        return run

    @classmethod
    def _pass_days(cls, first, last, **kwargs):
        """Let days pass, each with its run and with the clock on that day.

        :param first, last: days after TODAY, both included
        :return: generator of (days after TODAY, debt.run), on the clock of that day
        """
        for day in range(first, last + 1):
            with freeze_time(TODAY + timedelta(days=day)):
                yield day, cls._run_day(day, **kwargs)

    @classmethod
    def _preview_day(cls, date=None, company=None):
        """Preview a run: decisions without effect.

        :param date: date, or days after TODAY
        :return: debt.run
        """
        if isinstance(date, int):
            date = TODAY + timedelta(days=date)
        run = cls.env["debt.run"].create(
            {"date": date or TODAY, "company_id": (company or cls.company).id}
        )
        run.action_preview()
        return run

    @classmethod
    def _get_case(cls, partner=None, company=None):
        """The latest case of a debtor."""
        return cls.env["debt.case"].search(
            [
                ("partner_id", "=", (partner or cls.debtor).id),
                ("company_id", "=", (company or cls.company).id),
            ],
            order="id desc",
            limit=1,
        )

    @classmethod
    def _pay(cls, moves, amount=None, **values):
        """Register a payment on documents through Odoo's wizard."""
        wizard = (
            cls.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=moves.ids)
            .create({**({"amount": amount} if amount else {}), **values})
        )
        return wizard._create_payments()

    @classmethod
    def _get_decision(cls, run, partner=None):
        """The decision of a run on a debtor."""
        return run.line_ids.filtered(lambda line: line.partner_id == (partner or cls.debtor))
