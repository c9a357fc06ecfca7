from odoo import api, fields, models


class ResUsers(models.Model):
    """Users choose whether changes of status of debtors reach them."""

    _inherit = "res.users"

    debt_status_report = fields.Selection(
        [("none", "Not at all"), ("daily", "Once a day"), ("at_once", "At once")],
        string="Changes of status of debtors",
        help="Escalations, risk grades, credit holds and referrals, with the list of high risks. "
        "Credit managers who choose nothing get them once a day.",
    )

    @property
    def SELF_READABLE_FIELDS(self):
        """Users see what they chose."""
        return super().SELF_READABLE_FIELDS + ["debt_status_report"]

    @property
    def SELF_WRITEABLE_FIELDS(self):
        """Users choose for themselves."""
        return super().SELF_WRITEABLE_FIELDS + ["debt_status_report"]

    @api.model
    def _get_status_subscribers(self, company, how):
        """Who gets the changes of status of a company.

        :param company: res.company
        :param how: ``at_once`` or ``daily``
        :return: res.users
        """
        groups = ("group_reader", "group_officer", "group_legal")
        users = self.browse()
        for name in groups:
            users |= self.env.ref(f"debt_collection.{name}").sudo().all_user_ids
        managers = self.env.ref("debt_collection.group_manager").sudo().all_user_ids
        return users.filtered(
            lambda user: (
                user.active
                and not user.share
                and user.email
                and company in user.company_ids
                and (
                    user.debt_status_report == how
                    or (how == "daily" and not user.debt_status_report and user in managers)
                )
            )
        )
