"""Dispatch of notices: batches that commit, one bad notice never stops the others."""

import logging

from odoo import api, models

from ...const import PERSONAL_CHANNELS

_logger = logging.getLogger(__name__)

BATCH = 50


class DebtNotice(models.Model):
    _inherit = "debt.notice"

    # === DOORS ===

    @api.model
    def _dispatch(self, domain, checkpoint, run=None):
        """Dispatch the notices that are ready, batch by batch.

        Each notice changes state in the transaction that makes its e-mail or activity: killed
        anywhere, the next call goes on with what is still ready and nothing goes out twice.

        :param domain: which notices, beside being ready (or failed before)
        :param checkpoint: called after each batch with the number of notices handled; commits
            where the caller owns the transaction; returns False when time is up
        :param run: debt.run that counts what leaves, in the transaction in which it leaves
        :return: (number dispatched, number failed)
        """
        done = failed = 0
        due = [("state", "in", ("ready", "failed")), *self._get_due_domain(), *domain]
        pending = self.search(due, order="id").ids
        for start in range(0, len(pending), BATCH):
            batch = self.browse(pending[start : start + BATCH]).try_lock_for_update()
            batch = batch.filtered(lambda notice: notice.state in ("ready", "failed"))
            sent = batch._dispatch_batch()
            done += len(sent)
            if run:
                run.notices_sent += len(sent)
            failed += len(batch.filtered(lambda notice: notice.state == "failed"))
            in_time = checkpoint(len(batch))
            self.env.invalidate_all()
            if not in_time:
                break
        return done, failed

    @api.model
    def _cron_dispatch(self):
        """Send what was released by people in larger numbers, and what was withdrawn."""
        cron = self.env["ir.cron"]
        domain = [("state", "=", "ready"), *self._get_due_domain()]
        cron._commit_progress(remaining=self.search_count(domain))
        self._dispatch(domain, cron._commit_progress)
        self.env["debt.run"]._finish_sent()

    # === ONE BATCH ===

    def _dispatch_batch(self):
        """Judge, render and hand over a batch of ready notices.

        :return: the notices that are on their way now
        """
        # What happens here is told by the notice's own fields; a note for each step would cost as
        # much as the step.
        notices = self.sudo().with_context(mail_notrack=True)
        alive = notices._refresh_items()
        (notices - alive)._do_cancel(
            self.env._("Settled, on hold or out of date before it was sent.")
        )
        for notice in alive.filtered(lambda notice: notice._has_moved_since_written()):
            notice._set_failed(
                self.env._(
                    "The amount moved after the text was written. Look at the text again and "
                    "send it."
                )
            )
            alive -= notice
        alive = alive._choose_channels()
        sent = notices.browse()
        for channel, group in alive.grouped("channel").items():
            sent |= group._dispatch_channel(channel)
        sent._after_dispatch()
        return sent

    def _has_moved_since_written(self):
        """Whether a text that a person wrote may tell an amount that is not true any more."""
        self.ensure_one()
        left = self.amount_total - self.amount_credit
        currency = self.company_currency_id
        return self.edited and currency.compare_amounts(left, self.edited_amount) != 0

    def _get_channel_handlers(self):
        """Hook: channel → method that dispatches notices of that channel (all or none of them)."""
        return {
            "email": self._dispatch_email,
            "letter": self._dispatch_letter,
            "sms": self._dispatch_sms,
            **dict.fromkeys(PERSONAL_CHANNELS, self._dispatch_activity),
        }

    def _choose_channels(self):
        """Settle channel, addressee, language and deadline; fall back where a channel is missing.

        The contact gate is asked about the channel that is left in the end.

        :return: the notices that it lets go on
        """
        refused = self.browse()
        bounced = self._get_bounced_addresses()
        for notice in self:
            channels = [notice.channel]
            if not notice.edited:
                channels = notice.level_id._get_channels(notice.channel)
            reasons = []
            for channel in channels:
                address = notice._get_address(channel)
                reason = notice._get_unreachable_reason(channel, address, bounced)
                if not reason:
                    break
                reasons.append(reason)
            else:
                notice._set_unreachable(reasons)
                continue
            values = {**address, "error_message": False}
            if reasons:
                values["channel"] = channel
                values["note"] = notice._describe_fallback(channel, reasons)
            notice.write(values)
        for notice_id, permission in self._get_contact_permissions().items():
            notice = self.browse(notice_id)
            if permission.allowed or notice.error_message or notice.state == "cancelled":
                continue
            notice._on_refused(permission)
            refused |= notice
        return self - refused

    @api.model
    def _get_due_domain(self):
        """Hook: which of the notices that are ready may be tried at this moment.

        :return: domain
        """
        return []

    def _on_refused(self, permission):
        """Hook: the contact gate does not let this notice go now.

        :param permission: ContactPermission
        """
        self._set_failed(", ".join(permission.reasons))

    def _set_unreachable(self, reasons):
        """No channel is left: say why.

        :param reasons: list of words, one for each channel that was tried
        """
        reason = "; ".join(dict.fromkeys(reasons))
        if not self.case_id:
            # a courtesy that cannot be done is simply not done
            self._do_cancel(self.env._("Not delivered: %(reason)s", reason=reason))
            return
        self._set_failed(self.env._("The notice cannot be delivered: %(reason)s.", reason=reason))

    def _describe_fallback(self, channel, reasons):
        """Words about a notice that goes another way than planned.

        :param channel: key of CHANNELS it goes through
        :param reasons: list of words, one for each channel that was tried before
        """
        if channel in PERSONAL_CHANNELS:
            return self.env._("Given to the officer: %(reason)s", reason="; ".join(reasons))
        labels = dict(self._fields["channel"]._description_selection(self.env))
        return self.env._(
            "%(channel)s instead: %(reason)s", channel=labels[channel], reason="; ".join(reasons)
        )

    def _get_contact_permissions(self):
        """Answer of the contact gate for each notice.

        :return: dict notice id → ContactPermission
        """
        result = {}
        for company, notices in self.grouped("company_id").items():
            for channel, group in notices.grouped("channel").items():
                answers = group.partner_id._get_contact_permissions(company, channel)
                result.update((notice.id, answers[notice.partner_id.id]) for notice in group)
        return result

    def _dispatch_channel(self, channel):
        """Dispatch one channel's notices together; on an error one by one, to find the bad one.

        :return: the notices that are on their way
        """
        group = self.filtered(lambda notice: notice.state in ("ready", "failed"))
        group = group.filtered(lambda notice: not notice.error_message)
        if not group:
            return group
        try:
            with self.env.cr.savepoint():
                self._get_channel_handlers()[channel](group)
                self.env.flush_all()
            return group
        except Exception as error:
            self.env.invalidate_all(flush=False)
            if len(group) == 1:
                _logger.info("Notice %s could not be dispatched: %s", group.id, error)
                group._set_failed(str(error) or type(error).__name__)
                return self.browse()
        sent = self.browse()
        for notice in group:
            sent |= notice._dispatch_channel(channel)
        return sent

    def _after_dispatch(self):
        """Escalate and log on the cases, and clear the problem of an earlier attempt."""
        by_level = self.filtered("case_id").grouped("level_id")
        for level, notices in by_level.items():
            if level.escalation:
                notices.case_id._try_escalation(level.escalation)
        cases = self.case_id
        cases._report_problem(False)
        bodies = {
            notice.case_id.id: self.env._(
                "%(level)s over %(amount)s: %(channel)s",
                level=notice.level_id.name,
                amount=notice.company_currency_id.format(notice.amount_total),
                channel=notice._describe_destination(),
            )
            for notice in self
            if notice.case_id
        }
        if bodies:
            self.env["debt.case"].browse(bodies)._message_log_batch(bodies)

    def _describe_destination(self):
        """Where the notice went, in a few words, with what was done differently."""
        self.ensure_one()
        labels = dict(self._fields["channel"]._description_selection(self.env))
        destination = {"email": self.email_to, "sms": self.phone_to}.get(self.channel)
        if self.channel == "letter":
            destination = ", ".join((self.address_to or "").splitlines())
        return " · ".join(filter(None, (destination or labels[self.channel], self.note)))
