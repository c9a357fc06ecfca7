"""The things that are measured, each in a process of its own.

    ./dev/python bench/cases.py NAME -d DB

A case prints one JSON object a line; ``--slowest 20`` adds the statements that took longest.
Except ``prepare``, whose result the later cases work on, everything is rolled back.
"""

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import cases_reports
from bench.generate import AS_OF
from bench.measure import Slowest, add_up, measure, repeat
from bench.notices import measure_notices
from bench.session import environment

SQL_REPEATS = 7

# The statement no run can be faster than: every overdue line with the level it has reached.
DUE_LEVELS = """
    SELECT l.id, l.partner_id, l.amount_residual,
           width_bucket(%(day)s - l.date_maturity, ARRAY[1, 15, 30, 60]) AS level
      FROM account_move_line l
      JOIN account_account a ON a.id = l.account_id AND a.account_type = 'asset_receivable'
     WHERE l.company_id = %(company)s AND l.parent_state = 'posted' AND NOT l.reconciled
       AND l.amount_residual > 0 AND l.date_maturity < %(day)s
"""


COUNTRIES = ("DE", "FR", "GB", "IE", "BE", "US", "CA", "AU", "IN", "KE")


def emit(step, **figures):
    """Print one result.

    :param str step: what was measured.
    :param figures: what came out.
    """
    print(json.dumps({"step": step, **figures}, default=str), flush=True)


def raw_sql(env, _options):
    """The plain statements, as a floor: rows fetched, and rows written to a table."""
    parameters = {"day": AS_OF, "company": env.company.id}

    def fetch():
        env.cr.execute(DUE_LEVELS, parameters)
        return len(env.cr.fetchall())

    def write():
        env.cr.execute("DROP TABLE IF EXISTS bench_levels")
        env.cr.execute(f"CREATE TEMPORARY TABLE bench_levels AS {DUE_LEVELS}", parameters)
        return env.cr.rowcount

    for step, action in (("fetched", fetch), ("written", write)):
        items, seconds = repeat(SQL_REPEATS, action)
        emit(step, items=items, seconds=seconds, queries=1)


def _make_run(env):
    """Return a new collection run for the benchmark's day."""
    return env["debt.run"].create({"date": AS_OF, "company_id": env.company.id})


def _count(env):
    """Return what collection consists of now."""
    env.cr.execute(
        "SELECT (SELECT count(*) FROM debt_case WHERE state <> 'closed'),"
        " (SELECT count(*) FROM debt_case_item WHERE date_out IS NULL),"
        " (SELECT count(*) FROM debt_notice)"
    )
    return dict(zip(("cases", "items", "notices"), env.cr.fetchone(), strict=True))


def run(env, _options):
    """One run without sending: the first one, or a rerun, as the database stands."""
    before = _count(env)
    day = _make_run(env)
    _result, figures = measure(env, lambda: day._execute(send=False))
    after = _count(env)
    emit("run", **figures, **after, new_items=after["items"] - before["items"])


def gate(env, _options):
    """The compliance gate of one run: house policy, debtors in many countries.

    First every debtor is judged anew, then the same day again, when nothing has changed.
    """
    house = env["debt.jurisdiction"].search([("code", "=", "HOUSE")])
    env.company.debt_jurisdiction_ids = house
    countries = env["res.country"].search([("code", "in", COUNTRIES)]).ids
    env.cr.execute(
        "UPDATE res_partner p SET country_id = (%s::int[])[1 + p.id %% %s]"
        " FROM debt_case c WHERE c.partner_id = p.id",
        (countries, len(countries)),
    )
    env.cr.execute("UPDATE debt_case SET call_decision = NULL, call_from = NULL")
    env.invalidate_all()
    day = _make_run(env)
    _result, figures = measure(env, day._gate)
    env.cr.execute("SELECT count(*) FROM debt_check WHERE kind = 'run' AND date >= %s", (AS_OF,))
    checks = env.cr.fetchone()[0]
    emit("gate_again", **measure(env, _make_run(env)._gate)[1])
    emit("gate", **figures, checks=checks)


def prepare(env, options):
    """The first run, kept: the database the later cases start from."""
    run(env, options)
    env.cr.commit()


def payments(env, options):
    """Register payments when told to, one line of input per round, for a paired comparison.

    Invoices are taken in an order that does not depend on where they are stored, the same in
    both databases.
    """
    env.cr.execute(
        """
        SELECT m.id FROM account_move m
         WHERE m.move_type = 'out_invoice' AND m.state = 'posted' AND m.amount_residual > 0
           AND m.invoice_date_due < %s
         ORDER BY md5(m.id::text)
        """,
        [AS_OF],
    )
    invoices = [id_ for (id_,) in env.cr.fetchall()]
    wizard = env["account.payment.register"]

    def register(ids):
        context = {"active_model": "account.move", "active_ids": ids}
        values = {"payment_date": AS_OF, "group_payment": False}
        return wizard.with_context(**context).create(values)._create_payments()

    emit("ready")
    for line in sys.stdin:
        step, size, calls = line.split()
        count = int(size) * int(calls)
        chosen, invoices = invoices[:count], invoices[count:]
        rounds = []
        for place in range(0, count, int(size)):
            part = chosen[place : place + int(size)]
            made, figures = measure(env, lambda part=part: register(part))
            if len(made) != int(size):
                raise SystemExit(f"{len(made)} payments instead of {size}")
            rounds.append(figures)
        env.cr.execute(
            "SELECT count(*) FROM account_move WHERE id = ANY(%s) AND amount_residual <> 0",
            [chosen],
        )
        [unpaid] = env.cr.fetchone()
        emit(step, count=count, unpaid=unpaid, **add_up(rounds))


def notices(env, _options):
    """E-mails into the queue without and with a statement as PDF, letters into one PDF."""
    measure_notices(env, emit)


def peer(env, _options):
    """OCA account_credit_control: generate lines, set them ready, group them by debtor."""
    policy = env.ref("account_credit_control.credit_control_3_time")
    accounts = env["account.account"].search(
        [("account_type", "=", "asset_receivable"), ("company_ids", "in", env.company.ids)]
    )
    policy.account_ids = accounts
    env.company.credit_policy_id = policy
    chain = env["credit.control.run"].create({"date": AS_OF, "policy_ids": [(6, 0, policy.ids)]})
    steps = (
        ("generate", chain.generate_credit_lines),
        ("ready", chain.set_to_ready_lines),
        (
            "group",
            lambda: env["credit.control.communication"]._generate_comm_from_credit_lines(
                chain.line_ids
            ),
        ),
    )
    for step, action in steps:
        result, figures = measure(env, action)
        count = len(result) if step == "group" else len(chain.line_ids)
        emit(step, items=count, **figures)
        # What the server does by itself between two clicks; a plan made for an empty table would
        # be held against the peer.
        env.cr.execute("ANALYZE credit_control_line")


def _of_reports(case):
    """A case of ``bench/cases_reports.py`` as one of these."""
    return lambda env, _options: case(env, emit)


CASES = {
    "raw_aged": _of_reports(cases_reports.raw_aged),
    "reports": _of_reports(cases_reports.reports),
    "peer_reports": _of_reports(cases_reports.peer_reports),
    "raw_sql": raw_sql,
    "run": run,
    "prepare": prepare,
    "gate": gate,
    "payments": payments,
    "notices": notices,
    "peer": peer,
}


def main():
    """Measure one case."""
    parser = argparse.ArgumentParser(description="Measure one case of the benchmark.")
    parser.add_argument("case", choices=CASES)
    parser.add_argument("-d", "--database", required=True)
    parser.add_argument("--addons-path", default="")
    parser.add_argument(
        "--slowest", type=int, default=0, metavar="N", help="show the N slowest statements"
    )
    options = parser.parse_args()
    with environment(options.database, addons=options.addons_path) as env:
        with Slowest() as slowest:
            CASES[options.case](env, options)
        if options.slowest:
            print(slowest.report(options.slowest), file=sys.stderr)


if __name__ == "__main__":
    main()
