from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.permission import ContactPermission
from ..case.debt_ledger_follower import followed


class ResPartner(models.Model):
    """Debtors: choices by hand, figures, and the owner of the contact question."""

    _inherit = "res.partner"

    debt_strategy_id = fields.Many2one(
        "debt.strategy",
        string="Collection strategy",
        company_dependent=True,
        domain=[("state", "=", "running")],
        help="Chosen by hand; goes before what the segments say.",
    )
    debt_user_id = fields.Many2one(
        "res.users",
        string="Collection officer",
        company_dependent=True,
        help="Chosen by hand; goes before what the segments say.",
    )
    debt_case_ids = fields.One2many(
        "debt.case",
        "partner_id",
        string="Collection cases",
        groups="debt_collection.group_officer,debt_collection.group_legal,"
        "debt_collection.group_reader",
    )
    debt_case_count = fields.Integer(compute="_compute_debt_figures")
    debt_overdue = fields.Monetary(
        string="In collection",
        compute="_compute_debt_figures",
        currency_field="currency_id",
        help="Overdue in open cases of the current company.",
    )

    @api.depends_context("company")
    def _compute_debt_figures(self):
        """Number of cases and amount in collection of the commercial partner."""
        cases = self.env["debt.case"]
        readable = cases.has_access("read")
        commercial = self.commercial_partner_id
        domain = [
            ("partner_id", "in", commercial.ids),
            ("company_id", "in", self.env.companies.ids),
        ]
        counts, sums = {}, {}
        if readable:
            counts = dict(cases._read_group(domain, ["partner_id"], ["__count"]))
            domain = [
                ("partner_id", "in", commercial.ids),
                ("company_id", "=", self.env.company.id),
                ("state", "!=", "closed"),
            ]
            sums = dict(cases._read_group(domain, ["partner_id"], ["amount_overdue:sum"]))
        for partner in self:
            partner.debt_case_count = counts.get(partner.commercial_partner_id, 0)
            partner.debt_overdue = sums.get(partner.commercial_partner_id, 0.0)

    def _fetch_field(self, field):
        if field.name != "debt_case_ids":
            return super()._fetch_field(field)
        with followed(self, field):
            return super()._fetch_field(field)

    def write(self, vals):
        """Let open cases follow a debtor who gets another commercial partner."""
        result = super().write(vals)
        if {"parent_id", "is_company"} & vals.keys():
            self._follow_debt_cases()
        return result

    def action_view_debt_cases(self):
        """Open the debtor's cases: the only one at once, else a list."""
        self.ensure_one()
        cases = self.env["debt.case"].search(
            [("partner_id", "=", self.commercial_partner_id.id)], order="state desc, id desc"
        )
        return cases._get_records_action(name=self.env._("Collection cases"))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_debt_evidence(self):
        """Cases about documents that are gone are no obstacle, as long as nothing was told."""
        domain = [("partner_id", "in", self.ids)]
        notices = self.env["debt.notice"].sudo().search(domain)
        told = notices.filtered(lambda notice: notice.state in ("queued", "sent", "bounced"))
        if told or self.env["debt.contact"].sudo().search_count(domain, limit=1):
            raise UserError(
                self.env._(
                    "Notices were sent to %(name)s or contacts were logged: they are kept as "
                    "evidence. Archive the partner instead.",
                    name=", ".join(self.mapped("display_name")),
                )
            )
        notices.with_context(debt_forget=True).unlink()
        cases = self.env["debt.case"].sudo().search(domain)
        cases.with_context(debt_forget=True).unlink()

    def _follow_debt_cases(self):
        """Move the cases of partners that are no commercial partner any more."""
        cases = self.env["debt.case"].sudo().search([("partner_id", "in", self.ids)])
        moved = cases.filtered(
            lambda case: case.partner_id.commercial_partner_id != case.partner_id
        )
        pairs = {(case.company_id.id, case.partner_id.commercial_partner_id.id) for case in moved}
        for case in moved:
            case._move_to_partner(case.partner_id.commercial_partner_id)
        moved._refresh_debtors(pairs)

    def _get_contact_permissions(self, company, channel, at=None, **options):
        """May we contact these debtors now, on this channel? The one owner of the question.

        :param company: res.company in whose name we write or call
        :param channel: key of CHANNELS
        :param at: moment of the contact (datetime, UTC), now by default
        :param options: more about the contact, for the rules (see ``debt.gate``)
        :return: dict partner id → ContactPermission
        """
        at = at or fields.Datetime.now()
        day = fields.Datetime.context_timestamp(self, at).date()
        cases = (
            self.env["debt.case"]
            .sudo()
            .search(
                [
                    ("partner_id", "in", self.commercial_partner_id.ids),
                    ("company_id", "=", company.id),
                    ("state", "!=", "closed"),
                ]
            )
        )
        words = cases._get_blocking_words(day)
        blocked = {
            case.partner_id.id: ContactPermission((words[case.id],), ("blocked",))
            for case in cases
            if case.id in words
        }
        free = ContactPermission()
        return {partner.id: blocked.get(partner.commercial_partner_id.id, free) for partner in self}
