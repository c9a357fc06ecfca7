"""Killed anywhere, finished by the next call: every debtor gets one notice and one e-mail."""

import json
import subprocess
import time

import pytest

from dev.env import settings

DEBTORS = 120

# A ledger of late invoices, one a debtor; the run may send by itself.
LEDGER = f"""
from datetime import timedelta
from odoo import Command, fields

today = fields.Date.today()
env.company.debt_send_automatically = True
partners = env["res.partner"].create([
    {{"name": f"Debtor {{number:03}}", "is_company": True, "email": f"d{{number}}@example.com"}}
    for number in range({DEBTORS})
])
env["account.move"].create([
    {{
        "move_type": "out_invoice",
        "partner_id": partner.id,
        "invoice_date": today - timedelta(days=40),
        "invoice_date_due": today - timedelta(days=10),
        "invoice_payment_term_id": False,
        "invoice_line_ids": [Command.create({{"name": "x", "price_unit": 50, "tax_ids": False}})],
    }}
    for partner in partners
]).action_post()
env.cr.commit()
"""

# The nightly job in a process that kills itself, the hard way, at the n-th call of a step.
KILLED = """
import os

def kill_at(model, name, number):
    cls = env.registry[model]
    step = getattr(cls, name)
    calls = []

    def killer(self, *args, **kwargs):
        calls.append(name)
        if len(calls) == number:
            os.kill(os.getpid(), 9)
        return step(self, *args, **kwargs)

    setattr(cls, name, killer)

kill_at({model!r}, {name!r}, {number})
env["debt.run"]._cron_run_collections()
"""

NIGHT = 'env["debt.run"]._cron_run_collections()'

FIGURES = """
import json
run = env["debt.run"].search([])
notices = env["debt.notice"].search([])
mails = env["mail.mail"].search([("model", "=", "debt.notice")])
print(json.dumps({
    "runs": run.mapped("state"),
    "sent": run.mapped("notices_sent"),
    "planned": run.mapped("notices_planned"),
    "notices": len(notices),
    "debtors": len(notices.partner_id),
    "states": sorted(set(notices.mapped("state"))),
    "mails": len(mails),
    "mailed": len(set(mails.mapped("res_id"))),
    "mail_states": sorted(set(mails.mapped("state"))),
    "cases": env["debt.case"].search_count([("state", "=", "open")]),
    "items": env["debt.case.item"].search_count([("date_out", "=", False)]),
}))
"""

FINISHED = {
    "runs": ["done"],
    "sent": [DEBTORS],
    "planned": [DEBTORS],
    "notices": DEBTORS,
    "debtors": DEBTORS,
    "states": ["queued"],
    "mails": DEBTORS,
    "mailed": DEBTORS,
    "mail_states": ["outgoing"],
    "cases": DEBTORS,
    "items": DEBTORS,
}


@pytest.fixture(scope="module")
def ledger(store):
    """Return the name of a database with late invoices, to be copied."""
    name = store.fresh_name("ledger")
    store.copy(store.template(), name)
    try:
        done = odoo_shell(name, LEDGER)
        assert done.returncode == 0, done.stdout[-3000:]
        yield name
    finally:
        store.drop(name)


@pytest.fixture
def database(store, ledger):
    """Return the name of a copy of the ledger, for one test."""
    name = store.fresh_name("crash")
    store.copy(ledger, name)
    yield name
    store.drop(name)


def odoo_shell(database, script):
    """Run a script in ``odoo shell``; its exit code tells how it ended."""
    return subprocess.run(
        ["python", "-m", "odoo", "shell", "-d", database, "--no-http", "--log-level=warn"],
        input=script,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        cwd=settings.REPO,
        check=False,
    )


def read_figures(shell, database):
    """Return what there is in the database."""
    return json.loads(shell(database, FIGURES).splitlines()[-1])


@pytest.mark.parametrize(
    ("model", "name", "number", "left"),
    [
        pytest.param("debt.run", "_plan_notice_items", 1, 0, id="while planning"),
        pytest.param("debt.notice", "_dispatch_batch", 3, 100, id="after the second batch"),
        pytest.param("debt.notice", "_after_dispatch", 2, 50, id="within the second batch"),
    ],
)
def test_killed(database, store, shell, model, name, number, left):
    """What was committed stays, what was not is done by the next call, and nothing twice."""
    killed = odoo_shell(database, KILLED.format(model=model, name=name, number=number))
    assert killed.returncode == -9, killed.stdout[-3000:]
    mails = "select count(*) from mail_mail m join mail_message s on s.id = m.mail_message_id"
    assert store.query(f"{mails} where s.model = 'debt.notice'", database) == str(left)
    queued = store.query("select count(*) from debt_notice where state = 'queued'", database)
    assert queued == str(left)
    after, again = shell(database, (NIGHT + FIGURES) * 2).splitlines()[-2:]
    assert json.loads(after) == FINISHED
    assert json.loads(again) == FINISHED, "one more call finds nothing to do"


# Holds the company's lock while planning, until the file is gone.
SLOW = """
import os, time

cls = env.registry["debt.run"]
step = cls._plan_notices

def slow(self, *args, **kwargs):
    print("planning", flush=True)
    while os.path.exists({flag!r}):
        time.sleep(0.1)
    return step(self, *args, **kwargs)

cls._plan_notices = slow
env["debt.run"]._cron_run_collections()
"""

SECOND = """
from odoo.exceptions import UserError

run = env["debt.run"].create({})
for action in (run.action_preview, run.action_execute):
    try:
        action()
    except UserError as error:
        print("REFUSED:", error)
env.cr.rollback()
"""


def test_two_at_once(database, shell, tmp_path):
    """One works, the other says so in one line and changes nothing; then the first finishes."""
    flag = tmp_path / "hold"
    flag.touch()
    first = subprocess.Popen(
        ["python", "-m", "odoo", "shell", "-d", database, "--no-http", "--log-level=warn"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=settings.REPO,
    )
    try:
        first.stdin.write(SLOW.format(flag=str(flag)))
        first.stdin.close()
        wait_for(first, "planning")
        said = shell(database, SECOND).splitlines()
        refusals = [line for line in said if line.startswith("REFUSED:")]
        assert len(refusals) == 2, said
        assert all("Another run is working on" in line for line in refusals)
        before = read_figures(shell, database)
        assert (before["runs"], before["notices"], before["cases"]) == ([], 0, 0)
        flag.unlink()
        assert first.wait(timeout=120) == 0
    finally:
        first.kill()
        first.wait()
        first.stdout.close()
    assert read_figures(shell, database) == FINISHED


def wait_for(process, word):
    """Read what a process prints until a line begins with a word."""
    deadline = time.monotonic() + 120
    seen = []
    while time.monotonic() < deadline:
        line = process.stdout.readline()
        if not line:
            break
        seen.append(line)
        if line.startswith(word):
            return
    pytest.fail("".join(seen)[-3000:])
