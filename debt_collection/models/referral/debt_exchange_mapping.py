from odoo import api, fields, models
from odoo.exceptions import ValidationError

FIELDS = [
    ("placement", "Our placement number"),
    ("document", "Document number"),
    ("date", "Date"),
    ("amount", "Amount"),
    ("reference", "Their payment number"),
    ("note", "Note"),
    ("code", "Return code"),
    ("their_number", "Their file number"),
]
REQUIRED = {
    "payments": {"placement", "date", "amount", "reference"},
    "notes": {"placement", "date", "note"},
}


class DebtExchangeMapping(models.Model):
    """How the files of an agency look: saved once, used for every file."""

    _name = "debt.exchange.mapping"
    _description = "File format of an agency"
    _order = "name"

    name = fields.Char(required=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    contract_id = fields.Many2one(
        "debt.agency.contract", index="btree_not_null", help="Empty: for several agencies."
    )
    content = fields.Selection(
        [("payments", "Payments"), ("notes", "Notes and returns")],
        default="payments",
        required=True,
    )
    delimiter = fields.Selection(
        [(",", "Comma"), (";", "Semicolon"), ("\t", "Tab"), ("|", "Bar")],
        default=",",
        required=True,
        string="Columns are separated by",
        help="Of text files; workbooks need none.",
    )
    decimal = fields.Selection(
        [(".", "1,234.56"), (",", "1.234,56")], string="Amounts", default=".", required=True
    )
    date_format = fields.Selection(
        [
            ("%Y-%m-%d", "2026-12-31"),
            ("%d.%m.%Y", "31.12.2026"),
            ("%d/%m/%Y", "31/12/2026"),
            ("%m/%d/%Y", "12/31/2026"),
            ("%Y%m%d", "20261231"),
        ],
        string="Dates",
        default="%Y-%m-%d",
        required=True,
    )
    column_ids = fields.One2many("debt.exchange.column", "mapping_id", string="Columns", copy=True)

    @api.constrains("column_ids", "content")
    def _check_columns(self):
        labels = dict(FIELDS)
        for mapping in self:
            missing = REQUIRED[mapping.content] - set(mapping.column_ids.mapped("field"))
            if missing:
                raise ValidationError(
                    self.env._(
                        "The format %(name)s does not say in which column to find: %(fields)s.",
                        name=mapping.name,
                        fields=", ".join(sorted(labels[key] for key in missing)),
                    )
                )


class DebtExchangeColumn(models.Model):
    """Which heading of the file holds what."""

    _name = "debt.exchange.column"
    _description = "Column of an agency's file"
    _order = "id"

    mapping_id = fields.Many2one(
        "debt.exchange.mapping", required=True, ondelete="cascade", index=True
    )
    field = fields.Selection(FIELDS, string="What", required=True)
    heading = fields.Char(string="Heading in the file", required=True)

    _field_uniq = models.UniqueIndex("(mapping_id, field)", "Each thing is in one column only.")
