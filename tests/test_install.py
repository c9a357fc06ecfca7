"""Into a database that has invoices already, and out of it without a trace."""

import json

from tests.scenarios import LEDGER, rows

FIRST_RUN = """
import json
env["debt.run"].create({}).action_execute()
cases = env["debt.case"].search([])
print(json.dumps({case.partner_id.name: case.amount_overdue for case in cases}))
env.cr.commit()
"""

# Everything the addon can leave behind: cases, notices, e-mails, calls, files, choices by hand.
TRACES = """
from datetime import timedelta

partner = env["res.partner"].search([("name", "=", "Late")])
env["res.partner"].search([("name", "=", "Partial")]).email = False
env["ir.default"].set("res.partner", "debt_user_id", env.uid, company_id=True)
partner.debt_user_id = env.user
partner.debt_strategy_id = env.ref("debt_collection.strategy_standard")
env.company.debt_strategy_id = env.ref("debt_collection.strategy_standard")
env.company.debt_team_id = env["debt.team"].create({"name": "North", "leader_id": env.uid})
env["debt.run"].create({}).action_execute()
case = env["debt.case"].search([("partner_id", "=", partner.id)])
assert case.notice_ids.state == "queued", case.notice_ids.state
case.message_post(body="A note")
case.message_subscribe(partner.ids)
env["ir.attachment"].create(
    {"name": "letter.txt", "raw": b"x", "res_model": "debt.case", "res_id": case.id}
)
case.activity_schedule("mail.mail_activity_data_todo", user_id=env.uid)
env["debt.contact"].create(
    {
        "case_id": case.id,
        "outcome": "callback",
        "next_step": "call",
        "next_date": fields.Date.today(),
    }
)
env["debt.hold"].create(
    {"case_id": case.id, "reason": "x", "date_to": today + timedelta(days=5)}
)
env["ir.filters"].create({"name": "Mine", "model_id": "debt.case", "user_ids": [(6, 0, [env.uid])]})
env.ref("debt_collection.ir_cron_dispatch_notices")._trigger()
env["mail.template"].create(
    {"name": "Own text", "model_id": env["ir.model"]._get_id("debt.notice"), "body_html": "x"}
)
env.cr.commit()
"""

AFTERWARDS = """
move = invoice("After", 55, 3)
pay(move, 55)
partner = env["res.partner"].search([("name", "=", "Late")])
partner.write({"comment": "still here", "email": "new@example.com"})
env["res.config.settings"].create({}).execute()
print(move.state, move.payment_state, len(env["account.move"].search([])))
"""


def test_install_on_existing_ledger(make_db, run_odoo, shell):
    """The first run finds what was late before the addon came, by what is still open of it."""
    database = make_db(addon=False)
    shell(database, LEDGER)
    command = ["server", "-d", database, "-i", "debt_collection", "--stop-after-init", "--no-http"]
    done = run_odoo([*command, "--log-level=warn"], check=True)
    assert "ERROR" not in done.stdout
    assert "CRITICAL" not in done.stdout
    found = json.loads(shell(database, FIRST_RUN).splitlines()[-1])
    assert found == {"Late": 100.0, "Partial": 60.0}


def test_uninstall(make_db, run_odoo, shell, store):
    """No table, column, record or reference of ours is left, and Odoo books on."""
    database = make_db()
    before = schema(store, database)
    assert before["tables"], "the query finds what it looks for"
    shell(database, LEDGER + TRACES)
    done = run_odoo(["module", "uninstall", "-d", database, "debt_collection"], check=True)
    assert "Traceback" not in done.stdout, done.stdout[-3000:]
    state = "select state from ir_module_module where name = 'debt_collection'"
    assert rows(store, database, state) == ["uninstalled"]
    left = schema(store, database)
    assert left == {kind: [] for kind in left}
    assert references(store, database) == []
    done = shell(database, LEDGER.replace("env.cr.commit()", "") + AFTERWARDS)
    assert done.splitlines()[-1].split()[:2] == ["posted", "paid"]


def test_uninstall_with_demo_data(make_db, run_odoo, store):
    """Demo debtors whose invoices are booked stay as ordinary contacts, without a trace of ours."""
    database = make_db(demo=True)
    run_odoo(["module", "uninstall", "-d", database, "debt_collection"], check=True)
    left = schema(store, database)
    assert left == {kind: [] for kind in left}
    count = "select count(*) from res_partner where id in (select partner_id from account_move)"
    assert int(rows(store, database, count)[0]) > 30


def schema(store, database):
    """Return what the addon has in a database, by kind."""
    queries = {
        "tables": "select table_name from information_schema.tables"
        " where table_name like 'debt\\_%'",
        "columns": "select table_name, column_name from information_schema.columns"
        " where column_name like 'debt\\_%' and table_schema = 'public'",
        "indexes": "select indexname from pg_indexes where indexname like '%debt\\_%'",
        "functions": "select proname from pg_proc where proname like 'debt\\_%'",
        "data": "select model, name from ir_model_data where module = 'debt_collection'",
        "models": "select model from ir_model where model like 'debt.%'",
        "fields": "select model, name from ir_model_fields where name like 'debt\\_%'"
        " or model like 'debt.%' or relation like 'debt.%'",
        "constraints": "select name from ir_model_constraint where name like 'debt\\_%'",
        "relations": "select name from ir_model_relation where name like 'debt\\_%'",
        "groups": "select name from res_groups where name::text like '%Credit manager%'",
        "crons": "select cron_name from ir_cron where cron_name like 'Debt collection%'",
        "server actions": "select code from ir_act_server where code like '%\\_cron\\_run\\_coll%'",
        "templates": "select name from mail_template where model like 'debt.%'"
        " or name::text like '%Collections:%'",
        "rules": "select name from ir_rule where name like 'debt.%'",
        "accesses": "select name from ir_model_access where name like 'debt.%'",
        "sequences": "select code from ir_sequence where code like 'debt.%'",
        "views": "select name from ir_ui_view where name like '%debt%'",
        "menus": "select name from ir_ui_menu where name::text like '%Collections%'",
        "actions": "select name from ir_act_window where res_model like 'debt.%'"
        " or path like 'collections%'",
        "filters": "select name from ir_filters where model_id like 'debt.%'",
        "assets": "select name from ir_asset where path like 'debt\\_collection%'",
    }
    return {kind: rows(store, database, sql) for kind, sql in queries.items()}


def references(store, database):
    """Return the columns that still name one of our models, whatever the table."""
    columns = rows(
        store,
        database,
        "select table_name, column_name from information_schema.columns"
        " where table_schema = 'public' and data_type in ('character varying', 'text')"
        " and column_name in ('model', 'res_model', 'model_name', 'relation', 'model_id',"
        " 'resource_ref', 'binding_model', 'render_model', 'type')",
    )
    found = []
    for column in columns:
        table, name = column.split("\t")
        sql = f'select count(*) from "{table}" where "{name}" like \'debt.%\''
        number = store.query(sql, database)
        if number != "0":
            found.append((table, name, int(number)))
    return found
