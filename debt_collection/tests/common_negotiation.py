"""Factories of what officers agree on with debtors."""

from datetime import timedelta

from freezegun import freeze_time

from odoo import Command, fields

from odoo.addons.debt_collection.tests.common import TODAY, DebtCommon


class NegotiationCommon(DebtCommon):
    """A debtor with two late invoices, 100 and 50, in a case of officer A."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"debt_promise_max_days": 30, "debt_promise_tolerance": 2})
        cls.senior = cls._create_user("senior_n", "debt_collection.group_senior")
        cls.invoice = cls._create_overdue_invoice(12, 100)
        cls.other = cls._create_overdue_invoice(11, 50)
        cls._run_day(send=False, release=False)
        cls.case = cls._get_case()
        cls.case.user_id = cls.officer_a
        cls.item = cls._get_item(cls.invoice)
        cls.other_item = cls._get_item(cls.other)

    @classmethod
    def _get_item(cls, move):
        """The open item of a document with one instalment."""
        return cls.env["debt.case.item"].search(
            [("move_line_id", "in", cls._get_receivable(move).ids), ("date_out", "=", False)]
        )

    @classmethod
    def _get_day(cls, days):
        """The day so many days after TODAY."""
        return TODAY + timedelta(days=days)

    @classmethod
    def _promise(cls, days=7, amount=None, items=None, user=None, **values):
        """A promise over items with an amount each (default: all items, all that is collectible).

        :param days: days after the day of the clock
        :param items: dict debt.case.item → amount
        """
        env = cls.env(user=user or cls.officer_a)
        vals = {
            "case_id": cls.case.id,
            "date": fields.Date.context_today(cls.case) + timedelta(days=days),
            **values,
        }
        if amount is not None:
            vals["amount"] = amount
        if items:
            vals["line_ids"] = [
                Command.create({"item_id": item.id, "amount": share})
                for item, share in items.items()
            ]
        with env.cr.savepoint():
            return env["debt.promise"].create(vals)

    @classmethod
    def _on_day(cls, days):
        """The clock on a day after TODAY."""
        return freeze_time(cls._get_day(days))

    @classmethod
    def _give_reason(cls, action, reason="Because"):
        """Answer the dialog that asks for a reason."""
        wizard = cls.env["debt.agreement.reason"].with_context(**action["context"])
        return wizard.create({"reason": reason}).action_confirm()

    def _assert_split(self, item, **parts):
        """The open amount of an item in its parts, others being zero; they sum to what is open."""
        split = item._get_split(fields.Date.context_today(item))[item.id]
        total = split.pop("open")
        self.assertAlmostEqual(sum(split.values()), total, 2)
        self.assertEqual({kind: amount for kind, amount in split.items() if amount}, parts)
