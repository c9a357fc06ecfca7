"""The legal file: what is owed, invoices to costs."""

from odoo import models


class DebtLegalFileContent(models.AbstractModel):
    """Sections about the claim itself: invoices, statement, interest, costs."""

    _inherit = "debt.legal.file.content"

    def _get_documents(self, case, date):
        """Each invoice with its lines: what was delivered, and for how much."""
        tables = [self._get_invoice_table(move) for move in self._get_moves(case, date)]
        return tables and {"title": self.env._("Invoices"), "tables": tables}

    def _get_invoice_table(self, move):
        """The lines of an invoice.

        :param move: account.move
        """
        rows = [
            [
                line.name or line.product_id.display_name or "",
                f"{line.quantity:g}",
                move.currency_id.format(line.price_unit),
                move.currency_id.format(line.price_total),
            ]
            for line in move.invoice_line_ids.filtered(lambda ln: ln.display_type == "product")
        ]
        rows.append(["", "", self.env._("Total"), move.currency_id.format(move.amount_total)])
        origin = f" · {move.invoice_origin}" if move.invoice_origin else ""
        return self._make_table(
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

    def _get_interest(self, case, date):
        """Interest item by item, each stretch of one balance and one rate a line; totals."""
        claims = self.env["debt.interest"]._compute_claims(case, date)
        if not claims["items"] and not claims["basis"]:
            return None
        text = [
            claims["basis"],
            self.env._(
                "Simple interest from the day after the due date to the day of payment, at most "
                "to %s; each item is rounded once.",
                self._show_date(date),
            ),
            *claims["notes"],
        ]
        tables = [self._get_interest_table(item) for item in claims["items"]]
        totals = [
            [
                currency.name,
                currency.format(float(interest)),
                currency.format(float(compensation)),
                currency.format(float(interest + compensation)),
            ]
            for currency, (interest, compensation) in claims["totals"].items()
        ]
        if totals:
            tables.append(
                self._make_table(
                    [
                        self.env._("Currency"),
                        self.env._("Interest"),
                        self.env._("Fixed compensation"),
                        self.env._("Total"),
                    ],
                    totals,
                    right=(1, 2, 3),
                    title=self.env._("Total on %s", self._show_date(date)),
                )
            )
        return {
            "title": self.env._("Interest for late payment"),
            "text": [words for words in text if words],
            "tables": tables,
        }

    def _get_interest_table(self, item):
        """One item of ``debt.interest._compute_claims`` as a table."""
        currency = item["currency"]
        rows = [
            [
                self._show_date(first),
                self._show_date(last),
                str(days),
                currency.format(float(principal)),
                f"{rate.normalize():f}",
                f"{exact:.4f}",
            ]
            for first, last, days, principal, rate, exact in item["stretches"]
        ]
        if item["compensation"]:
            fixed = currency.format(float(item["compensation"]))
            rows.append([self.env._("Fixed compensation"), "", "", "", "", fixed])
        total = currency.format(float(item["interest"] + item["compensation"]))
        rows.append([self.env._("Total"), "", "", "", "", total])
        line = item["line"]
        return self._make_table(
            [
                self.env._("From"),
                self.env._("To"),
                self.env._("Days"),
                self.env._("Open"),
                self.env._("% a year"),
                self.env._("Interest"),
            ],
            rows,
            right=(2, 3, 4, 5),
            title=self.env._(
                "%(document)s, due on %(date)s",
                document=line.move_id.name,
                date=self._show_date(line.date_maturity),
            ),
        )

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

    def _get_total(self, case, date):
        """The claim in one figure: open items, interest and costs, in each currency."""
        claims = self.env["debt.interest"]._compute_claims(case, date)
        principal = {}
        for line, _residual, own in self._get_open_lines(case, date):
            principal[line.currency_id] = principal.get(line.currency_id, 0.0) + own
        rows = []
        for currency in dict.fromkeys((*principal, *claims["totals"])):
            interest, compensation = (
                float(part) for part in claims["totals"].get(currency, (0, 0))
            )
            costs = case._get_costs_to_claim(date) if currency == case.currency_id else 0.0
            amounts = (principal.get(currency, 0.0), interest, compensation, costs)
            rows.append([currency.name, *map(currency.format, (*amounts, sum(amounts)))])
        return rows and {
            "title": self.env._("The claim on %s", self._show_date(date)),
            "tables": [
                self._make_table(
                    [
                        self.env._("Currency"),
                        self.env._("Open items"),
                        self.env._("Interest"),
                        self.env._("Fixed compensation"),
                        self.env._("Costs not invoiced"),
                        self.env._("Total"),
                    ],
                    rows,
                    right=(1, 2, 3, 4, 5),
                )
            ],
        }
