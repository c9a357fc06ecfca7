from odoo import models


class DebtRun(models.Model):
    """Runs: who has paid leaves the defaulter lists."""

    _inherit = "debt.run"

    def _judge(self):
        """Withdraw debtors whose case is settled."""
        released = super()._judge()
        self.env["debt.defaulter.line"]._withdraw_settled(self.company_id)
        return released


class DebtCase(models.Model):
    """Cases: who pays leaves the lists at once; merged cases take their place along."""

    _inherit = "debt.case"

    def _on_money_received(self):
        """Withdraw the debtors who have paid from lists that were approved."""
        result = super()._on_money_received()
        for company, cases in self.grouped("company_id").items():
            self.env["debt.defaulter.line"]._withdraw_settled(company, cases.ids)
        return result

    def _merge_into(self, target):
        """Places on lists follow the case."""
        result = super()._merge_into(target)
        lines = self.env["debt.defaulter.line"].sudo().search([("case_id", "in", self.ids)])
        lines.case_id = target
        return result
