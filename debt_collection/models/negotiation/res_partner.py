from odoo import api, models
from odoo.exceptions import UserError


class ResPartner(models.Model):
    """Debtors with whom something was agreed are evidence."""

    _inherit = "res.partner"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_debt_agreements(self):
        """Refuse to delete debtors who promised, disputed or were granted something."""
        for model in self.env["debt.case"]._get_agreement_models():
            if self.env[model].sudo().search_count([("partner_id", "in", self.ids)], limit=1):
                raise UserError(
                    self.env._(
                        "Agreements with %(name)s are kept as evidence. Archive the partner "
                        "instead.",
                        name=", ".join(self.mapped("display_name")),
                    )
                )
