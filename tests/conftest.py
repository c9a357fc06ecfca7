"""Fixtures for tests that start Odoo on databases of their own.

They run inside the environment of ``make test`` (``./dev/python -m pytest -p no:odoo tests``). A
test that uses one is marked ``needs_odoo``, so that the others can run alone, in a second.
"""

import os
import subprocess

import pytest

from dev.env import settings
from dev.env.databases import Databases

DATABASE_FIXTURES = {"store", "make_db", "run_odoo", "shell"}


def pytest_collection_modifyitems(items):
    """Mark the tests that start Odoo."""
    for item in items:
        if DATABASE_FIXTURES.intersection(getattr(item, "fixturenames", ())):
            item.add_marker("needs_odoo")


@pytest.fixture(scope="session")
def store():
    """Return the databases of this checkout."""
    return Databases(dict(os.environ))


@pytest.fixture
def make_db(store):
    """Return a function that makes a database and returns its name; all are dropped afterwards.

    ``make_db()`` has the addon and no demo data, ``make_db(demo=True)`` has both, and
    ``make_db(addon=False)`` has what the addon depends on.
    """
    made = []

    def make(demo=False, addon=True):
        template = store.template(demo) if addon else store.base_template(demo)
        name = store.fresh_name("scenario")
        made.append(name)
        store.copy(template, name)
        return name

    yield make
    for name in made:
        store.drop(name)


@pytest.fixture
def run_odoo():
    """Return a function that runs the odoo command and returns the completed process.

    ``run_odoo(["server", "-d", name, "-u", "debt_collection", "--stop-after-init"])``: the output
    and the log are in ``stdout``; ``check=True`` fails the test when the exit code is not zero.
    """

    def run(arguments, stdin="", check=False, timeout=600):
        done = subprocess.run(
            ["python", "-m", "odoo", *arguments],
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout,
            cwd=settings.REPO,
            check=False,
        )
        if check and done.returncode:
            pytest.fail(
                f"odoo {' '.join(arguments)}: exit {done.returncode}\n{done.stdout[-4000:]}"
            )
        return done

    return run


@pytest.fixture
def shell(run_odoo):
    """Return a function that runs a script in ``odoo shell`` and returns what it printed.

    Further arguments are options of the command. The script has ``env``; it must call
    ``env.cr.commit()`` for its changes to stay. A traceback fails the test.
    """

    def run(database, script, *options):
        begin, end = "--- script begins", "--- script ends"
        wrapped = f"print({begin!r})\n{script}\nprint({end!r})\n"
        arguments = ["shell", "-d", database, "--no-http", "--log-level=warn", *options]
        done = run_odoo(arguments, stdin=wrapped, check=True)
        if end not in done.stdout:
            pytest.fail(f"the script did not reach its end\n{done.stdout[-4000:]}")
        return done.stdout.split(begin, 1)[1].split(end, 1)[0].strip()

    return run
