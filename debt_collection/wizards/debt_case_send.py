from odoo import api, fields, models
from odoo.exceptions import UserError

# What an officer may let go; what waits for approval is the credit manager's.
OFFICER_STATES = ("to_review", "ready", "failed")


class DebtCaseSend(models.TransientModel):
    """Lets the waiting notices of many cases go, after saying how many and what stays."""

    _name = "debt.case.send"
    _description = "Send the notices of cases"
    _inherit = ["debt.case.selection"]

    notice_ids = fields.Many2many(
        "debt.notice", string="Notices that go", compute="_compute_notice_ids"
    )
    notice_count = fields.Integer(string="Number", compute="_compute_notice_ids")
    to_approve_count = fields.Integer(compute="_compute_notice_ids")
    without_count = fields.Integer(compute="_compute_notice_ids")
    write_missing = fields.Boolean(
        string="Write to the others too",
        help="Cases without a waiting notice are reminded at the level they have reached.",
    )

    @api.depends("case_ids")
    def _compute_notice_ids(self):
        manager = self.env.user.has_group("debt_collection.group_manager")
        states = (*OFFICER_STATES, "to_approve") if manager else OFFICER_STATES
        for wizard in self:
            waiting = self.env["debt.notice"].search(
                [
                    ("case_id", "in", wizard.case_ids.ids),
                    ("state", "in", (*OFFICER_STATES, "to_approve")),
                ]
            )
            going = waiting.filtered(lambda notice: notice.state in states)
            open_cases = wizard.case_ids._origin.filtered(lambda case: case.state != "closed")
            wizard.notice_ids = going
            wizard.notice_count = len(going)
            wizard.to_approve_count = len(waiting - going)
            wizard.without_count = len(open_cases - waiting.case_id)

    def action_confirm(self):
        """Let the notices go; each is judged again by the gate when it leaves.

        :raises UserError: when there is nothing to send
        """
        cases = self._get_open_cases()
        going = self.notice_ids
        if self.write_missing:
            pending = self.env["debt.notice"].sudo()
            pending = pending.search(
                [
                    ("case_id", "in", cases.ids),
                    ("state", "in", (*OFFICER_STATES, "to_approve")),
                ]
            )
            going |= self._write_missing(cases - pending.case_id)
        if not going:
            raise UserError(
                self.env._(
                    "Nothing of these cases is waiting to be sent. Tick “Write to the others "
                    "too”, or open a case and press Send."
                )
            )
        to_approve = going.filtered(lambda notice: notice.state == "to_approve")
        if to_approve:
            to_approve.action_approve()
        others = going - to_approve
        if others:
            others.action_send()
        return {"type": "ir.actions.act_window_close"}

    def _write_missing(self, cases):
        """Notices at the level the cases have reached; cases with nothing to ask for are left.

        :param cases: debt.case without a waiting notice
        :return: debt.notice, waiting for the officer
        """
        notices = self.env["debt.notice"].sudo()
        made = notices.browse()
        for case in cases.filtered("level_id").sudo():
            try:
                values = notices._prepare_by_hand(case, case.level_id)
            except UserError:
                continue  # nothing collectible: on hold, promised, disputed
            made |= notices._create_by_hand(values)
        return self.env["debt.notice"].browse(made.ids)
