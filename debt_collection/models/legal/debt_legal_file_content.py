"""What stands in a legal file: one method a section, all of it as of one day."""

from datetime import datetime, time, timedelta

import lxml.html

from odoo import fields, models
from odoo.tools import SQL, format_date, html2plaintext


class DebtLegalFileContent(models.AbstractModel):
    """Sections and documents of the legal file of a case.

    Nothing recorded after the day appears, and nothing that depends on who looks or when.
    """

    _name = "debt.legal.file.content"
    _description = "Content of the legal file"

    def _get_sections(self, case, date, with_research):
        """Hook: the sections in their order; those without content are left out.

        :param case: debt.case, in the language of the company
        :param date: last day that counts
        :param with_research: the ability-to-pay sheet is part of it
        :return: list of dicts as ``tools.legal_pdf.render`` takes them, or None
        """
        sections = [
            self._get_summary(case, date),
            self._get_documents(case, date),
            self._get_statement(case, date),
            self._get_notices(case, date),
            self._get_contacts(case, date),
            self._get_promises(case, date),
            self._get_plans(case, date),
            self._get_disputes(case, date),
            self._get_interest(case, date),
            self._get_costs(case, date),
            self._get_total(case, date),
            self._get_referrals(case, date),
            self._get_changes(case, date),
        ]
        if with_research:
            sections.append(self._get_research(case, date))
        return sections

    def _get_document(self, case, date, with_research, files=()):
        """The whole file as plain data.

        :param files: documents of the ZIP, listed at the end
        :return: dict of the arguments of ``tools.legal_pdf.render``
        """
        sections = self._get_sections(case, date, with_research)
        sections = [s for s in (*sections, self._get_enclosures(files)) if s]
        creditor, debtor = case.company_id.partner_id, case.partner_id
        return {
            "title": self.env._("Legal file"),
            "facts": [
                (self.env._("Case"), case.reference),
                (self.env._("As of"), format_date(self.env, date)),
                (self.env._("Creditor"), self._get_party(creditor)),
                (self.env._("Debtor"), self._get_party(debtor)),
                (
                    self.env._("Claim"),
                    case.currency_id.format(self._get_claim(case, date)),
                ),
            ],
            "sections": sections,
            "foot": f"{case.company_id.name} · {case.reference} · {date}",
            "index_title": self.env._("Index"),
        }

    def _get_party(self, partner):
        """Name, address and tax number of a party, one line each."""
        address = partner._display_address(without_company=True)
        lines = [partner.name, *address.splitlines(), partner.vat and f"VAT {partner.vat}"]
        return "\n".join(line.strip() for line in lines if line and line.strip())

    def _until(self, date):
        """First moment after the day (UTC)."""
        return datetime.combine(date + timedelta(days=1), time.min)

    def _show_label(self, record, name):
        """Words of a selection field."""
        field = record._fields[name]
        return dict(field._description_selection(record.env)).get(record[name], record[name] or "")

    def _show_date(self, value):
        return format_date(self.env, value) if value else ""

    def _show_html(self, html):
        """A text as sent, readable without its layout: the cells of a row stand on one line.

        :param html: HTML of a notice
        """
        if not (html or "").strip():
            return ""
        tree = lxml.html.fragment_fromstring(str(html), create_parent="div")
        for table in list(tree.iter("table")):
            if table.find(".//table") is not None:
                continue
            lines = [
                " · ".join(filter(None, (" ".join(cell.text_content().split()) for cell in row)))
                for row in table.iter("tr")
            ]
            tail = table.tail
            table.clear()
            table.tail = tail
            for line in filter(None, lines):
                part = lxml.html.Element("p")
                part.text = line
                table.append(part)
            table.tag = "div"
        text = html2plaintext(
            lxml.html.tostring(tree, encoding="unicode"), include_references=False
        )
        lines = [line.strip() for line in text.splitlines()]
        return "\n".join(line for line in lines if line)

    def _moment(self, value):
        return fields.Datetime.to_string(value)[:16] if value else ""

    def _make_table(self, columns, rows, right=(), widths=None, title=None):
        return {
            "columns": columns,
            "rows": rows,
            "right": right,
            "widths": widths,
            "title": title,
        }

    def _get_open_lines(self, case, date):
        """What of the debtor was open at the end of the day: from the producer of all reports.

        :return: list of (account.move.line, residual in company currency, in its own currency)
        """
        partners = self.env["res.partner"].with_context(active_test=False)
        family = partners.search([("commercial_partner_id", "=", case.partner_id.id)])
        query = self.env["debt.open.items"]._get_items_sql(case.company_id, date, family.ids)
        rows = self.env.execute_query(
            SQL(
                "SELECT line_id, residual, residual_currency FROM (%s) item ORDER BY due, line_id",
                query,
            )
        )
        lines = self.env["account.move.line"]
        return [(lines.browse(row[0]), float(row[1]), float(row[2])) for row in rows]

    def _get_moves(self, case, date):
        """Documents that had come into collection by the day, by their own day."""
        items = case.item_ids.filtered(lambda item: item.date_in <= date)
        return items.move_id.sorted(lambda move: (move.invoice_date or move.date, move.id))

    def _get_claim(self, case, date):
        """What the debtor owed net at the end of the day, in the company's currency."""
        return sum(residual for _line, residual, _own in self._get_open_lines(case, date))

    def _get_summary(self, case, date):
        items = case.item_ids.filtered(lambda item: item.date_in <= date)
        change = case.change_ids.filtered(
            lambda c: c.kind == "escalation" and c.date < self._until(date)
        )[:1]
        stages = dict(case._fields["escalation"]._description_selection(self.env))
        stage = change.after or "amicable"
        return {
            "title": self.env._("Summary of the case"),
            "text": [
                self.env._(
                    "The case was opened on %(opened)s. On %(date)s it stood at: %(stage)s.",
                    opened=self._show_date(case.date_open),
                    date=self._show_date(date),
                    stage=stages[stage],
                ),
                self.env._(
                    "%(count)s items came into collection, the oldest due on %(oldest)s.",
                    count=len(items),
                    oldest=self._show_date(min(items.mapped("date_due"), default=False)),
                ),
            ],
            "tables": [
                self._make_table(
                    [
                        self.env._("Document"),
                        self.env._("Dated"),
                        self.env._("Due"),
                        self.env._("In collection since"),
                        self.env._("Left"),
                        self.env._("Amount on entry"),
                    ],
                    [
                        [
                            item.document_number or "",
                            self._show_date(item.date_invoice),
                            self._show_date(item.date_due),
                            self._show_date(item.date_in),
                            " ".join(
                                (
                                    self._show_date(item.date_out),
                                    self._show_label(item, "exit_reason"),
                                )
                            )
                            if item.date_out and item.date_out <= date
                            else "",
                            item.currency_id.format(item.amount_in),
                        ]
                        for item in items.sorted(lambda i: (i.date_due or date, i.id))
                    ],
                    right=(5,),
                )
            ],
        }

    def _get_changes(self, case, date):
        changes = case.change_ids.filtered(
            lambda c: c.date < self._until(date) and c.kind in ("escalation", "referral")
        ).sorted("id")
        return changes and {
            "title": self.env._("Changes of status"),
            "tables": [
                self._make_table(
                    [self.env._("When (UTC)"), self.env._("Change"), self.env._("Reason")],
                    [
                        [
                            self._moment(change.date),
                            (change.summary or "").replace("→", "–"),
                            change.reason or "",
                        ]
                        for change in changes
                    ],
                    widths=(1, 2, 3),
                )
            ],
        }
