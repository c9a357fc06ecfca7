"""The ledger file reader: what it accepts, and that it names everything it refuses."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from dev import ledger_csv

SAMPLE = Path(__file__).parent / "data" / "ledger_sample.csv"
HEADER = "countryCode,customerID,invoiceNumber,InvoiceDate,DueDate,InvoiceAmount,SettledDate"
GOOD = "BE,Amber,A-1,1/31/2024,2024-03-01,10.50,"


def parse(*rows, header=HEADER, **kwargs):
    """Parse a ledger of the given rows below the usual header."""
    return ledger_csv.parse_ledger("\n".join([header, *rows]) + "\n", **kwargs)


def problems_of(*rows, header=HEADER, **kwargs):
    """Return the lines a refused ledger is answered with."""
    with pytest.raises(ledger_csv.LedgerError) as caught:
        parse(*rows, header=header, **kwargs)
    return str(caught.value).split("\n")


def test_sample_figures():
    """Counted apart from this code: on 8 July one item is due that very day (not overdue yet)
    and one was settled that very day (not open any more)."""
    invoices = ledger_csv.read_ledger(SAMPLE)
    assert len(invoices) == 40
    assert ledger_csv.get_figures(invoices, date(2024, 7, 8)) == ledger_csv.Figures(
        customers=9,
        invoices=37,
        open_items=16,
        open_total=Decimal("15235.34"),
        overdue_items=9,
        overdue_debtors=7,
        overdue_total=Decimal("8433.60"),
    )


def test_good_row():
    """Both kinds of date, a byte order mark, spaces and an unpaid invoice are read."""
    data = "\ufeff" + HEADER + "\r\n" + " BE , Amber Ltd ,0012,1/31/2024,2024-03-01, 10.50 ,\r\n"
    [invoice] = ledger_csv.parse_ledger(ledger_csv.decode_ledger(data.encode()))
    assert invoice == ledger_csv.Invoice(
        line=2,
        customer="Amber Ltd",
        number="0012",
        invoice_date=date(2024, 1, 31),
        due_date=date(2024, 3, 1),
        amount=Decimal("10.50"),
        country="BE",
    )


def test_days_that_touch():
    """An invoice is overdue from the day after its due date; a payment counts on its day."""
    [invoice] = parse("BE,Amber,A-1,1/1/2024,1/31/2024,5,2/10/2024")
    assert not invoice.is_open(date(2023, 12, 31))
    assert invoice.is_open(date(2024, 1, 1))
    assert not invoice.is_overdue(date(2024, 1, 31))
    assert invoice.is_overdue(date(2024, 2, 1))
    assert not invoice.is_open(date(2024, 2, 10))


def test_country_is_informative_and_may_be_absent():
    """No country code is ever a reason to refuse a row."""
    assert parse(GOOD.replace("BE", "999"))[0].country == "999"
    header = HEADER.removeprefix("countryCode,")
    assert parse(GOOD.removeprefix("BE,"), header=header)[0].country == ""


@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_separators(separator):
    """What spreadsheets of other countries write is understood."""
    header, row = HEADER.replace(",", separator), GOOD.replace(",", separator)
    assert parse(row, header=header)[0].amount == Decimal("10.50")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("1/31/2024", "31/1/2024", "InvoiceDate: '31/1/2024' is no day of the calendar"),
        ("1/31/2024", "31.1.2024", "InvoiceDate: '31.1.2024' is not a date"),
        ("1/31/2024", "", "InvoiceDate is missing"),
        ("2024-03-01", "2023-02-29", "DueDate: '2023-02-29' is no day of the calendar"),
        ("2024-03-01", "0203-03-01", "DueDate: '0203-03-01' has an impossible year"),
        ("2024-03-01", "2024-01-30", "due on 2024-01-30, before it was invoiced on 2024-01-31"),
        ("10.50,", "10.50,1/30/2024", "settled on 2024-01-30, before it was invoiced on 2024"),
        ("10.50,", "10.50,soon", "SettledDate: 'soon' is not a date"),
        ("10.50", "0.00", "InvoiceAmount: amount 0.00 is not above zero"),
        ("10.50", "-3", "InvoiceAmount: amount -3 is not above zero"),
        ("10.50", "", "InvoiceAmount is missing"),
        ("10.50", "nan", "InvoiceAmount: 'nan' is not an amount"),
        ("10.50", "1e3", "InvoiceAmount: '1e3' is not an amount"),
        ("10.50", "1 000", "InvoiceAmount: '1 000' is not an amount"),
        ("10.50", "10.505", "InvoiceAmount: amount 10.505 has more than 2 decimals"),
        ("10.50", "10000000000000", "InvoiceAmount: amount 10000000000000 is too large"),
        ("Amber", " ", "the customer is missing"),
        ("A-1", "", "the invoice number is missing"),
        (",10.50,", ",10,50,", "8 fields where the header has 7"),
        (",10.50,", "", "5 fields where the header has 7"),
    ],
)
def test_bad_cell(old, new, reason):
    """One bad cell is one problem, on the line of its row."""
    [problem] = problems_of(GOOD.replace("A-1", "A-0"), GOOD.replace(old, new))
    assert problem.startswith("line 3: " + reason)


def test_all_problems_at_once():
    """A person gets the whole list in one go, also two faults of one row."""
    assert problems_of(
        GOOD,
        GOOD.replace("10.50", "x").replace("Amber", ""),
        "",
        GOOD,
        GOOD.replace("A-1", "A-2").replace("2024-03-01", "tomorrow"),
    ) == [
        "line 3: the customer is missing",
        "line 3: InvoiceAmount: 'x' is not an amount (digits with a decimal point)",
        "line 3: invoice number A-1 is already on line 2",
        "line 5: invoice number A-1 is already on line 2",
        "line 6: DueDate: 'tomorrow' is not a date (month/day/year or year-month-day)",
    ]


def test_line_numbers_after_a_cell_of_two_lines():
    """The line reported is the one an editor shows, not the count of records."""
    rows = [GOOD.replace("Amber", '"Amber\nLtd"'), GOOD.replace("A-1", "A-2").replace("10.50", "?")]
    [problem] = problems_of(*rows)
    assert problem.startswith("line 4: InvoiceAmount")


def test_currency_without_decimals():
    """Cents are refused where the currency has none."""
    assert parse(GOOD.replace("10.50", "10"), decimals=0)[0].amount == 10
    assert "more than 0 decimals" in problems_of(GOOD, decimals=0)[0]


def test_columns():
    """Missing columns are named together; letter case does not matter; doubles do."""
    header = HEADER.replace("DueDate", "Due").replace("invoiceNumber", "number")
    assert problems_of(GOOD, header=header) == [
        "line 1: columns missing in the header: invoiceNumber, DueDate"
    ]
    assert len(parse(GOOD, header=HEADER.upper())) == 1
    assert problems_of(GOOD + ",1", header=HEADER + ",duedate") == [
        "line 1: columns twice in the header: DueDate"
    ]


def test_header_only():
    """A header alone is not a ledger."""
    assert problems_of() == ["the file has a header but no invoices"]


def test_quote_never_closed():
    """What the CSV reader itself cannot read is a problem like the others."""
    problems = problems_of(GOOD.replace("10.50", "0"), GOOD.replace("Amber", '"Amber'))
    assert problems[0].startswith("line 2: InvoiceAmount")
    assert problems[1].startswith("this is not a CSV file that can be read")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file is empty"),
        (b"\n \r\n", "the file is empty"),
        (b"PK\x03\x04 a workbook", "this is not a CSV file"),
        (b"a\x00b", "this is not a CSV file"),
        ("head\nCaf\xe9".encode("latin-1"), "line 2: this is not UTF-8"),
    ],
)
def test_not_a_ledger_at_all(data, reason):
    """Other files are turned away before anything is parsed."""
    with pytest.raises(ledger_csv.LedgerError) as caught:
        ledger_csv.decode_ledger(data)
    assert str(caught.value).startswith(reason)


def test_file_that_is_not_there(tmp_path):
    """A wrong path is one clear line, not a traceback."""
    with pytest.raises(ledger_csv.LedgerError, match="nothing.csv cannot be read: No such file"):
        ledger_csv.read_ledger(tmp_path / "nothing.csv")
