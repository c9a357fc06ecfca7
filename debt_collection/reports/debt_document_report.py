from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError


class DebtDocumentReport(models.AbstractModel):
    """Base of reports with a screen of their own: options in, document out.

    A report defines ``_get_title`` and ``_get_tables(scope)``; ``scope`` has ``company``, ``date``
    (last day), ``user``, ``team``, ``segment``.
    """

    _name = "debt.document.report"
    _inherit = ["debt.aged.balance"]
    _description = "Report on a screen of its own"

    @api.model
    def _get_scope(self, options):
        """Options checked, as records.

        :param dict options: ``company_id``, ``date``, ``user_id``, ``team_id``, ``segment_id``
        """
        options = options or {}
        company = self._check_report_access(
            [int(options["company_id"])] if options.get("company_id") else self.env.company.ids
        )[:1]
        scope = {
            "company": company,
            "date": fields.Date.to_date(self._read_date(options.get("date")) or self._today()),
        }
        for name, model in (
            ("user", "res.users"),
            ("team", "debt.team"),
            ("segment", "debt.segment"),
        ):
            value = options.get(f"{name}_id")
            if value and not str(value).isdigit():
                raise UserError(self.env._("%(name)s is a number of a record.", name=name))
            scope[name] = self.env[model].sudo().browse(int(value) if value else False)
        return scope

    @api.model
    def _get_scope_options(self, scope):
        """The scope as options of the aged balance."""
        return {
            "date": fields.Date.to_string(scope["date"]),
            "company_ids": scope["company"].ids,
            "officer_ids": scope["user"].ids,
            "team_ids": scope["team"].ids,
            "segment_ids": scope["segment"].ids,
        }

    @api.model
    def _get_title(self):
        """Name of the report."""
        raise NotImplementedError

    @api.model
    def _get_tables(self, scope):
        """Tables of the report."""
        raise NotImplementedError

    @api.model
    def _get_document(self, options):
        """The report as a document."""
        scope = self._get_scope(options)
        self = self.with_context(allowed_company_ids=scope["company"].ids)  # noqa: PLW0642
        self.env["debt.case"]._follow_movements()
        self.env.flush_all()
        facts = self._describe_options(
            self._prepare_options(self._get_scope_options(scope), scope["company"])
        )
        return {
            "title": self._get_title(),
            "facts": [list(fact) for fact in facts if fact[0] != self.env._("Age by")],
            "tables": self._get_tables(scope),
            "notes": [],
        }

    @api.model
    def get_screen(self, options=None):
        """The report drawn for the screen, with the choices of its filters.

        :param dict options: see ``_get_scope``
        :return: {"html", "title", "options", "choices"}
        """
        scope = self._get_scope(options)
        document = self._get_document(options)
        return {
            "title": document["title"],
            "html": self.env["debt.report.renderer"]._render_screen(document),
            "options": {
                "company_id": scope["company"].id,
                "date": fields.Date.to_string(scope["date"]),
                "user_id": scope["user"].id,
                "team_id": scope["team"].id,
                "segment_id": scope["segment"].id,
            },
            "choices": {
                "company_id": self._list_choices(self.env.companies)
                if len(self.env.companies) > 1
                else [],
                "user_id": self._list_choices(self._get_officers(scope["company"])),
                "team_id": self._list_choices(self.env["debt.team"].search_fetch([], ["name"])),
                "segment_id": self._list_choices(
                    self.env["debt.segment"].search_fetch([], ["name"])
                ),
            },
        }

    # === PERIODS ===

    @api.model
    def _get_month_ends(self, date, count):
        """The day and the month ends before it, the latest first.

        :param date: last day looked at; when it is no month end, its month is not complete
        :param count: how many month ends
        """
        month = date.replace(day=1)
        ends = [month + relativedelta(months=1 - back, days=-1) for back in range(count)]
        return [min(end, date) for end in ends]

    @api.model
    def _get_month_start(self, date):
        """The last day before the month of a day."""
        return date.replace(day=1) - timedelta(days=1)
