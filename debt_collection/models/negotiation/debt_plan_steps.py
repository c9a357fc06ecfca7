"""What people do with plans: cancel, declare in default, reinstate, change."""

from odoo import Command, models
from odoo.exceptions import UserError


class DebtPlan(models.Model):
    _inherit = "debt.plan"

    # === CANCEL, DEFAULT, REINSTATE ===

    def _check_can_cancel(self):
        """:raises UserError: for plans that ended."""
        self._check_may_work()
        self._check_can_reach("cancelled")

    def action_cancel(self):
        """Ask why, then cancel the plan; the old debts return to follow-up."""
        self._check_can_cancel()
        return self._ask_reason("cancel")

    def _do_cancel(self, reason):
        """Cancel plans: entries are taken back, items return to follow-up."""
        running = self.filtered(lambda plan: plan.state in ("active", "defaulted"))
        moved = self._set_state("cancelled", reason)
        moved.sudo().activity_unlink(["mail.mail_activity_data_todo"])
        moved._end()
        for plan in running:
            plan._undo_novation(reason)
        moved._after_claims_changed()
        return moved

    def _check_can_default(self):
        """:raises UserError: for plans that do not run."""
        self._check_may_work()
        if any(plan.state != "active" for plan in self):
            raise UserError(self.env._("Only a running plan can be in default."))

    def action_default(self):
        """Ask why, then declare the plan in default by hand."""
        self._check_can_default()
        return self._ask_reason("default")

    def action_reinstate(self):
        """Let a plan in default run on: what was missed is caught up or forgiven by word."""
        self._check_may_work()
        for plan in self:
            if plan.state != "defaulted":
                raise UserError(self.env._("Only a plan in default is reinstated."))
            if not plan._may_be_granted_by_or_own(self.env.user):
                raise UserError(self.env._("Your authority does not cover this plan."))
            plan._set_state(
                "active", self.env._("Reinstated by %(user)s.", user=self.env.user.name)
            )
            plan.line_ids.sudo().write({"live": True})
            plan.installment_ids.sudo().filtered(lambda part: part.state == "missed").write(
                {"forgiven": True}
            )
            plan.sudo().date_end = False
            plan._refresh_adherence()
        self._after_claims_changed()
        return True

    def _may_be_granted_by_or_own(self, user):
        """As for granting, without the rule against one's own requests."""
        return self.env["debt.authority"]._may_grant(
            user, self.company_id, **self._get_authority_facts()
        )

    # === NEW VERSIONS ===

    def action_revise(self):
        """Make a new version of a running plan over what is left; this one runs until then."""
        self.ensure_one()
        self._check_may_work()
        self._check_can_reach("replaced")
        pending = self.next_ids.filtered(
            lambda plan: plan.state in ("draft", "to_approve", "approved")
        )
        if pending:
            return pending[0]._get_records_action()
        lines = self._prepare_remaining_lines()
        amount = sum(line["amount"] for line in lines)
        new = self.sudo().create(
            {
                "case_id": self.case_id.id,
                "user_id": self.env.uid,
                "currency_id": self.currency_id.id,
                "amount": amount,
                "line_ids": [Command.create(line) for line in lines],
                "reference": self.reference,
                "version": self.version + 1,
                "previous_id": self.id,
                "legal_form": "overlay",
                "grace_days": self.grace_days,
                "missed_max": self.missed_max,
                "every": self.every,
                "every_unit": self.every_unit,
                "number": max(
                    len(self.installment_ids.filtered(lambda part: part.state != "paid")), 1
                ),
                "end_of_month": self.end_of_month,
                "business_days": self.business_days,
                "note": self.note,
            }
        )
        return new.with_env(self.env)._get_records_action()

    def _prepare_remaining_lines(self):
        """Values of the lines of the next version: what is left of this one's debts."""
        sudo = self.sudo()
        move_lines = sudo.line_ids.move_line_id | sudo.installment_ids.move_line_id
        items = {
            item.move_line_id: item
            for item in self.env["debt.case.item"]
            .sudo()
            .search([("move_line_id", "in", move_lines.ids), ("date_out", "=", False)])
        }
        shares = {line.move_line_id: line for line in sudo.line_ids}
        result = []
        for move_line in move_lines.sorted(lambda line: (line.date_maturity or line.date, line.id)):
            left = move_line.amount_residual_currency
            if move_line in shares:
                left = shares[move_line]._get_left()
            if move_line.parent_state == "posted" and self.currency_id.compare_amounts(left, 0) > 0:
                result.append(
                    {
                        "item_id": items[move_line].id if move_line in items else False,
                        "move_line_id": move_line.id,
                        "amount": left,
                    }
                )
        if not result:
            raise UserError(self.env._("Nothing is left of this plan."))
        return result
