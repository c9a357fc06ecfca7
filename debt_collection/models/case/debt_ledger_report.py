from odoo import api, models


class DebtLedgerReport(models.AbstractModel):
    """Lists that are a statement on the ledger: what the ORM has still to write is written first.

    The statement names its tables itself, so the ORM does not know what it would have to flush.
    """

    _name = "debt.ledger.report"
    _description = "Reads the ledger by a statement"
    _inherit = ["debt.ledger.follower"]

    @api.model
    def _follow_movements(self):
        result = super()._follow_movements()
        self.env.flush_all()
        return result
