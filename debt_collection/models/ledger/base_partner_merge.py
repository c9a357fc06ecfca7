from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Odoo's merge of partners takes their collection cases along."""

    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Merge the open cases first: two of them for one debtor would stop the whole merge."""
        self.env["debt.case"]._before_partner_merge(src_partners, dst_partner)
        result = super()._update_foreign_keys(src_partners, dst_partner)
        self.env["debt.case"]._after_partner_merge(dst_partner)
        return result
