"""What officers agree on with debtors, on the case."""

from odoo import api, fields, models
from odoo.tools import SQL


class DebtCase(models.Model):
    _inherit = "debt.case"

    promise_ids = fields.One2many("debt.promise", "case_id", string="Promises")
    promise_count = fields.Integer(compute="_compute_promise_figures")
    broken_promise_count = fields.Integer(
        string="Broken promises",
        compute="_compute_promise_figures",
        search="_search_broken_promise_count",
    )
    promised_words = fields.Char(string="Promised", compute="_compute_promise_figures")

    concession_ids = fields.One2many("debt.concession", "case_id", string="Concessions")
    concession_count = fields.Integer(compute="_compute_concession_count")

    def _compute_concession_count(self):
        counts = dict(
            self.env["debt.concession"]._read_group(
                [("case_id", "in", self.ids)], ["case_id"], ["__count"]
            )
        )
        for case in self:
            case.concession_count = counts.get(case, 0)

    plan_ids = fields.One2many("debt.plan", "case_id", string="Plans")
    plan_count = fields.Integer(compute="_compute_plan_figures")
    plan_words = fields.Char(string="On plan", compute="_compute_plan_figures")

    def _compute_plan_figures(self):
        counts = dict(
            self.env["debt.plan"]._read_group(
                [("case_id", "in", self.ids)], ["case_id"], ["__count"]
            )
        )
        words = {}
        running = self.env["debt.plan"].search(
            [("case_id", "in", self.ids), ("state", "=", "active")], order="id"
        )
        for plan in running:
            words.setdefault(plan.case_id, []).append(plan._get_short_words())
        for case in self:
            case.plan_count = counts.get(case, 0)
            case.plan_words = ", ".join(words.get(case, [])) or False

    def _compute_promise_figures(self):
        counts, broken, words = {}, {}, {}
        for case, state, count in self.env["debt.promise"]._read_group(
            [("case_id", "in", self.ids)], ["case_id", "state"], ["__count"]
        ):
            counts[case] = counts.get(case, 0) + count
            if state == "broken":
                broken[case] = count
        live = self.env["debt.promise"].search(
            [("case_id", "in", self.ids), ("state", "=", "open")], order="date, id"
        )
        for promise in live:
            words.setdefault(promise.case_id, []).append(promise._get_short_words())
        for case in self:
            case.promise_count = counts.get(case, 0)
            case.broken_promise_count = broken.get(case, 0)
            case.promised_words = ", ".join(words.get(case, [])) or False

    @api.model
    def _search_broken_promise_count(self, operator, value):
        if operator != ">=" or value != 1:
            return NotImplemented
        return [("promise_ids", "any", [("state", "=", "broken")])]

    # === ACTIONS ===

    def action_promise(self):
        """Open the dialog that takes a promise."""
        return self._action_agree("debt.promise", self.env._("Promise to pay"))

    def action_plan(self):
        """Open the dialog that builds a payment plan."""
        return self._action_agree("debt.plan", self.env._("Payment plan"))

    def action_settle(self):
        """Open the dialog that proposes a settlement or another concession."""
        return self._action_agree("debt.concession", self.env._("Concession"))

    def action_view_concessions(self):
        """Open the concessions of the case."""
        return self._action_view_related("debt_collection.debt_concession_action")

    def action_view_plans(self):
        """Open the plans of the case."""
        return self._action_view_related("debt_collection.debt_plan_action")

    def action_view_promises(self):
        """Open the promises of the case."""
        return self._action_view_related("debt_collection.debt_promise_action")

    def _action_agree(self, model, name):
        """Open the dialog that makes an agreement about the case.

        :param model: name of the model of the agreement
        :param name: title of the dialog
        """
        self.ensure_one()
        self.check_access("write")
        view = self.env.ref(f"debt_collection.{model.replace('.', '_')}_view_form_dialog")
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": "form",
            "views": [[view.id, "form"]],
            "target": "new",
            "context": {"default_case_id": self.id},
        }

    # === HOOKS AND HELPERS ===

    def _get_task_owner(self, preferred=None):
        """Who gets a task about the case: its officer, the one named, the team's leader, a manager.

        :param preferred: res.users who comes next to the officer
        :return: res.users, active and allowed in the case's company; may be empty
        """
        self.ensure_one()
        case = self.sudo()
        candidates = case.user_id | (preferred or self.env["res.users"]).sudo()
        candidates |= case.team_id.leader_id | case.company_id.debt_team_id.leader_id
        candidates = candidates.filtered(
            lambda user: user.active and case.company_id in user.company_ids
        )
        if not candidates:
            managers = self.env.ref("debt_collection.group_manager").sudo().all_user_ids
            candidates = managers.filtered(
                lambda user: user.active and not user.share and case.company_id in user.company_ids
            )
        return candidates[:1]

    @api.model
    def _refresh_debtors(self, pairs, line_ids=(), paid=(), returning=True):
        """Judge what was agreed on these lines, after the cases have followed the movement."""
        cases = super()._refresh_debtors(pairs, line_ids, paid, returning)
        self._judge_agreements(pairs, line_ids)
        return cases

    @api.model
    def _judge_agreements(self, pairs, line_ids):
        """Hook: money moved, agreements on the lines concerned are judged at once.

        :param pairs: set of (company id, commercial partner id)
        :param line_ids: ids of the receivable lines that moved
        """
        self.env["debt.promise"].sudo()._judge_moved(pairs, line_ids)
        self.env["debt.plan"].sudo()._judge_moved(line_ids)
        self.env["debt.concession"].sudo()._judge_moved(pairs, line_ids)

    def _merge_into(self, target):
        """Agreements follow their items into the case that takes over."""
        sources = self - target
        result = super()._merge_into(target)
        for model in self._get_agreement_models():
            self.env[model].sudo().search([("case_id", "in", sources.ids)]).write(
                {"case_id": target.id}
            )
        return result

    @api.model
    def _get_agreement_models(self):
        """Names of the models of agreements that hang on a case (hook)."""
        return ["debt.promise", "debt.plan", "debt.concession"]

    @api.model
    def _get_broken_promises_sql(self):
        """Number of broken promises of the case ``c`` (SQL)."""
        return SQL(
            "(SELECT count(*) FROM debt_promise bp WHERE bp.case_id = c.id AND bp.state = 'broken')"
        )
