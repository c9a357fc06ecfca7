from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """The negotiation policy on Odoo's settings page."""

    _inherit = "res.config.settings"

    debt_promise_max_days = fields.Integer(
        related="company_id.debt_promise_max_days", readonly=False
    )
    debt_promise_min_share = fields.Float(
        related="company_id.debt_promise_min_share", readonly=False
    )
    debt_promise_max_broken = fields.Integer(
        related="company_id.debt_promise_max_broken", readonly=False
    )
    debt_promise_tolerance = fields.Integer(
        related="company_id.debt_promise_tolerance", readonly=False
    )
    debt_promise_reminder = fields.Integer(
        related="company_id.debt_promise_reminder", readonly=False
    )
    debt_remind_debtor = fields.Boolean(related="company_id.debt_remind_debtor", readonly=False)
    debt_plan_grace = fields.Integer(related="company_id.debt_plan_grace", readonly=False)
    debt_plan_missed = fields.Integer(related="company_id.debt_plan_missed", readonly=False)
    debt_plan_interest_account_id = fields.Many2one(
        related="company_id.debt_plan_interest_account_id", readonly=False
    )
    debt_writeoff_account_id = fields.Many2one(
        related="company_id.debt_writeoff_account_id", readonly=False
    )
    debt_writeoff_journal_id = fields.Many2one(
        related="company_id.debt_writeoff_journal_id", readonly=False
    )
    debt_writeoff_tax = fields.Boolean(related="company_id.debt_writeoff_tax", readonly=False)
