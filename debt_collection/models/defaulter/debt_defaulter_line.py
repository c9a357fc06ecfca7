from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .debt_defaulter_list import get_exclusions


class DebtDefaulterLine(models.Model):
    """One debtor a list names, leaves out, or has withdrawn; with own copies of what was told."""

    _name = "debt.defaulter.line"
    _description = "Debtor on a defaulter list"
    _order = "state desc, partner_name, id"

    list_id = fields.Many2one("debt.defaulter.list", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one("res.company", required=True, index=True)
    currency_id = fields.Many2one(related="list_id.currency_id")
    list_state = fields.Selection(related="list_id.state", string="List is")
    case_id = fields.Many2one("debt.case", index="btree_not_null", ondelete="set null")
    partner_id = fields.Many2one(
        "res.partner", string="Debtor", index="btree_not_null", ondelete="set null"
    )
    partner_name = fields.Char(string="Name as told", readonly=True)
    vat = fields.Char(string="Tax number", readonly=True)
    amount = fields.Monetary(string="Overdue", readonly=True)
    date_oldest = fields.Date(string="Oldest due date", readonly=True)
    state = fields.Selection(
        [("listed", "Listed"), ("excluded", "Left out"), ("withdrawn", "Withdrawn")],
        required=True,
        readonly=True,
    )
    exclusion = fields.Selection(get_exclusions(), string="Left out because", readonly=True)
    date_withdrawn = fields.Date(string="Withdrawn on", readonly=True)
    withdrawal_reason = fields.Char(readonly=True)
    date_told = fields.Date(string="Recipient told on", readonly=True)

    def write(self, vals):
        if not self.env.su:
            raise UserError(self.env._("The lines of a list are not edited: prepare it anew."))
        return super().write(vals)

    @api.model
    def _withdraw_settled(self, company, case_ids=None):
        """Withdraw from approved lists whom nothing overdue is owed by any more.

        :param company: res.company
        :param case_ids: only these cases, None for all
        :return: the lines withdrawn
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT l.id FROM debt_defaulter_line l
                  JOIN debt_defaulter_list d ON d.id = l.list_id
                       AND d.state IN ('approved', 'exported')
                  LEFT JOIN debt_case c ON c.id = l.case_id
                 WHERE l.company_id = %s AND l.state = 'listed' AND %s
                   AND (c.id IS NULL OR c.state = 'closed' AND c.outcome <> 'merged'
                        OR c.amount_overdue - c.amount_credit <= 0)
                """,
                company.id,
                SQL("TRUE") if case_ids is None else SQL("l.case_id = ANY(%s)", case_ids),
            )
        )
        return self.browse(row[0] for row in rows)._withdraw(self.env._("Paid or settled."))

    def _withdraw(self, reason):
        """Take debtors from lists that were approved; the recipient has to be told.

        :param reason: words
        :return: the lines withdrawn
        """
        listed = self.sudo().filtered(lambda line: line.state == "listed")
        if not listed:
            return listed
        listed.write(
            {
                "state": "withdrawn",
                "date_withdrawn": fields.Date.context_today(self),
                "withdrawal_reason": reason,
            }
        )
        for record in listed.list_id.filtered(lambda record: record.state == "exported"):
            record.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("Tell the recipient who has paid and is withdrawn"),
                user_id=(record.approved_by_id or record.user_id).id,
            )
        return listed
