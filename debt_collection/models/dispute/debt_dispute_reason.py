from odoo import fields, models


class DebtDisputeReason(models.Model):
    """Why debtors dispute or complain, who answers that, and how soon."""

    _name = "debt.dispute.reason"
    _description = "Reason of a dispute"
    _order = "kind desc, sequence, id"
    _check_company_auto = True
    _check_company_domain = models.check_company_domain_parent_of

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    kind = fields.Selection(
        [
            ("dispute", "Dispute about an amount"),
            ("complaint", "Complaint about conduct or service"),
        ],
        required=True,
        default="dispute",
    )
    department = fields.Char(help="Department that has to clear it up, for instance Logistics.")
    department_email = fields.Char(
        string="Department's e-mail",
        help="The daily digest of open disputes goes to this address too.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        domain=[("share", "=", False)],
        help="Gets the disputes with this reason. Empty: the officer of the case.",
    )
    escalation_user_id = fields.Many2one(
        "res.users",
        string="Told when late",
        domain=[("share", "=", False)],
        help="Empty: the leader of the team, else a credit manager.",
    )
    sla_days = fields.Integer(
        string="Solve within (days)",
        default=10,
        required=True,
        help="Working days, by the company's working schedule. For a complaint: until the answer.",
    )
    regulated = fields.Boolean(
        string="Reported to the regulator",
        help="Complaints with this reason belong into the register shown to a supervisor.",
    )
    company_id = fields.Many2one("res.company", index=True, help="Empty: all companies.")

    _sla_positive = models.Constraint("CHECK(sla_days > 0)", "A dispute needs a day to solve it.")
