from odoo import api, fields, models

from .circumstances import SERVICES


class DebtLegalNotice(models.Model):
    """A notice the law asks for was given: when, about what, whether it arrived, what came back.

    Our own reminders count as well when their level says which legal notice they are.
    """

    _name = "debt.legal.notice"
    _description = "Notice given"
    _inherit = ["debt.evidence"]
    _order = "date desc, id desc"
    _check_company_auto = True
    _follow_fields = frozenset(
        {"partner_id", "undelivered_on", "not_delivered", "approved", "response", "note"}
    )

    partner_id = fields.Many2one(
        "res.partner", string="Debtor", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    kind = fields.Selection(SERVICES, required=True)
    date = fields.Date(
        string="Given on",
        required=True,
        default=fields.Date.context_today,
        help="The day its wait counts from: dated, sent, received or delivered, as the rule says.",
    )
    item_ids = fields.Many2many("debt.case.item", string="Debts", help="Empty: all debts.")
    undelivered_on = fields.Date(string="Came back on")
    not_delivered = fields.Boolean(
        string="No proof of delivery", help="There is no proof that it arrived where it had to."
    )
    approved = fields.Boolean(help="The authority that has to approve it did.")
    response = fields.Char(
        help="What the debtor answered: rejected, no_response, referred…; empty: nothing yet."
    )
    document = fields.Binary(attachment=True)
    document_name = fields.Char()
    note = fields.Text()

    @api.depends("kind", "date")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for service in self:
            service.display_name = f"{labels.get(service.kind)} · {service.date or ''}"

    @api.model_create_multi
    def create(self, vals_list):
        notices = super().create(vals_list)
        notices._refresh_gate()
        return notices

    def _refresh_gate(self):
        """What was given, and what became of it, changes what may be done."""
        for company, notices in self.grouped("company_id").items():
            self.env["debt.case"]._refresh_gate_of(notices.partner_id, company)

    def write(self, vals):
        """What became of a notice may be noted by whoever may write; what was given never changes.

        The evidence gate asks for superuser rights, which are given for these fields alone.
        """
        if not self.env.su and vals.keys() <= self._follow_fields - {"partner_id"}:
            self.check_access("write")
            result = super(DebtLegalNotice, self.sudo()).write(vals)
        else:
            result = super().write(vals)
        self._refresh_gate()
        return result
