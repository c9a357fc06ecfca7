"""What stands in a legal file: one method a section, all of it as of one day."""

from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.tools import SQL, format_date, html2plaintext


class DebtLegalFileContent(models.AbstractModel):
    """Sections and documents of the legal file of a case.

    Nothing recorded after the day appears, and nothing that depends on who looks or when.
    """

    _name = "debt.legal.file.content"
    _description = "Content of the legal file"

    @api.model
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
            self._get_referrals(case, date),
            self._get_changes(case, date),
        ]
        if with_research:
            sections.append(self._get_research(case, date))
        return sections

    @api.model
    def _get_document(self, case, date, with_research):
        """The whole file as plain data.

        :return: dict of the arguments of ``tools.legal_pdf.render``
        """
        sections = [s for s in self._get_sections(case, date, with_research) if s]
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

    # === HELPERS ===

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

    def _get_claim(self, case, date):
        """What the debtor owed net at the end of the day, in the company's currency."""
        return sum(residual for _line, residual, _own in self._get_open_lines(case, date))

    # === SECTIONS ===

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

    def _get_documents(self, case, date):
        """Each invoice with its lines: what was delivered, and for how much."""
        items = case.item_ids.filtered(lambda item: item.date_in <= date)
        tables = []
        for move in items.move_id.sorted(lambda m: (m.invoice_date or m.date, m.id)):
            rows = [
                [
                    line.name or line.product_id.display_name or "",
                    str(line.quantity),
                    move.currency_id.format(line.price_unit),
                    move.currency_id.format(line.price_total),
                ]
                for line in move.invoice_line_ids.filtered(lambda ln: ln.display_type == "product")
            ]
            rows.append(["", "", self.env._("Total"), move.currency_id.format(move.amount_total)])
            origin = f" · {move.invoice_origin}" if move.invoice_origin else ""
            tables.append(
                self._make_table(
                    [
                        self.env._("Delivered"),
                        self.env._("Quantity"),
                        self.env._("Price"),
                        self.env._("With taxes"),
                    ],
                    rows,
                    right=(1, 2, 3),
                    widths=(5, 1, 1.5, 1.5),
                    title=f"{move.name} · {self._show_date(move.invoice_date)}{origin}",
                )
            )
        return tables and {"title": self.env._("Invoices"), "tables": tables}

    def _get_statement(self, case, date):
        rows = [
            [
                line.move_id.name or "",
                self._show_date(line.date),
                self._show_date(line.date_maturity or line.date),
                str(max((date - (line.date_maturity or line.date)).days, 0)),
                line.currency_id.format(line.amount_currency),
                line.currency_id.format(own),
                case.currency_id.format(residual),
            ]
            for line, residual, own in self._get_open_lines(case, date)
        ]
        total = case.currency_id.format(self._get_claim(case, date))
        rows.append([self.env._("Total"), "", "", "", "", "", total])
        return {
            "title": self.env._("Statement of account on %s", self._show_date(date)),
            "tables": [
                self._make_table(
                    [
                        self.env._("Document"),
                        self.env._("Dated"),
                        self.env._("Due"),
                        self.env._("Days late"),
                        self.env._("Amount"),
                        self.env._("Open"),
                        self.env._("Open (%s)", case.currency_id.name),
                    ],
                    rows,
                    right=(3, 4, 5, 6),
                )
            ],
        }

    def _get_sent_notices(self, case, date):
        return case.notice_ids.filtered(
            lambda n: n.state == "sent" and n.date_sent and n.date_sent < self._until(date)
        ).sorted(lambda n: (n.date_sent, n.id))

    def _get_notices(self, case, date):
        text, tables = [], []
        for notice in self._get_sent_notices(case, date):
            rows = [
                [self.env._("Sent on"), self._moment(notice.date_sent)],
                [self.env._("Through"), self._show_label(notice, "channel")],
                [self.env._("To"), notice.email_to or notice.recipient_id.display_name or ""],
                [self.env._("Subject"), notice.subject or notice.level_id.name or ""],
                [self.env._("Asked for"), case.currency_id.format(notice.amount_total)],
                [self.env._("Pay by"), self._show_date(notice.deadline)],
                [self.env._("Text as sent"), html2plaintext(notice.body or "").strip()],
            ]
            rows += [
                [
                    self.env._("Service"),
                    " · ".join(
                        filter(
                            None,
                            (
                                self._show_date(row.date),
                                self._show_label(row, "method"),
                                self._show_label(row, "result"),
                                row.number,
                                row.proof_name,
                            ),
                        )
                    ),
                ]
                for row in notice.service_ids.sorted(lambda r: (r.date, r.id))
                if row.date <= date
            ]
            tables.append(
                self._make_table(
                    [self.env._("Notice"), notice.level_id.name or ""], rows, widths=(1, 4)
                )
            )
        if not tables:
            text = [self.env._("No notice was sent.")]
        return {
            "title": self.env._("Notices as sent, with proof of service"),
            "text": text,
            "tables": tables,
        }

    def _get_log(self, case, date):
        return case.contact_ids.filtered(lambda c: c.date < self._until(date)).sorted(
            lambda c: (c.date, c.id)
        )

    def _get_contacts(self, case, date):
        rows = [
            [
                self._moment(contact.date),
                self._show_label(contact, "channel"),
                self._show_label(contact, "direction"),
                self._show_label(contact, "reached"),
                self._show_label(contact, "outcome"),
                contact.note or "",
                contact.user_id.name or "",
            ]
            for contact in self._get_log(case, date)
        ]
        return {
            "title": self.env._("Contact log"),
            "text": [] if rows else [self.env._("No contact was logged.")],
            "tables": [
                self._make_table(
                    [
                        self.env._("When (UTC)"),
                        self.env._("Channel"),
                        self.env._("Direction"),
                        self.env._("Reached"),
                        self.env._("Outcome"),
                        self.env._("Note"),
                        self.env._("By"),
                    ],
                    rows,
                    widths=(1.3, 1, 1.2, 1, 1.2, 3, 1.2),
                )
            ]
            if rows
            else [],
        }

    def _get_promises(self, case, date):
        promises = self.env["debt.promise"].search(
            [("case_id", "=", case.id), ("date_made", "<=", date)], order="date_made, id"
        )
        rows = [
            [
                self._show_date(promise.date_made),
                promise.promised_by or "",
                promise.currency_id.format(promise.amount),
                self._show_date(promise.date),
                self._show_label(promise, "state")
                if promise.date_judged and promise.date_judged <= date
                else self.env._("not judged yet"),
            ]
            for promise in promises
        ]
        return rows and {
            "title": self.env._("Promises to pay, and what became of them"),
            "tables": [
                self._make_table(
                    [
                        self.env._("Made on"),
                        self.env._("By"),
                        self.env._("Amount"),
                        self.env._("For"),
                        self.env._("Fate"),
                    ],
                    rows,
                    right=(2,),
                )
            ],
        }

    def _get_plans(self, case, date):
        plans = self.env["debt.plan"].search(
            [("case_id", "=", case.id), ("date_start", "!=", False), ("date_start", "<=", date)],
            order="date_start, id",
        )
        tables = []
        for plan in plans:
            over = plan.date_end and plan.date_end <= date
            fate = self._show_label(plan, "state") if over else self.env._("running")
            tables.append(
                self._make_table(
                    [self.env._("Due on"), self.env._("Instalment")],
                    [
                        [self._show_date(row.date), plan.currency_id.format(row.amount)]
                        for row in plan.installment_ids.sorted(lambda r: (r.date, r.id))
                    ],
                    right=(1,),
                    title=f"{plan.reference or ''} · {self._show_date(plan.date_start)} · {fate}",
                )
            )
        return tables and {
            "title": self.env._("Payment plans, and what became of them"),
            "tables": tables,
        }

    def _get_disputes(self, case, date):
        disputes = self.env["debt.dispute"].search(
            [("case_id", "=", case.id), ("date_open", "<=", date)], order="date_open, id"
        )
        rows = []
        for dispute in disputes:
            over = dispute.date_closed and dispute.date_closed <= date
            rows.append(
                [
                    self._show_date(dispute.date_open),
                    dispute.document_numbers or "",
                    dispute.currency_id.format(dispute.amount),
                    "\n".join(filter(None, (dispute.reason_id.display_name, dispute.description))),
                    "\n".join(
                        filter(
                            None,
                            (
                                self._show_label(dispute, "state"),
                                html2plaintext(dispute.reply or "").strip(),
                                self._show_date(dispute.date_closed),
                            ),
                        )
                    )
                    if over
                    else self.env._("open"),
                ]
            )
        return rows and {
            "title": self.env._("Disputes and our answers"),
            "tables": [
                self._make_table(
                    [
                        self.env._("Raised on"),
                        self.env._("Documents"),
                        self.env._("Amount"),
                        self.env._("What the debtor says"),
                        self.env._("Answer"),
                    ],
                    rows,
                    right=(2,),
                    widths=(1, 1.2, 1, 3, 3),
                )
            ],
        }

    def _get_interest(self, case, date):
        """Hook: the calculation of interest; charges add it.

        :return: section, or None
        """
        return None

    def _get_costs(self, case, date):
        costs = case.cost_ids.filtered(lambda c: c.date <= date and c.state == "spent")
        rows = [
            [
                self._show_date(cost.date),
                self._show_label(cost, "kind"),
                cost.name,
                cost.bill_id.name or "",
                cost.currency_id.format(cost.amount),
                cost.currency_id.format(cost.amount_rebillable),
            ]
            for cost in costs.sorted(lambda c: (c.date, c.id))
        ]
        if not rows:
            return None
        rows.append(
            [
                self.env._("Total"),
                "",
                "",
                "",
                case.currency_id.format(sum(costs.mapped("amount"))),
                case.currency_id.format(sum(costs.mapped("amount_rebillable"))),
            ]
        )
        return {
            "title": self.env._("Costs"),
            "tables": [
                self._make_table(
                    [
                        self.env._("Date"),
                        self.env._("Kind"),
                        self.env._("What for"),
                        self.env._("Bill"),
                        self.env._("Amount"),
                        self.env._("Owed by the debtor"),
                    ],
                    rows,
                    right=(4, 5),
                )
            ],
        }

    def _get_referrals(self, case, date):
        referrals = case.referral_ids.filtered(
            lambda r: r.date_placed and r.date_placed <= date
        ).sorted("id")
        rows = [
            [
                referral.name,
                referral.recipient_id.display_name or self._show_label(referral, "kind"),
                self._show_date(referral.date_placed),
                referral.currency_id.format(referral.amount_placed),
                f"{self._show_date(referral.date_end)} {referral.end_reason or ''}".strip()
                if referral.date_end and referral.date_end <= date
                else "",
            ]
            for referral in referrals
        ]
        return rows and {
            "title": self.env._("Referrals"),
            "tables": [
                self._make_table(
                    [
                        self.env._("Number"),
                        self.env._("To"),
                        self.env._("Placed on"),
                        self.env._("Amount"),
                        self.env._("Ended"),
                    ],
                    rows,
                    right=(3,),
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
                        [self._moment(change.date), change.summary, change.reason or ""]
                        for change in changes
                    ],
                    widths=(1, 2, 3),
                )
            ],
        }

    def _get_research(self, case, date):
        sheet = case.assessment_ids.filtered(
            lambda s: s.state == "confirmed" and s.date <= date
        ).sorted(lambda s: (s.date, s.id))[-1:]
        if not sheet:
            return None
        currency = sheet.currency_id
        return {
            "title": self.env._("Ability to pay on %s", self._show_date(sheet.date)),
            "text": [
                self.env._(
                    "Left each month: %(left)s; affordable: %(affordable)s.",
                    left=currency.format(sheet.disposable),
                    affordable=currency.format(sheet.affordable),
                ),
                sheet.outlook or "",
            ],
            "tables": [
                self._make_table(
                    [
                        self.env._("Kind"),
                        self.env._("Fact"),
                        self.env._("Amount"),
                        self.env._("Source"),
                        self.env._("As of"),
                    ],
                    [
                        [
                            self._show_label(line, "kind"),
                            line.name,
                            f"{currency.format(line.amount)} {self._show_label(line, 'period')}",
                            self._show_label(line, "source"),
                            self._show_date(line.date),
                        ]
                        for line in sheet.line_ids
                    ],
                    right=(2,),
                )
            ],
        }

    # === DOCUMENTS OF THE ZIP ===

    @api.model
    def _get_files(self, case, date):
        """The documents beside the PDF: as they are stored, none made for the occasion.

        Invoices as sent, proofs of service, and what is attached to the case (contract, order).

        :return: list of (name in the ZIP, bytes)
        """
        until = self._until(date)
        moves = case.item_ids.filtered(lambda item: item.date_in <= date).move_id
        attachments = self.env["ir.attachment"].sudo()
        files = []
        for folder, model, ids in (
            ("invoices", "account.move", moves.ids),
            ("documents", "debt.case", case.ids),
            ("documents", "res.partner", case.partner_id.ids),
            ("notices", "debt.notice", self._get_sent_notices(case, date).ids),
        ):
            found = attachments.search(
                [
                    ("res_model", "=", model),
                    ("res_id", "in", ids),
                    ("type", "=", "binary"),
                    ("create_date", "<", until),
                    ("res_field", "in", (False, "invoice_pdf_report_file")),
                ],
                order="id",
            )
            files += [
                (f"{folder}/{attachment.name.replace('/', '-')}", attachment.raw or b"")
                for attachment in found
            ]
        services = self._get_sent_notices(case, date).service_ids
        for row in services.filtered(lambda r: r.date <= date and r.proof).sorted("id"):
            stored = attachments.search(
                [
                    ("res_model", "=", row._name),
                    ("res_id", "=", row.id),
                    ("res_field", "=", "proof"),
                ],
                limit=1,
            )
            name = (row.proof_name or f"proof-{row.id}").replace("/", "-")
            files.append((f"service/{name}", stored.raw or b""))
        return files
