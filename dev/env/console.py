"""What the developer sees: steps with progress, and one clear line when something is wrong."""

import contextlib
import subprocess
import sys
import threading
import time

from . import settings

HEARTBEAT = 15  # seconds between two signs of life of a long step


class Problem(Exception):
    """Something the developer can act on; shown as one line, without a traceback."""


def say(text=""):
    """Print one line at once, even into a pipe."""
    print(text, flush=True)


def complain(text):
    """Print one line for the person on the error stream."""
    print(f"error: {text}", file=sys.stderr, flush=True)


@contextlib.contextmanager
def step(text, latest=None):
    """Announce a long step, give a sign of life now and then, and say how long it took.

    :param latest: function returning the last line of the step's log, shown with the signs of life
    """
    say(f"==> {text}")
    start = time.monotonic()
    over = threading.Event()

    def beat():
        while not over.wait(HEARTBEAT):
            hint = latest() if latest else ""
            say(f"    ... {time.monotonic() - start:.0f} s {hint}".rstrip())

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    say(f"    done in {time.monotonic() - start:.0f} s")


def last_line(path, width=100):
    """Return the last line of a log, cut to ``width``; empty when there is none yet."""
    try:
        with path.open("rb") as stream:
            stream.seek(max(0, path.stat().st_size - 2000))
            lines = stream.read().decode(errors="replace").split("\n")
    except OSError:
        return ""
    return next((line.strip()[:width] for line in reversed(lines) if line.strip()), "")


def tail(text, count=15):
    """Return the last lines of a text."""
    return "\n".join(text.splitlines()[-count:])


def read_log(path):
    """Return the text of a log, empty when there is none."""
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""


def run_logged(text, command, log, *, hint="", show=True, excerpt=tail, **options):
    """Run a command with its output in ``.odoo/log/<log>.log``; a failure is one line.

    :param hint: what the developer can do about a failure; or a function that tells from the log
    :param show: whether the step is announced; if not, what it has to say is in the problem
    :param excerpt: function that picks from the log what a failure shows
    :return: the path of the log
    """
    settings.LOGS.mkdir(parents=True, exist_ok=True)
    path = settings.LOGS / f"{log}.log"
    frame = step(text, lambda: last_line(path)) if show else contextlib.nullcontext()
    with frame:
        with path.open("wb") as stream:
            code = run_child(command, stdout=stream, stderr=subprocess.STDOUT, **options)
        if code:
            log_text = read_log(path)
            shown = excerpt(log_text)
            if shown and show:
                say(shown)
            why = hint(log_text) if callable(hint) else hint
            where = f"see {path.relative_to(settings.REPO)}"
            line = f"{text}: failed; {why + ', ' if why else ''}{where}"
            raise Problem(line if show else f"{shown}\n{line}".strip())
    return path


def archive_errors(text):
    """Return what matters in the output of a failed apt-get or pip: its last error."""
    errors = [line for line in text.splitlines() if line.startswith(("E: ", "ERROR: "))]
    return errors[-1] if errors else tail(text, 3)


def run_child(command, **options):
    """Run a command and return its exit code; an interruption ends the child before us."""
    with subprocess.Popen([str(part) for part in command], **options) as child:
        try:
            return child.wait()
        except BaseException:
            child.terminate()
            try:
                child.wait(20)
            except subprocess.TimeoutExpired:
                child.kill()
            raise
