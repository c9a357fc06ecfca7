"""The aged balance on paper and as a workbook: the same matrix as on the screen."""

from xlsxwriter.utility import xl_col_to_name

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from .debt_report_renderer import FORMULA_STARTS, XlsxWriter

# Lines a PDF may have: 20,000 debtors take 8 s and some 400 pages.
PDF_LIMIT = 25_000
# Debtors whose items are fetched at a time.
CHUNK = 2_000
# Which items a workbook has: of all debtors, of none, of those unfolded on the screen.
DETAILS = ("all", "none", "screen")
# Number of the last row of a sheet, counted from 0.
LAST_ROW = 1_048_575
# Excel counts days from here: numbers are written four times as fast as dates.
EXCEL_EPOCH = 693_594


class DebtAgedBalance(models.AbstractModel):
    _inherit = "debt.aged.balance"

    @api.model
    def _get_document(self, options):
        """The aged balance as a document (see ``debt.report.renderer``), as it is on the screen.

        Rows in the order of the screen, with the items of those that are unfolded there.

        :raises UserError: where paper would have too many lines to be of use
        """
        matrix = self._get_matrix(options)
        options, rows = matrix["options"], matrix["rows"]
        renderer = self.env["debt.report.renderer"]
        renderer._check_printable(len(rows), PDF_LIMIT)
        shown = {(row[0] or 0, row[2]) for row in rows}
        unfolded = [key for key in map(tuple, options["unfolded"]) if key in shown]
        items = self._get_unfolded_items(options, unfolded)
        count = len(rows) + sum(map(len, items.values()))
        renderer._check_printable(count, PDF_LIMIT)
        return {
            "title": self.env._("Aged balance"),
            "facts": [list(pair) for pair in self._describe_options(options)],
            "tables": [
                self._get_currency_table(matrix, currency, items)
                for currency in self.env["res.currency"].browse(matrix["totals"])
            ],
            "notes": [],
        }

    def _get_currency_table(self, matrix, currency, items):
        """The rows of one currency, and the items of those that are unfolded."""
        lines, strong, indented = [], [], []
        for row in matrix["rows"]:
            if row[2] != currency.id:
                continue
            found = items.get((row[0] or 0, row[2]))
            if found:
                strong.append(len(lines))
            lines.append(self._get_export_row(row, matrix))
            for item in found or ():
                indented.append(len(lines))
                lines.append(self._get_item_row(item, matrix))
        return {
            "title": currency.name if len(matrix["totals"]) > 1 else "",
            "columns": self._get_export_columns(matrix),
            "rows": lines,
            "total": [
                self.env._("Total %(currency)s", currency=currency.name),
                None,
                *self._get_amounts(matrix["totals"][currency.id], matrix["options"]),
            ],
            "digits": currency.decimal_places,
            "blank_zero": True,
            "strong": strong,
            "indented": indented,
        }

    def _get_unfolded_items(self, options, keys):
        """Items of rows, by (partner id or 0, currency id)."""
        partners = {partner_id or False for partner_id, _currency_id in keys}
        wanted = set(keys)
        found = {}
        for item in self._get_details_of(options, list(partners)) if partners else ():
            key = (item["partner_id"] or 0, item["currency_id"])
            if key in wanted:
                found.setdefault(key, []).append(item)
        return found

    def _get_item_row(self, item, matrix):
        """Values of an item below its debtor, in the words of the screen."""
        name = item["number"] or self.env._("Entry")
        words = [self.env._("due %(date)s", date=format_date(self.env, item["due"]))]
        if item["days"] > 0:
            words.append(self.env._("%(count)s days", count=item["days"]))
        amounts = [0.0] * (len(matrix["columns"]) + 1)
        amounts[item["bucket"]] = amounts[-1] = item["amount"]
        if matrix["options"]["compare_date"]:
            amounts += [None, None]
        return [f"{name} · {', '.join(words)}", self._get_item_note(item, matrix), *amounts]

    def _get_item_note(self, item, matrix):
        """What stands against an item, its level, and its company where there are several."""
        several = len(matrix["options"]["company_ids"]) > 1
        words = (item["marks"], item["level"], item["company"] if several else "")
        return ", ".join(filter(None, words))

    def _get_export_columns(self, matrix):
        """Columns of a row without its items: (label, kind)."""
        columns = [
            [self.env._("Debtor"), "text"],
            [self.env._("Officer"), "text"],
            *([label, "money"] for label in matrix["columns"]),
            [self.env._("Total"), "money"],
        ]
        if matrix["options"]["compare_date"]:
            columns += [[self.env._("Before"), "money"], [self.env._("Change"), "money"]]
        return columns

    def _get_export_row(self, row, matrix):
        """Values of a row without its items."""
        return [
            row[1] or self.env._("Without partner"),
            matrix["officers"].get(row[4]),
            *self._get_amounts(row[5:], matrix["options"]),
        ]

    def _get_amounts(self, amounts, options):
        """Amounts of a row as exported: with a comparison, what was before and the change."""
        *shown, compare = amounts
        if options["compare_date"]:
            shown = [*shown, compare, round(shown[-1] - compare, 6)]
        return shown

    @api.model
    def _get_pdf(self, options):
        """The aged balance on paper, as it is on the screen.

        :return: bytes
        """
        document = self._get_document(options)
        company = self._check_report_access((options or {}).get("company_ids"))[:1]
        return self.env["debt.report.renderer"]._render_pdf(document, company)

    @api.model
    def _write_xlsx(self, stream, options, details="all"):
        """The aged balance as a workbook, in memory that does not grow with the items.

        Debtors are subtotals of their items, grouped so that they unfold; the grand total is a
        subtotal over everything. Several currencies: a sheet each.

        :param stream: binary file to write to
        :param details: items of which debtors: one of ``DETAILS``
        """
        matrix = self._get_matrix(options)
        writer = XlsxWriter(stream)
        currencies = self.env["res.currency"].browse(matrix["totals"] or [self._any_currency()])
        for currency in currencies:
            self._write_currency(writer, matrix, currency, details)
        writer.close()

    def _any_currency(self):
        return self.env.company.currency_id.id

    def _write_currency(self, writer, matrix, currency, details):
        """The sheet of one currency."""
        options = matrix["options"]
        digits = currency.decimal_places
        title = self.env._("Aged balance")
        sheet = writer.add_sheet(f"{title} {currency.name}")
        sheet.outline_settings(True, False, True, False)
        texts = [self.env._("Debtor"), self.env._("Officer")]
        dates = []
        if details != "none":
            texts = [self.env._("Debtor / document"), self.env._("Officer / level")]
            dates = [self.env._("Date"), self.env._("Due"), self.env._("Days")]
        amounts = [label for label, kind in self._get_export_columns(matrix) if kind == "money"]
        sheet.set_column(0, 0, 38)
        sheet.set_column(1, 1, 20)
        sheet.set_column(2, 1 + len(dates), 11)
        start = 2 + len(dates)
        sheet.set_column(start, start + len(amounts) - 1, 15)
        head = self.env["debt.report.renderer"]._write_head(
            writer,
            sheet,
            {
                "title": f"{title} ({currency.name})",
                "facts": self._describe_options(options),
            },
        )
        for place, label in enumerate([*texts, *dates, *amounts]):
            align = "left" if place < 2 else "right"
            writer.put(
                sheet,
                head,
                place,
                label,
                bold=True,
                bottom=1,
                bg_color="#E7EDF2",
                align=align,
                text_wrap=True,
            )
        sheet.freeze_panes(head + 2, 1)
        rows = [row for row in matrix["rows"] if row[2] == currency.id]
        total_row = head + 1
        writer.put(sheet, total_row, 0, self.env._("Total"), bold=True, bottom=1)
        totals = matrix["totals"].get(currency.id, [0.0] * (len(amounts) + 1))
        for place, value in enumerate(self._get_amounts(totals, options)):
            writer.subtotal(
                sheet,
                total_row,
                start + place,
                total_row + 1,
                LAST_ROW,
                value,
                "money",
                digits,
                bold=True,
                bottom=1,
            )
        row = total_row + 1
        for place in range(0, len(rows), CHUNK):
            chunk = rows[place : place + CHUNK]
            items = self._get_details_by_debtor(options, chunk, currency, details)
            for debtor in chunk:
                row = self._write_debtor(
                    writer,
                    sheet,
                    row,
                    debtor,
                    items.get(debtor[0] or False, ()),
                    matrix,
                    digits,
                    start,
                )

    def _get_details_by_debtor(self, options, rows, currency, details):
        """Items of some rows of a currency, by partner id (False: without partner)."""
        keys = {(row[0] or 0, currency.id) for row in rows} if details != "none" else set()
        if details == "screen":
            keys &= set(map(tuple, options["unfolded"]))
        items = self._get_unfolded_items(options, keys)
        return {partner_id or False: found for (partner_id, _id), found in items.items()}

    def _write_debtor(self, writer, sheet, row, debtor, items, matrix, digits, start):
        """A debtor and the items below.

        :return: number of the next row
        """
        if row + len(items) > LAST_ROW:
            raise UserError(
                self.env._(
                    "These are more rows than a sheet can hold (%(rows)s). Take the XLSX without "
                    "items, or narrow the report down with filters.",
                    rows=LAST_ROW,
                )
            )
        options = matrix["options"]
        bold = {"bold": True} if items else {}
        name = debtor[1] or self.env._("Without partner")
        writer.put(sheet, row, 0, name, **bold)
        writer.put(sheet, row, 1, matrix["officers"].get(debtor[4]), **bold)
        amounts = self._get_amounts(debtor[5:], options)
        summed = len(matrix["columns"]) + 1 if items else 0
        for place, value in enumerate(amounts):
            if place < summed:
                writer.subtotal(
                    sheet,
                    row,
                    start + place,
                    row + 1,
                    row + len(items),
                    value,
                    "money",
                    digits,
                    **bold,
                )
            else:
                sheet.write_number(
                    row, start + place, value, writer.format("money", digits, **bold)
                )
        row += 1
        money = writer.style("money", digits)
        texts = {False: writer.style(indent=1), True: writer.style("literal", indent=1)}
        words = {False: writer.style(), True: writer.style("literal")}
        day, number = writer.style("date"), writer.style("integer")
        letters = [xl_col_to_name(place) for place in range(start + len(matrix["columns"]) + 1)]
        for item in items:
            name = item["number"] or self.env._("Entry")
            cells = [("A", texts[name.startswith(FORMULA_STARTS)], name)]
            note = self._get_item_note(item, matrix)
            if note:
                cells.append(("B", words[note.startswith(FORMULA_STARTS)], note))
            cells += [
                ("C", day, item["date"].toordinal() - EXCEL_EPOCH),
                ("D", day, item["due"].toordinal() - EXCEL_EPOCH),
                ("E", number, item["days"]),
                (letters[start + item["bucket"]], money, item["amount"]),
                (letters[-1], money, item["amount"]),
            ]
            sheet.put_plain_row(row, cells, level=1)
            row += 1
        return row
