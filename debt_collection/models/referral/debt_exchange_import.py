"""What agencies send: payments and notes; all of a file or nothing, every bad line told."""

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...tools.exchange import FileProblem, parse_amount, parse_date, read_rows


class DebtExchangeMapping(models.Model):
    """Formats read files and import them."""

    _inherit = "debt.exchange.mapping"

    # === IMPORT ===

    def _read_file(self, content, name):
        """The rows of a file with their values read, and what is wrong with each.

        :param bytes content: the file
        :param str name: its name
        :return: (list of dicts with ``line``, ``referral`` and the fields, list of problems)
        :raises UserError: when the file as a whole cannot be read
        """
        self.ensure_one()
        try:
            heads, rows = read_rows(content, name, self.delimiter)
        except FileProblem as problem:
            raise UserError(
                self.env._(
                    "%(name)s cannot be read (%(problem)s). It must be a CSV or XLSX file with "
                    "headings in the first row.",
                    name=name,
                    problem=problem,
                )
            ) from problem
        missing = [c.heading for c in self.column_ids if c.heading not in heads]
        if missing:
            raise UserError(
                self.env._(
                    "The file has no column %(missing)s. Its columns are: %(heads)s. Correct the "
                    "format %(format)s or the file.",
                    missing=", ".join(missing),
                    heads=", ".join(heads),
                    format=self.name,
                )
            )
        known = self._get_known(rows)
        problems, result, seen = [], [], set()
        for line, cells in rows:
            values, found = self._read_row(cells, known)
            reference = values.get("reference")
            if reference and reference in seen:
                found.append(self.env._("%s is in the file twice.", reference))
            seen.add(reference)
            problems += [
                self.env._("Line %(line)s: %(problem)s", line=line, problem=problem)
                for problem in found
            ]
            result.append({"line": line, **values})
        return result, problems

    def _get_known(self, rows):
        """What the rows refer to, read at once.

        :return: dict with ``referrals`` by number, ``codes``, ``references`` imported before
        """
        heading = {column.field: column.heading for column in self.column_ids}

        def texts(field):
            key = heading.get(field)
            return [str(c.get(key) or "").strip() for _line, c in rows] if key else []

        referrals = self.env["debt.referral"].search(
            [("name", "in", texts("placement")), ("company_id", "=", self.company_id.id)]
        )
        if self.contract_id:
            referrals = referrals.filtered(lambda r: r.contract_id == self.contract_id)
        codes = self.env["debt.return.code"].search([("code", "!=", False)])
        imported = self.env["debt.referral.payment"].search(
            [
                ("reference", "in", texts("reference")),
                ("contract_id", "in", referrals.contract_id.ids),
            ]
        )
        return {
            "heading": heading,
            "referrals": {referral.name: referral for referral in referrals},
            "codes": {code.code.upper(): code for code in codes},
            "references": set(imported.mapped("reference")),
        }

    def _read_row(self, cells, known):
        """Read one row.

        :return: (dict of values, list of problems)
        """
        raw = {field: cells.get(head) for field, head in known["heading"].items()}
        text = {
            field: str(value if value is not None else "").strip() for field, value in raw.items()
        }
        problems, values = [], {"note": text.get("note", "")}
        referral = known["referrals"].get(text["placement"])
        values["referral"] = referral
        if not text["placement"]:
            problems.append(self.env._("the placement number is missing"))
        elif not referral:
            problems.append(self.env._("there is no placement %s", text["placement"]))
        elif referral.state != "placed":
            problems.append(self.env._("%s is not placed any more", text["placement"]))
        try:
            values["date"] = parse_date(raw["date"], self.date_format)
            if values["date"] > fields.Date.context_today(self):
                problems.append(
                    self.env._(
                        "the date %s lies in the future", format_date(self.env, values["date"])
                    )
                )
        except ValueError:
            problems.append(self.env._("“%s” is no date of the chosen form", text["date"]))
        values["their_number"] = text.get("their_number", "")
        if self.content == "payments":
            problems += self._read_payment(raw, text, known, values)
        elif not values["note"]:
            problems.append(self.env._("the note is missing"))
        code = text.get("code", "").upper()
        values["code"] = known["codes"].get(code)
        if code and not values["code"]:
            problems.append(self.env._("there is no return code %s", code))
        return values, problems

    def _read_payment(self, raw, text, known, values):
        """The part of a row that is a payment; fills ``values``.

        :return: list of problems
        """
        problems = []
        referral = values["referral"]
        values["reference"] = text["reference"]
        if not text["reference"]:
            problems.append(self.env._("the number of the payment is missing"))
        elif text["reference"] in known["references"]:
            problems.append(self.env._("the payment %s was imported before", text["reference"]))
        try:
            values["amount"] = parse_amount(raw["amount"], self.decimal)
            if values["amount"] <= 0:
                problems.append(self.env._("the amount must be above zero"))
            elif (
                referral
                and referral.currency_id.compare_amounts(values["amount"], referral.amount_open) > 0
            ):
                problems.append(
                    self.env._(
                        "%(amount)s is more than the %(open)s still open",
                        amount=referral.currency_id.format(values["amount"]),
                        open=referral.currency_id.format(referral.amount_open),
                    )
                )
        except ValueError:
            problems.append(self.env._("“%s” is no amount of the chosen form", text["amount"]))
        values["document"] = text.get("document", "")
        if (
            values["document"]
            and referral
            and values["document"] not in referral.item_ids.mapped("document_number")
        ):
            problems.append(self.env._("%s is not among the documents placed", values["document"]))
        return problems

    def _import_file(self, content, name):
        """Import a file: every row, or none and every problem with its line number.

        :param bytes content: the file
        :param str name: its name
        :return: the payments, or the contacts, made
        :raises UserError: with all bad lines
        """
        rows, problems = self._read_file(content, name)
        if problems:
            raise UserError(
                "\n".join([self.env._("Nothing was imported. Correct these lines:"), *problems])
            )
        if not rows:
            raise UserError(self.env._("The file has headings but no rows."))
        for row in rows:
            if row["their_number"] and row["referral"].reference != row["their_number"]:
                row["referral"].sudo().reference = row["their_number"]
        if self.content == "payments":
            return self._import_payments(rows)
        return self._import_notes(rows)

    def _import_payments(self, rows):
        """Keep the payments of the agency, and register them where the contract says so."""
        made = self.env["debt.referral.payment"]
        for row in rows:
            referral = row["referral"]
            payment = referral.sudo()._register_remittance(
                row["amount"], row["date"], row["document"], row["reference"]
            )
            made |= made.sudo().create(
                {
                    "referral_id": referral.id,
                    "date": row["date"],
                    "amount_company": row["amount"],
                    "document_number": row["document"],
                    "reference": row["reference"],
                    "payment_id": payment.id,
                }
            )
        return made

    def _import_notes(self, rows):
        """Write the notes into the contact log; a return code gives the placement back."""
        contacts = self.env["debt.contact"].sudo()
        made = contacts
        for row in rows:
            referral = row["referral"]
            made |= contacts.create(
                {
                    "case_id": referral.case_id.id,
                    "date": fields.Datetime.to_datetime(row["date"]),
                    "channel": "letter",
                    "direction": "in",
                    "outcome": "other",
                    "automatic": True,
                    "note": f"{referral.recipient_id.display_name}: {row['note']}",
                }
            )
            if row["code"]:
                referral._do_end("returned", row["note"], row["code"])
        return made
