"""Files of agencies: rows out of CSV and XLSX, amounts and dates out of their texts."""

import csv
import io
import re
from datetime import date, datetime

import openpyxl

# Text a spreadsheet would take for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class FileProblem(Exception):
    """The file as a whole cannot be read."""


def read_rows(content, name, delimiter=","):
    """Return the rows of a CSV or XLSX file, each with the number a person sees.

    :param bytes content: the file
    :param str name: its name; ``.xlsx`` tells a workbook, anything else is text
    :param str delimiter: between the columns of a text file
    :return: (list of headings, list of (line number, dict heading → value))
    :raises FileProblem: when it is neither
    """
    workbook = name.lower().endswith(".xlsx")
    table = _read_xlsx(content) if workbook else _read_csv(content, delimiter)
    rows = [(number, values) for number, values in table if any(_filled(v) for v in values)]
    if not rows:
        raise FileProblem("empty")
    heads = [str(value if value is not None else "").strip() for value in rows[0][1]]
    return heads, [
        (number, dict(zip(heads, [*values, *[None] * len(heads)], strict=False)))
        for number, values in rows[1:]
    ]


def _filled(value):
    return value is not None and str(value).strip() != ""


def _read_csv(content, delimiter):
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise FileProblem("encoding")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise FileProblem(str(error)) from error


def _read_xlsx(content):
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        return [
            (number, list(row)) for number, row in enumerate(sheet.iter_rows(values_only=True), 1)
        ]
    except Exception as error:
        raise FileProblem(str(error)) from error


def parse_amount(value, decimal="."):
    """Return an amount out of a cell.

    :param value: number, or text with currency signs, spaces and thousands separators
    :param decimal: the decimal mark of the file, ``.`` or ``,``
    :rtype: float
    :raises ValueError: when it is no amount
    """
    if isinstance(value, bool):
        raise ValueError(value)
    if isinstance(value, int | float):
        return float(value)
    text = re.sub(r"[\s\u00a0\u202f'’]", "", str(value or ""))
    text = re.sub(r"^[^\d+\-(.,]+|[^\d).,]+$", "", text)
    negative = text.startswith("(") and text.endswith(")")
    text = text.strip("()")
    thousands = "," if decimal == "." else "."
    whole, mark, places = text.partition(decimal)
    if thousands in whole:
        groups = whole.lstrip("+-").split(thousands)
        if not all(len(group) == 3 for group in groups[1:]) or not 1 <= len(groups[0]) <= 3:
            raise ValueError(value)
        whole = whole.replace(thousands, "")
    if not re.fullmatch(r"[+-]?\d+", whole) or (mark and not re.fullmatch(r"\d*", places)):
        raise ValueError(value)
    amount = float(f"{whole}.{places or 0}")
    return -amount if negative else amount


def parse_date(value, pattern="%Y-%m-%d"):
    """Return a date out of a cell.

    :param value: date, datetime or text
    :param pattern: as of ``strptime``, for texts
    :rtype: date
    :raises ValueError: when it is no date
    """
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    return datetime.strptime(str(value or "").strip(), pattern).date()


def write_csv(heads, rows, delimiter=","):
    """Return a text file that a spreadsheet opens without running anything in it.

    :param heads: list of headings
    :param rows: list of lists of values; None is an empty cell
    :rtype: bytes
    """
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(heads)
    for row in rows:
        writer.writerow([_plain(value) for value in row])
    return stream.getvalue().encode("utf-8-sig")


def _plain(value):
    if value is None or value is False:
        return ""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return value
