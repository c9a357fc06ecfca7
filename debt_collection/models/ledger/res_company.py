from odoo import fields, models


class ResCompany(models.Model):
    """Collection settings of a company."""

    _inherit = "res.company"

    debt_tolerance = fields.Monetary(
        string="Collection tolerance",
        default=1.0,
        help="A debtor who owes no more than this net is not chased.",
    )
    debt_strategy_id = fields.Many2one(
        "debt.strategy",
        string="Default strategy",
        help="For debtors whom no segment and no choice by hand gives another one.",
    )
    debt_team_id = fields.Many2one("debt.team", string="Default team")
    debt_run_daily = fields.Boolean(
        string="Run collections every night",
        default=True,
        help="Opens and closes cases, decides on the next steps and refreshes priorities.",
    )
    debt_attach_statement = fields.Boolean(
        string="Attach a statement to all e-mails",
        help="E-mails of every level carry the list of open items as PDF. Off: only those of the "
        "levels that ask for it.",
    )
    debt_post_letters = fields.Boolean(
        string="Post letters through Snailmail",
        help="Letters are printed and posted by Odoo's service. Off: people print them.",
    )
    debt_send_automatically = fields.Boolean(
        string="Send automatic notices at night",
        help="Off: the nightly run prepares the notices of automatic levels and they wait for "
        "approval. On: they leave at once.",
    )
