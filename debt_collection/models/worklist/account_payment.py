from odoo import fields, models


class AccountPayment(models.Model):
    """Payments: the way from the money to the case of the debtor."""

    _inherit = "account.payment"

    debt_case_id = fields.Many2one(
        "debt.case", string="Collection case", compute="_compute_debt_case_id"
    )

    def _compute_debt_case_id(self):
        """The latest case of the debtor that the user may see."""
        cases = self.env["debt.case"]
        by_debtor = {}
        if cases.has_access("read"):
            found = cases.search(
                [
                    ("partner_id", "in", self.partner_id.commercial_partner_id.ids),
                    ("company_id", "in", self.company_id.ids),
                ],
                order="state desc, id",
            )
            by_debtor = {(case.company_id, case.partner_id): case for case in found}
        for payment in self:
            key = (payment.company_id, payment.partner_id.commercial_partner_id)
            customer = payment.partner_type == "customer"
            payment.debt_case_id = by_debtor.get(key, False) if customer else False

    def action_view_debt_case(self):
        """Open the collection case of the debtor who paid."""
        self.ensure_one()
        return self.debt_case_id._get_records_action()
