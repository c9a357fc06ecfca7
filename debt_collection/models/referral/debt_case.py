from odoo import fields, models


class DebtCase(models.Model):
    """Cases: what was given to whom."""

    _inherit = "debt.case"

    referral_ids = fields.One2many("debt.referral", "case_id", string="Referrals")
    referral_count = fields.Integer(compute="_compute_referral_count")

    def _compute_referral_count(self):
        counts = dict(
            self.env["debt.referral"]._read_group(
                [("case_id", "in", self.ids)], ["case_id"], ["__count"]
            )
        )
        for case in self:
            case.referral_count = counts.get(case, 0)

    def _get_deescalation_obstacles(self, target):
        """What is placed must be taken back first."""
        problems = super()._get_deescalation_obstacles(target)
        placed = self.referral_ids.filtered(lambda referral: referral.state == "placed")
        if placed:
            problems.append(
                self.env._(
                    "Take back what is placed first: %s.", ", ".join(placed.mapped("display_name"))
                )
            )
        return problems

    def _on_money_received(self):
        """Debtors of placed items may have paid us directly: the agency has to know."""
        result = super()._on_money_received()
        referrals = (
            self.env["debt.referral"]
            .sudo()
            .search([("case_id", "in", self.ids), ("state", "=", "placed")])
        )
        if referrals:
            self.env["debt.referral.payment"]._record_direct(referrals)
            referrals._close_settled()
        return result

    def _merge_into(self, target):
        """Referrals follow the case."""
        result = super()._merge_into(target)
        self.sudo().referral_ids.case_id = target
        return result

    def action_refer(self):
        """Open a new referral of the case."""
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Refer"),
            "res_model": "debt.referral",
            "view_mode": "form",
            "context": {"default_case_id": self.id},
        }

    def action_view_referrals(self):
        """Open the referrals of the case."""
        return self._action_view_related("debt_collection.debt_referral_action")
