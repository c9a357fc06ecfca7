"""Files of agencies: amounts, dates and rows, whatever they look like."""

import io
from datetime import date, datetime

import openpyxl
from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.debt_collection.tools.exchange import (
    FileProblem,
    parse_amount,
    parse_date,
    read_rows,
    write_csv,
)


@tagged("post_install", "-at_install")
class TestToolsExchange(BaseCase):
    """Pure functions."""

    def test_amounts(self):
        """Each decimal mark with its thousands separators; everything else is refused."""
        good = [
            ("1,234.56", ".", 1234.56),
            ("1.234,56", ",", 1234.56),
            ("1 234,5", ",", 1234.5),
            ("€ 12", ".", 12.0),
            ("12.50 EUR", ".", 12.5),
            ("(30.00)", ".", -30.0),
            ("-7", ".", -7.0),
            (15, ".", 15.0),
            ("1'000.00", ".", 1000.0),
        ]
        for text, mark, amount in good:
            with self.subTest(text=text):
                self.assertEqual(parse_amount(text, mark), amount)
        for text, mark in (("1.234,56", "."), ("12,34", "."), ("", "."), ("abc", "."), (True, ".")):
            with self.subTest(text=text), self.assertRaises(ValueError):
                parse_amount(text, mark)

    @given(st.integers(-(10**11), 10**11))
    def test_amounts_come_back(self, cents):
        """What is written with two decimals is read as the same amount."""
        self.assertEqual(round(parse_amount(f"{cents / 100:,.2f}") * 100), cents)

    def test_dates(self):
        """Texts in the chosen form, dates of a workbook as they are."""
        self.assertEqual(parse_date("31.12.2026", "%d.%m.%Y"), date(2026, 12, 31))
        self.assertEqual(parse_date(datetime(2026, 1, 2, 3)), date(2026, 1, 2))
        with self.assertRaises(ValueError):
            parse_date("12/31/2026", "%d/%m/%Y")

    def test_rows(self):
        """CSV and XLSX give the same rows, numbered as a person sees them; empty ones are left."""
        heads, rows = read_rows("\ufeffA;B\r\n1;x\r\n;\r\n2;é\r\n".encode(), "a.csv", ";")
        self.assertEqual(heads, ["A", "B"])
        self.assertEqual(rows, [(2, {"A": "1", "B": "x"}), (4, {"A": "2", "B": "é"})])
        book = openpyxl.Workbook()
        for row in (["A", "B"], [1, "x"]):
            book.active.append(row)
        stream = io.BytesIO()
        book.save(stream)
        self.assertEqual(read_rows(stream.getvalue(), "a.XLSX")[1], [(2, {"A": 1, "B": "x"})])
        for content, name in ((b"", "a.csv"), (b"no workbook", "a.xlsx")):
            with self.subTest(name=name), self.assertRaises(FileProblem):
                read_rows(content, name)

    def test_no_formula_leaves(self):
        """A text that a spreadsheet would run is written as text."""
        content = write_csv(["Name"], [["=1+1"], [-5], [None]]).decode("utf-8-sig")
        self.assertEqual(content.splitlines(), ["Name", "'=1+1", "-5", '""'])
