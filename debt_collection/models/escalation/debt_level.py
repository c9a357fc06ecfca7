from odoo import api, fields, models

from ...const import NOTICE_KINDS
from .notice_texts import KIND_TEMPLATES


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

    @api.onchange("legal_kind")
    def _onchange_legal_kind(self):
        """Propose the shipped texts of the kind; a level's own texts are kept when it has any."""
        shipped = set(KIND_TEMPLATES.values())
        for channel, field in (("email", "template_id"), ("letter", "letter_template_id")):
            name = KIND_TEMPLATES.get((channel, self.legal_kind))
            template = name and self.env.ref(f"debt_collection.{name}", raise_if_not_found=False)
            known = self[field].get_external_id().get(self[field].id, "").rpartition(".")[2]
            if template and (not self[field] or known in shipped):
                self[field] = template
