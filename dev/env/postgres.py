"""PostgreSQL: the server named by the ``PG*`` variables, else a private cluster.

The private cluster lives in ``.odoo/pg`` and runs from the distribution's server binaries. It
listens on 127.0.0.1 only, on a port of its own which is remembered beside it, so that two
checkouts never meet and the length of the checkout's path does not matter. Its data can be made
again at any time: it trades durability for speed.
"""

import functools
import os
import pwd
import secrets
import shutil
import subprocess
from pathlib import Path

from . import settings, system
from .console import Problem, read_log, run_logged, say, tail
from .processes import free_port, listening, ours, port_taken

CLUSTER = settings.HOME / "pg"
PGDATA = CLUSTER / "data"
PORT = CLUSTER / "port"
SECRET = CLUSTER / "password"
SERVER_LOG = CLUSTER / "server.log"
ROLE = "odoo"

OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "jit": "off",
    "log_destination": "stderr",
    "logging_collector": "off",
}


def binaries():
    """Return the folder of the newest server binaries, or of the version that made the cluster."""
    version = PGDATA / "PG_VERSION"
    wanted = version.read_text().strip() if readable(version) else "*"
    found = sorted(
        Path("/usr/lib/postgresql").glob(f"{wanted}/bin/postgres"),
        key=lambda path: int(path.parts[-3]) if path.parts[-3].isdigit() else 0,
    )
    if not found and wanted != "*":
        raise Problem(
            f".odoo/pg was made by PostgreSQL {wanted}, which is gone: make clean, or install it"
        )
    return found[-1].parent if found else None


def readable(path):
    """Tell whether a file exists and may be read by us."""
    return os.access(path, os.R_OK)


def as_owner(command):
    """Return the command to run as the cluster's owner: a server refuses to run as root.

    As root the owner is the distribution's user ``postgres``. When the checkout lies below a
    folder closed to others (as ``/root`` is), the server keeps one capability: to traverse it.
    """
    command = [str(part) for part in command]
    if os.geteuid() != 0:
        return command
    plain = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    seen = subprocess.run([*plain, "ls", CLUSTER], capture_output=True, check=False)
    if seen.returncode == 0:
        return [*plain, *command]
    reach = [*plain, "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    tried = subprocess.run([*reach, "ls", CLUSTER], capture_output=True, check=False)
    if tried.returncode:
        raise Problem(
            f"the user postgres cannot reach {CLUSTER}: open the folders above it "
            "(chmod o+x), move the checkout, or name a server with PGHOST"
        )
    return [*reach, *command]


def variables():
    """Return the ``PG*`` variables of the private cluster."""
    return {
        "PGHOST": "127.0.0.1",
        "PGPORT": PORT.read_text().strip(),
        "PGUSER": ROLE,
        "PGPASSWORD": SECRET.read_text().strip(),
    }


def server_pid():
    """Return the process id of the running private cluster, else None."""
    command = ["cat", PGDATA / "postmaster.pid"]
    try:
        text = subprocess.run(as_owner(command), capture_output=True, text=True, check=True).stdout
        pid = int(text.split("\n", 1)[0])
    except (subprocess.CalledProcessError, ValueError):
        return None
    return pid if ours(pid, PGDATA) else None


def ensure():
    """Return the variables that reach a server that answers, starting the private one if needed."""
    if settings.given_postgres():
        check_given()
        return {}
    if PORT.exists() and SECRET.exists() and listening(int(PORT.read_text())) and server_pid():
        return variables()
    start()
    return variables()


def check_given():
    """Raise one clear line when the server named by the ``PG*`` variables does not answer."""
    tried = subprocess.run(
        [client("psql"), "-Xqtc", "select 1", "postgres"],
        capture_output=True,
        text=True,
        check=False,
    )
    if tried.returncode:
        reason = (tried.stderr.strip().splitlines() or ["no answer"])[0]
        reason = reason.removeprefix("psql: error: ")
        raise Problem(f"the PostgreSQL server named by the PG* variables does not answer: {reason}")


@functools.cache
def client(name):
    """Return the path of a PostgreSQL client program, installing the clients when missing."""
    folder = binaries()
    if folder and (folder / name).exists():
        return str(folder / name)
    if not shutil.which(name):
        system.install(["postgresql-client"])
    return shutil.which(name)


def create():
    """Make the cluster's files: in a folder beside, renamed when complete."""
    if binaries() is None:
        system.install(["postgresql"])
    if binaries() is None:
        raise Problem("the Debian package postgresql brought no server binaries")
    CLUSTER.mkdir(parents=True, exist_ok=True)
    if not SECRET.exists():
        SECRET.touch(mode=0o600)
        SECRET.write_text(secrets.token_hex(16))
    half = CLUSTER / "data.new"
    remove(half)
    handed = CLUSTER / "password.once"
    handed.write_text(SECRET.read_text())
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        for path in (CLUSTER, handed):
            os.chown(path, owner.pw_uid, owner.pw_gid)
    command = [binaries() / "initdb", "-D", half, "-U", ROLE, "--pwfile", handed]
    command += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    try:
        run_logged("making a private PostgreSQL cluster", as_owner(command), "initdb", cwd="/")
    finally:
        handed.unlink()
    half.rename(PGDATA)


def remove(folder):
    """Delete a folder of the cluster, if it is there."""
    if folder.exists():
        shutil.rmtree(folder)


def start():
    """Start the private cluster, on the port used before unless somebody else took it."""
    refuse_foreign_owner()
    if not PGDATA.exists():
        create()
    for _attempt in range(3):
        port = int(PORT.read_text()) if PORT.exists() else 0
        if not port or port_taken(port):
            port = free_port()
            PORT.write_text(str(port))
        if start_once(port):
            say(f"PostgreSQL answers on 127.0.0.1:{port} (private cluster, .odoo/pg)")
            return
        PORT.unlink()
    say(tail(read_log(SERVER_LOG)))
    raise Problem("the private PostgreSQL cluster does not start; see .odoo/pg/server.log")


def refuse_foreign_owner():
    """Raise one clear line when another user made this cluster."""
    if not CLUSTER.exists():
        return
    owner = CLUSTER.stat().st_uid
    expected = pwd.getpwnam("postgres").pw_uid if os.geteuid() == 0 else os.geteuid()
    if owner not in (expected, os.geteuid()):
        name = pwd.getpwuid(owner).pw_name
        who = "root" if name == "postgres" else name
        raise Problem(f".odoo was made by {who}: work as {who}, or let {who} run make clean")


def start_once(port):
    """Try to start the server on a port; tell whether it answers."""
    stale = PGDATA / "postmaster.pid"
    if server_pid() is None:
        subprocess.run(as_owner(["rm", "-f", stale]), check=True)
    settings_text = " ".join(f"-c {name}={value or chr(39) * 2}" for name, value in OPTIONS.items())
    command = [binaries() / "pg_ctl", "start", "-w", "-t", "60", "-s"]
    command += ["-D", PGDATA, "-l", SERVER_LOG, "-o", f"-p {port} {settings_text}"]
    done = subprocess.run(
        as_owner(command),
        cwd="/",
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={name: value for name, value in os.environ.items() if not name.startswith("PG")},
    )
    return done.returncode == 0 and listening(port)


def users():
    """Return how many connections the running private cluster has beside our own."""
    sql = (
        "select count(*) from pg_stat_activity "
        "where backend_type = 'client backend' and pid <> pg_backend_pid()"
    )
    done = subprocess.run(
        [client("psql"), "-Xqtc", sql, "postgres"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **variables()},
    )
    return int(done.stdout) if done.returncode == 0 else 0


def stop(force=False):
    """Stop the private cluster; tell whether it was running.

    :param force: stop it even while somebody works on it
    """
    if not CLUSTER.exists() or server_pid() is None:
        return False
    busy = 0 if force else users()
    if busy:
        raise Problem(
            f"PostgreSQL stays: {busy} connections are open (make stop FORCE=1 ends them)"
        )
    command = [binaries() / "pg_ctl", "stop", "-w", "-m", "fast", "-s", "-D", PGDATA]
    if subprocess.run(as_owner(command), cwd="/", check=False).returncode:
        raise Problem("the private PostgreSQL cluster does not stop; see .odoo/pg/server.log")
    return True
