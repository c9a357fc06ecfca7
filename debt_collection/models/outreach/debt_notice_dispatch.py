"""Dispatch of notices: batches that commit, one bad notice never stops the others."""

import logging

from odoo import api, fields, models
from odoo.exceptions import UserError

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
        pending = self.search([("state", "in", ("ready", "failed")), *domain], order="id").ids
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
        domain = [("state", "=", "ready")]
        cron._commit_progress(remaining=self.search_count(domain))
        self._dispatch(domain, cron._commit_progress)
        self.env["debt.run"]._finish_sent()

    # === ONE BATCH ===

    def _dispatch_batch(self):
        """Judge, render and hand over a batch of ready notices.

        :return: the notices that are on their way now
        """
        notices = self.sudo()
        alive = notices._refresh_items()
        (notices - alive)._do_cancel(
            self.env._("Settled, on hold or out of date before it was sent.")
        )
        alive._choose_channels()
        sent = notices.browse()
        for channel, group in alive.grouped("channel").items():
            sent |= group._dispatch_channel(channel)
        sent._after_dispatch()
        return sent

    def _get_channel_handlers(self):
        """Hook: channel → method that dispatches notices of that channel (all or none of them)."""
        return {
            "email": self._dispatch_email,
            **dict.fromkeys(PERSONAL_CHANNELS, self._dispatch_activity),
        }

    def _get_unreachable_reason(self, channel):
        """Why this notice cannot go through a channel.

        :param channel: key of CHANNELS
        :return: words, or False when it can
        """
        self.ensure_one()
        if channel not in self._get_channel_handlers():
            return self.env._("nothing delivers notices of this channel")
        if channel == "email" and not self.recipient_id.email:
            return self.env._("no e-mail address for %(name)s", name=self.recipient_id.display_name)
        if channel in PERSONAL_CHANNELS and not self._get_officer():
            return self.env._("no officer, no team leader and no credit manager to call")
        return False

    def _choose_channels(self):
        """Settle addressee, language, deadline and channel; fall back where one is missing."""
        permissions = self._get_contact_permissions()
        for notice in self:
            level = notice.level_id
            address = notice.partner_id.address_get(["invoice"])["invoice"]
            recipient = self.env["res.partner"].browse(address) or notice.partner_id
            if not recipient.email and notice.partner_id.email:
                recipient = notice.partner_id
            start = max(fields.Date.context_today(notice), notice.date)
            notice.write(
                {
                    "recipient_id": recipient.id,
                    "lang": recipient.lang or notice.company_id.partner_id.lang or self.env.lang,
                    "deadline": fields.Date.add(start, days=level.deadline_days),
                    "user_id": (notice.case_id.user_id or notice.user_id).id,
                    "error_message": False,
                }
            )
            refusal = permissions[notice.id].reasons
            if refusal:
                notice._set_failed(", ".join(refusal))
                continue
            reason = notice._get_unreachable_reason(notice.channel)
            if not reason:
                continue
            if not notice.case_id:
                # a courtesy that cannot be done is simply not done
                notice._do_cancel(self.env._("Not delivered: %(reason)s", reason=reason))
                continue
            fallback = level.fallback_channel
            if fallback and not notice._get_unreachable_reason(fallback):
                notice.write(
                    {
                        "channel": fallback,
                        "note": self.env._("Given to the officer: %(reason)s", reason=reason),
                    }
                )
            else:
                notice._set_failed(
                    self.env._("The notice cannot be delivered: %(reason)s.", reason=reason)
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
                channel=notice.email_to or notice.note or self.env._("call by the officer"),
            )
            for notice in self
            if notice.case_id
        }
        if bodies:
            self.env["debt.case"].browse(bodies)._message_log_batch(bodies)

    # === CHANNELS ===

    def _get_template(self):
        """Template of the notice's level, else the general one."""
        self.ensure_one()
        return self.level_id.template_id or self.env.ref("debt_collection.mail_template_reminder")

    def _dispatch_email(self, notices):
        """Render the e-mails and put them in Odoo's queue, keeping what is sent."""
        notices._withdraw_mails()
        by_template = {}
        for notice in notices:
            template = notice._get_template()
            by_template[template] = by_template.get(template, notices.browse()) | notice
        for template, group in by_template.items():
            mails = template.sudo().send_mail_batch(group.ids)
            by_notice = {mail.res_id: mail for mail in mails}
            for notice in group:
                mail = by_notice[notice.id]
                if not mail.body_html:
                    raise UserError(
                        self.env._("The template %(name)s is empty.", name=template.name)
                    )
                notice._set_state(
                    "queued",
                    mail_id=mail.id,
                    subject=mail.subject,
                    body=mail.body_html,
                    email_to=notice.recipient_id.email_formatted,
                )

    def _get_officer(self):
        """Who is to act for this notice: the officer, the team's leader, else a credit manager."""
        self.ensure_one()
        candidates = self.case_id.user_id | self.user_id | self.case_id.team_id.leader_id
        candidates |= self.company_id.debt_team_id.leader_id
        usable = candidates.filtered(
            lambda user: user.active and self.company_id in user.company_ids
        )
        if usable:
            return usable[0]
        managers = self.env.ref("debt_collection.group_manager").sudo().all_user_ids
        return managers.filtered(
            lambda user: user.active and not user.share and self.company_id in user.company_ids
        )[:1]

    def _render_call_script(self):
        """What the officer reads before the call, in the officer's language."""
        self.ensure_one()
        lang = self._get_officer().lang
        return self.env["ir.qweb"]._render(
            "debt_collection.notice_call_script",
            {"notice": self.with_context(lang=lang)},
            lang=lang,
            minimal_qcontext=True,
        )

    def _dispatch_activity(self, notices):
        """Put a call on the officers' worklist, with what to say."""
        activity_type = self.env.ref("mail.mail_activity_data_call")
        models_by_name = {
            name: self.env["ir.model"]._get_id(name) for name in ("debt.case", "res.partner")
        }
        activities = (
            self.env["mail.activity"]
            .with_context(mail_activity_quick_update=True)
            .create(
                [
                    {
                        "activity_type_id": activity_type.id,
                        "automated": True,
                        "date_deadline": max(fields.Date.context_today(notice), notice.date),
                        "summary": notice.level_id.name,
                        "note": notice._render_call_script(),
                        "user_id": notice._get_officer().id,
                        "res_model_id": models_by_name[record._name],
                        "res_id": record.id,
                    }
                    for notice in notices
                    for record in [notice.case_id or notice.partner_id]
                ]
            )
        )
        for notice, activity in zip(notices, activities, strict=True):
            notice._set_state("queued", activity_id=activity.id)


class MailActivity(models.Model):
    _inherit = "mail.activity"

    def unlink(self):
        """A call that was planned for a notice is removed: the notice does not wait for it."""
        notices = self.env["debt.notice"].sudo()
        if self and not self.env.context.get("debt_settled"):
            notices = notices.search([("activity_id", "in", self.ids), ("state", "=", "queued")])
        result = super().unlink()
        if notices:
            notices._do_cancel(self.env._("The call was removed from the officer's activities."))
        return result

    def _action_done(self, feedback=False, attachment_ids=None):
        """A call that was planned for a notice is done: the notice is done too."""
        notices = (
            self.env["debt.notice"]
            .sudo()
            .search([("activity_id", "in", self.ids), ("state", "=", "queued")])
        )
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        notices._set_sent()
        return result
