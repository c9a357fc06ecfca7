"""Factories of the escalation path: contacts that count, formal notices that were served."""

from datetime import datetime, time, timedelta

from odoo import fields

from odoo.addons.debt_collection.tests.common import TODAY, DebtCommon


class EscalationCommon(DebtCommon):
    """A case of 1,000.00 that is 100 days late, and verbs to make it ripe for lawyers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.senior = cls._create_user("senior_e", "debt_collection.group_senior")
        cls.legal = cls._create_user("legal_e", "debt_collection.group_legal")
        cls.reader = cls._create_user("reader_e", "debt_collection.group_reader")
        cls.invoice = cls._create_overdue_invoice(100, 1000.0)
        cls._run_day(send=False, release=False)
        cls.case = cls._get_case()

    @classmethod
    def _log_attempts(cls, case, *attempts):
        """Log attempts to reach a debtor.

        :param attempts: (days before TODAY, channel)
        """
        return cls.env["debt.contact"].create(
            [
                {
                    "case_id": case.id,
                    "channel": channel,
                    "outcome": "no_answer",
                    "no_next_step_reason": "Nobody there",
                    "date": datetime.combine(TODAY - timedelta(days=days), time(10)),
                }
                for days, channel in attempts
            ]
        )

    @classmethod
    def _create_served_notice(cls, case, days=30, deadline_days=14, kind="default_notice"):
        """A formal notice as it stands in the books after it was sent.

        :param days: days between its sending and TODAY
        """
        sent = TODAY - timedelta(days=days)
        return (
            cls.env["debt.notice"]
            .sudo()
            .create(
                {
                    "company_id": case.company_id.id,
                    "case_id": case.id,
                    "partner_id": case.partner_id.id,
                    "level_id": cls.level_formal_notice.id,
                    "date": sent,
                    "date_sent": fields.Datetime.to_datetime(sent),
                    "state": "sent",
                    "channel": "email",
                    "legal_kind": kind,
                    "deadline": sent + timedelta(days=deadline_days),
                    "deadline_state": "running",
                    "subject": "Formal notice",
                    "body": "<p>Pay by then.</p>",
                    "amount_total": case.amount_overdue,
                    "item_ids": [
                        fields.Command.create(
                            {
                                "item_id": item.id,
                                "document_number": item.document_number,
                                "date_due": item.date_due,
                                "currency_id": item.currency_id.id,
                                "amount": item.amount_residual,
                                "amount_company": item.amount_residual_company,
                            }
                        )
                        for item in case.open_item_ids
                    ],
                }
            )
        )

    @classmethod
    def _make_ripe(cls, case):
        """Attempts, notice and its deadline: everything the shipped rules ask for."""
        cls._log_attempts(case, (40, "call"), (30, "letter"), (10, "call"))
        cls._create_served_notice(case)
        case.sudo()._set_escalation("formal_notice")
