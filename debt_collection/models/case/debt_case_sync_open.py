"""The steps of the synchronisation that open and reopen cases, and number them."""

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class DebtCase(models.Model):
    _inherit = "debt.case"

    @api.model
    def _sync_reopen(self, company, source, partner_ids=None):
        """Reopen the last closed case of debtors whose settled items are owed again.

        :return: number of cases reopened
        """
        self.env.cr.execute(
            SQL(
                """
                WITH source AS %(source)s,
                back AS (
                    SELECT max(c.id) AS id
                      FROM source s
                      JOIN debt_case_item i ON i.move_line_id = s.line_id
                           AND i.date_out IS NOT NULL
                      JOIN debt_case c ON c.id = i.case_id AND c.company_id = %(company)s
                           AND c.partner_id = s.partner_id AND c.state = 'closed'
                           AND c.outcome <> 'merged'
                     WHERE s.eligible AND s.partner_overdue - s.partner_credit > %(tolerance)s
                       AND NOT EXISTS (SELECT FROM debt_case o
                                        WHERE o.company_id = c.company_id
                                          AND o.partner_id = c.partner_id
                                          AND o.state <> 'closed')
                       AND %(only)s
                     GROUP BY c.partner_id
                )
                UPDATE debt_case c SET state = 'open', outcome = NULL, date_close = NULL
                  FROM back WHERE back.id = c.id
                """,
                source=source,
                company=company.id,
                tolerance=company.sudo().debt_tolerance,
                only=self._get_partner_filter(SQL("c.partner_id"), partner_ids),
            )
        )
        return self.env.cr.rowcount

    @api.model
    def _sync_open(self, company, date, source, numbered=True):
        """Open a case for each debtor who owes more than the tolerance net and has none.

        :param numbered: give them a reference (a preview does not use numbers up)
        :return: ids of the new cases
        """
        sequence = self._get_sequence(company) if numbered else None
        at_once = sequence and sequence.implementation == "standard"
        at_once = at_once and not sequence.use_date_range
        number, prefix, padding, suffix = SQL("NULL"), "", 0, ""
        if at_once:
            number = SQL("nextval(%s)", f"ir_sequence_{sequence.id:03d}")
            prefix, suffix = sequence._get_prefix_suffix()
            padding = sequence.padding
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO debt_case (company_id, partner_id, reference, currency_id, state,
                       escalation, date_open, item_count, amount_overdue, amount_credit,
                       priority_score, create_uid, create_date, write_uid, write_date)
                SELECT %(company)s, partner_id,
                       %(prefix)s || lpad(number, GREATEST(%(padding)s, length(number)), '0')
                           || %(suffix)s,
                       %(currency)s, 'open', 'amicable', %(date)s, 0, 0, 0, 0,
                       %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
                  FROM (
                    SELECT partner_id, %(number)s::text AS number
                      FROM (
                        SELECT DISTINCT s.partner_id
                          FROM %(source)s s
                         WHERE s.eligible AND s.partner_overdue - s.partner_credit > %(tolerance)s
                           AND NOT EXISTS (SELECT FROM debt_case c
                                            WHERE c.company_id = %(company)s
                                              AND c.partner_id = s.partner_id
                                              AND c.state <> 'closed')
                         ORDER BY s.partner_id
                      ) debtor
                  ) numbered
                ON CONFLICT DO NOTHING
                RETURNING id
                """,
                company=company.id,
                number=number,
                prefix=prefix,
                padding=padding,
                suffix=suffix,
                currency=company.sudo().currency_id.id,
                date=date,
                uid=self.env.uid,
                source=source,
                tolerance=company.sudo().debt_tolerance,
            )
        )
        case_ids = [case_id for (case_id,) in self.env.cr.fetchall()]
        if sequence and not at_once:
            for case in self.browse(case_ids):
                case.reference = sequence.next_by_id()
            self.env.flush_all()
        return case_ids

    @api.model
    def _get_sequence(self, company):
        """The sequence that numbers a company's cases: its own, else the common one.

        :raises UserError: when it was deleted
        """
        sequence = (
            self.env["ir.sequence"]
            .sudo()
            .with_company(company)
            .search(
                [("code", "=", "debt.case"), ("company_id", "in", [company.id, False])],
                order="company_id",
                limit=1,
            )
        )
        if not sequence:
            raise UserError(
                self.env._(
                    "There is no sequence with the code debt.case to number collection cases. "
                    "Create one below Settings, Technical, Sequences."
                )
            )
        return sequence
