from odoo import fields, models

from ...const import NOTICE_KINDS


class DebtLevel(models.Model):
    """Levels that are formal notices: kind, deadline, words with legal meaning."""

    _inherit = "debt.level"

    legal_kind = fields.Selection(
        NOTICE_KINDS,
        string="Formal notice",
        help="The deadline of such a notice is tracked, and its proof of service is asked for.",
    )
    deadline_business = fields.Boolean(
        string="In business days", help="The days to pay are business days of the company."
    )
    deadline_from = fields.Selection(
        [("sent", "The day it is sent"), ("service", "The day it is served")],
        string="Deadline counts from",
        default="sent",
        required=True,
        help="Served: the deadline is counted again when the proof of service is recorded.",
    )
    legal_basis = fields.Text(
        translate=True,
        help="Contract clause or law the claim rests on; the text of the notice can quote it.",
    )
    legal_consequence = fields.Text(
        translate=True, help="What follows when the deadline passes; the text can quote it."
    )
