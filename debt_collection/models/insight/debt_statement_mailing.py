import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...const import STATEMENT_KINDS

_logger = logging.getLogger(__name__)


class DebtStatementMailing(models.Model):
    """Statements of account for many debtors, mailed in the background one after the other.

    ::

        running ──► done       every debtor is judged and mailed, or left out with the reason

    Each debtor is a line of its own that is sent and committed by itself: a run that is killed
    goes on where it stood, and nobody gets a statement twice.
    """

    _name = "debt.statement.mailing"
    _description = "Statement mailing"
    _inherit = ["mail.thread"]
    _order = "id desc"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    user_id = fields.Many2one(
        "res.users",
        string="Sent by",
        required=True,
        readonly=True,
        index=True,
        default=lambda self: self.env.user,
    )
    kind = fields.Selection(STATEMENT_KINDS, required=True, readonly=True)
    date_from = fields.Date(string="From", readonly=True)
    date_to = fields.Date(string="As of", required=True, readonly=True)
    state = fields.Selection(
        [("running", "Running"), ("done", "Done")], required=True, default="running", readonly=True
    )
    line_ids = fields.One2many("debt.statement.mailing.line", "mailing_id", readonly=True)
    todo_count = fields.Integer(string="To send", compute="_compute_counts")
    sent_count = fields.Integer(string="Sent", compute="_compute_counts")
    left_out_count = fields.Integer(string="Left out", compute="_compute_counts")

    _running_idx = models.Index("(id) WHERE state = 'running'")

    @api.depends("date_to", "line_ids")
    def _compute_display_name(self):
        for mailing in self:
            mailing.display_name = self.env._(
                "Statements of %(date)s (%(count)s debtors)",
                date=format_date(self.env, mailing.date_to),
                count=len(mailing.line_ids),
            )

    @api.depends("line_ids.state")
    def _compute_counts(self):
        groups = self.env["debt.statement.mailing.line"]._read_group(
            [("mailing_id", "in", self.ids)], ["mailing_id", "state"], ["__count"]
        )
        counts = {(mailing.id, state): count for mailing, state, count in groups}
        for mailing in self:
            mailing.todo_count = counts.get((mailing.id, "todo"), 0)
            mailing.sent_count = counts.get((mailing.id, "sent"), 0)
            mailing.left_out_count = counts.get((mailing.id, "left_out"), 0)

    def _cron_send(self):
        """Send what is to be sent, debtor by debtor; each is committed by itself."""
        cron = self.env["ir.cron"]
        lines = self.env["debt.statement.mailing.line"].sudo().search([("state", "=", "todo")])
        if not cron._commit_progress(remaining=len(lines)):
            return
        for line in lines:
            # Somebody else's, or gone meanwhile: left to them
            if not line.try_lock_for_update() or line.state != "todo":
                continue
            line._send()
            line.mailing_id._finish()
            if not cron._commit_progress(1):
                return

    def _finish(self):
        """Close the mailings with nothing left to do, and tell who started them."""
        for mailing in self.filtered(lambda mailing: mailing.state == "running"):
            if mailing.todo_count:
                continue
            mailing.state = "done"
            mailing.message_notify(
                partner_ids=mailing.user_id.partner_id.ids,
                subject=mailing.display_name,
                body=self.env._(
                    "%(sent)s statements are on their way, %(left_out)s debtors were left out.",
                    sent=mailing.sent_count,
                    left_out=mailing.left_out_count,
                ),
            )


class DebtStatementMailingLine(models.Model):
    """One debtor of a mailing: sent, or left out and why."""

    _name = "debt.statement.mailing.line"
    _description = "Statement to mail"
    _order = "id"

    mailing_id = fields.Many2one(
        "debt.statement.mailing", required=True, ondelete="cascade", index=True
    )
    partner_id = fields.Many2one(
        "res.partner", string="Debtor", required=True, ondelete="cascade", index=True
    )
    state = fields.Selection(
        [("todo", "To send"), ("sent", "Sent"), ("left_out", "Left out")],
        required=True,
        default="todo",
    )
    reason = fields.Char(string="Why")

    _todo_idx = models.Index("(id) WHERE state = 'todo'")

    def _send(self):
        """Send the statement in the name of who asked for it; a failure is told, not raised."""
        self.ensure_one()
        mailing = self.mailing_id
        try:
            with self.env.cr.savepoint():
                wizard = (
                    self.env["debt.statement.wizard"]
                    .with_user(mailing.user_id)
                    .with_context(allowed_company_ids=mailing.company_id.ids)
                    .create(
                        {
                            "company_id": mailing.company_id.id,
                            "partner_ids": [(6, 0, self.partner_id.ids)],
                            "kind": mailing.kind,
                            "date_from": mailing.date_from,
                            "date_to": mailing.date_to,
                        }
                    )
                )
                sent, left_out = wizard._send_statements()
                # While the statement of this very debtor can still be taken back
                self.env.flush_all()
        except UserError as error:
            sent, left_out = 0, [(self.partner_id, str(error))]
        except Exception as error:
            _logger.exception("Statement of debtor %s could not be sent", self.partner_id.id)
            sent, left_out = 0, [(self.partner_id, str(error) or type(error).__name__)]
        self.write(
            {
                "state": "sent" if sent else "left_out",
                "reason": ", ".join(reason for _debtor, reason in left_out)[:250] or False,
            }
        )
