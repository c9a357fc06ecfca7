"""The words rules prescribe or forbid: what a person says, and how a text is known to say it."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import html2plaintext

# Notices that are sent because the law asks for them.
PURPOSE_KINDS = ("validation_notice", "written_notice", "art10_communication")


class DebtPhrase(models.Model):
    """What one word of the rules on content means in a sentence.

    Rules name what has to be said by short codes. Here is the sentence for it, to be read out in
    the call dialog and to be put into texts, and the wordings by which a text is known to say it.
    """

    _name = "debt.phrase"
    _description = "Prescribed words"
    _order = "forbidden, code"
    _rec_name = "code"

    code = fields.Char(required=True, help="As rules on content name it.")
    sentence = fields.Text(
        required=True,
        translate=True,
        help="What is said, or what the text has to contain. {company}, {phone}, {person} and "
        "{debtor} are filled in.",
    )
    wordings = fields.Text(
        string="Known by",
        help="One a line: a text that contains one of them says it. What is known from our "
        "records, such as the company's name or the documents' numbers, is found without.",
    )
    forbidden = fields.Boolean(help="Rules forbid it; a text must not contain it.")

    _code_uniq = models.Constraint("UNIQUE(code)", "There are words for this code already.")

    @api.model
    def _say(self, codes, **values):
        """Return the sentences of codes; a code without one says itself.

        :param codes: codes of rules on content
        :param values: ``company``, ``phone``, ``person``, ``debtor``
        :return: list of str in the user's language
        """
        found = {
            one.code: one.sentence for one in self.sudo().search([("code", "in", list(codes))])
        }
        said = []
        for code in codes:
            text = found.get(code) or code.replace("_", " ")
            for name, value in values.items():
                text = text.replace("{" + name + "}", value or "…")
            said.append(text)
        return said

    @api.model
    def _recognise(self, text):
        """Return the codes a text says, by its wording.

        :param text: HTML or plain text
        """
        plain = " ".join(html2plaintext(str(text or "")).casefold().split())
        languages = [code for code, _name in self.env["res.lang"].get_installed()]
        codes = set()
        for phrase in self.sudo().search([("code", "!=", False)]):
            wordings = (phrase.wordings or "").splitlines()
            if not phrase.forbidden:
                wordings += [phrase.with_context(lang=lang).sentence for lang in languages]
            if any(
                line.strip() and " ".join(line.casefold().split()) in plain
                for line in wordings
                if line and "{" not in line
            ):
                codes.add(phrase.code)
        return codes


class DebtGate(models.AbstractModel):
    """See ``debt.gate``: what a text has to say is asked when the text is known."""

    _inherit = "debt.gate"

    @api.model
    def _asks_for_content(self, company, facts, action):
        """Tell whether a rule on content may bind us in this action with this debtor."""
        book, _versions = self.env["debt.rule"]._get_book(company.id)
        return any(
            rule.type == "CONTENT" and (not rule.actors or company.debt_actor in rule.actors)
            for rule in book.find(facts.jurisdictions, action)
        )


class DebtNotice(models.Model):
    """What notices say is compared with what the rules prescribe."""

    _inherit = "debt.notice"

    lacks_words = fields.Text(
        string="The text lacks",
        compute="_compute_lacks_words",
        help="What the rules prescribe and the text does not say, or forbid and it says.",
    )

    @api.depends("state", "level_id", "channel", "body", "subject")
    def _compute_lacks_words(self):
        """Ask the gate about the text as it would leave, where a rule on content may hold."""
        self.lacks_words = False
        for notice in self.filtered(
            lambda one: one.state in ("to_approve", "to_review", "ready", "failed")
        ):
            notice.lacks_words = "\n".join(notice._find_content_problems()) or False

    def _find_content_problems(self):
        """Return what is wrong with the text of this notice, in sentences."""
        self.ensure_one()
        if self.channel not in ("email", "letter", "sms") or not self.partner_id:
            return []
        permission = self.sudo()._get_contact_permissions_of_text()
        decision = permission.decision
        hits = [one for one in decision.hits if one.type == "CONTENT"] if decision else []
        problems = []
        for one in hits:
            codes = one.values.get("tokens") or ["opt_out"]
            forbidden = one.code == "CONTENT_FORBIDDEN"
            for sentence in self.env["debt.phrase"]._say(codes, **self._get_phrase_values()):
                template = (
                    self.env._("The text must not say: %s")
                    if forbidden
                    else self.env._("The text has to say: %s")
                )
                problems.append(template % sentence)
        return problems

    def _get_contact_permissions_of_text(self, message=None, debtor=None):
        """Return the gate's answer for this notice alone, without logging it.

        :param message: (subject, text) that is being written; by default as it would leave now
        :param debtor: res.partner with the rights of the user who is told
        """
        self.ensure_one()
        debtor = debtor or self.partner_id
        return debtor._get_contact_permissions(
            self.company_id,
            self.channel,
            texts=lambda _partner_id: self._get_gate_values(message),
            **self._get_gate_purpose(),
        )[debtor.id]

    def _get_phrase_values(self):
        """Return what is filled into sentences about this notice."""
        return {
            "company": self.company_id.name,
            "phone": self.contact_phone or self.company_id.phone,
            "person": self.user_id.name,
            "debtor": self.partner_id.name,
        }

    def _get_gate_purpose(self):
        """Return why this notice is sent, for the rules: some notices the law itself asks for."""
        kind = self.level_id.service_kind
        return {"purpose": kind if kind in PURPOSE_KINDS else "demand"}

    def _get_gate_values(self, message=None):
        """Return what the rules on content ask of a text.

        :param message: (subject, text) as it would leave; by default as it would leave now
        :return: dict of document, content and date by which it asks to pay
        """
        self.ensure_one()
        if message is None:
            message = self._get_own_message() if self.edited else self._get_messages()[self.id]
        kind = self.level_id.service_kind
        document = "validation" if kind == "validation_notice" else ""
        if not document and self.company_id.debt_actor in ("agency", "buyer"):
            earlier = self.search_count(
                [
                    ("partner_id", "=", self.partner_id._origin.id),
                    ("company_id", "=", self.company_id.id),
                    ("state", "=", "sent"),
                ],
                limit=1,
            )
            document = "" if earlier else "first_claim"
        return {
            "document": document,
            "content": frozenset(self._get_said_codes(*message)),
            "pay_before": self.deadline or None,
        }

    def _get_said_codes(self, subject, text):
        """Return the codes the text says: by its wording, and by what our records know of it."""
        said = self.env["debt.phrase"]._recognise(f"{subject or ''}\n{text or ''}")
        plain = html2plaintext(f"{subject or ''}\n{text or ''}").casefold()
        digits = "".join(filter(str.isdigit, plain))
        company, numbers = self.company_id, self.item_ids.mapped("document_number")
        if self.channel == "email":
            # put below each e-mail about debts
            said.add("opt_out")
        if self.channel == "letter":
            # printed on the letter's head, with the address and the table of items
            said |= {"creditor", "collector", "business_name", "current_creditor", "client_name"}
            said |= {"client_address", "consumer", "account", "amount_now", "due_date"}
        if company.name.casefold() in plain:
            said |= {"creditor", "collector", "business_name", "current_creditor", "client_name"}
        if self.partner_id.name and self.partner_id.name.casefold() in plain:
            said.add("consumer")
        if self.user_id.name and self.user_id.name.casefold() in plain:
            said.add("person_name")
        phone = "".join(filter(str.isdigit, self.contact_phone or company.phone or ""))
        if phone and phone in digits:
            said.add("phone")
        if company.street and company.street.casefold() in plain:
            said.add("client_address")
        if any(number and number.casefold() in plain for number in numbers):
            said |= {"account", "ground"}
        if "o_debt_items" in str(text or "") or any(
            str(int(item.amount)) in digits for item in self.item_ids if item.amount >= 1
        ):
            said |= {"amount_now", "amount"}
        if "o_debt_items" in str(text or ""):
            said |= {"due_date", "contract_date"}
        return said

    def action_approve(self):
        """Refuse to approve a text that lacks what the rules prescribe, saying what.

        :raises UserError: naming each notice and what is wrong with its text
        """
        self._check_can_approve()
        problems = [
            f"{notice.display_name}: {problem}"
            for notice in self.filtered(lambda one: one.state == "to_approve")
            for problem in notice._find_content_problems()
        ]
        if problems:
            raise UserError("\n".join(problems))
        return super().action_approve()
