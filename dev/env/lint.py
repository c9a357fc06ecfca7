"""Static checks that need no database: ruff, pylint-odoo, Odoo's own pylint checkers."""

import subprocess
from concurrent.futures import ThreadPoolExecutor

from . import settings
from .console import say

OWN_CHECKS = (
    "sql-injection,missing-gettext,gettext-variable,gettext-placeholders,gettext-repr,"
    "raise-unlink-override"
)
OWN_PLUGINS = "_odoo_checker_sql_injection,_odoo_checker_gettext,_odoo_checker_unlink_override"
# Not for us: a README.rst (ours is README.md), OCA as author, one file for one model (a large
# model is split by concern).
NOT_OURS = "missing-readme,manifest-required-author,consider-merging-classes-inherited"


def commands(odoo_home, addon=None):
    """Return the checks: name, command, and variables to add to the environment.

    :param addon: the folder to check; ours and the bridges beside it by default
    """
    addons = [addon] if addon else [settings.ADDON, *settings.bridges()]
    checkers = odoo_home / "odoo" / "addons" / "test_lint" / "tests"
    if not checkers.is_dir():
        checkers = odoo_home / "addons" / "test_lint" / "tests"
    pylint = ["python", "-m", "pylint", "--rcfile=/dev/null", "--score=n"]
    oca = ["--load-plugins=pylint_odoo", "--disable=all", "--enable=odoolint"]
    oca += ["--valid-odoo-versions=19.0", f"--disable={NOT_OURS}"]
    own = ["--disable=all", f"--enable={OWN_CHECKS}", f"--load-plugins={OWN_PLUGINS}"]
    return [
        ("ruff check", ["ruff", "check", "."], {}),
        ("ruff format", ["ruff", "format", "--check", "."], {}),
        ("pylint-odoo", [*pylint, *oca, *addons], {"PYTHONPATH": ""}),
        ("Odoo's checkers", [*pylint, *own, *addons], {"PYTHONPATH": str(checkers)}),
    ]


def run(environ, odoo_home):
    """Run the checks side by side; return the names of those that failed."""

    def one(check):
        name, command, extra = check
        done = subprocess.run(
            command,
            cwd=settings.REPO,
            env={**environ, **extra},
            capture_output=True,
            text=True,
            check=False,
        )
        return name, done.returncode, (done.stdout + done.stderr).strip()

    failed = []
    with ThreadPoolExecutor(2) as pool:
        for name, code, output in pool.map(one, commands(odoo_home)):
            say(f"    {name}: {'failed' if code else 'passed'}")
            if code:
                say(output)
                failed.append(name)
    return failed
