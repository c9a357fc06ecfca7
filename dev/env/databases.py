"""Databases: templates in two layers, and copies made from them in a second.

The base template has every module the addon depends on; the addon template is a copy of it with
the addon. Each name carries a hash of what went into it, so that a changed file means a new
template and an unchanged one means no work. A comment on each database tells that it is ours and
of which state of the addon it is; a database without it is never changed or dropped.
"""

import contextlib
import functools
import os
import shutil
import subprocess
from itertools import count

from . import filestores, installlog, postgres, settings
from . import source as odoo_source
from .console import Problem, run_logged, say
from .processes import command_line, lock

MARK = "debt_collection developer environment"
TEMPLATES_KEPT = 3
_numbers = count(1)


def query(sql, database="postgres", environ=None):
    """Run SQL through psql and return its output, one line a row, columns separated by tabs."""
    done = subprocess.run(
        [postgres.client("psql"), "-XqtA", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-d", database],
        input=sql,
        capture_output=True,
        text=True,
        check=False,
        env=environ,
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[0]
        raise Problem(f"PostgreSQL refuses: {reason}")
    return done.stdout.strip()


def literal(text):
    """Return a text as an SQL literal."""
    return "'" + str(text).replace("'", "''") + "'"


def filestore(name):
    """Return the folder of a database's attachments."""
    return settings.DATA / "filestore" / name


class Databases:
    """The databases of this checkout, on the server that ``environ`` reaches."""

    def __init__(self, environ, quiet=False):
        """Remember the environment that commands run in.

        :param quiet: whether steps go unannounced, as they must beside other output
        """
        self.environ = environ
        self.quiet = quiet
        self.prefix = f"debt_{settings.clone_id()}"

    # --- one database

    def query(self, sql, database="postgres"):
        """Run SQL and return its output."""
        return query(sql, database, self.environ)

    def names(self):
        """Return the names of all databases on the server."""
        return self.query("select datname from pg_database order by 1").splitlines()

    def exists(self, name):
        """Tell whether a database is there."""
        return name in self.names()

    def state(self, name):
        """Return the addon state written on a database of ours; None on somebody else's."""
        sql = (
            "select shobj_description(oid, 'pg_database') from pg_database "
            f"where datname = {literal(name)}"
        )
        comment = self.query(sql)
        return comment[len(MARK) :].strip(": ") if comment.startswith(MARK) else None

    def refuse_foreign(self, name):
        """Raise one clear line when a database is not one of ours."""
        if self.state(name) is None and not name.startswith(f"{self.prefix}_"):
            raise Problem(f"the database {name} was not made here: choose another name with DB=")

    def mark(self, name, state):
        """Write on a database that it is ours and of which state of the addon."""
        self.query(f'comment on database "{name}" is {literal(f"{MARK}: {state}")}')

    def drop(self, name):
        """Drop a database of ours and its attachments."""
        if self.exists(name):
            self.refuse_foreign(name)
            self.query(f'drop database if exists "{name}" with (force)')
        shutil.rmtree(filestore(name), ignore_errors=True)

    def copy(self, template, name, state=None):
        """Make a database from a template; attachments are linked, they never change."""
        self.query(f'create database "{name}" template "{template}"')
        self.mark(name, state or self.state(template) or "")
        filestores.link(filestore(template), filestore(name))

    def fresh_name(self, kind):
        """Return a name for a database that lives as long as this process."""
        return f"{self.prefix}_{kind}_{os.getpid()}_{next(_numbers)}"

    def sweep(self):
        """Drop what earlier processes that are gone have left behind."""
        for name in self.names():
            kind, *rest = name.removeprefix(f"{self.prefix}_").split("_")
            if name.startswith(f"{self.prefix}_") and kind not in ("base", "addon"):
                owner = rest[0] if rest else ""
                if not (owner.isdigit() and command_line(owner)):
                    self.drop(name)

    # --- Odoo on a database

    def odoo(self, text, database, *arguments, log, **options):
        """Run ``odoo server … --stop-after-init`` on a database; return the log's path."""
        command = ["python", "-m", "odoo", "server", "-d", database, "--stop-after-init"]
        command += ["--max-cron-threads", "0", "--no-http", *arguments]
        options = {"excerpt": installlog.failures, "show": not self.quiet, **options}
        return run_logged(text, command, log, env=self.environ, **options)

    def upgrade(self, name):
        """Bring a database of ours to the addon's present state."""
        state = addon_state()
        if self.state(name) == state:
            return False
        again = "RESET=1 makes the database anew"
        self.odoo(
            f"upgrading {name}", name, "-u", settings.ADDON, log=f"upgrade-{name}", hint=again
        )
        self.mark(name, state)
        return True

    # --- templates

    def template(self, demo=False):
        """Return the name of the addon template, building what is missing of the two layers."""
        with lock("templates", "building template databases"):
            state = addon_state()
            kind = "demo" if demo else "bare"
            name = f"{self.prefix}_addon_{kind}_{settings.digest(base_state(demo), state)}"
            if not self.exists(name):
                self.sweep()
                base = self.base_template(demo)
                text = f"installing {settings.ADDON}" + (" with demo data" if demo else "")
                arguments = ["-i", settings.ADDON]
                log = installlog.name(name)
                self.build(text, name, arguments, log=log, base=base, state=state)
                self.forget_old("addon", demo)
            return name

    def base_template(self, demo):
        """Return the name of the template with what the addon depends on, building it if needed."""
        name = f"{self.prefix}_base_{'demo' if demo else 'bare'}_{base_state(demo)}"
        if not self.exists(name):
            depends = ",".join(sorted(settings.manifest()["depends"]))
            arguments = ["-i", depends, *(["--with-demo"] if demo else [])]
            self.build("installing the modules the addon depends on", name, arguments, log="base")
            self.forget_old("base", demo)
        return name

    @contextlib.contextmanager
    def bridged(self, template):
        """Give the name of a copy of a template with all bridges installed; it goes afterwards."""
        name = self.fresh_name("bridge")
        self.copy(template, name)
        try:
            bridges = ",".join(settings.bridges())
            self.odoo("installing the bridges", name, "-i", bridges, log="bridges")
            yield name
        finally:
            self.drop(name)

    def build(self, text, name, arguments, *, log, base=None, state=""):
        """Make a template under a passing name; it gets its own when complete."""
        half = self.fresh_name("building")
        self.drop(half)
        try:
            if base:
                self.copy(base, half)
            self.odoo(text, half, *arguments, log=log)
            self.mark(half, state)
            self.query(f'alter database "{half}" rename to "{name}"')
            shutil.rmtree(filestore(name), ignore_errors=True)
            if filestore(half).is_dir():
                filestore(half).rename(filestore(name))
        except BaseException:
            self.drop(half)
            raise

    def forget_old(self, layer, demo):
        """Drop templates of a layer beyond the newest few."""
        prefix = f"{self.prefix}_{layer}_{'demo' if demo else 'bare'}_"
        sql = f"select datname from pg_database where datname like {literal(prefix + '%')}"
        for name in self.query(f"{sql} order by oid desc").splitlines()[TEMPLATES_KEPT:]:
            self.drop(name)
            (settings.LOGS / f"{installlog.name(name)}.log").unlink(missing_ok=True)

    # --- databases people name

    def named(self, name, *, demo=False, reset=False):
        """Make or upgrade a database that somebody named; return True when it is new."""
        if self.exists(name):
            self.refuse_foreign(name)
            if not reset:
                say(f"database {name}: there already")
                self.upgrade(name)
                return False
            self.drop(name)
        template = self.template(demo)
        self.copy(template, name)
        say(f"database {name}: made, with {settings.ADDON}" + (" and its demo data" * demo))
        return True


@functools.cache
def base_state(demo):
    """Return a hash of what the base template is made of."""
    depends = sorted(settings.manifest()["depends"])
    return settings.digest(odoo_source.build(), settings.LOCK, ",".join(depends), demo)


def addon_state(folder=None):
    """Return a hash of the addon's files that an installed database depends on.

    Left out: tests, and files the web client reads from the disk.
    """
    folder = folder or settings.addon_path()
    parts = []
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.is_file() and counts(inside):
            parts += [inside.as_posix(), path]
    return settings.digest(*parts)


def counts(inside):
    """Tell whether a file of the addon, named from its folder, has a part in the installation."""
    if "__pycache__" in inside.parts or inside.suffix in (".pyc", ".md", ".pot"):
        return False
    if inside.parts[0] == "tests":
        return False
    return inside.parts[0] != "static" or inside.parts[1:2] == ("description",)
