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
        notices = self.search_fetch(
            [
                ("case_id", "in", cases.ids),
                ("state", "in", (*PENDING_NOTICE_STATES, "queued")),
            ]
        )
        if notices:
            now = notices._get_items_now()
            notices._get_stale(now)._do_revise(now)

    def _revise_merged(self, target):
        """Let the notices of merged cases follow; those that have not left are cancelled."""
        notices = self.sudo()
        notices.filtered(lambda n: n.state in (*PENDING_NOTICE_STATES, "queued"))._do_cancel(
            self.env._("The case was merged.")
        )
        notices.write({"case_id": target.id, "partner_id": target.partner_id.id})

    def _get_stale(self, now=None):
        """The notices among these that tell an item wrongly, or may not go out any more.

        :param now: answer of ``_get_items_now``, if it is known already
        """
        now = self._get_items_now() if now is None else now
        stale = self.browse()
        for notice in self:
            currency = notice.company_currency_id
            if not notice.case_id:
                amounts = {line: line._get_ledger_amount() for line in notice.item_ids}
            elif notice not in now or currency.compare_amounts(
                notice.case_id.amount_credit, notice.amount_credit
            ):
                stale |= notice
                continue
            else:
                amounts = {
                    line: now[notice].get(line.item_id.id, {"amount": 0.0, "date_due": None})
                    for line in notice.item_ids
                }
                if any(
                    line.item_id and values["date_due"] not in (None, line.date_due)
                    for line, values in amounts.items()
                ):
                    stale |= notice
                    continue
                amounts = {line: values["amount"] for line, values in amounts.items()}
            if any(
                line.currency_id.compare_amounts(amount, line.amount)
                for line, amount in amounts.items()
            ):
                stale |= notice
        return stale

    def _refresh_items(self, now=None):
        """Bring the lists of items up to this day; items that joined the case are added.

        A notice with nothing left keeps its list: what it would have told is evidence.

        :param now: answer of ``_get_items_now``, if it is known already: then only amounts that
            moved are corrected, days are counted when the notice leaves
        :return: the notices that still have something to ask for and whose debtor may be asked
        """
        leaving = now is None
        now = self._get_items_now() if leaving else now
        alive = self.filtered(lambda n: not n.case_id)._refresh_courtesies()
        notices = self.filtered(now.__contains__)
        lines = self.env["debt.notice.item"]
        gone, kept, joined = lines, [], []
        for notice in notices:
            known = {line.item_id.id: line for line in notice.item_ids}
            left = lines.union(*(known[item_id] for item_id in known.keys() - now[notice].keys()))
            if left and left == notice.item_ids:
                continue
            if left and not notice._lead(notice.item_ids - left):
                continue
            gone |= left
            for item_id, values in now[notice].items():
                line = known.get(item_id)
                if line and (leaving or line._tells_otherwise(values)):
                    kept.append({"id": line.id, **values})
            total = sum(values["amount_company"] for values in now[notice].values())
            credit = notice.case_id.amount_credit
            currency = notice.company_currency_id
            if currency.compare_amounts(total, notice.amount_total):
                notice.amount_total = total
            if currency.compare_amounts(credit, notice.amount_credit):
                notice.amount_credit = credit
            if currency.compare_amounts(total - credit, notice.company_id.debt_tolerance) > 0:
                alive |= notice
                joined += [
                    {"notice_id": notice.id, **values}
                    for item_id, values in now[notice].items()
                    if item_id not in known
                ]
        lines._update_told(kept)
        gone._fall_back()
        gone._forget()
        lines.create(joined)
        alive._refresh_credits()
        return alive

    def _get_items_now(self):
        """What these notices of cases would tell if they were made today: one query a company.

        :return: dict notice → dict item id → values of its line; only the notices whose case is
            open and may be contacted
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
        today = fields.Date.context_today(self)
        askable = self.filtered(lambda n: n.case_id and n.case_id.state != "closed")
        blocked = askable.case_id._get_blocking_words(today)
        askable = askable.filtered(lambda notice: notice.case_id.id not in blocked)
        result = {notice: {} for notice in askable}
        currencies = self.env["res.currency"]
        self.env.flush_all()
        for company, notices in askable.grouped("company_id").items():
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
                if values["amount"] > 0:
                    result[self.browse(notice_id)][item_id] = {"item_id": item_id, **values}
        return result

    def _lead(self, lines):
        """Let the highest level this notice brings lead it, when the item that led it is gone.

        :param lines: debt.notice.item that stay
        :return: False when nothing is left that this notice was made for
        """
        self.ensure_one()
        if not self.automatic or self.level_id in lines.level_id:
            return True
        levels = lines.filtered("advanced").level_id
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
