from odoo import fields, models


class DebtCase(models.Model):
    """Cases: the debtor's credit hold, and its end as soon as money cures it."""

    _inherit = "debt.case"

    credit_words = fields.Char(related="partner_id.debt_credit_words", string="Credit hold")
    credit_hold_ids = fields.One2many("debt.credit.hold", "case_id", string="Credit holds")

    def _on_money_received(self):
        """Look again at the holds of the debtors who paid."""
        result = super()._on_money_received()
        holds = self.env["debt.credit.hold"].sudo()
        held = holds.search([("partner_id", "in", self.partner_id.ids), ("state", "=", "active")])
        rules = self.env["debt.credit.rule"]
        for company, group in held.filtered("rule_id").grouped("company_id").items():
            rules._apply(company, fields.Date.context_today(self), group.partner_id.ids)
        return result

    def _merge_into(self, target):
        """Holds by hand follow to the other debtor; those of rules are judged again."""
        result = super()._merge_into(target)
        holds = self.sudo().credit_hold_ids
        holds.filtered("rule_id")._set_cured(fields.Date.context_today(self))
        by_hand = holds.filtered(lambda hold: hold.state == "active")
        by_hand.write({"case_id": target.id, "partner_id": target.partner_id.id})
        return result

    def action_credit_hold(self):
        """Open the dialog that puts the debtor's credit on hold by hand."""
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Credit hold"),
            "res_model": "debt.credit.hold",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_case_id": self.id,
                "default_partner_id": self.partner_id.id,
                "default_company_id": self.company_id.id,
            },
        }
