"""Changes of status of debtors, and how they reach the people who want to know."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...const import ESCALATIONS

# Relations that follow a merged or moved debtor; everything else of a change never changes.
FOLLOWING_FIELDS = {"case_id", "partner_id", "told"}
# Cases of the high-risk list a report names; the rest is counted.
RISKS_TOLD = 20
# Changes a report lists; the rest is counted, and found in the menu.
CHANGES_TOLD = 200


class DebtStatusChange(models.Model):
    """One change of a debtor's status: escalation, risk, credit, placement. Append-only."""

    _name = "debt.status.change"
    _description = "Change of status"
    _order = "id desc"

    case_id = fields.Many2one("debt.case", ondelete="cascade", index="btree_not_null")
    company_id = fields.Many2one("res.company", required=True, index=True)
    partner_id = fields.Many2one(
        "res.partner", string="Debtor", required=True, index=True, ondelete="cascade"
    )
    date = fields.Datetime(required=True, default=fields.Datetime.now)
    user_id = fields.Many2one("res.users", string="By", default=lambda self: self.env.user)
    kind = fields.Selection(
        [
            ("escalation", "Escalation"),
            ("risk", "Risk grade"),
            ("credit", "Credit"),
            ("referral", "Referral"),
        ],
        required=True,
    )
    before = fields.Char(export_string_translation=False)
    after = fields.Char(export_string_translation=False)
    reason = fields.Char()
    summary = fields.Char(string="Change", compute="_compute_summary")
    told = fields.Boolean(help="Was in a daily report.")

    _untold_idx = models.Index("(company_id) WHERE told IS NOT TRUE")

    @api.depends("kind", "before", "after")
    @api.depends_context("lang")
    def _compute_summary(self):
        for change in self:
            before, after = change._get_label(change.before), change._get_label(change.after)
            change.summary = " → ".join(filter(None, (before, after)))

    def _get_label(self, code):
        """Words for a status, in the reader's language.

        :param code: value kept in ``before`` or ``after``
        """
        if self.kind == "escalation" and code:
            field = self.env["debt.case"]._fields["escalation"]
            return dict(field._description_selection(self.env)).get(code, code)
        return code or ""

    def write(self, vals):
        if not self.env.su or not vals.keys() <= FOLLOWING_FIELDS:
            raise UserError(self.env._("Changes of status are kept as they were."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        if not (self.env.su and self.env.context.get("debt_forget")):
            raise UserError(self.env._("Changes of status are kept as evidence."))

    @api.model
    def _record(self, vals_list):
        """Keep changes and tell those at once who asked for it.

        :param vals_list: values; company and debtor are those of the case where they are missing
        :return: the changes
        """
        cases = self.env["debt.case"].sudo()
        for vals in vals_list:
            if vals.get("case_id") and "partner_id" not in vals:
                case = cases.browse(vals["case_id"])
                vals.update(company_id=case.company_id.id, partner_id=case.partner_id.id)
        changes = self.sudo().create(vals_list)
        changes._tell_at_once()
        return changes

    # === REPORTS ===

    def _tell_at_once(self):
        """Tell these changes to those who want to know at once: one message a person."""
        for company, group in self.grouped("company_id").items():
            group._tell(company, "at_once")

    def _tell(self, company, how, risks=None):
        """Send these changes to the subscribers, each of them what the person may see.

        :param company: res.company of the changes
        :param how: ``at_once`` or ``daily``
        :param risks: debt.case of the high-risk list, told too
        """
        author = self.env.user
        cases = risks if risks is not None else self.env["debt.case"]
        for user in self.env["res.users"]._get_status_subscribers(company, how):
            if how == "at_once" and user == author and len(self) == 1:
                continue  # nobody is told at once what the person has just done
            own_env = self.with_user(user).with_context(
                lang=user.lang, allowed_company_ids=company.ids
            )
            changes = own_env._filtered_access("read")
            own_cases = cases.with_env(own_env.env)._filtered_access("read")
            if not changes and not own_cases:
                continue
            body = self.env["ir.qweb"]._render(
                "debt_collection.status_report",
                {
                    "changes": changes[:CHANGES_TOLD],
                    "changes_more": len(changes[CHANGES_TOLD:]),
                    "risks": own_cases[:RISKS_TOLD],
                    "risks_more": len(own_cases[RISKS_TOLD:]),
                    "company": company.sudo(),
                },
                lang=user.lang,
                minimal_qcontext=True,
            )
            self.env["mail.thread"].sudo().message_notify(
                partner_ids=user.partner_id.ids,
                subject=own_env.env._(
                    "%(company)s: changes of status (%(count)s)",
                    company=company.name,
                    count=len(changes),
                ),
                body=body,
            )

    @api.model
    def _cron_daily_report(self):
        """Tell what nobody was told yet, with the high-risk list, company by company."""
        cron = self.env["ir.cron"]
        companies = self.env["res.company"].browse(
            company.id for (company,) in self._read_group([("told", "=", False)], ["company_id"])
        )
        cron._commit_progress(remaining=len(companies))
        for company in companies:
            changes = self.search([("company_id", "=", company.id), ("told", "=", False)])
            risks = self.env["debt.case"].search(
                self.env["debt.case"]._get_high_risk_domain()
                & Domain("company_id", "=", company.id),
                limit=1000,
            )
            changes._tell(company, "daily", risks)
            changes.sudo().told = True
            if not cron._commit_progress(1):
                break


class DebtCase(models.Model):
    _inherit = "debt.case"

    is_high_risk = fields.Boolean(
        string="High risk", compute="_compute_is_high_risk", search="_search_is_high_risk"
    )

    @api.model
    def _get_high_risk_domain(self):
        """Hook: which cases are on the high-risk list.

        :return: Domain on debt.case
        """
        beyond = [key for key, _label in ESCALATIONS][2:]
        return Domain("state", "!=", "closed") & Domain("escalation", "in", beyond)

    def _compute_is_high_risk(self):
        risky = self.filtered_domain(self._get_high_risk_domain())
        for case in self:
            case.is_high_risk = case in risky

    @api.model
    def _search_is_high_risk(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._get_high_risk_domain()

    def _merge_into(self, target):
        """Changes of status follow the case."""
        result = super()._merge_into(target)
        self.change_ids.sudo().write({"case_id": target.id, "partner_id": target.partner_id.id})
        return result
