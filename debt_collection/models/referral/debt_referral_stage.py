from odoo import fields, models

from ...const import REFERRAL_KINDS


class DebtReferralStage(models.Model):
    """One stage of a referral: what it is called, how long it may take, what is to be done."""

    _name = "debt.referral.stage"
    _description = "Stage of referrals"
    _order = "kind, sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    kind = fields.Selection(REFERRAL_KINDS, required=True)
    days = fields.Integer(
        string="Days at most", help="The key date of the stage; 0: none. Then a task falls due."
    )
    task = fields.Char(
        translate=True, help="What has to be done in this stage; becomes a task of the person."
    )
    fold = fields.Boolean(help="Folded in the kanban view.")
