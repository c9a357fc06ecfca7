from odoo import api, models
from odoo.exceptions import AccessError


class DebtAgreementGuard(models.AbstractModel):
    """Records whose read-only fields follow from buttons and from the ledger, however they are
    made: a form does not offer them, an import or a call from outside is refused.
    """

    _name = "debt.agreement.guard"
    _description = "Fields that follow from buttons"

    @api.model
    def _check_owned_fields(self, vals_list):
        """What follows from the buttons is not given from outside: state, grants, figures.

        :raises AccessError: for values of fields that are read-only
        """
        if self.env.su:
            return
        owned = sorted(
            {
                field.string
                for vals in vals_list
                for name in vals
                if (field := self._fields.get(name))
                and field.readonly
                and not (field.compute or field.related)
            }
        )
        if owned:
            raise AccessError(
                self.env._(
                    "These follow from the buttons and cannot be given: %(fields)s.",
                    fields=", ".join(owned),
                )
            )
