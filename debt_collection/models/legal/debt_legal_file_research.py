"""The legal file: what is known of the debtor's means."""

from odoo import models


class DebtLegalFileContent(models.AbstractModel):
    """The ability-to-pay sheet, for those who may see it."""

    _inherit = "debt.legal.file.content"

    def _get_research(self, case, date):
        sheet = case.assessment_ids.filtered(
            lambda s: s.state == "confirmed" and s.date <= date
        ).sorted(lambda s: (s.date, s.id))[-1:]
        if not sheet:
            return None
        currency = sheet.currency_id
        return {
            "title": self.env._("Ability to pay on %s", self._show_date(sheet.date)),
            "text": [
                self.env._(
                    "Left each month: %(left)s; affordable: %(affordable)s.",
                    left=currency.format(sheet.disposable),
                    affordable=currency.format(sheet.affordable),
                ),
                sheet.outlook or "",
            ],
            "tables": [
                self._make_table(
                    [
                        self.env._("Kind"),
                        self.env._("Fact"),
                        self.env._("Amount"),
                        self.env._("Source"),
                        self.env._("As of"),
                    ],
                    [
                        [
                            self._show_label(line, "kind"),
                            line.name,
                            f"{currency.format(line.amount)} {self._show_label(line, 'period')}",
                            self._show_label(line, "source"),
                            self._show_date(line.date),
                        ]
                        for line in sheet.line_ids
                    ],
                    right=(2,),
                )
            ],
        }
