"""A database of each earlier version, with work in it, becomes one of this version.

The earlier versions are found in the repository's history. Where it is not at hand, as in an
unpacked archive, there is nothing to upgrade from and nothing is collected.
"""

import ast
import io
import json
import subprocess
import tarfile

import pytest

from dev.env import installlog, settings
from dev.env import source as odoo_source
from tests.scenarios import LEDGER, rows

MANIFEST = f"{settings.ADDON}/__manifest__.py"
FIRST = "19.0.1.0.0"
QUIET = ["--no-http", "--stop-after-init", "--max-cron-threads=0"]
ROWS_OF_THE_DEMO = 1000

# A day of the first version: cases, notices in several states, a call, a hold, a contact.
FIRST_WORK = """
late = env["res.partner"].search([("name", "=", "Late")])
env["res.partner"].search([("name", "=", "Partial")]).email = False
invoice("Refused", 500, 40)
env["debt.run"].create({})._execute(release=False)
case = env["debt.case"].search([("partner_id", "=", late.id)])
waiting = env["debt.notice"].search([("state", "=", "to_approve")])
waiting.filtered(lambda notice: notice.partner_id.name != "Refused").action_approve()
assert sorted(waiting.mapped("state")) == ["queued", "queued", "to_approve"]
env["debt.contact"].create({
    "case_id": case.id, "reached": "right_party", "outcome": "will_pay", "note": "On Friday"
})
env["debt.hold"].create(
    {"case_id": case.id, "reason": "Asked for a copy", "date_to": today + timedelta(days=5)}
)
level = env.ref("debt_collection.level_reminder")
level.template_id.body_html = "<p>Our own words <t t-out='object.items_html'/></p>"
env.cr.commit()
"""

FIRST_AFTERWARDS = """
import json
from odoo import fields
case = env["debt.case"].search([("partner_id.name", "=", "Late")])
contact = env["debt.contact"].search([("note", "=", "On Friday")])
calls = env["debt.notice"].search([("partner_id.name", "=", "Partial")])
env["debt.run"].create({"date": fields.Date.add(fields.Date.today(), days=1)}).action_execute()
print(json.dumps({
    "state": case.state,
    "held": case.hold_ids.mapped("reason"),
    "outcome": contact.outcome,
    "channels": calls.mapped("channel"),
    "own words": "Our own words" in str(
        env.ref("debt_collection.level_reminder").template_id.body_html
    ),
    "open": env["debt.case"].search_count([("state", "!=", "closed")]),
}))
"""

# The day after: what was there is judged and told of.
NEXT_DAY = """
from odoo import fields
tomorrow = fields.Date.add(fields.Date.today(), days=1)
env["debt.run"].create({"date": tomorrow}).action_execute()
print(env["debt.case"].search_count([("state", "!=", "closed")]))
"""


def git(*arguments):
    """Return what git prints, None where it fails."""
    done = subprocess.run(["git", *arguments], cwd=settings.REPO, capture_output=True, check=False)
    return None if done.returncode else done.stdout


def earlier_commits():
    """Return the newest commit of each earlier version, none without history.

    Work on a version may begin before its number is raised: a commit with scripts that upgrade to
    a later version is none of the one it names.

    :return: dict version → commit
    """
    migrations = f"{settings.ADDON}/migrations/"
    history = git("log", "--format=%H", "--", MANIFEST, migrations) or b""
    found = {}
    for commit in history.decode().split():
        for candidate in (commit, f"{commit}~"):
            text = git("show", f"{candidate}:{MANIFEST}")
            if not text:
                continue
            version = ast.literal_eval(text.decode())["version"]
            scripts = git("ls-tree", "--name-only", candidate, migrations).decode().split()
            if all(number(path.rsplit("/", 1)[-1]) <= number(version) for path in scripts):
                found.setdefault(version, candidate)
    found.pop(settings.manifest()["version"], None)
    return found


def number(version):
    """Return a version as numbers that compare."""
    return tuple(map(int, version.split(".")))


EARLIER = earlier_commits()


@pytest.fixture
def addons_path_of(tmp_path):
    """Return a function: the addons path with an earlier version of the addon on it."""

    def make(version):
        archived = git("archive", EARLIER[version], settings.ADDON)
        with tarfile.open(fileobj=io.BytesIO(archived)) as archive:
            archive.extractall(tmp_path, filter="data")
        home = odoo_source.ensure()
        return ",".join(map(str, [*odoo_source.core_addons(home), tmp_path]))

    return make


@pytest.fixture
def install(make_db, run_odoo, addons_path_of):
    """Return a function: a database with an earlier version, and the options that start it."""

    def make(version, demo):
        database = make_db(demo=demo, addon=False)
        old = ["--addons-path", addons_path_of(version)]
        with_demo = ["--with-demo"] if demo else []
        run_odoo(
            ["server", "-d", database, *QUIET, *old, *with_demo, "-i", settings.ADDON], check=True
        )
        return database, old

    return make


if FIRST in EARLIER:

    def test_upgrade_of_the_first_version(install, make_db, run_odoo, shell, store):
        """What people worked with in the first version goes on under its new names."""
        database, old = install(FIRST, demo=False)
        shell(database, LEDGER + FIRST_WORK, *old)
        upgrade(database, run_odoo)
        assert structure(store, database) == structure(store, make_db())
        assert json.loads(shell(database, FIRST_AFTERWARDS).splitlines()[-1]) == {
            "state": "on_hold",
            "held": ["Asked for a copy"],
            "outcome": "promised",
            "channels": ["call"],
            "own words": True,
            "open": 3,
        }


if set(EARLIER) - {FIRST}:

    def test_upgrade_of_the_previous_version(install, make_db, run_odoo, shell, store):
        """A year of business in every state: each record is still there, in the state it had."""
        database, _old = install(max(EARLIER, key=number), demo=True)
        # the demo data is what people worked with, not to be loaded anew
        store.query("update ir_module_module set demo = false", database)
        before = states(store, database)
        assert len(before) > ROWS_OF_THE_DEMO
        upgrade(database, run_odoo)
        assert structure(store, database) == structure(store, make_db())
        lost = sorted(before - states(store, database))
        assert not lost
        assert int(shell(database, NEXT_DAY).splitlines()[-1]) > 0


def upgrade(database, run_odoo):
    """Upgrade the addon of a database; its log must be clean."""
    done = run_odoo(["server", "-d", database, *QUIET, "-u", settings.ADDON], check=True)
    assert not installlog.complaints(done.stdout)


def states(store, database):
    """Return the rows of our tables with their states, as a set of texts."""
    tables = rows(
        store,
        database,
        "select t.tablename, coalesce(string_agg(c.column_name, ' ' order by c.column_name), '')"
        " from pg_tables t left join information_schema.columns c on c.table_name = t.tablename"
        " and c.column_name in ('state', 'outcome', 'channel', 'kind', 'amount')"
        " where t.tablename like 'debt\\_%' and exists (select from information_schema.columns i"
        " where i.table_name = t.tablename and i.column_name = 'id') group by 1 order by 1",
    )
    parts = []
    for line in tables:
        table, _tab, columns = line.partition("\t")
        kept = "".join(f", ' {column} ', {column}" for column in columns.split())
        parts.append(f"select concat('{table} ', id{kept}) from {table}")
    return set(rows(store, database, " union all ".join(parts)))


def structure(store, database):
    """Return columns, constraints and indexes of our tables, as PostgreSQL describes them."""
    queries = (
        "select table_name, column_name, data_type, is_nullable from information_schema.columns"
        " where table_schema = 'public' and (table_name like 'debt\\_%'"
        " or column_name like 'debt\\_%') order by 1, 2",
        "select conrelid::regclass::text, pg_get_constraintdef(oid) from pg_constraint"
        " where conrelid::regclass::text like 'debt\\_%' order by 1, 2",
        "select tablename, regexp_replace(indexdef, '^.* USING ', '') from pg_indexes"
        " where tablename like 'debt\\_%' order by 1, 2",
    )
    return [rows(store, database, sql) for sql in queries]
