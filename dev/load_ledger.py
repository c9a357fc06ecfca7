"""Load a receivables ledger (CSV) into a database, as an accountant would have kept it.

    ./dev/python dev/load_ledger.py -d DB --ledger FILE.csv --as-of 2013-06-30

Every invoice dated up to that day becomes a posted customer invoice with the ledger's number, due
date and amount (no tax); every payment that had arrived by then becomes a posted customer payment
reconciled with its invoice. The file is judged as a whole first (dev/ledger_csv.py) and loaded in
one transaction, whose result is compared with the file before it is kept: all of it or nothing.
"""

import argparse
import logging
import sys
import time
from datetime import date
from decimal import Decimal
from pathlib import Path

# The interpreter may be told not to look beside the script for modules.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from dev import ledger_csv

JOURNAL_CODE = "LEDG"
BATCH = 500  # documents per call: memory stays small, the cost of a call is spread

# Nobody follows or is told about documents that are history.
QUIET = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_notrack": True,
    "no_reset_password": True,
}


def say(text):
    """Print one line at once, even into a pipe.

    :param str text: the line.
    """
    print(text, flush=True)


def split(items, size=BATCH):
    """Yield slices of a list or recordset.

    :param items: what to cut.
    :param int size: length of a slice.
    """
    for start in range(0, len(items), size):
        yield items[start : start + size]


def refuse(reason):
    """Refuse the ledger as a whole.

    :param str reason: one line.
    :raises ledger_csv.LedgerError: always.
    """
    raise ledger_csv.LedgerError([ledger_csv.Problem(0, reason)])


class Loader:
    """Writes one ledger into one company. Nothing is committed here."""

    def __init__(self, env, invoices, as_of):
        """Take what is to be loaded.

        :param env: an environment whose user may post invoices; its company gets the ledger.
        :param list[ledger_csv.Invoice] invoices: the whole ledger.
        :param date as_of: later invoices and payments are left out.
        """
        self.env = env(context={**env.context, **QUIET})
        self.company = self.env.company
        self.currency = self.company.currency_id
        self.as_of = as_of
        self.ledger = invoices
        self.invoices = [invoice for invoice in invoices if invoice.invoice_date <= as_of]

    def load(self):
        """Load the ledger and compare the books with it.

        :return: the figures, equal in file and books.
        :rtype: ledger_csv.Figures
        :raises ledger_csv.LedgerError: if the database cannot take this ledger.
        """
        if not self.invoices:
            refuse(f"no invoice of this ledger is dated {self.as_of} or earlier")
        self._check_not_loaded()
        income, bank = self._find_account(), self._find_bank_journal()
        journal = self._get_journal(income)
        partners = self._get_partners()
        start = time.monotonic()
        moves = self._create_moves(journal, income, partners)
        say(f"    {len(moves)} invoices posted, {time.monotonic() - start:.0f} s")
        start = time.monotonic()
        count = self._create_payments(bank, moves, partners)
        say(f"    {count} payments reconciled, {time.monotonic() - start:.0f} s")
        expected = ledger_csv.get_figures(self.ledger, self.as_of)
        figures = self._read_figures(moves)
        if figures != expected:
            refuse(f"the books do not equal the file: {figures} instead of {expected}")
        return figures

    # === WHAT THE DATABASE MUST HAVE

    def _check_not_loaded(self):
        """Refuse invoice numbers the company already has, in one line.

        :raises ledger_csv.LedgerError: if there are any.
        """
        numbers = {invoice.number: invoice for invoice in self.invoices}
        found = set()
        for part in split(sorted(numbers)):
            for field in ("name", "ref"):
                domain = [
                    ("company_id", "=", self.company.id),
                    ("move_type", "=", "out_invoice"),
                    ("state", "!=", "cancel"),
                    (field, "in", part),
                ]
                found.update(self.env["account.move"].search(domain).mapped(field))
        known = [invoice for invoice in self.invoices if invoice.number in found]
        if known:
            refuse(
                f"{len(known)} of {len(self.invoices)} invoice numbers are already in the database"
                f" (the first on line {known[0].line}: {known[0].number}); nothing was loaded"
            )

    def _find_account(self):
        """Return the income account invoices are booked on."""
        account = self.env["account.account"].search(
            [("account_type", "=", "income"), ("company_ids", "in", self.company.ids)], limit=1
        )
        if not account:
            refuse(f"{self.company.name} has no chart of accounts; install one first")
        return account

    def _find_bank_journal(self):
        """Return the bank journal payments arrive in."""
        journal = self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", self.company.id)], limit=1
        )
        if not journal:
            refuse(f"{self.company.name} has no bank journal")
        return journal

    def _get_journal(self, income):
        """Return the sales journal of ledgers, made when it is not there yet.

        The ledger's own numbers become the documents' names. In a journal of their own they do
        not disturb the numbering of new invoices, and the pattern below reads no year or month
        into a number such as 2012-07-001, which Odoo would compare with the invoice's date.
        """
        domain = [("code", "=", JOURNAL_CODE), ("company_id", "=", self.company.id)]
        journal = self.env["account.journal"].search(domain, limit=1)
        return journal or self.env["account.journal"].create(
            {
                "name": "Loaded ledger",
                "code": JOURNAL_CODE,
                "type": "sale",
                "company_id": self.company.id,
                "default_account_id": income.id,
                "sequence_override_regex": r"^(?P<prefix1>.*?)(?P<seq>\d{0,9})(?P<suffix>\D*?)$",
            }
        )

    def _get_partners(self):
        """Return the customers by their name in the ledger, creating those not known by `ref`.

        :rtype: dict[str, res.partner]
        """
        countries = {invoice.customer: invoice.country for invoice in reversed(self.invoices)}
        partners = {}
        for part in split(sorted(countries)):
            domain = [("ref", "in", part), ("company_id", "in", (False, self.company.id))]
            for partner in self.env["res.partner"].search(domain, order="id desc"):
                partners[partner.ref] = partner
        known = {country.code: country.id for country in self.env["res.country"].search([])}
        missing = [customer for customer in sorted(countries) if customer not in partners]
        for part in split(missing):
            values = [
                {
                    "name": customer,
                    "ref": customer,
                    "is_company": True,
                    "customer_rank": 1,
                    # Not every ledger uses ISO codes; any other code stays with the ledger.
                    "country_id": known.get(countries[customer].upper(), False),
                }
                for customer in part
            ]
            partners.update(zip(part, self.env["res.partner"].create(values), strict=True))
        say(f"    {len(partners)} customers, {len(missing)} of them new")
        return partners

    # === DOCUMENTS

    def _create_moves(self, journal, income, partners):
        """Create and post the invoices; return them in the order of ``self.invoices``."""
        moves = self.env["account.move"]
        for part in split(self.invoices):
            batch = moves.create(
                [
                    {
                        "move_type": "out_invoice",
                        "journal_id": journal.id,
                        "partner_id": partners[invoice.customer].id,
                        "name": invoice.number,
                        "ref": invoice.number,
                        "payment_reference": invoice.number,
                        "invoice_date": invoice.invoice_date,
                        "date": invoice.invoice_date,
                        "invoice_payment_term_id": False,
                        "invoice_date_due": invoice.due_date,
                        "invoice_line_ids": [
                            (
                                0,
                                0,
                                {
                                    "name": f"Invoice {invoice.number}",
                                    "quantity": 1,
                                    "price_unit": float(invoice.amount),
                                    "account_id": income.id,
                                    "tax_ids": [(5, 0, 0)],
                                },
                            )
                        ],
                    }
                    for invoice in part
                ]
            )
            batch.action_post()
            moves |= batch
        return moves

    def _create_payments(self, bank, moves, partners):
        """Create, post and reconcile the payments that had arrived; return how many."""
        settled = [
            (invoice, move)
            for invoice, move in zip(self.invoices, moves, strict=True)
            if invoice.is_settled(self.as_of)
        ]
        for part in split(settled):
            payments = self.env["account.payment"].create(
                [
                    {
                        "payment_type": "inbound",
                        "partner_type": "customer",
                        "partner_id": partners[invoice.customer].id,
                        "journal_id": bank.id,
                        "date": invoice.settled_date,
                        "amount": float(invoice.amount),
                        "currency_id": self.currency.id,
                        "memo": invoice.number,
                        "invoice_ids": [(6, 0, move.ids)],
                    }
                    for invoice, move in part
                ]
            )
            payments.action_post()
            plan = [
                self._receivable_lines(move) | self._receivable_lines(payment.move_id)
                for payment, (_invoice, move) in zip(payments, part, strict=True)
            ]
            self.env["account.move.line"]._reconcile_plan(plan)
        return len(settled)

    @staticmethod
    def _receivable_lines(move):
        """Return the receivable lines of one document."""
        return move.line_ids.filtered(lambda line: line.account_type == "asset_receivable")

    # === CONTROL

    def _read_figures(self, moves):
        """Read the figures back from the receivable lines in the database.

        :param moves: the invoices loaded, in the order of ``self.invoices``.
        :rtype: ledger_csv.Figures
        """
        self.env.flush_all()
        self.env.invalidate_all()
        wrong, lines = [], self.env["account.move.line"]
        for invoice, move in zip(self.invoices, moves, strict=True):
            line = self._receivable_lines(move)
            if (
                len(line) != 1
                or move.state != "posted"
                or move.name != invoice.number
                or move.invoice_date != invoice.invoice_date
                or line.date_maturity != invoice.due_date
                or self._exact(line.balance) != invoice.amount
            ):
                wrong.append(f"line {invoice.line}")
            lines |= line
        if wrong:
            refuse("not booked as the file says: " + ", ".join(wrong[:10]))
        open_lines = lines.filtered(lambda line: not line.reconciled)
        overdue = open_lines.filtered(lambda line: line.date_maturity < self.as_of)
        return ledger_csv.Figures(
            customers=len(moves.commercial_partner_id),
            invoices=len(moves),
            open_items=len(open_lines),
            open_total=self._exact(sum(open_lines.mapped("amount_residual"))),
            overdue_items=len(overdue),
            overdue_debtors=len(overdue.partner_id),
            overdue_total=self._exact(sum(overdue.mapped("amount_residual"))),
        )

    def _exact(self, amount):
        """Return a float of the books as an exact amount."""
        return Decimal(f"{amount:.{self.currency.decimal_places}f}")


def show(figures, currency, as_of):
    """Print what the ledger amounts to.

    :param ledger_csv.Figures figures: the figures.
    :param str currency: name of the company's currency.
    :param date as_of: the day they hold for.
    """
    say(f"ledger as of {as_of}")
    say(f"    customers      {figures.customers:>9,}")
    say(f"    invoices       {figures.invoices:>9,}")
    say(f"    open items     {figures.open_items:>9,}   {figures.open_total:>15,.2f} {currency}")
    overdue = f"{figures.overdue_total:>15,.2f} {currency}   {figures.overdue_debtors:,} debtors"
    say(f"    overdue items  {figures.overdue_items:>9,}   {overdue}")


def parse_arguments(arguments=None):
    """Read the command line.

    :param list[str] arguments: default: those of the process.
    :rtype: argparse.Namespace
    """
    parser = argparse.ArgumentParser(description="Load a receivables ledger into a database.")
    parser.add_argument("-d", "--database", required=True, help="a database with invoicing")
    parser.add_argument("--ledger", required=True, help="the CSV file")
    parser.add_argument(
        "--as-of",
        type=ledger_csv.parse_date,
        default=date.today(),
        help="last day to be loaded (default: today)",
    )
    return parser.parse_args(arguments)


def open_registry(database):
    """Start the ORM on a database, reading the configuration named by ODOO_RC.

    :param str database: name of the database.
    :return: its registry.
    :raises ledger_csv.LedgerError: if there is no such database or it has no invoicing.
    """
    import psycopg2

    from odoo.modules.registry import Registry
    from odoo.tools import config

    config.parse_config(["-d", database, "--no-http", "--log-level=error"], setup_logging=True)
    # A database that is not there is answered by us, in one line.
    logging.getLogger("odoo.sql_db").setLevel(logging.CRITICAL)
    try:
        registry = Registry(database)
    except psycopg2.OperationalError as error:
        refuse(f"database {database} cannot be opened: {str(error).strip().splitlines()[-1]}")
    if "account.move" not in registry:
        refuse(f"database {database} has no invoicing installed")
    return registry


def main(arguments=None):
    """Load one ledger.

    :param list[str] arguments: default: those of the process.
    :return: exit code: 0 loaded, 1 refused and nothing changed.
    :rtype: int
    """
    options = parse_arguments(arguments)
    start = time.monotonic()
    try:
        # The cheap and most likely refusals come before the ORM is started.
        ledger_csv.read_ledger(options.ledger, decimals=6)
        from odoo import SUPERUSER_ID, api

        registry = open_registry(options.database)
        with registry.cursor() as cr:
            uid = api.Environment(cr, SUPERUSER_ID, {}).ref("base.user_admin").id
            company = api.Environment(cr, uid, {}).user.company_id
            # Superuser rights for the administrator: the loader must not depend on role groups.
            env = api.Environment(
                cr, uid, {"lang": "en_US", "allowed_company_ids": company.ids}, su=True
            )
            currency = company.currency_id
            invoices = ledger_csv.read_ledger(options.ledger, currency.decimal_places)
            say(f"==> loading {options.ledger} into {options.database} as of {options.as_of}")
            figures = Loader(env, invoices, options.as_of).load()
            show(figures, currency.name, options.as_of)
    except ledger_csv.LedgerError as error:
        for problem in error.problems:
            print("error: " + ledger_csv.format_problem(problem), file=sys.stderr)
        if len(error.problems) > 1:
            print(f"{len(error.problems)} problems; nothing was loaded", file=sys.stderr)
        return 1
    say(f"    loaded in {time.monotonic() - start:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
