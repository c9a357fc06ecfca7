"""Preview of a run: plan, keep what was decided, take everything else back."""

from odoo import models
from odoo.tools import SQL

from ...tools.sql import values_table


class DebtRun(models.Model):
    _inherit = "debt.run"

    def _preview(self):
        """Plan inside a savepoint, keep the decisions, take everything else back."""
        self.ensure_one()
        run = self.sudo()
        run.line_ids.unlink()
        self.env.flush_all()
        savepoint = self.env.cr.savepoint(flush=False)
        try:
            counts = run._plan(preview=True)
            decisions = run._read_decisions()
        finally:
            savepoint.rollback()
            savepoint.close(rollback=False)
            self.env.invalidate_all(flush=False)
        run._store_decisions(decisions)
        run.write({"state": "previewed", **counts})

    def _read_decisions(self):
        """The decisions of this run as plain rows, to survive the undoing of a preview.

        Cases that only the preview opened do not exist afterwards: their rows keep the debtor.
        """
        self.env.cr.execute(
            SQL(
                """
                SELECT CASE WHEN c.reference IS NOT NULL THEN c.id END, l.partner_id, l.decision,
                       l.level_id, l.mode, l.item_count, l.amount, l.data::text
                  FROM debt_run_line l LEFT JOIN debt_case c ON c.id = l.case_id
                 WHERE l.run_id = %s ORDER BY l.id
                """,
                self.id,
            )
        )
        return self.env.cr.fetchall()

    def _store_decisions(self, rows):
        """Write decisions read by ``_read_decisions`` back as lines of this run."""
        columns = {
            "case_id": "int",
            "partner_id": "int",
            "decision": "text",
            "level_id": "int",
            "mode": "text",
            "item_count": "int",
            "amount": "numeric",
            "data": "text",
        }
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO debt_run_line (case_id, partner_id, decision, level_id, mode,
                       item_count, amount, data, run_id, company_id)
                SELECT kept.case_id, kept.partner_id, kept.decision, kept.level_id, kept.mode,
                       kept.item_count, kept.amount, kept.data::jsonb, %(run)s, %(company)s
                  FROM %(kept)s
                """,
                run=self.id,
                company=self.company_id.id,
                kept=values_table("kept", columns, rows),
            )
        )
        self.invalidate_recordset(["line_ids", "line_count"])
