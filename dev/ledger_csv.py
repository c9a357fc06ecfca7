"""Read and judge a receivables ledger written as a CSV file. No Odoo in here.

One row is one invoice. The columns that matter are ``customerID``, ``invoiceNumber``,
``InvoiceDate``, ``DueDate``, ``InvoiceAmount`` and ``SettledDate`` (empty while unpaid);
``countryCode`` and ``Disputed`` are kept when present, any other column is ignored. Dates are
month/day/year or ISO, amounts are plain decimal numbers with a point.

Nothing is repaired silently: every row that cannot be trusted is reported with its line number
and the reason, and a ledger with one such row is refused as a whole.
"""

import csv
import io
import re
from collections import namedtuple
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

REQUIRED_COLUMNS = (
    "customerID",
    "invoiceNumber",
    "InvoiceDate",
    "DueDate",
    "InvoiceAmount",
    "SettledDate",
)
OPTIONAL_COLUMNS = ("countryCode", "Disputed")

# A float, which is what the ORM hands to the database, keeps cents exactly up to about here.
MAX_AMOUNT = Decimal(10**13)

_US_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_AMOUNT = re.compile(r"-?\d+(\.\d+)?", re.ASCII)

Problem = namedtuple("Problem", "line reason")
Problem.__doc__ = "One reason to refuse a ledger: line number in the file (0: the file), text."


class LedgerError(Exception):
    """A ledger was refused. ``problems`` lists every reason found, in file order."""

    def __init__(self, problems):
        """Keep the problems.

        :param list[Problem] problems: at least one.
        """
        self.problems = list(problems)
        super().__init__("\n".join(format_problem(problem) for problem in self.problems))


@dataclass(frozen=True)
class Invoice:
    """One trustworthy row of a ledger. ``amount`` is in the ledger's one, unnamed currency."""

    line: int
    customer: str
    number: str
    invoice_date: date
    due_date: date
    amount: Decimal
    settled_date: date | None = None
    country: str = ""
    disputed: bool = False

    def is_open(self, as_of):
        """Tell whether the invoice existed and was unpaid at the end of a day.

        :param date as_of: the day looked at.
        :rtype: bool
        """
        return self.invoice_date <= as_of and not self.is_settled(as_of)

    def is_settled(self, as_of):
        """Tell whether the payment had arrived by the end of a day.

        :param date as_of: the day looked at.
        :rtype: bool
        """
        return self.settled_date is not None and self.settled_date <= as_of

    def is_overdue(self, as_of):
        """Tell whether the invoice was open on a day later than its due date.

        :param date as_of: the day looked at.
        :rtype: bool
        """
        return self.is_open(as_of) and self.due_date < as_of


@dataclass(frozen=True)
class Figures:
    """What a ledger amounts to on one day. Totals are in the ledger's currency."""

    customers: int
    invoices: int
    open_items: int
    open_total: Decimal
    overdue_items: int
    overdue_debtors: int
    overdue_total: Decimal


def format_problem(problem):
    """Write a problem as one line for a person.

    :param Problem problem: what was found.
    :rtype: str
    """
    return f"line {problem.line}: {problem.reason}" if problem.line else problem.reason


def parse_date(text):
    """Read a date written month/day/year or ISO (year-month-day).

    :param str text: the cell, already stripped.
    :rtype: date
    :raises ValueError: if it is neither form or no day of the calendar.
    """
    if match := _US_DATE.fullmatch(text):
        month, day, year = map(int, match.groups())
    elif match := _ISO_DATE.fullmatch(text):
        year, month, day = map(int, match.groups())
    else:
        raise ValueError(f"'{text}' is not a date (month/day/year or year-month-day)")
    # Two ledgers in one do exist; a year such as 0213 is a typing error, not the Middle Ages.
    if not 1900 <= year <= 2199:
        raise ValueError(f"'{text}' has an impossible year")
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError(f"'{text}' is no day of the calendar (month/day/year)") from None


def parse_amount(text, decimals=2):
    """Read the amount of an invoice.

    :param str text: the cell, already stripped; digits with a decimal point, nothing else.
    :param int decimals: digits after the point that the currency knows.
    :rtype: Decimal
    :raises ValueError: if it is no such number, zero, negative, too large or too precise.
    """
    if not _AMOUNT.fullmatch(text):
        raise ValueError(f"'{text}' is not an amount (digits with a decimal point)")
    amount = Decimal(text)
    if amount <= 0:
        raise ValueError(f"amount {text} is not above zero")
    if amount >= MAX_AMOUNT:
        raise ValueError(f"amount {text} is too large")
    if amount != round(amount, decimals):
        raise ValueError(f"amount {text} has more than {decimals} decimals")
    return amount


def decode_ledger(data):
    """Turn the bytes of a file into text.

    :param bytes data: the file; UTF-8 with or without byte order mark.
    :rtype: str
    :raises LedgerError: if the file is empty or not a text file in UTF-8.
    """
    if not data.strip():
        raise LedgerError([Problem(0, "the file is empty")])
    if data.startswith(b"PK\x03\x04") or b"\x00" in data:
        raise LedgerError([Problem(0, "this is not a CSV file; save the sheet as CSV (UTF-8)")])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise LedgerError([Problem(line, "this is not UTF-8; save the file as UTF-8")]) from None


def parse_ledger(text, decimals=2):
    """Read a whole ledger, or refuse it with everything that is wrong.

    :param str text: the CSV with its header line; separator comma, semicolon or tab.
    :param int decimals: digits after the decimal point that the currency knows.
    :rtype: list[Invoice]
    :raises LedgerError: with one problem for each fault found.
    """
    records = _split_records(text)
    _, header = next(records, (0, []))
    places = _locate_columns(header)
    invoices, problems, seen = [], [], {}
    try:
        for line, cells in records:
            if len(cells) != len(header):
                reason = f"{len(cells)} fields where the header has {len(header)}"
                problems.append(Problem(line, reason))
                continue
            row = {name: cells[place].strip() for name, place in places.items()}
            reasons, invoice = _judge_row(line, row, decimals)
            number = row["invoiceNumber"]
            if number and number in seen:
                reasons.append(f"invoice number {number} is already on line {seen[number]}")
            seen.setdefault(number, line)
            problems.extend(Problem(line, reason) for reason in reasons)
            if invoice and not reasons:
                invoices.append(invoice)
    except csv.Error as error:
        # The reader cannot go on after this, and what it would find is shaped by the same fault.
        problems.append(Problem(0, f"this is not a CSV file that can be read: {error}"))
    if not invoices and not problems:
        problems.append(Problem(0, "the file has a header but no invoices"))
    if problems:
        raise LedgerError(problems)
    return invoices


def read_ledger(path, decimals=2):
    """Read a ledger from a file.

    :param path: the CSV file.
    :param int decimals: digits after the decimal point that the currency knows.
    :rtype: list[Invoice]
    :raises LedgerError: if the file cannot be read or holds a fault.
    """
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise LedgerError([Problem(0, f"{path} cannot be read: {error.strerror}")]) from None
    return parse_ledger(decode_ledger(data), decimals)


def get_figures(invoices, as_of):
    """Sum a ledger up on one day.

    :param list[Invoice] invoices: the ledger.
    :param date as_of: invoices of later days do not exist yet, later payments neither.
    :rtype: Figures
    """
    known = [invoice for invoice in invoices if invoice.invoice_date <= as_of]
    open_items = [invoice for invoice in known if invoice.is_open(as_of)]
    overdue = [invoice for invoice in open_items if invoice.is_overdue(as_of)]
    return Figures(
        customers=len({invoice.customer for invoice in known}),
        invoices=len(known),
        open_items=len(open_items),
        open_total=sum((invoice.amount for invoice in open_items), Decimal("0.00")),
        overdue_items=len(overdue),
        overdue_debtors=len({invoice.customer for invoice in overdue}),
        overdue_total=sum((invoice.amount for invoice in overdue), Decimal("0.00")),
    )


def _split_records(text):
    """Yield (first line number, cells) of every record that is not blank."""
    header = text.lstrip("\r\n").split("\n", 1)[0]
    # The separator that occurs most in the header; a comma where nothing does.
    delimiter = max(",;\t", key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield line, cells
        # A quoted cell may span lines: a record begins after the end of the one before.
        line = reader.line_num + 1


def _locate_columns(header):
    """Map each known column to its place, whatever its letter case.

    :raises LedgerError: if a required column is missing or stands twice.
    """
    names = [cell.strip().lower() for cell in header]
    missing = [name for name in REQUIRED_COLUMNS if name.lower() not in names]
    if missing:
        raise LedgerError([Problem(1, "columns missing in the header: " + ", ".join(missing))])
    known = [name for name in REQUIRED_COLUMNS + OPTIONAL_COLUMNS if name.lower() in names]
    twice = [name for name in known if names.count(name.lower()) > 1]
    if twice:
        raise LedgerError([Problem(1, "columns twice in the header: " + ", ".join(twice))])
    return {name: names.index(name.lower()) for name in known}


def _judge_row(line, row, decimals):
    """Return every reason against a row, and the invoice if its cells could be read."""
    reasons, values = [], {}
    for name, label in (("customerID", "customer"), ("invoiceNumber", "invoice number")):
        if not row[name]:
            reasons.append(f"the {label} is missing")
    for name in ("InvoiceDate", "DueDate", "SettledDate"):
        if not row[name] and name == "SettledDate":
            values[name] = None
            continue
        try:
            values[name] = parse_date(row[name])
        except ValueError as error:
            reasons.append(f"{name}: {error}" if row[name] else f"{name} is missing")
    try:
        values["InvoiceAmount"] = parse_amount(row["InvoiceAmount"], decimals)
    except ValueError as error:
        text = f"InvoiceAmount: {error}" if row["InvoiceAmount"] else "InvoiceAmount is missing"
        reasons.append(text)
    invoiced = values.get("InvoiceDate")
    for name, deed in (("DueDate", "due"), ("SettledDate", "settled")):
        day = values.get(name)
        if invoiced and day and day < invoiced:
            reasons.append(f"{deed} on {day}, before it was invoiced on {invoiced}")
    if reasons:
        return reasons, None
    return reasons, Invoice(
        line=line,
        customer=row["customerID"],
        number=row["invoiceNumber"],
        invoice_date=invoiced,
        due_date=values["DueDate"],
        amount=values["InvoiceAmount"],
        settled_date=values["SettledDate"],
        country=row.get("countryCode", ""),
        disputed=row.get("Disputed", "").lower() in ("yes", "true", "1"),
    )
