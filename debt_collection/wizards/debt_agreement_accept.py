from odoo import fields, models
from odoo.exceptions import AccessError


class DebtAgreementAccept(models.TransientModel):
    """Records who accepted an offer, when and how."""

    _name = "debt.agreement.accept"
    _description = "Acceptance of an offer"

    res_model = fields.Char(required=True, readonly=True)
    agreement_id = fields.Many2oneReference(model_field="res_model", required=True, readonly=True)
    accepted_by = fields.Char(string="Accepted by", required=True)
    date = fields.Date(string="Accepted on", required=True, default=fields.Date.context_today)
    how = fields.Selection(
        selection=lambda self: self.env["debt.approval"]._fields["accepted_how"].selection,
        required=True,
        default="email",
    )
    note = fields.Char()
    document = fields.Binary(string="Signed agreement", help="Kept with the record.")
    document_name = fields.Char()

    def action_confirm(self):
        """Record the acceptance: the agreement begins."""
        self.ensure_one()
        if self.res_model not in self.env["debt.case"]._get_agreement_models():
            raise AccessError(self.env._("Only agreements are accepted."))
        record = self.env[self.res_model].browse(self.agreement_id)
        record._check_can_accept()
        if self.document:
            self.env["ir.attachment"].create(
                {
                    "name": self.document_name or self.env._("Agreement"),
                    "datas": self.document,
                    "res_model": record._name,
                    "res_id": record.id,
                }
            )
        record._do_accept(self.accepted_by, self.date, self.how, self.note)
        return {"type": "ir.actions.act_window_close"}
