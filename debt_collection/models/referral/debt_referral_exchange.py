"""What goes out to agencies: placements, and direct payments they do not know of."""

from odoo import fields, models
from odoo.exceptions import UserError

from ...tools.exchange import write_csv


class DebtReferral(models.Model):
    """Referrals as files."""

    _inherit = "debt.referral"

    # === EXPORT ===

    def _get_export_document(self):
        """The placed items of these referrals as a plain document, a row an item.

        :return: dict as ``debt.report.renderer`` takes it
        """
        rows = []
        for referral in self.sorted("name"):
            debtor = referral.partner_id
            direct = referral.payment_ids.filtered("direct")
            for line in referral.item_ids:
                paid = direct.filtered(
                    lambda row, line=line: row.document_number == line.document_number
                )
                if (
                    line
                    != referral.item_ids.filtered(
                        lambda one, line=line: one.document_number == line.document_number
                    )[:1]
                ):
                    paid = paid.browse()  # of a document with instalments: told once
                new = paid.filtered(lambda row: not row.date_told)
                rows.append(
                    [
                        referral.name,
                        referral.case_id.reference,
                        debtor.name,
                        debtor._display_address(without_company=True).replace("\n", ", ").strip(),
                        debtor.vat or "",
                        debtor.email or "",
                        debtor.phone or "",
                        line.document_number,
                        fields.Date.to_string(line.item_id.date_invoice) or "",
                        fields.Date.to_string(line.date_due) or "",
                        line.currency_id.name,
                        line.amount if referral.state != "draft" else line.amount_residual,
                        line.amount_residual,
                        sum(paid.mapped("amount_company")),
                        sum(new.mapped("amount_company")),
                        fields.Date.to_string(max(new.mapped("date"), default=False)) or "",
                        fields.Date.to_string(referral.date_recall) or "",
                        referral.reference or "",
                        referral.instructions or "",
                    ]
                )
        return {
            "title": self.env._("Placements"),
            "facts": [
                [self.env._("Company"), self.company_id[:1].name],
                [self.env._("Placements"), str(len(self))],
            ],
            "notes": [],
            "tables": [
                {
                    "title": self.env._("Placements"),
                    "columns": [
                        [self.env._("Placement"), "text"],
                        [self.env._("Case"), "text"],
                        [self.env._("Debtor"), "text"],
                        [self.env._("Address"), "text"],
                        [self.env._("Tax number"), "text"],
                        [self.env._("E-mail"), "text"],
                        [self.env._("Phone"), "text"],
                        [self.env._("Document"), "text"],
                        [self.env._("Document date"), "date"],
                        [self.env._("Due date"), "date"],
                        [self.env._("Currency"), "text"],
                        [self.env._("Amount placed"), "money"],
                        [self.env._("Open now"), "money"],
                        [self.env._("Paid to us directly"), "money"],
                        [self.env._("Of which new"), "money"],
                        [self.env._("Last paid to us on"), "date"],
                        [self.env._("Recalled as of"), "date"],
                        [self.env._("Your file number"), "text"],
                        [self.env._("Instructions"), "text"],
                    ],
                    "rows": rows,
                    "total": None,
                }
            ],
        }

    def _export_file(self, form):
        """The placements as a file; direct payments not told yet come with it and are told now.

        :param form: ``csv`` or ``xlsx``
        :return: (name, bytes)
        """
        if not self:
            raise UserError(self.env._("Choose the placements to export first."))
        document = self._get_export_document()
        direct = self.payment_ids.filtered(lambda row: row.direct and not row.date_told)
        name = f"placements-{fields.Date.context_today(self)}"
        if form == "csv":
            table = document["tables"][0]
            heads = [label for label, _kind in table["columns"]]
            content = write_csv(heads, table["rows"])
        else:
            document["tables"].append(direct._get_direct_table())
            content = self.env["debt.report.renderer"]._render_xlsx(document)
        direct.sudo().date_told = fields.Date.context_today(self)
        return f"{name}.{form}", content

    def action_export_csv(self):
        """Download the placements as CSV, with the direct payments to be told."""
        return self._action_export("csv")

    def action_export_xlsx(self):
        """Download the placements as XLSX, with the direct payments to be told."""
        return self._action_export("xlsx")

    def _action_export(self, form):
        self.check_access("read")
        name, content = self._export_file(form)
        attachment = (
            self.env["ir.attachment"]
            .sudo()
            .create(
                {
                    "name": name,
                    "raw": content,
                    "res_model": "debt.referral",
                    "res_id": self[:1].id,
                }
            )
        )
        for referral in self:
            referral.sudo()._message_log(body=self.env._("Exported: %(name)s", name=name))
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{attachment.id}?download=true",
            "target": "download",
        }


class DebtReferralPayment(models.Model):
    """Direct payments as a table."""

    _inherit = "debt.referral.payment"

    def _get_direct_table(self):
        """Direct payments as a table of a document.

        :return: dict as ``debt.report.renderer`` takes it
        """
        return {
            "title": self.env._("Direct payments"),
            "columns": [
                [self.env._("Placement"), "text"],
                [self.env._("Debtor"), "text"],
                [self.env._("Document"), "text"],
                [self.env._("Date"), "date"],
                [self.env._("Amount"), "money"],
            ],
            "rows": [
                [
                    row.referral_id.name,
                    row.partner_id.name,
                    row.document_number,
                    fields.Date.to_string(row.date),
                    row.amount_company,
                ]
                for row in self.sorted("date")
            ],
            "total": None,
        }
