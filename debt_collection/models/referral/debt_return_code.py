from odoo import api, fields, models


class DebtReturnCode(models.Model):
    """Why an agency or attorney gives a debt back."""

    _name = "debt.return.code"
    _description = "Return code"
    _order = "code"

    code = fields.Char(required=True, help="As the agencies write it in their files.")
    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    write_off = fields.Boolean(
        string="Proposes the write-off", help="Debts returned so are proposed for write-off."
    )

    _code_uniq = models.UniqueIndex("(upper(code))", "This return code exists already.")

    @api.depends("code", "name")
    def _compute_display_name(self):
        for code in self:
            code.display_name = f"{code.code} · {code.name}"
