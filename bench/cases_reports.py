"""Cases of the benchmark about reports: ours, raw SQL, and OCA account_financial_report.

Each is a function of (environment, emit); ``bench/cases.py`` calls them.
"""

import datetime
import json
import tempfile

from bench.generate import AS_OF
from bench.measure import measure, repeat

PAST = AS_OF - datetime.timedelta(days=180)
SQL_REPEATS = 7
CALLS = 3

# The statement no aged balance of today can be faster than.
AGED = """
    SELECT l.partner_id, sum(l.amount_residual),
           sum(l.amount_residual) FILTER (WHERE %(day)s - l.date_maturity <= 0),
           sum(l.amount_residual) FILTER (WHERE %(day)s - l.date_maturity BETWEEN 1 AND 30),
           sum(l.amount_residual) FILTER (WHERE %(day)s - l.date_maturity BETWEEN 31 AND 60),
           sum(l.amount_residual) FILTER (WHERE %(day)s - l.date_maturity BETWEEN 61 AND 90),
           sum(l.amount_residual) FILTER (WHERE %(day)s - l.date_maturity BETWEEN 91 AND 120),
           sum(l.amount_residual) FILTER (WHERE %(day)s - l.date_maturity > 120)
      FROM account_move_line l
      JOIN account_account a ON a.id = l.account_id AND a.account_type = 'asset_receivable'
     WHERE l.company_id = %(company)s AND l.parent_state = 'posted' AND NOT l.reconciled
     GROUP BY l.partner_id
"""


def raw_aged(env, emit):
    """Aged buckets of each debtor, as they stand, by one statement."""

    def fetch():
        env.cr.execute(AGED, {"day": AS_OF, "company": env.company.id})
        return len(env.cr.fetchall())

    debtors, seconds = repeat(SQL_REPEATS, fetch)
    emit("aged", items=debtors, seconds=seconds, queries=1)


def _median(env, action):
    """Measure a step a few times; return (result, figures of the median, highest memory)."""
    runs = [measure(env, action) for _call in range(CALLS)]
    result = runs[-1][0]
    figures = sorted((figures for _result, figures in runs), key=lambda f: f["seconds"])
    memory = max(run["memory_mib"] for run in figures)
    return result, {**figures[len(figures) // 2], "memory_mib": memory}


def reports(env, emit):
    """Our aged balance, its unfolding and workbook, and the snapshot of a month."""
    report = env["debt.aged.balance"]
    for step, day in (("aged", AS_OF), ("aged_past", PAST)):
        matrix, figures = _median(env, lambda day=day: report.get_matrix({"date": str(day)}))
        emit(step, items=len(matrix["rows"]), **figures)
    [check] = report.get_ledger_check({"date": str(PAST)})
    if check["difference"]:
        raise SystemExit(f"aged balance and general ledger differ: {check}")
    row = matrix["rows"][len(matrix["rows"]) // 2]
    details, figures = _median(env, lambda: report.get_details({"date": str(PAST)}, row[0], row[2]))
    emit("unfold", items=len(details), **figures)
    for step, details in (("xlsx", "none"), ("xlsx_details", "all")):
        with tempfile.TemporaryFile() as file:
            _result, figures = measure(
                env,
                lambda file=file, details=details: report._write_xlsx(
                    file, {"date": str(AS_OF)}, details
                ),
            )
            emit(step, bytes=file.tell(), **figures)
    snapshot, figures = measure(
        env,
        lambda: env["debt.snapshot"].create({"company_id": env.company.id, "date": PAST}),
    )
    emit("snapshot", items=snapshot.item_count, **figures)


def peer_reports(env, emit):
    """OCA account_financial_report: aged balance today and in the past, and its workbooks."""
    accounts = env["account.account"].search(
        [("account_type", "=", "asset_receivable"), ("company_ids", "in", env.company.ids)]
    )

    def prepare(day, details):
        wizard = env["aged.partner.balance.report.wizard"].create(
            {
                "date_at": day,
                "account_ids": [(6, 0, accounts.ids)],
                "show_move_line_details": details,
                "company_id": env.company.id,
            }
        )
        # As the web client sends it
        return wizard, json.loads(json.dumps(wizard._prepare_report_data(), default=str))

    values = env["report.account_financial_report.aged_partner_balance"]
    for step, day in (("aged", AS_OF), ("aged_past", PAST)):
        wizard, data = prepare(day, False)
        found, figures = measure(
            env, lambda wizard=wizard, data=data: values._get_report_values(wizard.ids, data)
        )
        partners = sum(len(account["partners"]) for account in found["aged_partner_balance"])
        emit(step, items=partners, **figures)
    for step, details in (("xlsx", False), ("xlsx_details", True)):
        wizard, data = prepare(AS_OF, details)
        content, figures = measure(
            env,
            lambda wizard=wizard, data=data: env["ir.actions.report"]._render_xlsx(
                "a_f_r.report_aged_partner_balance_xlsx", wizard.ids, dict(data)
            ),
        )
        emit(step, bytes=len(content[0]), **figures)
