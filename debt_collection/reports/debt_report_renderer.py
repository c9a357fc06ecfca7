"""From a plain document to paper and spreadsheet: every report is rendered here."""

import io
import re
from datetime import date as Date
from xml.sax.saxutils import escape

import xlsxwriter
import xlsxwriter.worksheet
from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

# Kinds of columns: how a value is written. Everything but text and dates is added up.
NUMBER_KINDS = ("money", "integer", "percent", "days")
ALIGNED_KINDS = (*NUMBER_KINDS, "value")
WIDTHS = {
    "text": 24,
    "date": 12,
    "money": 15,
    "integer": 10,
    "percent": 10,
    "days": 10,
    "value": 15,
}
# Characters XML has no place for
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class PlainSheet(xlsxwriter.worksheet.Worksheet):
    """A sheet whose formulas are ``SUBTOTAL`` alone: no search for functions of later Excels.

    That search is 35 regular expressions a formula, a fifth of the time of a large workbook.
    """

    def _prepare_formula(self, formula, expand_future_functions=False):
        return formula.lstrip("=")

    def put_plain_row(self, row, cells, level=0):
        """Write a whole row at once: for hundreds of thousands of them, ten times as fast.

        The row goes to the file past the table of cells the library keeps for the row at hand.

        :param row: number of the row, after all rows written so far
        :param cells: (letters of the column, format, value) by column; a value is a number or text
        :param level: outline level
        """
        self._write_single_row(row)
        self._check_dimensions(row, len(cells))
        self.outline_row_level = max(self.outline_row_level, level)
        number = row + 1
        parts = [f'<row r="{number}" outlineLevel="{level}">' if level else f'<row r="{number}">']
        for letters, style, value in cells:
            if isinstance(value, str):
                text = escape(UNPRINTABLE.sub("", value))
                parts.append(
                    f'<c r="{letters}{number}" s="{style}" t="inlineStr"><is>'
                    f'<t xml:space="preserve">{text}</t></is></c>'
                )
            else:
                parts.append(f'<c r="{letters}{number}" s="{style}"><v>{value!r}</v></c>')
        parts.append("</row>")
        self.fh.write("".join(parts))


class XlsxWriter:
    """A workbook written row after row, in memory that does not grow with the rows.

    Text that begins like a formula is written as text and marked so that it stays text when the
    cell is edited.
    """

    def __init__(self, stream):
        """Start a workbook.

        :param stream: binary file to write to
        """
        self.book = xlsxwriter.Workbook(
            stream,
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        self.formats = {}
        self.names = set()

    def add_sheet(self, name):
        """Add a sheet; its name is cut and changed as Excel wants it, and made unique."""
        name = "".join(" " if char in "[]:*?/\\" else char for char in name).strip("' ") or "Sheet"
        unique, number = name[:31], 2
        while unique.lower() in self.names:
            unique = f"{name[:27]} {number}"
            number += 1
        self.names.add(unique.lower())
        return self.book.add_worksheet(unique, PlainSheet)

    def format(self, kind="text", digits=2, **style):
        """Return the format of a kind of values; each is made once."""
        key = (kind, digits, *sorted(style.items()))
        if key not in self.formats:
            decimals = "." + "0" * digits if digits else ""
            number = {
                "money": f"#,##0{decimals};[Red]-#,##0{decimals}",
                "integer": "#,##0",
                "percent": "0.0%",
                "days": "#,##0.0",
                "date": "yyyy-mm-dd",
            }.get(kind)
            values = {"num_format": number} if number else {}
            made = self.book.add_format({**values, **style})
            if kind == "literal":
                made.set_quote_prefix()
            self.formats[key] = made
        return self.formats[key]

    def style(self, kind="text", digits=2, **style):
        """Return the number of a format, for ``PlainSheet.put_plain_row``."""
        return self.format(kind, digits, **style)._get_xf_index()

    def put(self, sheet, row, column, value, kind="text", digits=2, **style):
        """Write one value by its kind; nothing for None."""
        if kind == "value" and value:
            kind, value = value
        if value is None or value is False:
            if style:
                sheet.write_blank(row, column, None, self.format("text", **style))
        elif kind == "date" and str(value)[:1].isdigit():
            day = Date.fromisoformat(str(value)[:10])
            sheet.write_datetime(row, column, day, self.format("date", **style))
        elif kind in NUMBER_KINDS:
            sheet.write_number(row, column, value, self.format(kind, digits, **style))
        else:
            text = str(value)
            kind = "literal" if text.startswith(FORMULA_STARTS) else "text"
            sheet.write_string(row, column, text, self.format(kind, **style))

    def subtotal(self, sheet, row, column, first, last, value, kind, digits, **style):
        """Write a live sum over rows of the column, with its value for readers that do not compute.

        ``SUBTOTAL`` leaves out other subtotals in its range, and what a filter hides.
        """
        letter = xlsxwriter.utility.xl_col_to_name(column)
        formula = f"=SUBTOTAL(9,{letter}{first + 1}:{letter}{last + 1})"
        sheet.write_formula(row, column, formula, self.format(kind, digits, **style), value)

    def close(self):
        """Finish the workbook."""
        self.book.close()


class DebtReportRenderer(models.AbstractModel):
    """PDF and XLSX of a document.

    A document is plain data, fit for JSON, so that a frozen report can be drawn again: ``title``,
    ``facts`` ([label, text]…), ``tables`` and ``notes``. A table has ``title``, ``note`` (for
    instance its formula), ``columns`` ([label, kind]…), ``rows``, ``total`` (a row or None),
    ``digits`` (decimals of money), ``strong`` (numbers of rows to stress), ``indented`` (numbers of
    rows that belong to the one above), ``empty`` (words where there are no rows),
    ``total_is_computed`` (the total is no sum of the rows) and ``blank_zero`` (on
    paper, amounts of nothing stay empty). A column of the kind ``value`` has cells of (kind,
    value): rows of different kinds below each other.
    """

    _name = "debt.report.renderer"
    _description = "Renders report documents"

    @api.model
    def _format_cell(self, value, kind, digits=2):
        """A value as people read it in the language of the environment."""
        if kind == "value" and value:
            kind, value = value
        if value is None or value is False:
            return ""
        if kind == "date" and str(value)[:1].isdigit():
            return format_date(self.env, str(value)[:10])
        if kind not in NUMBER_KINDS:
            return str(value)
        lang = self.env["res.lang"]._lang_get(self.env.lang or "en_US")
        value = value or 0.0  # no minus before nothing
        if kind == "percent":
            return lang.format("%.1f", value * 100, grouping=True) + " %"
        places = {"money": digits, "integer": 0, "days": 1}[kind]
        return lang.format(f"%.{places}f", value, grouping=True)

    @api.model
    def _render_html(self, document, company):
        """The document as a page of its own, without a header or footer of the printer."""
        return self._render_pages([(document, self.env.lang)], company)

    @api.model
    def _render_pages(self, documents, company):
        """Documents below each other, each from a new page on and in its language.

        :param documents: (document, code of its language) of each
        """
        return self.env["ir.qweb"]._render(
            "debt_collection.report_document",
            {
                "pages": [
                    {
                        "document": document,
                        "lang": lang or self.env.lang,
                        "format_cell": self.with_context(lang=lang)._format_cell,
                    }
                    for document, lang in documents
                ],
                "company": company,
                "aligned": ALIGNED_KINDS,
                "printed": fields.Datetime.context_timestamp(self, fields.Datetime.now()),
                "lang": (self.env.lang or "en_US").replace("_", "-"),
                "direction": self.env["res.lang"]._get_data(code=self.env.lang).direction,
            },
        )

    @api.model
    def _render_screen(self, document):
        """The document as a part of a page of Odoo, which brings the style."""
        content = self.env["ir.qweb"]._render(
            "debt_collection.report_document_content",
            {"document": document, "format_cell": self._format_cell, "aligned": ALIGNED_KINDS},
        )
        return Markup('<div class="o_debt_document">%s</div>') % content

    @api.model
    def _render_pdf(self, document, company, landscape=True):
        """The document on paper.

        :return: bytes
        """
        return self._print(self._render_html(document, company), landscape)

    @api.model
    def _render_pdf_of_many(self, documents, company):
        """Documents in one PDF, upright, each from a new page on.

        :param documents: (document, code of its language) of each
        :return: bytes
        """
        return self._print(self._render_pages(documents, company), landscape=False)

    def _print(self, html, landscape):
        """A page of HTML as PDF."""
        return self.env["ir.actions.report"]._run_wkhtmltopdf(
            [html],
            landscape=landscape,
            specific_paperformat_args={
                "data-report-margin-top": 12,
                "data-report-header-spacing": 5,
            },
        )

    @api.model
    def _render_xlsx(self, document):
        """The document as a workbook, a sheet for each table.

        :return: bytes
        """
        stream = io.BytesIO()
        writer = XlsxWriter(stream)
        for table in document["tables"]:
            self._write_sheet(writer, document, table)
        if not document["tables"]:
            self._write_head(writer, writer.add_sheet(document["title"]), document)
        writer.close()
        return stream.getvalue()

    @api.model
    def _write_head(self, writer, sheet, document):
        """Title and facts on top of a sheet.

        :return: number of the first free row
        """
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        writer.put(sheet, 0, 0, document["title"], bold=True, font_size=14)
        row = 1
        for label, text in document["facts"]:
            writer.put(sheet, row, 0, label, italic=True)
            writer.put(sheet, row, 1, text)
            row += 1
        return row + 1

    def _write_sheet(self, writer, document, table):
        """One table on a sheet of its own: head frozen, filters, live totals above the rows."""
        sheet = writer.add_sheet(table["title"] or document["title"])
        digits = table.get("digits", 2)
        for place, (_label, kind) in enumerate(table["columns"]):
            sheet.set_column(place, place, WIDTHS.get(kind, 24))
        row = self._write_head(writer, sheet, document)
        if table.get("title"):
            writer.put(sheet, row, 0, table["title"], bold=True)
            row += 1
        if table.get("note"):
            writer.put(sheet, row, 0, table["note"], italic=True, font_color="#666666")
            row += 1
        head = row
        for place, (label, kind) in enumerate(table["columns"]):
            align = "right" if kind in ALIGNED_KINDS else "left"
            writer.put(
                sheet,
                row,
                place,
                label,
                bold=True,
                bottom=1,
                bg_color="#E7EDF2",
                align=align,
                text_wrap=True,
            )
        rows = table["rows"]
        first, last = head + 2, head + 1 + len(rows)
        if table.get("total"):
            row += 1
            for place, (_label, kind) in enumerate(table["columns"]):
                value = table["total"][place]
                live = kind in ("money", "integer") and not table.get("total_is_computed")
                if live and value is not None and rows:
                    writer.subtotal(
                        sheet, row, place, first, last, value, kind, digits, bold=True, bottom=1
                    )
                else:
                    writer.put(sheet, row, place, value, kind, digits, bold=True, bottom=1)
        sheet.freeze_panes(row + 1, 1)
        if rows:
            sheet.autofilter(head, 0, row + len(rows), len(table["columns"]) - 1)
        else:
            words = table.get("empty") or self.env._("Nothing in this period.")
            writer.put(sheet, row + 1, 0, words, italic=True)
        strong = set(table.get("strong") or ())
        for number, values in enumerate(rows):
            row += 1
            style = {"bold": True} if number in strong else {}
            for place, (value, (_label, kind)) in enumerate(
                zip(values, table["columns"], strict=True)
            ):
                writer.put(sheet, row, place, value, kind, digits, **style)

    @api.model
    def _check_printable(self, count, limit):
        """:raises UserError: where a PDF would have too many rows to be of use."""
        if count > limit:
            raise UserError(
                self.env._(
                    "%(count)s lines are too many for paper (at most %(limit)s). Narrow them down "
                    "with filters or a search, or take the XLSX: it holds them all.",
                    count=count,
                    limit=limit,
                )
            )
