"""The escalation of a case: one owner of the field, one gate for people, one for notices."""

from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from ...const import ESCALATION_RANK, ESCALATIONS


class DebtCase(models.Model):
    """Cases: amicable → formal notice → management → pre-legal → legal or agency → write-off."""

    _inherit = "debt.case"

    escalation_date = fields.Date(string="Escalated on", readonly=True, copy=False)
    change_ids = fields.One2many("debt.status.change", "case_id", string="Changes of status")
    can_deescalate = fields.Boolean(compute="_compute_can_deescalate")

    def _compute_can_deescalate(self):
        """Some way back exists; whether the user may go it is told when the dialog is confirmed."""
        for case in self:
            case.can_deescalate = case.escalation != "amicable"

    # === THE OWNER OF THE FIELD ===

    def _set_escalation(self, target, reason=None, sideways=False):
        """Move cases up to an escalation; those already there or beyond stay where they are.

        Checks nothing: see ``_escalate`` for people, ``_try_escalation`` for notices.

        :param target: key of ESCALATIONS
        :param reason: words kept with the change
        :param sideways: between legal and agency, which are of one rank, a case may move too
        :return: the cases that moved
        """
        rank = ESCALATION_RANK[target]
        moved = self.filtered(
            lambda case: (
                ESCALATION_RANK[case.escalation] < rank
                or (
                    sideways
                    and ESCALATION_RANK[case.escalation] == rank
                    and case.escalation != target
                )
            )
        )
        return moved._write_escalation(target, reason)

    def _write_escalation(self, target, reason=None):
        """Write the escalation and keep the change; nobody else writes the field.

        :param target: key of ESCALATIONS
        :param reason: words kept with the change
        :return: these cases
        """
        if not self:
            return self
        changes = [
            {
                "case_id": case.id,
                "kind": "escalation",
                "before": case.escalation,
                "after": target,
                "reason": reason,
            }
            for case in self
        ]
        self.write({"escalation": target, "escalation_date": fields.Date.context_today(self)})
        self.env["debt.status.change"]._record(changes)
        if reason:
            self._message_log_batch({case.id: reason for case in self})
        return self

    # === GATES ===

    def _get_escalation_obstacles(self, target, date=None):
        """What stands against taking these cases to an escalation, all of it.

        :param target: key of ESCALATIONS
        :param date: day for which the conditions are judged; today by default
        :return: dict case id → list of words
        """
        date = date or fields.Date.context_today(self)
        result = {}
        for company, cases in self.grouped("company_id").items():
            for case in cases.filtered(lambda case: case.state == "closed"):
                result[case.id] = [self.env._("The case is closed.")]
            rule = self.env["debt.escalation.rule"]._get_rule(company, target)
            if rule:
                rule = rule.with_company(company)
                for case_id, words in rule._get_obstacles(date, cases).items():
                    result.setdefault(case_id, []).extend(words)
        return result

    def _check_escalation_role(self, escalation):
        """:raises AccessError: when the user's role may not take cases to this escalation."""
        self.check_access("write")
        rules = self.env["debt.escalation.rule"]
        for company in self.company_id:
            rule = rules._get_rule(company, escalation)
            if not rule._is_allowed(self.env.user):
                label = dict(self._fields["escalation"]._description_selection(self.env))
                role = dict(rules._fields["role"]._description_selection(self.env))
                raise AccessError(
                    self.env._(
                        "The escalation “%(escalation)s” is decided by: %(role)s. Please ask "
                        "one of them.",
                        escalation=label[escalation],
                        role=role[rule.role or "manager"],
                    )
                )

    def _escalate(self, target, reason):
        """Take cases up by hand: all of them, or none and every reason why not.

        :param target: key of ESCALATIONS
        :param reason: words of the person
        :raises AccessError: when the role may not
        :raises UserError: with all unmet conditions of all cases
        """
        self._check_escalation_role(target)
        if not (reason or "").strip():
            raise UserError(self.env._("Please say why the case is escalated."))
        there = self.filtered(
            lambda case: (
                case.escalation == target
                or ESCALATION_RANK[case.escalation] > ESCALATION_RANK[target]
            )
        )
        obstacles = self._get_escalation_obstacles(target)
        for case in there:
            obstacles.setdefault(case.id, []).insert(
                0, self.env._("The case is there already, or beyond it.")
            )
        if obstacles:
            raise UserError(self._describe_obstacles(target, obstacles))
        return self.sudo()._set_escalation(target, reason, sideways=True)

    def _describe_obstacles(self, target, obstacles):
        """One text for all unmet conditions.

        :param target: key of ESCALATIONS
        :param obstacles: answer of ``_get_escalation_obstacles``
        :return: str, one line a condition
        """
        label = dict(self._fields["escalation"]._description_selection(self.env))[target]
        lines = [self.env._("Not possible yet: %(escalation)s.", escalation=label)]
        for case in self.filtered(lambda case: case.id in obstacles):
            if len(self) > 1:
                lines.append(case.display_name)
            lines += [f"• {words}" for words in obstacles[case.id]]
        return "\n".join(lines)

    def _try_escalation(self, target, reason=None):
        """Take up, without a person, the cases that meet all conditions; tell why the others stay.

        :param target: key of ESCALATIONS
        :param reason: words kept with the change
        :return: the cases that moved
        """
        rank = ESCALATION_RANK[target]
        below = self.filtered(lambda case: ESCALATION_RANK[case.escalation] < rank)
        obstacles = below._get_escalation_obstacles(target)
        kept = below.filtered(lambda case: case.id in obstacles)
        if kept:
            kept._message_log_batch(
                {case.id: case._describe_obstacles(target, obstacles) for case in kept}
            )
        return (below - kept)._set_escalation(target, reason)

    def _get_deescalation_obstacles(self, target):
        """Hook: what must be ended before these cases may go back.

        :param target: key of ESCALATIONS
        :return: list of words
        """
        if self.filtered(lambda case: case.state == "closed"):
            return [self.env._("The case is closed.")]
        return []

    def _deescalate(self, target, reason):
        """Take cases back by hand, with the reason.

        :param target: key of ESCALATIONS
        :param reason: words of the person
        :raises AccessError: when the role may not decide on where the case stands now
        :raises UserError: without a reason, or while something stands against it
        """
        for escalation in set(self.mapped("escalation")):
            self._check_escalation_role(escalation)
        problems = self._get_deescalation_obstacles(target)
        if not (reason or "").strip():
            problems.append(self.env._("Please say why the case goes back."))
        rank = ESCALATION_RANK[target]
        if self.filtered(lambda case: ESCALATION_RANK[case.escalation] <= rank):
            problems.append(self.env._("The case is not beyond that escalation."))
        if problems:
            raise UserError("\n".join(problems))
        return self.sudo()._write_escalation(target, reason)

    # === ACTIONS ===

    def action_escalate(self):
        """Open the dialog that takes the cases up or back."""
        self.check_access("write")
        order = [key for key, _label in ESCALATIONS]
        rank = max(order.index(case.escalation) for case in self)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Escalate"),
            "res_model": "debt.escalate",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_case_ids": self.ids,
                "default_target": order[min(rank + 1, len(order) - 1)],
            },
        }
