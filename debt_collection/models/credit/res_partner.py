from odoo import api, fields, models


class ResPartner(models.Model):
    """Debtors: the one answer to the question whether they get more credit."""

    _inherit = "res.partner"

    debt_credit_words = fields.Char(string="Credit hold", compute="_compute_debt_credit_words")

    @api.depends_context("company")
    def _compute_debt_credit_words(self):
        for partner in self:
            holds = partner._get_credit_holds(self.env.company)
            partner.debt_credit_words = ", ".join(holds.mapped("reason")) or False

    def _get_credit_holds(self, company):
        """The holds on the debtor of this partner, branches' and parent's included.

        :param company: res.company
        """
        return (
            self.env["debt.credit.hold"]
            .sudo()
            .search(
                [
                    ("partner_id", "=", self.commercial_partner_id.id),
                    ("company_id", "=", company.id),
                    ("state", "=", "active"),
                ]
            )
        )

    def _get_credit_effect(self, company, kind):
        """What happens to a new document of this partner.

        :param company: res.company of the document
        :param kind: ``invoice``, ``order`` or ``delivery``
        :return: (``none``, ``warn`` or ``block``, the debt.credit.hold that say so)
        """
        holds = self._get_credit_holds(company)
        for effect in ("block", "warn"):
            told = holds.filtered(lambda hold, effect=effect: hold[f"on_{kind}"] == effect)
            if told:
                return effect, told
        return "none", holds.browse()
