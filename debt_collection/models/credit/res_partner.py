from odoo import api, fields, models


class ResPartner(models.Model):
    """Debtors: the one answer to the question whether they get more credit."""

    _inherit = "res.partner"

    debt_credit_words = fields.Char(string="Credit hold", compute="_compute_debt_credit_words")

    @api.depends_context("company")
    def _compute_debt_credit_words(self):
        found = self._find_credit_holds(self.env.company)
        for partner in self:
            partner.debt_credit_words = ", ".join(found[partner].mapped("reason")) or False

    def _get_credit_debtors(self):
        """Whose holds concern this partner: its commercial entity, and the companies above it.

        A contact has no credit of its own, and a branch gets none behind its parent's back.

        :return: res.partner
        """
        self.ensure_one()
        partner = self.sudo().commercial_partner_id
        debtors = partner
        while partner.parent_id:
            partner = partner.parent_id.commercial_partner_id
            debtors |= partner
        return debtors

    def _find_credit_holds(self, company):
        """The active holds that concern each of these partners, in one search.

        :param company: res.company of the new business; holds of the companies above it count
        :return: dict partner → debt.credit.hold
        """
        debtors = {partner: partner._get_credit_debtors() for partner in self}
        everyone = self.sudo().browse({pk for group in debtors.values() for pk in group.ids})
        holds = self.env["debt.credit.hold"].sudo()
        if everyone:
            holds = holds.search(
                [
                    ("partner_id", "in", everyone.ids),
                    ("company_id", "in", company.sudo().parent_ids.ids),
                    ("state", "=", "active"),
                ]
            )
        return {
            partner: holds.filtered(lambda hold, group=group: hold.partner_id in group)
            for partner, group in debtors.items()
        }

    def _get_credit_holds(self, company):
        """The holds on the debtor of this partner, and on the companies above it.

        :param company: res.company
        """
        return self._find_credit_holds(company)[self]

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
