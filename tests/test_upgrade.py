"""A database of the previous version, with work in it, becomes one of this version.

The previous version is the newest one in the repository's history whose number differs. Where the
history is not at hand, as in an unpacked archive, there is nothing to upgrade from and nothing is
collected.
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

# A day of the previous version: cases, notices in several states, a call, a hold, a contact.
WORK = """
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

AFTERWARDS = """
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


def git(*arguments):
    """Return what git prints, None where it fails."""
    done = subprocess.run(["git", *arguments], cwd=settings.REPO, capture_output=True, check=False)
    return None if done.returncode else done.stdout


def previous_commit():
    """Return the newest commit of the previous version, None without history.

    Work on a version may begin before its number is raised: a commit with scripts that upgrade to
    the present version is none of the previous one.
    """
    present = settings.manifest()["version"]
    scripts = f"{settings.ADDON}/migrations/{present}"
    history = git("log", "--format=%H", "--", MANIFEST, scripts) or b""
    for commit in history.decode().split():
        for candidate in (commit, f"{commit}~"):
            text = git("show", f"{candidate}:{MANIFEST}")
            if not text or git("ls-tree", candidate, scripts):
                continue
            if ast.literal_eval(text.decode())["version"] != present:
                return candidate
    return None


PREVIOUS = previous_commit()


@pytest.fixture
def addons_path(tmp_path):
    """Return the addons path with the previous version of the addon on it."""
    with tarfile.open(fileobj=io.BytesIO(git("archive", PREVIOUS, settings.ADDON))) as archive:
        archive.extractall(tmp_path, filter="data")
    home = odoo_source.ensure()
    return ",".join(map(str, [*odoo_source.core_addons(home), tmp_path]))


if PREVIOUS:

    def test_upgrade(addons_path, make_db, run_odoo, shell, store):
        """Nothing is lost, the log is clean, and the tables are those of a new installation."""
        database = make_db(addon=False)
        arguments = ["-d", database, "--no-http", "--stop-after-init", "--max-cron-threads=0"]
        old = ["--addons-path", addons_path]
        run_odoo(["server", *arguments, *old, "-i", settings.ADDON], check=True)
        shell(database, LEDGER + WORK, *old)
        done = run_odoo(["server", *arguments, "-u", settings.ADDON], check=True)
        assert not installlog.complaints(done.stdout)
        assert structure(store, database) == structure(store, make_db())
        found = json.loads(shell(database, AFTERWARDS).splitlines()[-1])
        assert found == {
            "state": "on_hold",
            "held": ["Asked for a copy"],
            "outcome": "promised",
            "channels": ["call"],
            "own words": True,
            "open": 3,
        }


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
