"""From a ledger file to collection cases: load it, run the day, run it again, settle one debtor."""

import json
import subprocess
from datetime import date
from pathlib import Path

import pytest

from dev.env import settings

# The ledger, the day, and what was counted in the file by other means than this code.
LEDGERS = {
    "sample": (
        Path(__file__).parent / "data" / "ledger_sample.csv",
        date(2024, 7, 8),
        {"open": (16, 15235.34), "overdue": (9, 8433.60), "debtors": 7},
    ),
}
# A real ledger that is no part of the repository: tried wherever it lies beside it.
REAL = settings.REPO.parent / "shared" / "data" / "ibm_receivables.csv"
if REAL.exists():
    LEDGERS["real"] = (
        REAL,
        date(2013, 6, 30),
        {"open": (84, 5119.85), "overdue": (12, 835.56), "debtors": 12},
    )

SCENARIO = """
import json

def state():
    cases = env["debt.case"].search([("state", "!=", "closed")])
    items = env["debt.case.item"].search([("date_out", "=", False)])
    lines = env["account.move.line"].search([
        ("account_type", "=", "asset_receivable"), ("parent_state", "=", "posted"),
        ("reconciled", "=", False),
    ])
    return {
        "cases": len(cases),
        "items": len(items),
        "case_total": round(sum(cases.mapped("amount_overdue")), 2),
        "item_total": round(sum(items.move_line_id.mapped("amount_residual")), 2),
        "open": [len(lines), round(sum(lines.mapped("amount_residual")), 2)],
    }

def execute():
    values = {"date": "%(day)s", "company_id": env.company.id}
    env["debt.run"].create(values).action_execute()
    env.invalidate_all()
    return state()

result = {"first": execute(), "again": execute()}
case = env["debt.case"].search([("state", "!=", "closed")], order="amount_overdue desc", limit=1)
items = case.item_ids.filtered(lambda item: not item.date_out)
result["settled"] = [len(items), case.amount_overdue]
wizard = env["account.payment.register"].with_context(
    active_model="account.move", active_ids=items.move_line_id.move_id.ids
)
wizard.create({"payment_date": "%(day)s"})._create_payments()
env.flush_all()
env.invalidate_all()
result["case"] = [case.state, sorted(set(items.mapped("exit_reason")))]
result["after"] = state()
result["next_day"] = execute()
print(json.dumps(result))
"""


def load(database, ledger, day):
    """Run the loader; return the completed process."""
    return subprocess.run(
        [
            "python",
            settings.REPO / "dev" / "load_ledger.py",
            "--database",
            database,
            "--ledger",
            ledger,
            "--as-of",
            day.isoformat(),
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=settings.REPO,
    )


@pytest.mark.parametrize("name", LEDGERS)
def test_ledger_becomes_cases(name, make_db, shell):
    """The cases equal the ledger; a second run adds nothing; a paid debtor's case closes."""
    ledger, day, expected = LEDGERS[name]
    database = make_db()
    done = load(database, ledger, day)
    assert done.returncode == 0, done.stdout + done.stderr
    open_count, open_total = expected["open"]
    count, total = expected["overdue"]
    words = [line.split() for line in done.stdout.splitlines()]
    assert ["open", "items", str(open_count), f"{open_total:,.2f}", "USD"] in words
    overdue = ["overdue", "items", str(count), f"{total:,.2f}", "USD"]
    assert [*overdue, str(expected["debtors"]), "debtors"] in words

    again = load(database, ledger, day)
    assert again.returncode == 1
    assert len(again.stderr.splitlines()) == 1
    assert "are already in the database" in again.stderr

    result = json.loads(shell(database, SCENARIO % {"day": day}).splitlines()[-1])
    wanted = {
        "cases": expected["debtors"],
        "items": count,
        "case_total": total,
        "item_total": total,
        "open": [open_count, open_total],
    }
    assert result["first"] == wanted
    assert result["again"] == wanted
    settled, amount = result["settled"]
    left = {
        "cases": expected["debtors"] - 1,
        "items": count - settled,
        "case_total": round(total - amount, 2),
        "item_total": round(total - amount, 2),
        "open": [open_count - settled, round(open_total - amount, 2)],
    }
    assert result["case"] == ["closed", ["paid"]]
    assert result["after"] == left
    assert result["next_day"] == left


def test_refused_ledger_changes_nothing(make_db, shell, tmp_path):
    """One bad row among good ones: it is named, and no customer or invoice is made."""
    sample = LEDGERS["sample"][0].read_text(encoding="utf-8-sig").splitlines()
    sample[20] = sample[20].replace(",No,", ",No,1/1/1999")
    ledger = tmp_path / "ledger.csv"
    ledger.write_text("\n".join(sample))
    database = make_db()
    done = load(database, ledger, date(2024, 7, 8))
    assert done.returncode == 1
    assert "line 21: " in done.stderr
    counted = shell(
        database,
        "print(env['account.move'].search_count([]),"
        " env['res.partner'].search_count([('customer_rank', '>', 0)]))",
    )
    assert counted == "0 0"
