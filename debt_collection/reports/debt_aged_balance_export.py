"""The aged balance on paper and as a workbook: the same matrix as on the screen."""

from xlsxwriter.utility import xl_col_to_name

from odoo import api, models
from odoo.exceptions import UserError

from .debt_aged_balance import EXPORT_CHUNK, PDF_LIMIT
from .debt_report_renderer import FORMULA_STARTS, XlsxWriter

# Number of the last row of a sheet, counted from 0.
LAST_ROW = 1_048_575
# Excel counts days from here: numbers are written four times as fast as dates.
EXCEL_EPOCH = 693_594


class DebtAgedBalance(models.AbstractModel):
    _inherit = "debt.aged.balance"

    @api.model
    def _get_document(self, options):
        """The aged balance as a document (see ``debt.report.renderer``), without items."""
        matrix = self.get_matrix(options)
        options, rows = matrix["options"], matrix["rows"]
        self.env["debt.report.renderer"]._check_printable(len(rows), PDF_LIMIT)
        return {
            "title": self.env._("Aged balance"),
            "facts": [list(pair) for pair in self._describe_options(options)],
            "tables": [
                {
                    "title": currency.name if len(matrix["totals"]) > 1 else "",
                    "columns": self._get_export_columns(matrix),
                    "rows": [
                        self._get_export_row(row, matrix) for row in rows if row[2] == currency.id
                    ],
                    "total": [
                        self.env._("Total %(currency)s", currency=currency.name),
                        None,
                        *self._get_amounts(matrix["totals"][currency.id], options),
                    ],
                    "digits": currency.decimal_places,
                    "blank_zero": True,
                }
                for currency in self.env["res.currency"].browse(matrix["totals"])
            ],
            "notes": [],
        }

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
        """The aged balance on paper, one line a debtor.

        :return: bytes
        """
        document = self._get_document(options)
        company = self._check_report_access((options or {}).get("company_ids"))[:1]
        return self.env["debt.report.renderer"]._render_pdf(document, company)

    @api.model
    def _write_xlsx(self, stream, options, details=True):
        """The aged balance as a workbook, in memory that does not grow with the items.

        Debtors are subtotals of their items, grouped so that they unfold; the grand total is a
        subtotal over everything. Several currencies: a sheet each.

        :param stream: binary file to write to
        :param details: with the items of the debtors
        """
        matrix = self.get_matrix(options)
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
        if details:
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
        for place in range(0, len(rows), EXPORT_CHUNK):
            chunk = rows[place : place + EXPORT_CHUNK]
            items = self._get_details_by_debtor(options, chunk, currency) if details else {}
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

    def _get_details_by_debtor(self, options, rows, currency):
        """Items of some rows, by debtor."""
        found = {}
        for item in self._get_details_of(options, [row[0] or False for row in rows]):
            if item["currency_id"] == currency.id:
                found.setdefault(item["partner_id"], []).append(item)
        return found

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
            name = item["number"]
            cells = [("A", texts[name.startswith(FORMULA_STARTS)], name)]
            note = ", ".join(filter(None, (item["level"], item["marks"])))
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
