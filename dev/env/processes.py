"""Locks, ports and processes of ours: nothing else on the machine is ever touched."""

import contextlib
import fcntl
import os
import signal
import socket
import time
from pathlib import Path

from . import settings
from .console import Problem, say


@contextlib.contextmanager
def lock(name, doing):
    """Hold ``.odoo/run/<name>.lock``; a second ``make`` says that it waits, then waits."""
    settings.RUN.mkdir(parents=True, exist_ok=True)
    path = settings.RUN / f"{name}.lock"
    with path.open("a+") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            stream.seek(0)
            owner = stream.read().strip() or "another make"
            say(f"waiting: {owner} holds {path.relative_to(settings.REPO)}")
            fcntl.flock(stream, fcntl.LOCK_EX)
        stream.truncate(0)
        stream.write(f"process {os.getpid()} ({doing})")
        stream.flush()
        try:
            yield
        finally:
            stream.truncate(0)


def free_port():
    """Return a TCP port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def port_taken(port, host="127.0.0.1"):
    """Tell whether a server could not listen on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


def listening(port, host="127.0.0.1"):
    """Tell whether somebody answers on the port."""
    with socket.socket() as probe:
        probe.settimeout(2)
        return probe.connect_ex((host, port)) == 0


def command_line(pid):
    """Return the command line of a process, or an empty text when there is none."""
    try:
        raw = Path(f"/proc/{int(pid)}/cmdline").read_bytes()
    except (OSError, ValueError):
        return ""
    return raw.replace(b"\0", b" ").decode(errors="replace").strip()


def ours(pid, *marks):
    """Tell whether the process exists and its command line holds all the marks."""
    line = command_line(pid)
    return bool(line) and all(str(mark) in line for mark in marks)


def read_pid(path, *marks):
    """Return the process id in a pid file when that process is alive and ours, else None."""
    try:
        pid = int(path.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None
    return pid if ours(pid, *marks) else None


def end(pid, what, patience=20):
    """Ask a process of ours to stop, and insist when it does not."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        except PermissionError as error:
            raise Problem(f"cannot stop {what} (process {pid}): started by another user") from error
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if not command_line(pid):
                return
            time.sleep(0.1)
    raise Problem(f"{what} (process {pid}) does not stop")
