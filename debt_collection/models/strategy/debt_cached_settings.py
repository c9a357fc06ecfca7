from odoo import api, models


class DebtCachedSettings(models.AbstractModel):
    """Settings that are kept compiled between requests: a change makes everybody read them anew.

    The cache is dropped after the change, so that nobody fills it again with what was before.
    """

    _name = "debt.cached.settings"
    _description = "Settings kept compiled"

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        self.env.registry.clear_cache()
        return records

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        """Delete the settings; whoever asks next does without them."""
        result = super().unlink()
        self.env.registry.clear_cache()
        return result
