"""The command line: ``./dev/run COMMAND``, called by the Makefile and the scripts beside it."""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import threading
from datetime import date
from pathlib import Path

from . import demo as demo_server
from . import (
    environment,
    lint,
    odoo_tests,
    packages,
    postgres,
    processes,
    settings,
    system,
    testing,
)
from .console import Problem, complain, run_child, say
from .databases import Databases

# --- commands handed on, with their own arguments


def passed_on(command):
    """Replace this process by a command run inside the environment."""
    environ = environment.prepare()
    os.execvpe(command[0], command, environ)


PASSED_ON = {
    "odoo": lambda arguments: passed_on(["python", "-m", "odoo", *arguments]),
    "python": lambda arguments: passed_on(["python", *arguments]),
    "psql": lambda arguments: passed_on([postgres.client("psql"), *arguments]),
}

# --- commands of our own


def get(_options):
    """Get all that is missing: Odoo, packages, PostgreSQL, wkhtmltopdf, fonts."""
    environment.prepare()
    system.need("run", "fonts")
    say("the environment is complete")


def demo(options):
    """Make the demo database or show a ledger, and start the server."""
    demo_server.check_free(options.port, demo_server.running())
    check_ledger(options)
    system.need("run", "fonts")
    environ = environment.prepare()
    store = Databases(environ)
    if not options.ledger:
        name = options.db or "debt_demo"
        store.named(name, demo=True, reset=options.reset)
        return demo_server.serve(environ, store, name, options.port, options.detach)
    name = options.db or "debt_ledger"
    if store.named(name, reset=options.reset):
        load_ledger(environ, store, name, options, drop=True)
    else:
        say(f"{name} holds a ledger already: RESET=1 loads another in its place")
    return demo_server.serve(environ, store, name, options.port, options.detach)


def database(options):
    """Make a database with the addon and no demo data, or upgrade it."""
    name = needed(options.db, "DB=name")
    Databases(environment.prepare()).named(name, reset=options.reset)


def ledger(options):
    """Load a ledger file into a database, made when it is not there."""
    name = needed(options.db, "DB=name")
    needed(options.ledger, "LEDGER=file.csv")
    check_ledger(options)
    environ = environment.prepare()
    store = Databases(environ)
    new = store.named(name, reset=options.reset)
    load_ledger(environ, store, name, options, drop=new)


def check_ledger(options):
    """Raise one clear line when LEDGER is no file or AS_OF no date."""
    if options.ledger and not Path(options.ledger).is_file():
        raise Problem(f"LEDGER={options.ledger}: no such file")
    try:
        date.fromisoformat(options.as_of or "2026-01-31")
    except ValueError:
        raise Problem(f"AS_OF={options.as_of}: not a date such as 2026-01-31") from None


def load_ledger(environ, store, name, options, drop):
    """Run ``dev/load_ledger.py`` on a database.

    :param drop: whether the database goes when the ledger could not be loaded
    """
    path = Path(options.ledger).resolve()
    command = ["python", "dev/load_ledger.py", "--database", name, "--ledger", path]
    if options.as_of:
        command += ["--as-of", options.as_of]
    loaded = False
    try:
        loaded = run_child(command, cwd=settings.REPO, env=environ) == 0
    finally:
        if drop and not loaded:
            store.drop(name)
    if not loaded:
        now = "not made" if drop else "as it was before"
        raise Problem(f"{options.ledger} was not loaded: the database {name} is {now}")


def needed(value, text):
    """Return a value the caller must give."""
    if not value:
        raise Problem(f"say {text}")
    return value


def test(options):
    """Run all tests, or the part that ``T=`` names."""
    environ = environment.prepare()
    run = testing.Run(environ, Path(environ["ODOO_HOME"]), Databases(environ), options.jobs)
    return run.part(options.part) if options.part else run.everything()


def test_odoo(_options):
    """Run Odoo's own accounting tests without the addon and with it."""
    return odoo_tests.run(environment.prepare())


def check(_options):
    """Run the static checks alone: no database, no server."""
    environ = environment.prepare(server=False)
    failed = lint.run(environ, Path(environ["ODOO_HOME"]))
    if failed:
        raise Problem(f"lint: {', '.join(failed)} failed")


def bench(options):
    """Run the benchmark in the environment."""
    environ = environment.prepare()
    command = ["python", "bench/run.py", "--size", options.size]
    return run_child(command, cwd=settings.REPO, env=environ)


def translations(_options):
    """Export the terms of the addon and its bridges and bring every language in line with them."""
    environ = environment.prepare()
    store = Databases(environ)
    bridges = settings.bridges()
    with store.bridged(store.template()) as name:
        command = ["python", "dev/translations.py", "--database", name, settings.ADDON, *bridges]
        return run_child(command, cwd=settings.REPO, env=environ)


def conformance(options):
    """Ask the compliance gate a file of cases, on a fresh database that goes afterwards."""
    path = Path(needed(options.cases, "CASES=file.csv"))
    if not path.is_file():
        raise Problem(f"CASES={options.cases}: no such file")
    environ = environment.prepare()
    store = Databases(environ)
    name = store.fresh_name("conformance")
    store.copy(store.template(), name)
    try:
        command = ["python", "dev/conformance.py", "--database", name, "--cases", path.resolve()]
        return run_child(command, cwd=settings.REPO, env=environ)
    finally:
        store.drop(name)


def stop(options):
    """Stop the demo server and the private PostgreSQL cluster of this checkout."""
    say("demo server: " + ("stopped" if demo_server.stop() else "was not running"))
    say("PostgreSQL: " + ("stopped" if postgres.stop(options.force) else "was not running"))


def clean(options):
    """Stop what runs and delete ``.odoo``: databases, downloads, everything."""
    stop(options)
    if settings.HOME.exists():
        try:
            shutil.rmtree(settings.HOME)
        except PermissionError as error:
            raise Problem(f"{error.filename} belongs to another user") from error
    say("deleted .odoo")


def lock(_options):
    """Write ``dev/requirements.lock`` anew from ``dev/requirements.in``."""
    with processes.lock("relock", "making the lock file"):
        packages.relock()


def parser():
    """Return the parser of our own commands."""
    result = argparse.ArgumentParser(prog="dev/run", description=__doc__)
    commands = result.add_subparsers(dest="command", required=True)
    table = {
        "get": get,
        "demo": demo,
        "db": database,
        "ledger": ledger,
        "test": test,
        "test-odoo": test_odoo,
        "lint": check,
        "bench": bench,
        "conformance": conformance,
        "translations": translations,
        "stop": stop,
        "clean": clean,
        "lock": lock,
    }
    for name, function in table.items():
        command = commands.add_parser(name, help=function.__doc__)
        command.set_defaults(function=function)
        if name in ("demo", "db", "ledger"):
            command.add_argument("--db", default="")
            command.add_argument("--reset", default="", help="anything but empty and 0: make anew")
            command.add_argument("--ledger", default="")
            command.add_argument("--as-of", default="")
        if name == "demo":
            command.add_argument("--port", default="8069", type=int)
            command.add_argument("--detach", default="")
        if name in ("stop", "clean"):
            command.add_argument("--force", default="")
        if name == "test":
            command.add_argument("--part", default="")
            command.add_argument("--jobs", default=0, type=int)
        if name == "conformance":
            command.add_argument("--cases", default="")
        if name == "bench":
            command.add_argument("--size", default="s", choices=("s", "m", "l"))
    return result


def flag(text):
    """Tell whether a make variable such as ``RESET=1`` is set."""
    return text not in ("", "0", "no")


def interrupted(_number, _frame):
    """Treat a request to end like Ctrl-C: what was begun is taken back."""
    raise KeyboardInterrupt


def main(arguments=None):
    """Run one command; return the exit code. A problem is one line on the error stream."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, interrupted)
    try:
        if arguments and arguments[0] in PASSED_ON:
            return PASSED_ON[arguments[0]](arguments[1:])
        options = parser().parse_args(arguments)
        for name in ("reset", "detach", "force"):
            setattr(options, name, flag(getattr(options, name, "")))
        return options.function(options) or 0
    except Problem as problem:
        complain(problem)
        return 1
    except KeyboardInterrupt:
        complain("interrupted")
        return 130
    except subprocess.CalledProcessError as error:
        complain(f"{error.cmd[0]} failed with exit code {error.returncode}")
        return 1
