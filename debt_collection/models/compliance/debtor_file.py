"""Everything that is kept about a debtor, handed out on request."""

import base64
import io
import json
import re
import zipfile
from datetime import datetime

from odoo import api, fields, models
from odoo.exceptions import AccessError

FILE_GROUPS = ("debt_collection.group_compliance", "debt_collection.group_legal")
PARTNER_FIELDS = (
    "name",
    "email",
    "phone",
    "street",
    "street2",
    "zip",
    "city",
    "country_id",
    "vat",
    "lang",
    "debt_debtor_type",
    "debt_timezones",
    "debt_no_contact_times",
)

# Fields whose file is handed out: documents of proof, and invoices as they were printed.
FILED = ("proof", "signature", "invoice_pdf_report_file")


class ResPartner(models.Model):
    """The complete file of a debtor."""

    _inherit = "res.partner"

    def action_export_debtor_file(self):
        """Download everything that is kept about the debtor, for a request for access."""
        self.ensure_one()
        self._check_can_export_file()
        return {
            "type": "ir.actions.act_url",
            "url": f"/collections/debtor-file/{self.commercial_partner_id.id}",
            "target": "download",
        }

    def _check_can_export_file(self):
        """:raises AccessError: for anyone but the compliance role and the legal desk."""
        if not any(map(self.env.user.has_group, FILE_GROUPS)):
            raise AccessError(
                self.env._(
                    "Only the compliance role and the legal desk may hand out a debtor's file."
                )
            )
        self.check_access("read")

    def _make_debtor_file(self):
        """Return the complete file: data as JSON, what was sent and what lies in it as files.

        Logged with the person who took it.

        :return: (name of the ZIP, its bytes)
        """
        self.ensure_one()
        self._check_can_export_file()
        partner = self.commercial_partner_id.sudo()
        companies = self.env.companies
        data = {"debtor": partner._dump_fields(partner, PARTNER_FIELDS)}
        files = {}
        for name, records in sorted(partner._get_debtor_records(companies).items()):
            data[name] = [self._dump_record(record) for record in records]
            for record in records:
                files.update(self._get_record_files(record))
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("data.json", json.dumps(data, indent=1, ensure_ascii=False))
            for path, content in files.items():
                archive.writestr(path, content)
        self.env["debt.check"].sudo()._insert(
            [
                {
                    "company_id": company.id,
                    "partner_id": partner.id,
                    "user_id": self.env.uid,
                    "date": fields.Datetime.now(),
                    "kind": "export",
                    "action": "export",
                    "recipient": "debtor",
                    "decision": "allow",
                    "near_miss": False,
                    "reserved": False,
                }
                for company in companies
                if partner.debt_case_ids.filtered(lambda c, one=company: c.company_id == one)
                or len(companies) == 1
            ]
        )
        day = fields.Date.to_string(fields.Date.context_today(self))
        slug = re.sub(r"[^\w-]+", "-", partner.name or "debtor").strip("-")
        return f"{slug}-{day}.zip", stream.getvalue()

    def _get_debtor_records(self, companies):
        """Return everything of ours about the debtor: any model that names the debtor or a case.

        :return: dict model name → records
        """
        cases = self.env["debt.case"].search(
            [("partner_id", "=", self.id), ("company_id", "in", companies.ids)]
        )
        result = {"debt.case": cases}
        for name, model in self.env.registry.items():
            if not name.startswith("debt.") or model._abstract or model._transient:
                continue
            own = self.env[name].with_context(active_test=False)
            if not own._auto or name == "debt.case":
                continue
            if own._fields.get("partner_id") and own._fields["partner_id"].store:
                domain = [("partner_id", "=", self.id)]
            elif own._fields.get("case_id") and own._fields["case_id"].store:
                domain = [("case_id", "in", cases.ids)]
            else:
                continue
            company = own._fields.get("company_id")
            if company and company.store and company.comodel_name == "res.company":
                domain.append(("company_id", "in", [False, *companies.ids]))
            result[name] = own.search(domain)
        result.update(self._get_parts(result))
        result["account.move"] = self.env["account.move"].search(
            [
                ("commercial_partner_id", "=", self.id),
                ("move_type", "in", ("out_invoice", "out_refund")),
                ("state", "=", "posted"),
                ("company_id", "in", companies.ids),
            ]
        )
        return result

    @api.model
    def _get_parts(self, found):
        """Return what belongs to records and does not name the debtor itself, such as their lines.

        :param found: dict model name → records
        :return: the same of their parts
        """
        parts = {}
        for name, model in self.env.registry.items():
            if not name.startswith("debt.") or model._abstract or model._transient or name in found:
                continue
            for field in self.env[name]._fields.values():
                owners = found.get(field.comodel_name) if field.type == "many2one" else None
                if owners and field.store and field.ondelete == "cascade":
                    domain = [(field.name, "in", owners.ids)]
                    parts[name] = parts.get(name, self.env[name]) | self.env[name].search(domain)
        return parts

    @api.model
    def _dump_record(self, record):
        """Return a record's stored values as plain data."""
        if record._name == "account.move":
            names = ("name", "move_type", "invoice_date", "amount_total", "amount_residual")
        else:
            names = [
                name
                for name, field in record._fields.items()
                if field.store
                and field.type not in ("one2many", "binary")
                and not name.startswith(("message_", "activity_", "__"))
            ]
        return self._dump_fields(record, names)

    @api.model
    def _dump_fields(self, record, names):
        result = {"id": record.id}
        for name in names:
            value, field = record[name], record._fields[name]
            if field.relational:
                value = value.mapped("display_name")
                value = value if field.type == "many2many" else (value[0] if value else None)
            elif isinstance(value, datetime):
                value = fields.Datetime.to_string(value)
            elif field.type == "date":
                value = fields.Date.to_string(value) or None
            elif value is False and field.type != "boolean":
                value = None
            elif not isinstance(value, (str, int, float, bool, dict, list, type(None))):
                value = str(value)
            result[name] = value
        return result

    @api.model
    def _get_record_files(self, record):
        """Yield what was written to the debtor as PDF, and documents that lie with the record."""
        files = {}
        folder = record._name.replace(".", "-")
        if record._name == "debt.notice" and record.body:
            html = f"<html><head><meta charset='utf-8'/></head><body>{record.body}</body></html>"
            report = self.env["ir.actions.report"].sudo()
            if report.get_wkhtmltopdf_state() in ("ok", "upgrade", "workers"):
                files[f"{folder}/{record.id}.pdf"] = report._run_wkhtmltopdf([html])
            else:
                files[f"{folder}/{record.id}.html"] = html.encode()
        if "document" in record._fields and record.document:
            name = re.sub(r"[/\\]+", "-", record.document_name or "document")
            files[f"{folder}/{record.id}-{name}"] = base64.b64decode(record.document)
        attachments = (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [
                    ("res_model", "=", record._name),
                    ("res_id", "=", record.id),
                    ("res_field", "in", [False, *FILED]),
                ]
            )
        )
        for attachment in attachments.filtered("raw"):
            name = re.sub(r"[/\\]+", "-", attachment.name or "file")
            files[f"{folder}/{record.id}-{attachment.id}-{name}"] = attachment.raw
        return files
