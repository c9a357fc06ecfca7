"""The entries of plans: new debts in place of the old ones, the invoice of the interest."""

from odoo import Command, fields, models
from odoo.exceptions import UserError


class DebtPlan(models.Model):
    _inherit = "debt.plan"

    def _get_novation_problems(self):
        """What stands against replacing the old debts, in words."""
        self.ensure_one()
        problems = []
        split = self.sudo().line_ids.item_id._get_split(fields.Date.context_today(self))
        for line in self.sudo().line_ids:
            move = line.move_line_id.move_id
            if split.get(line.item_id.id, {}).get("disputed"):
                problems.append(
                    self.env._(
                        "%(document)s is disputed: solve the dispute before new debts replace it, "
                        "or choose an overlay.",
                        document=line.document_number,
                    )
                )
            taxes = move.line_ids.tax_ids.flatten_taxes_hierarchy()
            if "on_payment" in taxes.mapped("tax_exigibility"):
                problems.append(
                    self.env._(
                        "%(document)s has taxes that fall due on payment: an entry in its place "
                        "would make them due now. Choose an overlay.",
                        document=line.document_number,
                    )
                )
            if self.currency_id.compare_amounts(
                line.amount, line.move_line_id.amount_residual_currency
            ):
                problems.append(
                    self.env._(
                        "%(document)s: only all that is open can be replaced by new debts.",
                        document=line.document_number,
                    )
                )
        if len(self.sudo().line_ids.move_line_id.account_id) > 1:
            problems.append(
                self.env._("The items are on several receivable accounts. Choose an overlay.")
            )
        return problems

    def _post_interest(self):
        """Invoice the interest of the plan: it is a debt like the others, due with the last one."""
        self.ensure_one()
        if not self.currency_id.compare_amounts(self.amount_interest, 0.0) > 0:
            return
        company = self.company_id.sudo()
        journal = (
            self.env["account.journal"]
            .sudo()
            .search(
                [
                    *self.env["account.journal"]._check_company_domain(company),
                    ("type", "=", "sale"),
                ],
                limit=1,
            )
        )
        owner = company._get_debt_owner("debt_plan_interest_account_id")
        account = owner.debt_plan_interest_account_id or journal.default_account_id
        if not journal or not account:
            raise UserError(
                self.env._(
                    "Choose the interest account of %(company)s in the settings of Collections.",
                    company=company.name,
                )
            )
        day = self.env["debt.bookkeeping"]._get_open_day(company, journal)
        move = (
            self.env["account.move"]
            .sudo()
            .with_company(company)
            .create(
                {
                    "move_type": "out_invoice",
                    "company_id": company.id,
                    "journal_id": journal.id,
                    "partner_id": self.partner_id.id,
                    "currency_id": self.currency_id.id,
                    "invoice_date": day,
                    "date": day,
                    "invoice_payment_term_id": False,
                    "invoice_date_due": self.date_last,
                    "invoice_origin": self.reference,
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "name": self.env._(
                                    "Interest on the payment plan %(name)s", name=self.reference
                                ),
                                "quantity": 1,
                                "price_unit": self.amount_interest,
                                "account_id": account.id,
                                "tax_ids": [Command.clear()],
                            }
                        )
                    ],
                }
            )
        )
        move.action_post()
        self.sudo().interest_move_id = move
        receivable = move.line_ids._filter_receivable()
        line = (
            self.env["debt.plan.line"]
            .sudo()
            .create(
                {
                    "agreement_id": self.id,
                    "move_line_id": receivable.id,
                    "amount": receivable.amount_residual_currency,
                }
            )
        )
        line._start()

    def _post_novation(self):
        """Replace the old debts: an entry credits each and debits the instalments, reconciled.

        Nothing is won or lost: what the old debts are worth in the company's currency is shared
        out over the new ones, the last of which takes the cents.
        """
        self.ensure_one()
        plan = self.sudo()
        company, currency = plan.company_id, plan.currency_id
        books = self.env["debt.bookkeeping"]
        journal = books._get_journal(company)
        old = plan.line_ids.move_line_id
        account = old.account_id[:1]
        worth = sum(old.mapped("amount_residual"))
        total = sum(old.mapped("amount_residual_currency"))
        parts = plan.installment_ids.sorted(lambda part: (part.date, part.id))
        values = [
            {
                "account_id": line.account_id.id,
                "partner_id": line.partner_id.id,
                "currency_id": currency.id,
                "amount_currency": -line.amount_residual_currency,
                "balance": -line.amount_residual,
                "name": self.env._(
                    "Replaced by plan %(name)s (%(number)s)",
                    name=plan.reference,
                    number=line.move_id.name,
                ),
            }
            for line in old
        ]
        left = worth
        for index, part in enumerate(parts):
            share = company.currency_id.round(worth * part.amount / total) if total else 0.0
            if index == len(parts) - 1:
                share = left
            left = company.currency_id.round(left - share)
            values.append(
                {
                    "account_id": account.id,
                    "partner_id": old[:1].partner_id.id,
                    "currency_id": currency.id,
                    "amount_currency": part.amount,
                    "balance": share,
                    "date_maturity": part.date,
                    "no_followup": False,
                    "name": self.env._(
                        "Plan %(name)s, instalment %(rank)s of %(count)s",
                        name=plan.reference,
                        rank=index + 1,
                        count=len(parts),
                    ),
                }
            )
        move = books._post_entry(
            company, journal, self.env._("Payment plan %(name)s", name=plan.reference), values
        )
        lines = move.line_ids.sorted("id")
        debits = lines[len(old) :]
        debits.no_followup = False
        for part, debit in zip(parts, debits, strict=True):
            part.move_line_id = debit
        plan.move_id = move
        for line, credit in zip(old, lines, strict=False):
            (line | credit).reconcile()

    def _undo_novation(self, reason):
        """Take the new debts back: the old ones are open again, what was paid is theirs.

        :param reason: words on the reversal
        """
        self.ensure_one()
        plan = self.sudo()
        if not plan.move_id or plan.move_id.state != "posted":
            return
        debits = plan.installment_ids.move_line_id
        money = debits.matched_credit_ids.credit_move_id
        old = plan.line_ids.move_line_id
        self.env["debt.bookkeeping"]._undo(plan.move_id, reason)
        for line in old.sorted(lambda line: (line.date_maturity or line.date, line.id)):
            open_money = money.exists().filtered(
                lambda credit: not credit.reconciled and credit.parent_state == "posted"
            )
            if open_money and not line.reconciled:
                (open_money | line).reconcile()
