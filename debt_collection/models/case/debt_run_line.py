from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import format_date

DECISIONS = [
    ("notice", "Notice"),
    ("courtesy", "Courtesy message"),
    ("blocked", "Not to be contacted"),
    ("pending", "A notice is waiting"),
    ("covered", "Covered by credits"),
    ("claimed", "Everything set aside"),
    ("quiet", "Contacted recently"),
    ("waiting", "Waiting for the next level"),
    ("exhausted", "All levels done"),
    ("no_strategy", "No strategy"),
]

# "Nothing to do" decisions are kept so many days; what led to a notice stays.
KEEP_DAYS = 90


class DebtRunLine(models.Model):
    """What a run decided on one case, with the reason in words."""

    _name = "debt.run.line"
    _description = "Decision of a run"
    _order = "id desc"
    # One row per open case and day, written in bulk beside the run, which says who and when.
    _log_access = False

    run_id = fields.Many2one("debt.run", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one("res.company", required=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    case_id = fields.Many2one("debt.case", ondelete="cascade", index="btree_not_null")
    partner_id = fields.Many2one(
        "res.partner", string="Debtor", required=True, index=True, ondelete="cascade"
    )
    decision = fields.Selection(DECISIONS, required=True)
    level_id = fields.Many2one("debt.level", ondelete="set null")
    mode = fields.Char()
    item_count = fields.Integer(string="Items")
    amount = fields.Monetary(help="Collectible overdue amount, in the company's currency.")
    data = fields.Json()
    reason = fields.Char(compute="_compute_reason")
    error_message = fields.Text(string="Problem")

    @api.depends("partner_id", "decision")
    def _compute_display_name(self):
        for line in self:
            line.display_name = f"{line.partner_id.display_name}: {line.reason}"

    @api.depends("decision", "level_id", "data")
    @api.depends_context("lang")
    def _compute_reason(self):
        for line in self:
            line.reason = line._describe()

    def _describe(self):
        """The reason of the decision, in the reader's language."""
        self.ensure_one()
        data = self.data or {}
        level = self.level_id.name or ""
        if self.decision == "notice":
            return self._describe_notice(level, data)
        describe = {
            "courtesy": lambda: self.env._(
                "%(level)s: %(count)s items are due from %(date)s on",
                level=level,
                count=self.item_count,
                date=format_date(self.env, data.get("due")),
            ),
            "blocked": lambda: self.env._(
                "nothing to do because the case is %(reason)s",
                reason=self.env["debt.case"]._describe_blocking(
                    data.get("code"), data.get("data") or {}
                ),
            ),
            "pending": lambda: self.env._(
                "nothing to do because a notice of %(date)s is waiting",
                date=format_date(self.env, data.get("date")),
            ),
            "covered": lambda: self.env._(
                "nothing to do because open credits of %(credit)s cover what is overdue",
                credit=self.currency_id.format(data.get("credit") or 0.0),
            ),
            "claimed": lambda: self.env._(
                "nothing to do because every item is on hold, disputed, promised or on a plan"
            ),
            "quiet": lambda: self.env._(
                "%(level)s is due, but the last notice left on %(last)s: not before %(next)s",
                level=level,
                last=format_date(self.env, data.get("last")),
                next=format_date(self.env, data.get("next")),
            ),
            "waiting": lambda: self.env._(
                "nothing to do today: the next level falls due on %(next)s",
                next=format_date(self.env, data.get("next")),
            ),
            "exhausted": lambda: self._describe_exhausted(data),
            "no_strategy": lambda: self.env._(
                "nothing to do because no strategy is chosen for this debtor"
            ),
        }
        return describe[self.decision]()

    def _describe_exhausted(self, data):
        """Why no level is left: all done, or the debt too small for what is left."""
        if data.get("minimum"):
            return self.env._(
                "nothing to do because the next level begins at %(minimum)s",
                minimum=self.currency_id.format(data["minimum"]),
            )
        return self.env._("nothing to do because all levels are done: decide on the escalation")

    def _describe_notice(self, level, data):
        """Why a notice is planned and what will happen with it."""
        how = {
            "automatic": self.env._("will be sent"),
            "officer": self.env._("given to the officer"),
            "approval": self.env._("waits for approval"),
            "call": self.env._("a call for the officer"),
        }.get(self.mode, "")
        if data.get("repeat"):
            why = self.env._(
                "%(level)s again: %(days)s days since the last time",
                level=level,
                days=data["since"],
            )
        elif data.get("jump"):
            why = self.env._(
                "%(level)s at once: the oldest item is %(days)s days late already",
                level=level,
                days=data.get("days"),
            )
        else:
            why = self.env._(
                "%(level)s: the oldest item it concerns is %(days)s days late",
                level=level,
                days=data.get("days"),
            )
        return f"{why} ({how})"

    @api.autovacuum
    def _gc_idle_lines(self):
        """Forget decisions to do nothing after a while; there is one per case and day."""
        limit = fields.Date.today() - timedelta(days=KEEP_DAYS)
        batch = 10000
        lines = self.search(
            [("decision", "not in", ("notice", "courtesy")), ("run_id.date", "<", limit)],
            limit=batch,
        )
        lines.unlink()
        return len(lines), len(lines) == batch
