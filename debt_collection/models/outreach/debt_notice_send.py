"""Sending from the case: a notice made, or a waiting one taken over, by a person."""

from markupsafe import Markup

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import html_sanitize

from ...const import PENDING_NOTICE_STATES


class DebtNotice(models.Model):
    _inherit = "debt.notice"

    @api.model
    def _prepare_by_hand(self, case, level):
        """What a notice about all that is collectible of a case would be, made by a person.

        :param case: debt.case
        :param level: debt.level whose texts are used
        :return: values of the notice, its items among them
        :raises UserError: when there is nothing to ask for
        """
        lines = self._get_lines_by_hand(case, level)
        if not lines:
            raise UserError(
                self.env._(
                    "Nothing of %(case)s can be asked for now: everything is paid, claimed "
                    "otherwise or on hold.",
                    case=case.display_name,
                )
            )
        return {
            "company_id": case.company_id.id,
            "case_id": case.id,
            "partner_id": case.partner_id.id,
            "debtor_key": case.partner_id.id,
            "user_id": case.user_id.id,
            "level_id": level.id,
            "date": fields.Date.context_today(self),
            "channel": level.channel,
            "amount_total": sum(line["amount_company"] for line in lines),
            "amount_credit": case.amount_credit,
            "item_ids": [Command.create(line) for line in lines],
        }

    @api.model
    def _get_lines_by_hand(self, case, level):
        """The lines of a notice about everything collectible of a case.

        :param level: debt.level to which the notice brings items that stand lower
        :return: list of values of debt.notice.item
        """
        today = fields.Date.context_today(self)
        items = case.open_item_ids
        amounts = items._get_collectible_amounts(today)
        company_currency = case.company_id.currency_id
        lines = []
        for item in items.sorted(lambda item: (item.date_due, item.id)):
            amount, _claims = amounts.get(item.id, (0.0, []))
            if item.currency_id.compare_amounts(amount, 0.0) <= 0:
                continue
            residual = item.sudo().move_line_id
            share = amount / residual.amount_residual_currency
            climbs = not item.level_id or item.level_id.sequence < level.sequence
            lines.append(
                {
                    "item_id": item.id,
                    "level_id": level.id if climbs else item.level_id.id,
                    "previous_level_id": item.level_id.id,
                    "advanced": climbs,
                    "document_number": item.document_number,
                    "date_invoice": item.date_invoice,
                    "date_due": item.date_due,
                    "days_overdue": max((today - item.date_due).days, 0),
                    "currency_id": item.currency_id.id,
                    "amount": item.currency_id.round(amount),
                    "amount_company": company_currency.round(residual.amount_residual * share),
                }
            )
        return lines

    @api.model
    def _create_by_hand(self, values):
        """Make a notice a person decided on, and let its items climb as a run would.

        :param values: of ``_prepare_by_hand``
        :return: debt.notice
        """
        notice = self.create(values)
        for line in notice.item_ids.filtered("advanced"):
            line.item_id.write(
                {"level_id": line.level_id.id, "level_date": notice.date, "repeat_count": 0}
            )
        notice.case_id._refresh_level()
        notice.case_id.last_notice_date = notice.date
        return notice

    def _set_by_hand(self, level, channel, recipient, subject, body, **values):
        """Keep on a notice what a person decided and wrote.

        :param body: HTML, or str of an SMS
        :param values: more of what was decided
        """
        self.ensure_one()
        text = Markup(html_sanitize(body, sanitize_tags=True)) if channel != "sms" else body
        self.write(
            {
                "level_id": level.id,
                "channel": channel,
                "recipient_id": recipient.id,
                "edited": True,
                "edited_amount": self.amount_total - self.amount_credit,
                "subject": subject,
                "body": self._get_body_html(text),
                "note": False,
                "error_message": False,
                **values,
            }
        )


class DebtCase(models.Model):
    _inherit = "debt.case"

    def action_send_notice(self):
        """Open the dialog that shows what would be sent, lets it be changed, and sends it."""
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send to %(name)s", name=self.partner_id.display_name),
            "res_model": "debt.notice.send",
            "view_mode": "form",
            "target": "new",
            "context": {"default_case_id": self.id},
        }

    def _get_pending_notice(self):
        """The notice of this case that nobody has seen yet, if there is one."""
        self.ensure_one()
        return (
            self.env["debt.notice"]
            .sudo()
            .search([("case_id", "=", self.id), ("state", "in", PENDING_NOTICE_STATES)], limit=1)
        )
