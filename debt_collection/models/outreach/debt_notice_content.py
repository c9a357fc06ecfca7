"""What a notice tells, and whether it is still true."""

from odoo import api, fields, models
from odoo.tools import SQL

from ...const import PENDING_NOTICE_STATES


class DebtNotice(models.Model):
    _inherit = "debt.notice"

    # === WHAT IS TOLD, AND IS IT STILL TRUE ===

    @api.model
    def _revise_pending(self, cases):
        """Money moved or a hold came: cancel or correct what has not left yet.

        :param cases: debt.case
        """
        notices = self.search(
            [
                ("case_id", "in", cases.ids),
                ("state", "in", (*PENDING_NOTICE_STATES, "queued")),
            ]
        )
        if not notices:
            return
        notices._get_stale()._do_revise()

    def _revise_merged(self, target):
        """Let the notices of merged cases follow; those that have not left are cancelled."""
        notices = self.sudo()
        notices.filtered(lambda n: n.state in (*PENDING_NOTICE_STATES, "queued"))._do_cancel(
            self.env._("The case was merged.")
        )
        notices.write({"case_id": target.id, "partner_id": target.partner_id.id})

    def _get_stale(self):
        """The notices among these that tell an item wrongly, or may not go out any more."""
        today = fields.Date.context_today(self)
        case_notices = self.filtered("case_id")
        figures = case_notices.item_ids.item_id._get_collectible_amounts(today)
        blocked = case_notices.case_id._get_blocking_words(today)
        stale = self.browse()
        for notice in self:
            if notice.case_id.id in blocked or (
                notice.case_id and notice.case_id.state == "closed"
            ):
                stale |= notice
                continue
            if notice.case_id and notice.company_currency_id.compare_amounts(
                notice.case_id.amount_credit, notice.amount_credit
            ):
                stale |= notice
                continue
            for line in notice.item_ids:
                if notice.case_id:
                    now = figures.get(line.item_id.id, (0.0, []))[0]
                else:
                    now = line._get_ledger_amount()
                moved = line.item_id and line.item_id.date_due != line.date_due
                if moved or line.currency_id.compare_amounts(now, line.amount):
                    stale |= notice
                    break
        return stale

    def _refresh_items(self):
        """Bring the lists of items up to this day; items that joined the case are added.

        A notice with nothing left keeps its list: what it would have told is evidence.

        :return: the notices that still have something to ask for and whose debtor may be asked
        """
        alive = self.filtered(lambda n: not n.case_id)._refresh_courtesies()
        notices = self.filtered(lambda n: n.case_id and n.case_id.state != "closed")
        today = fields.Date.context_today(self)
        blocked = notices.case_id._get_blocking_words(today)
        notices = notices.filtered(lambda notice: notice.case_id.id not in blocked)
        told = {notice: {line.item_id.id: line for line in notice.item_ids} for notice in notices}
        now = notices._get_items_now(today)
        lines = self.env["debt.notice.item"]
        gone, kept, joined, totals = lines, [], [], {}
        for notice, known in told.items():
            left = lines.union(*(known[item_id] for item_id in known.keys() - now[notice].keys()))
            if left and left == notice.item_ids:
                continue
            gone |= left
            for item_id, values in now[notice].items():
                if item_id in known:
                    kept.append({"id": known[item_id].id, **values})
                else:
                    joined.append({"notice_id": notice.id, **values})
            totals[notice] = sum(values["amount_company"] for values in now[notice].values())
        losing = gone.notice_id
        lines._update_told(kept)
        gone._fall_back()
        gone.unlink()
        for notice, total in totals.items():
            if notice in losing and not notice._lead():
                continue
            credit = notice.case_id.amount_credit
            currency = notice.company_currency_id
            if currency.compare_amounts(total, notice.amount_total):
                notice.amount_total = total
            if currency.compare_amounts(credit, notice.amount_credit):
                notice.amount_credit = credit
            if currency.compare_amounts(total - credit, notice.company_id.debt_tolerance) > 0:
                alive |= notice
        lines.create([values for values in joined if values["notice_id"] in alive._ids])
        return alive

    def _get_items_now(self, today):
        """What these notices of cases would tell if they were made on a day: one query a company.

        :param today: the day; a notice planned for a later one counts from its own
        :return: dict notice → dict item id → values of its line
        """
        columns = (
            "level_id",
            "document_number",
            "date_invoice",
            "date_due",
            "days_overdue",
            "currency_id",
            "amount",
            "amount_company",
        )
        result = {notice: {} for notice in self}
        currencies = self.env["res.currency"]
        self.env.flush_all()
        for company, notices in self.grouped("company_id").items():
            rows = self.env.execute_query(
                SQL(
                    """
                    SELECT n.id, i.id, i.level_id, i.document_number, i.date_invoice, i.date_due,
                           GREATEST(GREATEST(n.date, %(today)s) - i.date_due, 0), i.currency_id,
                           f.collectible_currency, f.collectible
                      FROM debt_notice n
                      JOIN (%(collectible)s) f ON f.case_id = n.case_id
                      JOIN debt_case_item i ON i.id = f.item_id
                     WHERE n.id = ANY(%(notices)s)
                     ORDER BY n.id, i.date_due, i.id
                    """,
                    today=today,
                    collectible=self.env["debt.case.item"]._get_collectible_sql(company, today),
                    notices=notices.ids,
                )
            )
            for notice_id, item_id, *row in rows:
                values = dict(zip(columns, row, strict=True))
                currency = currencies.browse(values["currency_id"])
                values["amount"] = currency.round(float(values["amount"]))
                values["amount_company"] = company.currency_id.round(
                    float(values["amount_company"])
                )
                if not currency.is_zero(values["amount"]) and values["amount"] > 0:
                    result[self.browse(notice_id)][item_id] = {"item_id": item_id, **values}
        return result

    def _lead(self):
        """Let the highest level this notice brings lead it, when the item that led it is gone.

        :return: False when nothing is left that this notice was made for
        """
        self.ensure_one()
        if not self.automatic or self.level_id in self.item_ids.level_id:
            return True
        levels = self.item_ids.filtered("advanced").level_id
        self.level_id = levels.sorted("sequence")[-1:] or self.level_id
        return bool(levels)

    def _refresh_courtesies(self):
        """As ``_refresh_items``, for messages about debts that are not overdue yet.

        :return: the messages that still have something to announce, to debtors without a case
        """
        alive = self.browse()
        for company, notices in self.grouped("company_id").items():
            in_collection = (
                self.env["debt.case"]
                .search(
                    [
                        ("company_id", "=", company.id),
                        ("partner_id", "in", notices.partner_id.ids),
                        ("state", "!=", "closed"),
                    ]
                )
                .partner_id
            )
            alive |= notices.filtered(
                lambda n, chased=in_collection: (
                    n.partner_id not in chased and n._refresh_courtesy_items()
                )
            )
        return alive

    def _refresh_courtesy_items(self):
        """Bring one message up to this day: what is paid or due by now is not announced any more.

        :return: whether anything is left to announce
        """
        self.ensure_one()
        today = max(fields.Date.context_today(self), self.date)
        amounts = {}
        for line in self.item_ids:
            due = line.move_line_id.date_maturity or line.date_due
            amount = line._get_ledger_amount()
            if due >= today and line.currency_id.compare_amounts(amount, 0.0) > 0:
                amounts[line] = amount
        if not amounts:
            return False
        for line in self.item_ids:
            if line not in amounts:
                line.unlink()
            elif line.currency_id.compare_amounts(amounts[line], line.amount):
                line.write(
                    {
                        "amount": amounts[line],
                        "amount_company": line.move_line_id.amount_residual,
                    }
                )
        self.amount_total = sum(self.item_ids.mapped("amount_company"))
        return True

    @api.depends("item_ids", "amount_credit", "lang")
    def _compute_items_html(self):
        """The table of items, credits, totals and how to pay, for templates and letters."""
        for notice in self:
            notice.items_html = self.env["ir.qweb"]._render(
                "debt_collection.notice_items",
                {"notice": notice.with_context(lang=notice.lang or self.env.lang)},
                lang=notice.lang or self.env.lang,
                minimal_qcontext=True,
            )

    def _get_currency_totals(self):
        """Subtotals of the notice.

        :return: list of (res.currency, amount)
        """
        self.ensure_one()
        return [
            (currency, sum(lines.mapped("amount")))
            for currency, lines in self.item_ids.grouped("currency_id").items()
        ]
