"""What a level says: one text per channel, and where it goes when a channel is missing."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class DebtLevel(models.Model):
    _inherit = "debt.level"

    letter_template_id = fields.Many2one(
        "mail.template",
        string="Letter",
        domain=[("model", "=", "debt.notice")],
        ondelete="restrict",
        help="Heading and text of the letter; letterhead, address and list of items come by "
        "themselves.",
    )
    sms_template_id = fields.Many2one(
        "sms.template",
        string="SMS",
        domain=[("model", "=", "debt.notice")],
        ondelete="restrict",
    )
    script_template_id = fields.Many2one(
        "mail.template",
        string="Script",
        domain=[("model", "=", "debt.notice")],
        ondelete="restrict",
        help="What the officer says on the telephone or at the door.",
    )
    attach_statement = fields.Boolean(
        string="Attach a statement",
        help="E-mails of this level carry the list of open items as PDF.",
    )

    @api.constrains("template_id", "letter_template_id", "script_template_id", "sms_template_id")
    def _check_template_model(self):
        for level in self:
            texts = level.template_id | level.letter_template_id | level.script_template_id
            models_of_texts = {*texts.mapped("model"), *level.sms_template_id.mapped("model")}
            if models_of_texts - {"debt.notice"}:
                raise ValidationError(
                    self.env._(
                        "The templates of level %(name)s must be made for notices.",
                        name=level.name,
                    )
                )

    def _get_channels(self, first):
        """The channels of this level, in the order in which they are tried.

        :param first: key of CHANNELS, the channel that was planned
        :return: list of keys of CHANNELS
        """
        self.ensure_one()
        tried = (first, self.fallback_channel, self.last_channel)
        return list(dict.fromkeys(filter(None, tried)))

    def _get_text_template(self, channel):
        """The template of the text a channel carries; the general one where the level has none.

        :param channel: key of CHANNELS
        :return: mail.template, or sms.template for SMS
        """
        names = {
            "email": ("template_id", "mail_template_reminder"),
            "letter": ("letter_template_id", "letter_template_reminder"),
            "sms": ("sms_template_id", "sms_template_reminder"),
        }
        field, general = names.get(channel, ("script_template_id", "script_template_reminder"))
        return self[field] or self.env.ref(f"debt_collection.{general}")
