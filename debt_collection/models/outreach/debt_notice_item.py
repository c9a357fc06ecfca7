from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.sql import values_table


class DebtNoticeItem(models.Model):
    """An item as a notice told it: number, dates and amount of that day."""

    _name = "debt.notice.item"
    _description = "Item of a notice"
    _inherit = ["debt.ledger.follower"]
    _order = "date_due, id"
    # Written in bulk beside the notice, which says who and when.
    _log_access = False

    notice_id = fields.Many2one("debt.notice", required=True, ondelete="cascade", index=True)
    item_id = fields.Many2one("debt.case.item", ondelete="set null", index="btree_not_null")
    move_line_id = fields.Many2one(
        "account.move.line",
        ondelete="set null",
        index="btree_not_null",
        help="Line that a courtesy message announces; an item of a case knows its own.",
    )
    level_id = fields.Many2one("debt.level", ondelete="restrict")
    previous_level_id = fields.Many2one("debt.level", ondelete="restrict")
    advanced = fields.Boolean(help="This notice brought the item to its level.")
    document_number = fields.Char(string="Document number")
    date_invoice = fields.Date(string="Document date")
    date_due = fields.Date(string="Due date")
    days_overdue = fields.Integer()
    currency_id = fields.Many2one("res.currency", required=True)
    amount = fields.Monetary(help="Collectible amount on the day of the notice.")
    amount_company = fields.Monetary(
        string="Amount (company currency)", currency_field="company_currency_id"
    )
    company_currency_id = fields.Many2one(
        related="notice_id.company_currency_id", string="Company currency"
    )

    @api.depends("document_number")
    def _compute_display_name(self):
        for item in self:
            item.display_name = item.document_number or ""

    def _fall_back(self):
        """Undo what a notice that never left had brought: items return to the level before it,
        a repetition does not count.

        The level comes up again after its waiting time, counted from today.
        """
        today = fields.Date.context_today(self)
        back = self.env["debt.case.item"].sudo()
        for line in self.filtered("advanced"):
            if line.item_id and line.item_id.level_id == line.level_id:
                line.item_id.write({"level_id": line.previous_level_id.id, "level_date": today})
                # who left counts for no level any more
                back |= line.item_id.filtered(lambda item: not item.date_out)
        for line in self - self.filtered("advanced"):
            item, notice = line.item_id, line.notice_id
            if notice.automatic and item.repeat_count and item.level_date == notice.date:
                item.write({"repeat_count": item.repeat_count - 1, "level_date": today})
        back.case_id._refresh_level()

    def _forget(self):
        """Delete lines of notices that have not left: nothing refers to them."""
        if self:
            self.env.flush_all()
            self.env.cr.execute(SQL("DELETE FROM debt_notice_item WHERE id = ANY(%s)", self.ids))
            self.env["debt.notice"].invalidate_model(["item_ids"], flush=False)
            self.invalidate_recordset(flush=False)

    def _tells_otherwise(self, values):
        """Tell whether amount, due date or level are not what the line says.

        :param values: of ``debt.notice._get_items_now``
        """
        self.ensure_one()
        return bool(
            self.currency_id.compare_amounts(values["amount"], self.amount)
            or values["date_due"] != self.date_due
            or (values["level_id"] or False) != self.level_id.id
        )

    @api.model
    def _update_told(self, rows):
        """Write what lines tell now, in one statement; unchanged lines are left alone.

        :param rows: list of dict: id and the values of ``debt.notice._get_items_now``
        """
        if not rows:
            return
        columns = {
            "id": "int",
            "level_id": "int",
            "document_number": "text",
            "date_invoice": "date",
            "date_due": "date",
            "days_overdue": "int",
            "currency_id": "int",
            "amount": "numeric",
            "amount_company": "numeric",
        }
        told = [SQL.identifier(name) for name in columns if name != "id"]
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """
                UPDATE debt_notice_item line SET (%(told)s) = ROW(%(now)s)
                  FROM %(rows)s
                 WHERE line.id = now.id AND (%(before)s) IS DISTINCT FROM (%(now)s)
                """,
                told=SQL(", ").join(told),
                now=SQL(", ").join(SQL("now.%s", name) for name in told),
                before=SQL(", ").join(SQL("line.%s", name) for name in told),
                rows=values_table(
                    "now", columns, [[row[name] for name in columns] for row in rows]
                ),
            )
        )
        self.browse([row["id"] for row in rows]).invalidate_recordset(flush=False)

    def _get_ledger_amount(self):
        """What is open now on the line behind this item, in its currency (0 if not to be asked)."""
        self.ensure_one()
        line = self.move_line_id
        if (
            not line
            or line.parent_state != "posted"
            or line.no_followup
            or line.move_id.payment_state in ("blocked", "in_payment")
            or line.partner_id.commercial_partner_id != self.notice_id.partner_id
        ):
            return 0.0
        return line.amount_residual_currency
