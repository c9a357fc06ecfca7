from odoo import models


class DebtNotice(models.Model):
    """Formal notices quote the claim with interest and costs, from the producers of legal files."""

    _inherit = "debt.notice"

    def _get_legal_variables(self):
        """Add interest, compensation and costs to what is claimed.

        Nothing is added where no rate is known, so that no notice asks for what has no basis.
        """
        values = super()._get_legal_variables()
        case = self.case_id
        if not case:
            return values
        claims = case.env["debt.interest"].sudo()._compute_claims(case.sudo(), self.date)
        costs = case.sudo()._get_costs_to_claim(self.date)
        for row in values["claims"]:
            interest, compensation = claims["totals"].get(row["currency"], (0, 0))
            own = row["currency"] == case.currency_id
            row.update(
                interest=float(interest),
                compensation=float(compensation),
                costs=costs if own else 0.0,
            )
            row["total"] = row["currency"].round(
                row["principal"] + row["interest"] + row["compensation"] + row["costs"]
            )
        values["rate"] = claims["basis"] if claims["items"] else ""
        return values
