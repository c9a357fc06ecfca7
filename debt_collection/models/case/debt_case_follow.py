"""Cases follow their debtor: merged partners, changed parents. Bookkeeping is never in the way."""

from odoo import api, fields, models
from odoo.tools import SQL


class DebtCase(models.Model):
    _inherit = "debt.case"

    @api.model
    def _follow_commercial_partners(self, company=None, partner_ids=None):
        """Move the open cases of debtors who got a parent to the new commercial partner.

        :param company: res.company, None for all
        :param partner_ids: debtors to look at, None for all
        :return: set of (company id, commercial partner id) that took a case over
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT c.id, c.company_id, p.commercial_partner_id
                  FROM debt_case c JOIN res_partner p ON p.id = c.partner_id
                 WHERE c.state <> 'closed' AND p.commercial_partner_id <> c.partner_id
                   AND %(company)s AND %(only)s
                """,
                company=SQL("c.company_id = %s", company.id) if company else SQL("TRUE"),
                only=self._get_partner_filter(SQL("c.partner_id"), partner_ids),
            )
        )
        for case_id, _company_id, partner_id in rows:
            case = self.sudo().browse(case_id)
            case._move_to_partner(self.env["res.partner"].browse(partner_id))
        if rows:
            self.env.flush_all()
        return {(company_id, partner_id) for _case_id, company_id, partner_id in rows}

    def _move_to_partner(self, partner):
        """Give each case to another debtor; where that one has an open case, merge into it.

        :param partner: res.partner, the new commercial partner
        """
        for case in self.sudo():
            target = self.sudo().search(
                [
                    ("company_id", "=", case.company_id.id),
                    ("partner_id", "=", partner.id),
                    ("state", "!=", "closed"),
                ],
                limit=1,
            )
            if target and case.state != "closed":
                case._merge_into(target)
            else:
                case.partner_id = partner
                case.notice_ids.partner_id = partner
                case.contact_ids._set_partner(partner)

    def _merge_into(self, target):
        """Move items, holds, notices and contacts to ``target`` and close these cases as merged.

        Evidence changes its file, not its content.

        :param target: open debt.case of the same company
        """
        sources = self - target
        if not sources:
            return
        sources.notice_ids._revise_merged(target)
        sources.contact_ids._set_case(target)
        sources.item_ids.case_id = target
        sources.hold_ids.case_id = target
        self.env.flush_all()
        self.env["mail.activity"].sudo().search(
            [("res_model", "=", "debt.case"), ("res_id", "in", sources.ids)]
        ).write({"res_id": target.id})
        for name in ("last_contact_date", "last_notice_date"):
            dates = [day for day in (sources + target).mapped(name) if day]
            target[name] = max(dates, default=False)
        for source in sources:
            target._set_escalation(source.escalation)
            source._message_log(
                body=self.env._("Merged into %(reference)s.", reference=target.reference)
            )
            target._message_log(
                body=self.env._("Took over case %(reference)s.", reference=source.reference)
            )
        sources.write(
            {
                "state": "closed",
                "outcome": "merged",
                "date_close": fields.Date.context_today(self),
                "item_count": 0,
                "amount_overdue": 0.0,
                "amount_credit": 0.0,
                "next_action_date": False,
                "error_message": False,
            }
        )
        target._refresh_hold_state()

    @api.model
    def _before_partner_merge(self, sources, destination):
        """Merge or move the cases of partners that are about to become one.

        Odoo's merge rewrites foreign keys in SQL: two open cases of one debtor would break on
        the unique index, and with it the whole merge.

        :param sources: res.partner that disappear
        :param destination: res.partner that stays
        """
        cases = self.sudo().search([("partner_id", "in", sources.ids), ("state", "!=", "closed")])
        cases._move_to_partner(destination.commercial_partner_id)
        self.env.flush_all()

    @api.model
    def _after_partner_merge(self, destination):
        """Bring the figures of the debtor up to date who now has the ledger of all of them.

        :param destination: res.partner that stays
        """
        partner = destination.commercial_partner_id
        cases = self.sudo().search([("partner_id", "=", partner.id), ("state", "!=", "closed")])
        self.sudo()._refresh_debtors({(case.company_id.id, partner.id) for case in cases})
