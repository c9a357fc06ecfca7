"""The legal file: what was done, notices to referrals."""

from odoo import models
from odoo.tools import html2plaintext

from ...tools.instalments import settle


class DebtLegalFileContent(models.AbstractModel):
    """Sections about what we and the debtor did: notices, contacts, agreements, disputes."""

    _inherit = "debt.legal.file.content"

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
                [self.env._("Text as sent"), self._show_html(notice.body)],
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
        """Plans with each instalment and what had arrived for it by the day."""
        plans = self.env["debt.plan"].search(
            [("case_id", "=", case.id), ("date_start", "!=", False), ("date_start", "<=", date)],
            order="date_start, id",
        )
        tables = []
        for plan in plans:
            over = plan.date_end and plan.date_end <= date
            fate = self._show_label(plan, "state") if over else self.env._("running")
            parts = plan.installment_ids.sorted(lambda part: (part.date, part.id))
            paid = settle(
                parts.mapped("amount"),
                plan._get_received_until(date),
                0.0,
                plan.currency_id.rounding,
            )
            rows = []
            for part, amount in zip(parts, paid, strict=True):
                if plan.currency_id.compare_amounts(amount, part.amount) >= 0:
                    words = self.env._("paid")
                elif part.date < date:
                    words = self.env._("missed")
                else:
                    words = self.env._("not due yet")
                rows.append(
                    [
                        self._show_date(part.date),
                        plan.currency_id.format(part.amount),
                        plan.currency_id.format(amount),
                        words,
                    ]
                )
            tables.append(
                self._make_table(
                    [
                        self.env._("Due on"),
                        self.env._("Instalment"),
                        self.env._("Paid"),
                        self.env._("Fate"),
                    ],
                    rows,
                    right=(1, 2),
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
