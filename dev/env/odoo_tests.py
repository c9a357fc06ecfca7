"""``make test-odoo``: Odoo's own accounting tests, without the addon and with it, side by side."""

import re
import subprocess
import time

from . import settings
from .console import Problem, say, step
from .databases import Databases
from .processes import free_port

# Documents, reconciliation, payments, what they touch: the accounting the addon extends or uses.
FILES = [
    "/account/tests/test_account_move_out_invoice.py",
    "/account/tests/test_account_move_out_refund.py",
    "/account/tests/test_account_move_entry.py",
    "/account/tests/test_account_move_reconcile.py",
    "/account/tests/test_account_move_payments_widget.py",
    "/account/tests/test_account_payment.py",
    "/account/tests/test_account_payment_register.py",
    "/account/tests/test_account_payment_items.py",
    "/account/tests/test_account_bank_statement.py",
    "/account/tests/test_account_lock_exception.py",
    "/account/tests/test_early_payment_discount.py",
    "/account/tests/test_company_branch.py",
    "/account/tests/test_res_partner_merge.py",
    "/account_payment/tests/test_account_payment.py",
    "/account_payment/tests/test_payment_flows.py",
]
STARTED = re.compile(r"Starting (\w+\.\w+)")
# What comes before the name of a test that did not pass.
FAILED = re.compile(r"(?:FAIL|ERROR): (?:Subtest )?(\w+\.\w+)")
# A class that could not even begin: none of its tests is told of.
UNBORN = re.compile(r"ERROR: setUpClass \(odoo\.addons\.[\w.]+\.(\w+)\)")


def run(environ):
    """Run the tests on two databases and print both; return the exit code."""
    store = Databases(environ)
    results = {}
    for words, get_template in (
        ("without the addon", store.base_template),
        ("with the addon", store.template),
    ):
        # asked for when it is needed: the addon may have changed since the first run began
        results[words] = run_on(store, environ, words, get_template(False))
    return compare(*results.values())


def run_on(store, environ, words, template):
    """Run the tests on a copy of a template.

    :param words: which of the two it is
    :return: (names of the tests that ran, names of those that failed, seconds)
    """
    name = store.fresh_name("odootest")
    store.copy(template, name)
    path = settings.LOGS / f"odoo-tests-{words.split()[0]}.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    command = ["python", "-m", "odoo", "server", "-d", name, "--stop-after-init"]
    command += ["--max-cron-threads", "0", "--http-port", str(free_port())]
    command += ["--http-interface", "127.0.0.1", "--test-tags", ",".join(FILES)]
    start = time.monotonic()
    try:
        with step(f"Odoo's accounting tests {words}"), path.open("wb") as log:
            subprocess.run(command, env=environ, stdout=log, stderr=log, check=False)
        return (*read(path.read_text(errors="replace")), time.monotonic() - start)
    finally:
        store.drop(name)


def read(text):
    """Return the tests that a log tells of.

    :return: (names of those that started, names of those that failed)
    """
    started = set(STARTED.findall(text))
    failed = {name for name in FAILED.findall(text) if name in started}
    return started, failed | {f"{name}.setUpClass" for name in UNBORN.findall(text)}


def compare(bare, ours):
    """Print both runs; return 0 when the addon changes nothing.

    :param bare, ours: what ``run_on`` returned
    :raises Problem: when no test ran
    """
    say()
    for words, (started, failed, seconds) in (("without the addon", bare), ("with it", ours)):
        say(f"    {words:<20} {len(started)} tests, {len(failed)} failed ({seconds:.0f} s)")
    if not bare[0] or not ours[0]:
        raise Problem("no test ran: see the logs in .odoo/logs")
    missing = sorted(bare[0] - ours[0])
    worse = sorted(ours[1] - bare[1])
    for title, names in (
        ("fail with and without it", sorted(ours[1] & bare[1])),
        ("fail with the addon only", worse),
        ("did not run with the addon", missing),
    ):
        if names:
            say(f"\n    {title}:")
            for name in names:
                say(f"        {name}")
    say()
    say("the addon breaks something" if worse or missing else "the addon changes nothing")
    return 1 if worse or missing else 0
