from odoo import api, models
from odoo.exceptions import UserError


class DebtEvidence(models.AbstractModel):
    """Rows that are evidence: written once, never deleted.

    ``_follow_fields`` may be changed by the system alone: relations that follow a merged debtor,
    and marks the log itself sets later.
    """

    _name = "debt.evidence"
    _description = "Append-only evidence"
    _follow_fields = frozenset({"partner_id"})

    def write(self, vals):
        if self.env.su and (
            vals.keys() <= self._follow_fields or self.env.context.get("debt_anonymise")
        ):
            return super().write(vals)
        raise UserError(
            self.env._(
                "%(model)s cannot be changed: it is evidence. Add a new entry instead.",
                model=self.env["ir.model"]._get(self._name).name,
            )
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        raise UserError(
            self.env._(
                "%(model)s cannot be deleted: it is evidence.",
                model=self.env["ir.model"]._get(self._name).name,
            )
        )
