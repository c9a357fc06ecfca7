"""The demo: a database with the addon's demo data or a ledger, and a server that shows it."""

import json
import subprocess
import time
import urllib.error
import urllib.request

from . import databases, settings
from .console import Problem, read_log, say, step, tail
from .processes import end, free_port, listening, port_taken, read_pid

STATE = settings.RUN / "demo.json"
PID = settings.RUN / "demo.pid"
MAIL_PID = settings.RUN / "mailbox.pid"
MAIL = settings.HOME / "mail"
LOG = settings.LOGS / "demo.log"
# Logins the demo data brings; the password is the login.
USERS = {
    "admin": "administrator",
    "officer": "collection officer",
    "officer2": "another collection officer",
    "officer3": "an officer on holiday",
    "senior": "senior officer",
    "manager": "credit manager",
    "legal": "legal",
    "finance": "finance",
    "debtor": "a debtor, in the portal",
}
MARKS = ("odoo", "server", str(settings.ODOO_CONF))
MAIL_MARKS = ("dev.env.mailbox", str(MAIL))


def running():
    """Return what is known of the running demo server (pid, port, database), else None."""
    pid = read_pid(PID, *MARKS)
    if pid is None:
        return None
    try:
        known = json.loads(STATE.read_text())
    except (OSError, ValueError):
        known = {}
    return {"pid": pid, "port": known.get("port", 8069), "database": known.get("database", "")}


def check_free(port, now):
    """Raise one clear line when the demo cannot listen on its port.

    :param now: what :func:`running` returned
    """
    if now:
        raise Problem(
            f"the demo of this checkout already runs at {address(now['port'])} "
            f"(database {now['database']}): make stop ends it"
        )
    if port_taken(port):
        raise Problem(f"port {port} of 127.0.0.1 is taken by another program: make demo PORT=8070")


def address(port):
    """Return where the browser finds the demo."""
    return f"http://127.0.0.1:{port}"


def prepare_settings(store, name, port):
    """Make reports and links of the database point at the demo server."""
    for key in ("report.url", "web.base.url"):
        store.query(
            "insert into ir_config_parameter (key, value, create_date, write_date) "
            f"values ({databases.literal(key)}, {databases.literal(address(port))}, now(), now()) "
            "on conflict (key) do update set value = excluded.value",
            name,
        )


def start(environ, name, port):
    """Start the server on the database; return the process once it answers."""
    settings.LOGS.mkdir(parents=True, exist_ok=True)
    mail_port = free_port()
    mailbox = ["python", "-m", "dev.env.mailbox", str(mail_port), str(MAIL)]
    command = ["python", "-m", "odoo", "server", "-c", str(settings.ODOO_CONF), "-d", name]
    command += ["--db-filter", f"^{name}$", "--no-database-list", "--http-interface", "127.0.0.1"]
    command += ["--http-port", str(port), "--max-cron-threads", "1"]
    command += ["--smtp", "127.0.0.1", "--smtp-port", str(mail_port)]
    end_mailbox()
    MAIL_PID.write_text(str(background(mailbox, settings.LOGS / "mailbox.log", environ).pid))
    child = background(command, LOG, environ)
    STATE.write_text(json.dumps({"port": port, "database": name}))
    PID.write_text(str(child.pid))
    try:
        with step("starting Odoo"):
            wait(child, port)
    except BaseException:
        end_server(child.pid)
        raise
    return child


def background(command, log, environ):
    """Start a process that outlives this one, with its output in a file."""
    with log.open("wb") as stream:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            env=environ,
            cwd=settings.REPO,
            start_new_session=True,
        )


def end_server(pid):
    """End the demo server and its mailbox."""
    end(pid, "the demo server")
    PID.unlink(missing_ok=True)
    end_mailbox()


def end_mailbox():
    """End the mailbox of an earlier demo, if one is left."""
    pid = read_pid(MAIL_PID, *MAIL_MARKS)
    if pid:
        end(pid, "the demo's mailbox")
    MAIL_PID.unlink(missing_ok=True)


def wait(child, port, patience=180):
    """Wait until the server answers with its login page."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if child.poll() is not None:
            say(tail(read_log(LOG)))
            raise Problem("the demo server stopped at its start; see .odoo/log/demo.log")
        if listening(port) and answers(port):
            return
        time.sleep(0.3)
    raise Problem(f"the demo server does not answer after {patience} s; see .odoo/log/demo.log")


def answers(port):
    """Tell whether the server shows its login page."""
    try:
        with urllib.request.urlopen(f"{address(port)}/web/login", timeout=120) as page:
            return page.status == 200
    except urllib.error.HTTPError as error:
        text = f"the demo server answers with an error ({error.code}); see .odoo/log/demo.log"
        raise Problem(text) from error
    except OSError:
        return False


def show(store, name, port):
    """Print the address, and the users that the database really has."""
    logins = ", ".join(databases.literal(login) for login in USERS)
    found = store.query(f"select login from res_users where active and login in ({logins})", name)
    present = set(found.splitlines())
    say()
    say(f"Odoo with {settings.ADDON}: {address(port)}   (database {name})")
    say()
    say("    login       password    who")
    for login, who in USERS.items():
        if login in present:
            say(f"    {login:<12}{login:<12}{who}")
    say()


def serve(environ, store, name, port, detach):
    """Start the server and print how to get in; in the foreground stay until Ctrl-C."""
    prepare_settings(store, name, port)
    child = start(environ, name, port)
    show(store, name, port)
    say("E-mails are not sent: they become files in .odoo/mail. Log: .odoo/log/demo.log")
    if detach:
        say("The server runs in the background: make stop ends it.")
        return 0
    say("Ctrl-C stops the server.")
    try:
        code = child.wait()
    except KeyboardInterrupt:
        say("stopping the server")
        end_server(child.pid)
        return 0
    if running() is None:
        end_mailbox()
        PID.unlink(missing_ok=True)
    # A server ended by make stop in another terminal is no failure.
    return 0 if code in (0, -15) else code


def stop():
    """Stop this checkout's demo server; tell whether it was running."""
    now = running()
    if now is None:
        PID.unlink(missing_ok=True)
        end_mailbox()
        return False
    end_server(now["pid"])
    return True
