"""Documents and entries that agreements make, all through Odoo's own methods.

Callers have decided who may: here everything is done with the rights of the system. Whatever is
made leaves the receivable account reconciled, respects lock dates and can be undone.
"""

from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class DebtBookkeeping(models.AbstractModel):
    """Credit notes and write-off entries for parts of receivable lines, and their undoing."""

    _name = "debt.bookkeeping"
    _description = "Entries of agreements"

    # === DOORS ===

    @api.model
    def _credit(self, pairs, reason):
        """Credit parts of receivable lines: a credit note per invoice, with its taxes.

        What is no invoice (an opening entry, for instance) is written off instead.

        :param pairs: list of (account.move.line, amount in the line's currency)
        :param reason: words on the documents
        :return: account.move, posted and reconciled with the lines
        """
        moves = self.env["account.move"].sudo()
        rest, by_move = [], {}
        for line, amount in pairs:
            if line.move_id.sudo().is_invoice(include_receipts=True):
                by_move.setdefault(line.move_id.sudo(), []).append((line.sudo(), amount))
            else:
                rest.append((line, amount))
        for invoice, parts in by_move.items():
            for bundle in self._bundle(parts):
                total = sum(amount for _line, amount in bundle)
                refund = self._make_credit_note(invoice, total, reason)
                self._allocate(refund, bundle)
                moves |= refund
        return moves | self._write_off(rest, reason)

    @api.model
    def _write_off(self, pairs, reason):
        """Write parts of receivable lines off: an entry per company and partner.

        Where the company takes tax back, the tax contained goes to the tax accounts. An invoice
        whose tax falls due on payment is credited against the bad debt account instead: an entry
        would make the tax of the lost amount due.

        :param pairs: list of (account.move.line, amount in the line's currency)
        :param reason: words on the entry
        :return: account.move, posted and reconciled with the lines
        """
        moves = self.env["account.move"].sudo()
        plain, on_payment = [], {}
        for line, amount in pairs:
            move = line.move_id.sudo()
            taxes = move.line_ids.tax_ids.flatten_taxes_hierarchy()
            if move.is_invoice(True) and "on_payment" in taxes.mapped("tax_exigibility"):
                on_payment.setdefault(move, []).append((line.sudo(), amount))
            else:
                plain.append((line.sudo(), amount))
        for invoice, parts in on_payment.items():
            account = self._get_writeoff_account(invoice.company_id)
            for bundle in self._bundle(parts):
                total = sum(amount for _line, amount in bundle)
                refund = self._make_credit_note(invoice, total, reason, account)
                self._allocate(refund, bundle)
                moves |= refund
        groups = {}
        for line, amount in plain:
            groups.setdefault((line.company_id, line.partner_id), []).append((line, amount))
        for (company, partner), parts in groups.items():
            moves |= self._make_writeoff_entry(company, partner, parts, reason)
        return moves

    @api.model
    def _undo(self, moves, reason):
        """Take posted documents back: what they settled is open again, they are reversed.

        :param moves: account.move made by this model
        :param reason: words on the reversals
        :return: the reversals
        """
        reversals = self.env["account.move"].sudo()
        for move in moves.sudo().filtered(lambda move: move.state == "posted"):
            receivable = move.line_ids._filter_receivable()
            receivable.remove_move_reconcile()
            day = self._get_open_day(move.company_id, move.journal_id, bool(move.line_ids.tax_ids))
            values = {"date": day, "ref": reason}
            if move.is_invoice(include_receipts=True):
                values.update({"invoice_date": day, "invoice_date_due": day})
            reversals |= move._reverse_moves([values], cancel=True)
        return reversals

    @api.model
    def _post_entry(self, company, journal, ref, values, has_tax=False):
        """Post an entry in a company's books, on the first day that is open.

        :param ref: words on the entry
        :param values: list of values of account.move.line
        :param has_tax: the tax lock date counts too
        :return: account.move, posted, with the rights of the system
        """
        move = (
            self.env["account.move"]
            .sudo()
            .with_company(company)
            .create(
                {
                    "move_type": "entry",
                    "company_id": company.id,
                    "journal_id": journal.id,
                    "date": self._get_open_day(company, journal, has_tax),
                    "ref": ref,
                    "line_ids": [Command.create(line) for line in values],
                }
            )
        )
        move.action_post()
        return move

    # === DAYS AND ACCOUNTS ===

    @api.model
    def _get_open_day(self, company, journal, has_tax=False):
        """The first day on which may be posted: today, or the day after the last lock date.

        :param has_tax: the tax lock date counts too
        """
        day = fields.Date.context_today(self)
        company = company.sudo()
        while locks := company._get_violated_lock_dates(day, has_tax, journal):
            day = max(lock[0] for lock in locks) + timedelta(days=1)
        return day

    @api.model
    def _get_writeoff_account(self, company):
        """:raises UserError: when the company has named no account for bad debts."""
        account = company._get_debt_owner("debt_writeoff_account_id").debt_writeoff_account_id
        if not account:
            raise UserError(
                self.env._(
                    "Choose the bad debt account of %(company)s in the settings of Collections "
                    "first.",
                    company=company.name,
                )
            )
        return account

    @api.model
    def _get_journal(self, company):
        """The journal of write-offs and of agreements that become new debts."""
        chosen = company._get_debt_owner("debt_writeoff_journal_id").debt_writeoff_journal_id
        journal = chosen or self.env["account.journal"].sudo().search(
            [*self.env["account.journal"]._check_company_domain(company), ("type", "=", "general")],
            limit=1,
        )
        if not journal:
            raise UserError(
                self.env._("%(company)s has no general journal to post in.", company=company.name)
            )
        return journal

    # === CREDIT NOTES ===

    @api.model
    def _make_credit_note(self, invoice, amount, reason, account=None):
        """Make and post a credit note over a part of an invoice, with the taxes of that part.

        :param invoice: account.move, posted
        :param amount: total of the credit note with taxes, in the invoice's currency
        :param account: charge this account instead of those of the invoice
        :return: account.move, posted, not reconciled
        """
        day = self._get_open_day(
            invoice.company_id, invoice.journal_id, bool(invoice.line_ids.tax_ids)
        )
        invoice = invoice.sudo().with_company(invoice.company_id)
        refund = invoice._reverse_moves(
            [
                {
                    "invoice_date": day,
                    "date": day,
                    "ref": self.env._(
                        "%(reason)s (%(number)s)", reason=reason, number=invoice.name
                    ),
                    "invoice_payment_term_id": False,
                    "invoice_date_due": day,
                    "invoice_cash_rounding_id": False,
                    "auto_post": "no",
                }
            ]
        )
        if refund.currency_id.compare_amounts(amount, refund.amount_total):
            self._scale(refund, amount)
        if account:
            refund.invoice_line_ids.filtered(
                lambda line: line.display_type == "product"
            ).account_id = account
        if refund.currency_id.compare_amounts(amount, refund.amount_total):
            raise UserError(
                self.env._(
                    "A credit note of %(amount)s cannot be made from %(number)s by the system: "
                    "make it in accounting.",
                    amount=refund.currency_id.format(amount),
                    number=invoice.name,
                )
            )
        # Posting reconciles with whatever is open on the invoice; where that is more than one
        # instalment, ours is chosen afterwards.
        several = (
            len(invoice.line_ids._filter_receivable().filtered(lambda r: not r.reconciled)) > 1
        )
        if several:
            refund.reversed_entry_id = False
        refund.action_post()
        if several:
            refund.reversed_entry_id = invoice
        return refund

    @api.model
    def _scale(self, refund, amount):
        """Bring a draft credit note to a total: each line in proportion, cents where they fit."""
        currency = refund.currency_id
        ratio = amount / refund.amount_total
        commands = []
        for line in refund.invoice_line_ids:
            if line.display_type != "product":
                commands.append(Command.delete(line.id))
                continue
            included = any(line.tax_ids.flatten_taxes_hierarchy().mapped("price_include"))
            total = line.price_total if included else line.price_subtotal
            commands.append(
                Command.update(
                    line.id,
                    {"quantity": 1, "discount": 0, "price_unit": currency.round(total * ratio)},
                )
            )
        refund.write({"invoice_line_ids": commands})
        missing = amount - refund.amount_total
        if currency.is_zero(missing):
            return
        tax_lines = refund.line_ids.filtered(lambda line: line.display_type == "tax")
        largest = max(
            refund.invoice_line_ids.filtered(lambda line: line.display_type == "product"),
            key=lambda line: (not line.tax_ids, abs(line.price_total)),
        )
        if tax_lines and largest.tax_ids:
            tax_line = max(tax_lines, key=lambda line: abs(line.amount_currency))
            refund.write(
                {
                    "line_ids": [
                        Command.update(
                            tax_line.id,
                            {"amount_currency": currency.round(tax_line.amount_currency + missing)},
                        )
                    ]
                }
            )
        else:
            largest.price_unit += missing

    @api.model
    def _bundle(self, parts):
        """Parts of one invoice that one document can settle exactly.

        Lines settled in full and at most one that is not: reconciling takes what it can get, so
        two lines in part need a document each.

        :param parts: list of (account.move.line, amount)
        :return: list of lists of parts
        """
        full = [
            (line, amount)
            for line, amount in parts
            if line.currency_id.compare_amounts(amount, line.amount_residual_currency) >= 0
        ]
        partial = [part for part in parts if part not in full]
        return [bundle for bundle in ([*full, *partial[:1]], *([p] for p in partial[1:])) if bundle]

    @api.model
    def _allocate(self, move, parts):
        """Reconcile the receivable of a document with the lines it settles, full ones first.

        :param parts: list of (account.move.line, amount), as ``_bundle`` gives them
        """
        receivable = move.line_ids._filter_receivable()
        for line, _amount in parts:
            credit = receivable.filtered(lambda credit: not credit.reconciled)
            if credit and not line.reconciled:
                (credit | line).reconcile()
