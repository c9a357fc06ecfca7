"""Ledgers for reports: what happens to receivables over months, by chance or by name."""

from datetime import timedelta

from odoo import Command, fields

from odoo.addons.debt_collection.tests.common import TODAY, DebtCommon


class ReportCommon(DebtCommon):
    """A ledger in two currencies whose rates move, and verbs that book on a day."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.eur = cls.setup_other_currency(
            "EUR",
            rates=[("1900-01-01", 2.0), ("2025-12-01", 1.6), ("2026-02-01", 2.5)],
        )
        cls.receivable = cls.company_data["default_account_receivable"]
        cls.expense = cls.company_data["default_account_expense"]
        cls.aged = cls.env["debt.aged.balance"]

    @classmethod
    def _day(cls, days):
        """The date some days before TODAY."""
        return TODAY - timedelta(days=days)

    @classmethod
    def _invoice(cls, days, amount, partner=None, terms=30, **values):
        """A posted document dated ``days`` before TODAY, due ``terms`` days later."""
        date = cls._day(days)
        dates = {
            "invoice_date": date,
            "date": date,
            "invoice_date_due": date + timedelta(days=terms),
        }
        return cls._create_overdue_invoice(
            days - terms, amount, partner=partner, **{**dates, **values}
        )

    @classmethod
    def _pay_on(cls, move, days, amount=None, **values):
        """Pay a document ``days`` before TODAY."""
        return cls._pay(move, amount, payment_date=cls._day(days), **values)

    @classmethod
    def _write_off(cls, move, days, amount):
        """Write part of a document off with an entry, in the company's currency."""
        line = cls._get_receivable(move).filtered(lambda line: not line.reconciled)[:1]
        entry = cls.env["account.move"].create(
            {
                "date": cls._day(days),
                "journal_id": cls.company_data["default_journal_misc"].id,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": cls.receivable.id,
                            "partner_id": move.partner_id.id,
                            "balance": -amount,
                        }
                    ),
                    Command.create({"account_id": cls.expense.id, "balance": amount}),
                ],
            }
        )
        entry.action_post()
        (line | entry.line_ids[:1]).reconcile()
        return entry

    @classmethod
    def _credit(cls, move, days, amount):
        """Credit part of a document with a credit note that is reconciled with it."""
        refund = cls._invoice(
            days,
            amount,
            partner=move.partner_id,
            terms=0,
            move_type="out_refund",
            currency_id=move.currency_id.id,
        )
        lines = cls._get_receivable(move) | cls._get_receivable(refund)
        lines.filtered(lambda line: not line.reconciled).reconcile()
        return refund

    @classmethod
    def _run_plan(cls, case, first, number=2, every=30):
        """A plan over all that is collectible of a case, accepted on the day of the clock.

        :param first: day of the first instalment; the others follow every so many days
        """
        plan = cls.env["debt.plan"].create(
            {
                "case_id": case.id,
                "date_first": first,
                "number": number,
                "every": every,
                "every_unit": "day",
                "business_days": False,
            }
        )
        plan.action_submit()
        if plan.state == "to_approve":
            plan.with_user(cls.manager).action_approve()
        plan._do_accept("Mrs. Baker", fields.Date.context_today(plan), "signed")
        return plan

    @classmethod
    def _make_random_ledger(cls, chance, debtors, first, last, count):
        """Book at random between two days; money, credits and write-offs go to open documents.

        :param chance: random.Random
        :param first, last: days before TODAY, first > last
        :param count: number of bookings
        :return: the documents
        """
        documents = []
        for _number in range(count):
            days = chance.randint(last, first)
            open_ones = [
                move
                for move in documents
                if move.amount_residual > 5 and (TODAY - move.date).days >= days
            ]
            act = chance.choice(("invoice", "invoice", "pay", "part", "credit", "write_off"))
            if act == "invoice" or not open_ones:
                currency = chance.choice(
                    (cls.company.currency_id, cls.company.currency_id, cls.eur)
                )
                documents.append(
                    cls._invoice(
                        days,
                        chance.randint(1000, 99999) / 100,
                        partner=chance.choice(debtors),
                        terms=chance.choice((0, 15, 30, 60)),
                        currency_id=currency.id,
                    )
                )
                continue
            move = chance.choice(open_ones)
            part = round(move.amount_residual * chance.choice((0.25, 0.5, 0.333)), 2)
            if act == "pay":
                cls._pay_on(move, days)
            elif act == "part":
                cls._pay_on(move, days, part)
            elif act == "credit":
                cls._credit(move, days, part)
            else:
                cls._write_off(move, days, abs(round(move.amount_residual_signed * 0.3, 2)) or 0.01)
        return documents

    def assertTiesToLedger(self, date):
        """The report without filters equals the receivable accounts on a day, to the cent."""
        checks = self.aged.get_ledger_check({"date": str(date)})
        for check in checks:
            self.assertEqual(check["difference"], 0.0, check)
        balance = sum(
            self.env["account.move.line"]
            .search(
                [
                    ("account_id.account_type", "=", "asset_receivable"),
                    ("company_id", "=", self.company.id),
                    ("parent_state", "=", "posted"),
                    ("date", "<=", date),
                ]
            )
            .mapped("balance")
        )
        self.assertAlmostEqual(sum(check["report"] for check in checks), balance, 2)
