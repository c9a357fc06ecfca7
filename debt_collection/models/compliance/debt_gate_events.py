"""What our own records tell the gate: disputes, notices that left, how they were served."""

from collections import defaultdict
from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from ...tools.compliance import business_days, facts
from ..dispute.debt_dispute import LIVE_STATES

# A dispute said in these ways is not in writing.
SPOKEN = ("call", "visit", "meeting")


class DebtGate(models.AbstractModel):
    """See the module."""

    _inherit = "debt.gate"

    # === NOTICES ===

    @api.model
    def _get_wanted_notices(self, company, actions):
        """Return the kinds of notices rules ask for that bind us in some actions."""
        book, _versions = self.env["debt.rule"]._get_book(company.id)
        adopted = set((company.debt_adopted_rule_sets or "").replace(" ", "").split(","))
        return sorted(
            {
                kind
                for rule in book.rules
                if rule.type == "PREREQ_NOTICE" and rule.expanded & set(actions)
                if not rule.actors or company.debt_actor in rule.actors or rule.rule_set in adopted
                for step in rule.parameters.steps
                for kind in step.kinds
            }
        )

    @api.model
    def _load_services(self, ids, company, kinds=None):
        """Return the notices the law asks for that were given.

        Logged ones, and our own that left: as the legal notice their level says they are, and as
        what they plainly are, a letter or an e-mail about the debt. One that was served counts
        from the day it was; one that came back did not arrive.

        :param kinds: kinds of notices that matter; none: all
        :return: dict partner id → list of facts.Notice
        """
        result = defaultdict(list)
        if kinds is not None and not kinds:
            return result
        for row in self.env.execute_query(
            SQL(
                """
                SELECT v.partner_id, v.kind, v.date, v.undelivered_on, v.not_delivered, v.approved,
                       v.response,
                       (SELECT array_agg(r.debt_case_item_id)
                          FROM debt_case_item_debt_legal_notice_rel r
                         WHERE r.debt_legal_notice_id = v.id)
                  FROM debt_legal_notice v
                 WHERE v.partner_id = ANY(%(ids)s) AND v.company_id = %(company)s
                   AND (%(all)s OR v.kind = ANY(%(kinds)s))
                UNION ALL
                SELECT n.partner_id, k.kind, COALESCE(s.served, n.date_sent::date),
                       CASE WHEN n.state = 'bounced' THEN n.write_date::date
                            WHEN s.served IS NULL THEN s.back END,
                       FALSE, TRUE, NULL,
                       (SELECT array_agg(i.item_id) FROM debt_notice_item i
                         WHERE i.notice_id = n.id AND i.item_id IS NOT NULL)
                  FROM debt_notice n
                  LEFT JOIN debt_level l ON l.id = n.level_id
                  LEFT JOIN LATERAL (
                       SELECT min(p.date) FILTER (WHERE p.result IN ('delivered', 'refused'))
                              AS served,
                              max(p.date) FILTER (WHERE p.result IN ('returned', 'unclaimed'))
                              AS back
                         FROM debt_notice_service p WHERE p.notice_id = n.id) s ON TRUE
                 CROSS JOIN LATERAL (
                       SELECT l.service_kind AS kind WHERE l.service_kind IS NOT NULL
                       UNION
                       SELECT CASE n.channel WHEN 'sms' THEN 'electronic_message' ELSE n.channel END
                        WHERE n.channel IN ('letter', 'email', 'sms')) k
                 WHERE n.partner_id = ANY(%(ids)s) AND n.company_id = %(company)s
                   AND n.state IN ('sent', 'bounced') AND n.date_sent IS NOT NULL
                   AND (%(all)s OR k.kind = ANY(%(kinds)s))
                UNION ALL
                SELECT c.partner_id, 'conversation', min(c.date)::date, NULL, FALSE, TRUE, NULL,
                       NULL
                  FROM debt_contact c
                 WHERE c.partner_id = ANY(%(ids)s) AND c.company_id = %(company)s
                   AND c.superseded IS NOT TRUE AND c.reached = 'right_party'
                   AND c.channel IN ('call', 'visit', 'meeting')
                   AND (%(all)s OR 'conversation' = ANY(%(kinds)s))
                 GROUP BY c.partner_id
                """,
                ids=ids,
                company=company.id,
                all=kinds is None,
                kinds=list(kinds or ()),
            )
        ):
            partner_id, kind, date, back, unproved, approved, response, items = row
            result[partner_id].append(
                facts.Notice(
                    kind,
                    date,
                    undelivered=back,
                    not_delivered=bool(unproved),
                    approved=bool(approved),
                    response=response or "",
                    debts=tuple(str(item) for item in items or ()),
                )
            )
        return result

    @api.model
    def _get_term_dates(self, company, codes, holidays, notices):
        """Return when the debtor's time to dispute ends, where a rule gives one and it began.

        :param codes: jurisdictions of the debtor
        :param notices: list of facts.Notice
        :return: dict with ``sent`` and ``validation_end``, or empty
        """
        if not notices:
            return {}
        book, _versions = self.env["debt.rule"]._get_book(company.id)
        for rule in book.find(codes, "compute_validation_end"):
            parameters = rule.parameters
            if rule.type != "PREREQ_NOTICE" or not parameters.carriage_days:
                continue
            kinds = {kind for step in parameters.steps for kind in step.kinds}
            sent = [one.on for one in notices if one.kind in kinds and not one.undelivered]
            if sent:
                received = business_days.assumed_receipt(
                    min(sent), parameters.carriage_days, holidays or frozenset()
                )
                end = received + timedelta(days=parameters.term_days)
                return {"sent": min(sent), "validation_end": end}
        return {}

    @api.model
    def _load_first_contacts(self, ids, company):
        """Return the day we first told debtors of a debt, where a rule that binds us asks for it.

        :return: dict partner id → date
        """
        book, _versions = self.env["debt.rule"]._get_book(company.id)
        if not any(
            rule.type == "PREREQ_NOTICE"
            and rule.parameters.after_event == "initial_communication"
            and (not rule.actors or company.debt_actor in rule.actors)
            for rule in book.rules
        ):
            return {}
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT partner_id, min(date)::date FROM debt_contact
                     WHERE partner_id = ANY(%s) AND company_id = %s AND superseded IS NOT TRUE
                       AND (outcome = 'sent' AND direction = 'out' OR reached = 'right_party')
                     GROUP BY partner_id
                    """,
                    ids,
                    company.id,
                )
            )
        )

    # === DISPUTES ===

    @api.model
    def _load_disputes(self, ids, company):
        """Return the disputes and complaints that are not answered yet.

        :return: dict partner id → list of (kind, live, raised on, in writing, item ids, about all)
        """
        result = defaultdict(list)
        for row in self.env.execute_query(
            SQL(
                """
                SELECT d.partner_id, d.kind, d.state = ANY(%(live)s), d.date_open,
                       COALESCE(c.channel, '') <> ALL(%(spoken)s), l.items,
                       NOT EXISTS (SELECT FROM debt_case_item i
                                    WHERE i.case_id = d.case_id AND i.date_out IS NULL
                                      AND i.id <> ALL(l.items))
                  FROM debt_dispute d
                  LEFT JOIN debt_contact c ON c.id = d.contact_id
                 CROSS JOIN LATERAL (
                       SELECT COALESCE(array_agg(n.item_id), '{}') AS items FROM debt_dispute_line n
                        WHERE n.agreement_id = d.id AND n.item_id IS NOT NULL) l
                 WHERE d.partner_id = ANY(%(ids)s) AND d.company_id = %(company)s
                   AND (d.state = ANY(%(live)s)
                        OR d.state IN ('partly', 'rejected') AND COALESCE(d.reply, '') = ''
                           AND d.settled_by_ledger IS NOT TRUE)
                 ORDER BY d.date_open, d.id
                """,
                ids=ids,
                company=company.id,
                live=list(LIVE_STATES),
                spoken=list(SPOKEN),
            )
        ):
            result[row[0]].append(row[1:])
        return result

    @api.model
    def _make_dispute_flags(self, disputes, dates):
        """Yield what disputes are to the rules.

        While a dispute is open it is one; raised in writing before the validation period ended, it
        stays one until the debtor got our answer (12 CFR 1006.38(d)(2)).

        :param disputes: of ``_load_disputes``
        :param dates: the debtor's dates, with ``validation_end`` where it is known
        """
        for kind, live, raised, written, items, about_all in disputes:
            debts = tuple(str(item) for item in items)
            values = {"start": raised, "debts": debts, "partial": bool(debts) and not about_all}
            if kind == "complaint":
                if live:
                    yield facts.Flag("grievance_open", start=raised)
                continue
            if live:
                yield facts.Flag("dispute_open", **values)
            end = dates.get("validation_end")
            if end and raised > end:
                if live:
                    yield facts.Flag("late_dispute", **values)
            elif written:
                yield facts.Flag("dispute_written_in_validation", **values)


class DebtDispute(models.Model):
    """Disputes change what the gate says at once."""

    _inherit = "debt.dispute"

    def _after_claims_changed(self):
        result = super()._after_claims_changed()
        self.case_id._refresh_gate()
        return result


class DebtNoticeService(models.Model):
    """So does the proof that a notice was served, or came back."""

    _inherit = "debt.notice.service"

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        rows.case_id._refresh_gate()
        return rows
