import base64
from urllib.parse import urljoin

from dateutil.relativedelta import relativedelta
from markupsafe import Markup

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..const import STATEMENT_KINDS

PDF_LIMIT = 200
# Statements mailed while the user waits, each some half a second; more go in the background.
SEND_AT_ONCE = 20
# Documents an e-mail has a link for, the oldest; the attachment lists all.
PAY_LINKS = 10


class DebtStatementWizard(models.TransientModel):
    """Statements of account for one debtor or many: PDF, XLSX, e-mail."""

    _name = "debt.statement.wizard"
    _description = "Statements of account"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    partner_ids = fields.Many2many(
        "res.partner", string="Debtors", default=lambda self: self._get_default_partners()
    )
    kind = fields.Selection(STATEMENT_KINDS, required=True, default="open")
    date_from = fields.Date(
        string="From",
        default=lambda self: (
            fields.Date.context_today(self).replace(day=1) - relativedelta(months=3)
        ),
    )
    date_to = fields.Date(
        string="As of", required=True, default=lambda self: fields.Date.context_today(self)
    )
    preview = fields.Html(compute="_compute_preview", sanitize=False)
    file = fields.Binary(readonly=True)
    file_name = fields.Char(readonly=True)
    message = fields.Text(string="Result", readonly=True)

    @api.model
    def _get_default_partners(self):
        """The debtors of the records the wizard was opened on."""
        model, ids = self.env.context.get("active_model"), self.env.context.get("active_ids")
        if not ids or model not in ("res.partner", "debt.case"):
            return self.env["res.partner"]
        records = self.env[model].browse(ids)
        partners = records if model == "res.partner" else records.partner_id
        return partners.commercial_partner_id

    @api.depends("partner_ids", "kind", "date_from", "date_to", "company_id")
    def _compute_preview(self):
        for wizard in self:
            wizard.preview = False
            partner = wizard.partner_ids[:1]._origin
            if partner and wizard.date_to and len(wizard.partner_ids) == 1:
                [(_debtor, document)] = wizard._get_documents(partner)
                renderer = self.env["debt.report.renderer"].with_context(
                    lang=partner.lang or self.env.lang
                )
                wizard.preview = renderer._render_screen(document)

    def _get_documents(self, partners=None):
        """Statements as documents, of the wizard's debtors or some of them."""
        self.ensure_one()
        partners = self.partner_ids if partners is None else partners
        if not partners:
            raise UserError(self.env._("Choose the debtors first."))
        self._check_options()
        return self.env["debt.statement"]._get_documents(
            partners, self.company_id, self.kind, self.date_from, self.date_to
        )

    def _check_options(self):
        """:raises UserError: where the days make no sense."""
        if self.kind == "activity" and (not self.date_from or self.date_from > self.date_to):
            raise UserError(self.env._("Give the first day of the activity, before the last one."))

    def action_pdf(self):
        """All statements as one PDF, each in its debtor's language."""
        documents = self._get_documents()
        if len(documents) > PDF_LIMIT:
            raise UserError(
                self.env._(
                    "At most %(limit)s statements fit into one PDF. Choose fewer debtors.",
                    limit=PDF_LIMIT,
                )
            )
        renderer = self.env["debt.report.renderer"]
        content = renderer._render_pdf_of_many(
            [(document, debtor.lang) for debtor, document in documents], self.company_id
        )
        return self._deliver(content, "pdf")

    def action_xlsx(self):
        """All statements as one workbook."""
        documents = self._get_documents()
        tables = []
        for debtor, document in documents:
            for table in document["tables"]:
                title = f"{debtor.name} {table['title']}" if len(documents) > 1 else table["title"]
                tables.append({**table, "title": title})
        whole = {**documents[0][1], "tables": tables}
        if len(documents) > 1:
            whole["facts"] = whole["facts"][:1]
        else:
            whole["facts"] = [[self.env._("Debtor"), documents[0][0].name], *whole["facts"]]
        return self._deliver(self.env["debt.report.renderer"]._render_xlsx(whole), "xlsx")

    def _deliver(self, content, form):
        """Keep a file on the wizard and hand it to the browser."""
        name = self.env._("Statement of account")
        if len(self.partner_ids) == 1:
            name = f"{name} {self.partner_ids.name}"
        self.write({"file": base64.b64encode(content), "file_name": f"{name}.{form}"})
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/file/{self.id}?download=true"
            f"&filename_field=file_name",
            "target": "self",
        }

    def action_send(self):
        """Mail each debtor the statement, where the rules allow it now; tell who was left out.

        Every statement that leaves is a contact of the log. Many are mailed in the background.
        """
        self.env["debt.contact"].check_access("create")
        debtors = self.partner_ids.commercial_partner_id
        if len(debtors) > SEND_AT_ONCE:
            return self._start_mailing(debtors)
        sent, left_out = self._send_statements()
        words = [self.env._("%(count)s statements are on their way.", count=sent)]
        words += [f"{debtor.name}: {reason}" for debtor, reason in left_out]
        self.message = "\n".join(words)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Statements of account"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def _start_mailing(self, debtors):
        """Leave many statements to the background; open what tells how far it is."""
        self._check_options()
        self.env["debt.statement"]._check_report_access(self.company_id.ids)
        self.env["debt.statement"]._check_portfolio(debtors, self.company_id)
        mailing = (
            self.env["debt.statement.mailing"]
            .sudo()
            .create(
                {
                    "company_id": self.company_id.id,
                    "user_id": self.env.uid,
                    "kind": self.kind,
                    "date_from": self.date_from,
                    "date_to": self.date_to,
                    "line_ids": [Command.create({"partner_id": id_}) for id_ in debtors.ids],
                }
            )
        )
        self.env.ref("debt_collection.ir_cron_statement_mailing").sudo()._trigger()
        return mailing.with_env(self.env)._get_records_action()

    def _send_statements(self):
        """Mail the statements now.

        :return: (number sent, list of (debtor, why it was left out))
        """
        documents = self._get_documents()
        recipients = {debtor: self._find_recipient(debtor) for debtor, _document in documents}
        permissions = self.partner_ids.commercial_partner_id._get_contact_permissions(
            self.company_id,
            "email",
            kind="dispatch",
            addresses={debtor.id: recipient.email for debtor, recipient in recipients.items()},
        )
        sent, left_out = 0, []
        for debtor, document in documents:
            permission = permissions[debtor.id]
            recipient = recipients[debtor]
            if not permission.allowed:
                left_out.append((debtor, ", ".join(permission.reasons)))
            elif not recipient.email:
                left_out.append((debtor, self.env._("no e-mail address")))
            else:
                self._send_to(debtor, recipient, document)
                sent += 1
        return sent, left_out

    def _find_recipient(self, debtor):
        """Collection contact, invoice address or the debtor: the first with an e-mail address."""
        addresses = debtor.address_get(["collection", "invoice"])
        partners = debtor.browse([addresses["collection"], addresses["invoice"], debtor.id])
        return next((partner for partner in partners if partner.email), debtor)

    def _send_to(self, debtor, recipient, document):
        """Queue the e-mail with the statement, and log the contact."""
        lang = debtor.lang or self.env.lang
        renderer = self.env["debt.report.renderer"].with_context(lang=lang)
        content = renderer._render_pdf(document, self.company_id, landscape=False)
        template = self.env.ref("debt_collection.mail_template_statement")
        case = self.env["debt.case"].search(
            [
                ("partner_id", "=", debtor.id),
                ("company_id", "=", self.company_id.id),
                ("state", "!=", "closed"),
            ],
            limit=1,
        )
        attachment = (
            self.env["ir.attachment"]
            .sudo()
            .create(
                {
                    "name": f"{document['title']}.pdf",
                    "raw": content,
                    "res_model": case._name if case else debtor._name,
                    "res_id": case.id or debtor.id,
                }
            )
        )
        mail_id = template.with_context(statement_company=self.company_id).send_mail(
            recipient.id, email_values={"attachment_ids": [attachment.id]}
        )
        mail = self.env["mail.mail"].sudo().browse(mail_id)
        mail.write(self._add_links(mail, debtor, recipient, document["title"], lang))
        subject = mail.subject
        self.env["debt.contact"].sudo().create(
            {
                "case_id": case.id,
                "company_id": self.company_id.id,
                "partner_id": debtor.id,
                "user_id": self.env.user.id,
                "channel": "email",
                "direction": "out",
                "outcome": "sent",
                "automatic": True,
                "note": subject,
            }
        )
        if case:
            case._message_log(
                body=Markup("%s") % self.env._("Statement of account sent to %(email)s.",
                                               email=recipient.email),
                attachment_ids=attachment.ids,
            )  # fmt: skip

    def _add_links(self, mail, debtor, recipient, title, lang):
        """Where to pay and how to opt out, below the words of the template, in the layout.

        :return: values of mail.mail
        """
        opt_out = self.env["debt.consent"]._get_opt_out_url(recipient.email, self.company_id)
        links = self.env["ir.qweb"]._render(
            "debt_collection.statement_mail_links",
            {"pay_links": self._get_pay_links(debtor), "opt_out_url": opt_out},
            lang=lang,
            minimal_qcontext=True,
        )
        layout = self.env["mail.render.mixin"].with_context(lang=lang)
        body = layout._render_encapsulate(
            "mail.mail_notification_light",
            Markup(mail.body_html or "") + links,
            add_context={
                "company": self.company_id,
                "model_description": title,
                "record_name": debtor.name,
                "lang": lang,
            },
            context_record=debtor,
        )
        return {
            "body_html": body,
            "headers": repr(
                {
                    "List-Unsubscribe": f"<{opt_out}>",
                    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                }
            ),
        }

    def _get_pay_links(self, debtor):
        """Odoo's pages to pay what is open, oldest first; they need no login.

        :return: list of (number of the document, absolute address); empty where nobody takes
            payments online
        """
        company = self.company_id
        if not self.env["debt.notice"].new({"company_id": company.id})._may_pay_online():
            return []
        self.env.flush_all()
        statement = self.env["debt.statement"]
        options = statement._prepare_options({"date": self.date_to}, company)
        items = statement._get_details_of(options, [debtor.id])
        ids = list(dict.fromkeys(item["move_id"] for item in items if item["amount"] > 0))
        moves = self.env["account.move"].sudo().browse(ids)
        moves = moves.filtered(lambda move: move.is_sale_document(include_receipts=True))
        return [
            (move.name, urljoin(company.get_base_url(), move.get_portal_url(anchor="portal_pay")))
            for move in moves[:PAY_LINKS]
        ]
