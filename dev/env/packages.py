"""Python packages: a virtual environment made from ``dev/requirements.lock``."""

import os
import re
import shutil
import subprocess
import sys

from . import settings, system
from .console import Problem, archive_errors, run_logged, say

STAMP = settings.VENV / "lock.sha"
PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;]+)$")


def parse_lock(text):
    """Return the pinned packages of a lock file as a dictionary; raise on any other line."""
    pins = {}
    for number, line in enumerate(text.splitlines(), 1):
        line = line.split("#", 1)[0].strip()
        if not line:
            continue
        match = PIN.match(line)
        if not match:
            raise Problem(f"dev/requirements.lock, line {number}: not 'name==version': {line}")
        pins[match.group(1).lower().replace("_", "-")] = match.group(2)
    return pins


def wanted_stamp():
    """Return what the environment must be made of: this Python, and a hash of the pins."""
    version = ".".join(map(str, sys.version_info[:2]))
    pins = sorted(parse_lock(settings.LOCK.read_text()).items())
    return f"{version} {settings.digest(repr(pins))}"


def ensure():
    """Return the environment's Python; make or change it when the lock is another."""
    python = settings.VENV / "bin" / "python"
    stamp = wanted_stamp()
    present = STAMP.read_text() if STAMP.exists() and python.exists() else ""
    if present == stamp:
        return python
    need_venv_module()
    settings.HOME.mkdir(exist_ok=True)
    if present.split(" ")[0] != stamp.split(" ")[0]:
        if settings.VENV.exists():
            shutil.rmtree(settings.VENV)
        command = [sys.executable, "-m", "venv", settings.VENV]
        run_logged("making a Python environment", command, "venv", show=False)
    # Without a stamp what is here counts as half done, and is made anew the next time.
    STAMP.unlink(missing_ok=True)
    run_logged(
        "installing the Python packages of dev/requirements.lock",
        [python, "-m", "pip", "install", "--progress-bar=off", "--no-deps", "-r", settings.LOCK],
        "pip",
        hint=reason,
        excerpt=archive_errors,
        env={**os.environ, "PIP_CACHE_DIR": str(settings.HOME / "cache" / "pip")},
    )
    STAMP.write_text(stamp)
    return python


def reason(log):
    """Return in words why pip failed."""
    if "No matching distribution" in log and "Retrying" not in log:
        return "the package index lacks a pinned version for this Python"
    return "no network, or the package index does not answer"


def need_venv_module():
    """Install Debian's ``python3-venv`` when this Python comes without it."""
    probe = [sys.executable, "-c", "import ensurepip, venv"]
    if subprocess.run(probe, capture_output=True, check=False).returncode:
        system.install(["python3-venv"])


def relock():
    """Write the lock file anew: the newest packages that ``dev/requirements.in`` allows."""
    need_venv_module()
    trial = settings.HOME / "relock"
    python = trial / "bin" / "python"
    wanted = settings.LOCK.with_suffix(".in")
    run_logged(
        "installing the newest packages",
        ["sh", "-c", '"$0" -m venv --clear "$1" && "$2" -m pip install --progress-bar=off -r "$3"']
        + [sys.executable, str(trial), str(python), str(wanted)],
        "relock",
    )
    frozen = subprocess.run(
        [python, "-m", "pip", "freeze"], capture_output=True, text=True, check=True
    ).stdout
    parse_lock(frozen)
    header = (
        "# Exact versions, made by ./dev/run lock from requirements.in; no index is named here.\n"
    )
    settings.LOCK.write_text(header + frozen)
    shutil.rmtree(trial)
    say(f"wrote {settings.LOCK.relative_to(settings.REPO)}")
