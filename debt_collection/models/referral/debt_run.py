from odoo import fields, models
from odoo.tools import SQL


class DebtRun(models.Model):
    """Runs: placed debts that are settled close; terms that end become tasks."""

    _inherit = "debt.run"

    def _judge(self):
        """Judge referrals before anything else: what comes back is collected the same night."""
        self.env["debt.referral"].sudo()._judge(self.company_id, self.date)
        return super()._judge()


class DebtReferral(models.Model):
    """Referrals: what a night has to do about them."""

    _inherit = "debt.referral"

    def _judge(self, company, date):
        """Close what is settled; carry out recalls; decide, or ask, where the term has ended.

        :param company: res.company
        :param date: day of the run
        """
        placed = self.search([("company_id", "=", company.id), ("state", "=", "placed")])
        if not placed:
            return
        self.env["debt.referral.payment"]._record_direct(placed)
        placed = placed - placed._close_settled()
        placed._judge_recalls(date)

    def _close_settled(self):
        """Close placed referrals of which no item is owed any more.

        :return: the referrals that closed
        """
        if not self:
            return self
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT r.id FROM debt_referral r
                 WHERE r.id = ANY(%s) AND r.state = 'placed' AND NOT EXISTS (
                       SELECT FROM debt_referral_item ri
                         JOIN debt_case_item i ON i.id = ri.item_id
                        WHERE ri.referral_id = r.id AND i.date_out IS NULL)
                """,
                self.ids,
            )
        )
        return self.browse(row[0] for row in rows)._set_state(
            "closed",
            end_reason=self.env._("Nothing is owed any more."),
            date_end=fields.Date.context_today(self),
        )
