"""Debian packages of the machine: only what is missing, as root or through sudo."""

import os
import shutil
import subprocess
from pathlib import Path

from . import settings
from .console import Problem, archive_errors, run_logged, say

ARCHIVE = {
    "hint": "no network, or the Debian mirror does not answer",
    "excerpt": archive_errors,
}


def root_prefix():
    """Return what to put before a command to run it as root, or None when that is impossible."""
    if os.geteuid() == 0:
        return []
    return ["sudo"] if shutil.which("sudo") else None


def missing(wanted):
    """Return the Debian packages whose program or file is not on this machine.

    :param wanted: dictionary of a program's name or a file's path to the package that brings it
    """
    return [
        package
        for mark, package in wanted.items()
        if not (Path(mark).exists() if mark.startswith("/") else shutil.which(mark))
    ]


def install(packages):
    """Install Debian packages; one clear line when nobody here may do that."""
    if not packages:
        return
    names = " ".join(packages)
    prefix = root_prefix()
    if prefix is None or not shutil.which("apt-get"):
        raise Problem(
            f"these Debian packages are missing and neither root nor sudo is there: "
            f"apt-get install --no-install-recommends {names}"
        )
    apt = [
        *prefix,
        "env",
        "DEBIAN_FRONTEND=noninteractive",
        "apt-get",
        "-q",
        "-y",
        "-o",
        "DPkg::Lock::Timeout=300",
    ]
    say(f"Debian packages to install: {names}")
    if lists_missing(packages):
        update_lists(apt)
    command = [*apt, "install", "--no-install-recommends", *packages]
    try:
        run_logged("installing Debian packages", command, "apt", **ARCHIVE)
    except Problem:
        say("trying once more with fresh package lists")
        update_lists(apt)
        run_logged("installing Debian packages", command, "apt", **ARCHIVE)


def update_lists(apt):
    """Refresh the machine's package lists."""
    run_logged("reading Debian's package lists", [*apt, "update"], "apt", **ARCHIVE)


def lists_missing(packages):
    """Tell whether apt does not know one of the packages (lists never fetched, as in an image)."""
    text = policy(packages)
    return text.count("Candidate: ") - text.count("Candidate: (none)") < len(packages)


def policy(packages, options=()):
    """Return what apt knows of packages, in English whatever the machine speaks."""
    return subprocess.run(
        ["apt-cache", *options, "policy", *packages],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LC_ALL": "C"},
    ).stdout


def need(*groups):
    """Install what is missing of groups of ``dev/versions.toml``: ``run``, ``test``, ``fonts``."""
    table = settings.versions()["system"]
    install(sorted({package for group in groups for package in missing(table[group])}))
