"""Notices that a person brings: calls and visits, with what to say."""

from odoo import fields, models


class DebtNotice(models.Model):
    _inherit = "debt.notice"

    def _render_call_script(self):
        """What the officer reads before the call or at the door: facts, then the script."""
        self.ensure_one()
        lang = self._get_officer().lang
        return self.env["ir.qweb"]._render(
            "debt_collection.notice_call_script",
            {
                "notice": self.with_context(lang=lang),
                "script": self._get_messages()[self.id][1],
            },
            lang=lang,
            minimal_qcontext=True,
        )

    def _dispatch_activity(self, notices):
        """Put a call or a visit on the officers' worklist, with what to say."""
        types = {
            "call": self.env.ref("mail.mail_activity_data_call"),
            "visit": self.env.ref("mail.mail_activity_data_todo"),
        }
        models_by_name = {
            name: self.env["ir.model"]._get_id(name) for name in ("debt.case", "res.partner")
        }
        values = []
        for notice in notices:
            record = notice.case_id or notice.partner_id
            script = notice._render_call_script()
            notice.body = script
            values.append(
                {
                    "activity_type_id": types[notice.channel].id,
                    "automated": True,
                    "date_deadline": max(fields.Date.context_today(notice), notice.date),
                    "summary": notice.level_id.name,
                    "note": script,
                    "user_id": notice._get_officer().id,
                    "res_model_id": models_by_name[record._name],
                    "res_id": record.id,
                }
            )
        activities = (
            self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(values)
        )
        for notice, activity in zip(notices, activities, strict=True):
            notice._set_state("queued", activity_id=activity.id)

    def _drop_activities(self):
        """Remove the activities planned for notices that are not to be done any more."""
        self.activity_id.filtered("active").unlink()
