"""Recalls: announced, and carried out when the agency's days to finish are over."""

from odoo import fields, models


class DebtReferral(models.Model):
    """Referrals: taken back at once, or after the notice the contract gives."""

    _inherit = "debt.referral"

    def _do_recall(self, reason):
        """Recall placements: at once, or announced where the contract gives the agency days.

        :param reason: words of the person, or of the rule
        :return: the referrals that ended at once
        """
        at_once = self.filtered(lambda referral: not referral.contract_id.recall_days)
        today = fields.Date.context_today(self)
        for referral in self - at_once:
            if referral.state != "placed" or referral.date_recall:
                continue
            day = fields.Date.add(today, days=referral.contract_id.recall_days)
            referral.sudo().write({"date_recall": day, "recall_reason": reason})
            referral.sudo()._message_log(
                body=self.env._(
                    "Recall announced as of %(date)s: %(reason)s", date=day, reason=reason
                )
            )
        return at_once._do_end("recalled", reason)

    def _judge_recalls(self, date):
        """Carry out recalls whose notice is over; look at placements whose term has ended.

        :param date: day of the run
        :return: the referrals that ended
        """
        due = self.filtered(lambda referral: referral.date_recall and referral.date_recall <= date)
        ended = self.browse()
        for reason, group in due.grouped("recall_reason").items():
            ended |= group._do_end("recalled", reason)
        over = (self - due).filtered(
            lambda referral: (
                referral.date_term and referral.date_term <= date and not referral.term_told
            )
        )
        over.term_told = True
        empty = over.filtered(
            lambda referral: (
                referral.contract_id.recall_automatic
                and not referral.date_recall
                and referral.currency_id.is_zero(referral.amount_collected)
            )
        )
        ended |= empty._do_recall(self.env._("The term ended and nothing was collected."))
        for referral in (over - empty).filtered(lambda r: not r.date_recall):
            referral.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("The term of the placement ends: recall it or go on"),
                user_id=referral.user_id.id or self.env.uid,
            )
        return ended
