"""What is personal in a closed file goes after its term, unless a rule tells to keep it."""

import logging

from odoo import api, fields, models
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

# Names of people, what they said and what is known of their means, by model: this is what goes.
# Amounts, dates and decisions stay, for the figures and the books.
PERSONAL = {
    "debt.assessment": ("outlook",),
    "debt.assessment.line": ("name", "document", "document_name"),
    "debt.check": ("words",),
    "debt.concession": ("note", "reason", "accepted_by", "acceptance_note", "signature"),
    "debt.consent": ("address", "proof"),
    "debt.contact": ("note", "person_name"),
    "debt.debtor.flag": ("note", "document", "document_name"),
    "debt.defaulter.line": ("partner_name", "vat"),
    "debt.dispute": ("note", "raised_by", "description", "finding", "reply"),
    "debt.hold": ("reason", "release_reason"),
    "debt.legal.file": ("pdf", "archive"),
    "debt.legal.notice": ("note", "response", "document", "document_name"),
    "debt.notice": ("body", "email_to", "phone_to", "address_to", "subject", "note"),
    "debt.notice.service": ("note", "number", "proof", "proof_name"),
    "debt.override": ("note", "refusal"),
    "debt.plan": ("note", "accepted_by", "acceptance_note", "signature"),
    "debt.promise": ("note", "promised_by"),
    "debt.referral": ("instructions",),
    "debt.snooze": ("reason", "end_reason"),
}
# What stands in a field that may not be empty.
REMOVED = "-"
BATCH = 200


class DebtCase(models.Model):
    """Files whose term is over are anonymised."""

    _inherit = "debt.case"

    anonymised_on = fields.Date(readonly=True, help="Personal data was removed after its term.")

    def action_export_debtor_file(self):
        """Download everything that is kept about the debtor."""
        self.ensure_one()
        return self.partner_id.action_export_debtor_file()

    @api.autovacuum
    def _gc_personal_data(self):
        """Anonymise the files of debtors whose term is over and whom no rule tells to keep."""
        done = 0
        for company in self.env["res.company"].sudo().search([("debt_retention_years", ">", 0)]):
            done += self._anonymise_company(company)
        return done, 0

    @api.model
    def _anonymise_company(self, company):
        """Anonymise a company's closed files that are due.

        :return: number of debtors
        """
        today = fields.Date.context_today(self)
        limit = fields.Date.subtract(today, years=company.debt_retention_years)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT c.partner_id, max(GREATEST(c.date_close, c.last_contact_date,
                                                  c.last_notice_date))
                  FROM debt_case c
                 WHERE c.company_id = %(company)s
                 GROUP BY c.partner_id
                HAVING bool_and(c.state = 'closed') AND bool_or(c.anonymised_on IS NULL)
                   AND max(GREATEST(c.date_close, c.last_contact_date, c.last_notice_date))
                       < %(limit)s
                 LIMIT %(batch)s
                """,
                company=company.id,
                limit=limit,
                batch=BATCH,
            )
        )
        partners = self.env["res.partner"].sudo().browse(partner for partner, _last in rows)
        kept = self._get_kept(partners, company, dict(rows))
        for partner in partners - kept:
            self._anonymise(partner, company)
        return len(partners - kept)

    @api.model
    def _get_kept(self, partners, company, last):
        """Return the debtors whose records a rule tells to keep.

        :param last: dict partner id → day of the last activity
        """
        if not partners:
            return partners
        gate = self.env["debt.gate"].sudo()
        now = fields.Datetime.now()
        known = gate._load_facts(partners, company, now)
        requests = []
        for partner in partners:
            known[partner.id].dates.setdefault("last_activity", last[partner.id])
            requests.append(
                (partner.id, gate._make_request(company, partner, "delete", now, address=""))
            )
        decisions = gate._decide(company, requests, known=known)
        return partners.browse(
            owner
            for (owner, _request), decision in zip(requests, decisions, strict=True)
            if not decision.allowed
        )

    @api.model
    def _anonymise(self, partner, company):
        """Remove what is personal from the debtor's collection records; figures and dates stay."""
        today = fields.Date.context_today(self)
        cases = self.search([("partner_id", "=", partner.id), ("company_id", "=", company.id)])
        self.env.flush_all()
        for name, names in PERSONAL.items():
            records = self._get_personal_records(name, partner, cases, company)
            if records:
                self._empty_fields(records, names)
                self._unlink_papers(records)
        self._unlink_papers(cases)
        cases.sudo().anonymised_on = today
        self.env["debt.check"].sudo()._insert(
            [
                {
                    "company_id": company.id,
                    "partner_id": partner.id,
                    "user_id": self.env.uid,
                    "date": fields.Datetime.now(),
                    "kind": "anonymise",
                    "action": "delete",
                    "decision": "allow",
                    "near_miss": False,
                    "reserved": False,
                }
            ]
        )
        _logger.info("Collection records of partner %s were anonymised", partner.id)

    @api.model
    def _get_personal_records(self, name, partner, cases, company):
        """Return the records of a model about a debtor in a company.

        :param name: model
        :param cases: the debtor's cases there
        """
        model = self.env[name].sudo().with_context(active_test=False)
        if "partner_id" in model._fields:
            domain = [("partner_id", "=", partner.id)]
        elif "case_id" in model._fields:
            return model.search([("case_id", "in", cases.ids)])
        else:
            return model.search([("notice_id.case_id", "in", cases.ids)])
        if "company_id" in model._fields:
            domain.append(("company_id", "in", (False, company.id)))
        return model.search(domain)

    @api.model
    def _empty_fields(self, records, names):
        """Empty fields of records, past the protection of evidence; files are deleted by others."""
        stored = [name for name in names if records._fields[name].column_type]
        if stored:
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET %s WHERE id = ANY(%s)",
                    SQL.identifier(records._table),
                    SQL(", ").join(
                        SQL(
                            "%s = %s",
                            SQL.identifier(name),
                            REMOVED if records._fields[name].required else None,
                        )
                        for name in stored
                    ),
                    records.ids,
                )
            )
        records.invalidate_recordset(names)

    @api.model
    def _unlink_papers(self, records):
        """Delete what lies with records: messages, and files of fields and of the chatter."""
        lies_there = [("res_id", "in", records.ids)]
        binaries = [name for name, field in records._fields.items() if field.type == "binary"]
        files = [("res_model", "=", records._name), ("res_field", "in", [False, *binaries])]
        self.env["ir.attachment"].sudo().search(files + lies_there).unlink()
        messages = self.env["mail.message"].sudo()
        messages.search([("model", "=", records._name), *lies_there]).unlink()
