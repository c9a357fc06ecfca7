"""Odoo itself: the folder named by ``ODOO_HOME``, else Debian's package unpacked privately.

Debian carries Odoo 19.0 Community in its suite sid. It is fetched with a private apt
configuration (its own lists and cache, the mirror of this machine) and unpacked below
``.odoo/prefix``: the machine's own packages are not touched and root is not needed.
"""

import os
import re
import shutil
import subprocess

from . import settings, system
from .console import Problem, run_logged, say

APT = settings.HOME / "apt"
DOWNLOADS = settings.HOME / "downloads"
PACKAGE_ROOT = settings.PREFIX / "usr" / "lib" / "python3" / "dist-packages"
BUILD = settings.PREFIX / "BUILD"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


def ensure():
    """Return the folder to put on ``PYTHONPATH``."""
    given = settings.given_odoo()
    if given:
        return check_given(given)
    if not BUILD.exists():
        fetch()
    return PACKAGE_ROOT


def check_given(home):
    """Return the folder named by ``ODOO_HOME`` when it holds Odoo 19.0."""
    release = home / "odoo" / "release.py"
    if not release.exists():
        raise Problem(f"ODOO_HOME={home}: no odoo/release.py there (name the folder that holds it)")
    match = re.search(r"^version_info = \((\d+), (\d+)", release.read_text(), re.MULTILINE)
    if not match or match.groups() != ("19", "0"):
        raise Problem(f"ODOO_HOME={home}: this addon needs Odoo 19.0")
    return home


def core_addons(home):
    """Return the folders of core addons to name on the addons path."""
    beside = home / "addons"
    return [beside] if (home / "odoo-bin").exists() and beside.is_dir() else []


def build():
    """Return what tells one Odoo from another: part of every template database's name."""
    given = settings.given_odoo()
    if not given:
        return BUILD.read_text()
    head = subprocess.run(
        ["git", "-C", str(given), "rev-parse", "HEAD"], capture_output=True, text=True, check=False
    )
    return f"{given} {head.stdout.strip()} {settings.digest(given / 'odoo' / 'release.py')}"


def fetch():
    """Download Odoo and what its files link to, unpack all into one prefix, check the links."""
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        raise Problem("this is not a Debian system: name an Odoo 19.0 folder with ODOO_HOME")
    pinned = settings.versions()["odoo"]
    options = private_apt(pinned["suite"])
    run_logged(
        f"reading Debian's package lists ({pinned['suite']})",
        ["apt-get", *options, "-q", "update", "-o", "APT::Update::Error-Mode=any"],
        "odoo-apt",
        **system.ARCHIVE,
    )
    version = choose_build(pinned, candidate(options, pinned["package"]))
    names = [f"{pinned['package']}={version}", *pinned["companions"]]
    files = download("Odoo 19.0, 130 MB", names, options)
    files += download("fonts", pinned["release_companions"], machine_apt())
    unpack(files, pinned, version)
    shutil.rmtree(DOWNLOADS)


def private_apt(suite):
    """Return the apt options of a private configuration whose one source is a Debian suite."""
    for folder in ("lists/partial", "cache/archives/partial"):
        (APT / folder).mkdir(parents=True, exist_ok=True)
    mirror = mirror_of_this_machine()
    source = APT / "sources.list"
    source.write_text(f"deb [signed-by={KEYRING}] {mirror} {suite} main\n")
    return [
        *common_options(APT / "lists"),
        "-o",
        f"Dir::Etc::sourcelist={source}",
        "-o",
        "Dir::Etc::sourceparts=/dev/null",
    ]


def common_options(lists):
    """Return the apt options that keep everything apt writes below ``.odoo/apt``."""
    return [
        "-o",
        f"Dir::State::lists={lists}",
        "-o",
        f"Dir::Cache={APT / 'cache'}",
        "-o",
        "Dir::Etc::preferences=/dev/null",
        "-o",
        "Dir::Etc::preferencesparts=/dev/null",
        "-o",
        f"APT::Sandbox::User={'root' if os.geteuid() == 0 else ''}",
    ]


def machine_apt():
    """Return the apt options of the machine's own sources; lists of our own when it has none."""
    if index_addresses([]):
        return ["-o", f"APT::Sandbox::User={'root' if os.geteuid() == 0 else ''}"]
    lists = APT / "machine-lists"
    (lists / "partial").mkdir(parents=True, exist_ok=True)
    options = common_options(lists)
    if not index_addresses(options):
        command = ["apt-get", *options, "-q", "update"]
        run_logged("reading Debian's package lists", command, "odoo-apt", **system.ARCHIVE)
    return options


def index_addresses(options):
    """Return the addresses apt reads package lists from (known once the lists are there)."""
    command = ["apt-get", *options, "indextargets", "--format", "$(REPO_URI)"]
    found = subprocess.run(
        [*command, "Created-By: Packages", "Origin: Debian"],
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout.split()


def mirror_of_this_machine():
    """Return the Debian mirror in the machine's own apt configuration."""
    addresses = index_addresses(machine_apt())
    main = [text for text in addresses if text.rstrip("/").endswith("/debian")] or addresses
    if not main:
        raise Problem(
            "no Debian mirror in this machine's apt configuration: "
            "add one to /etc/apt, or name an Odoo 19.0 folder with ODOO_HOME"
        )
    return main[0]


def candidate(options, package):
    """Return the version of a package that the mirror carries."""
    match = re.search(r"Candidate: (\S+)", system.policy([package], options))
    if not match or match.group(1) == "(none)":
        raise Problem(f"the mirror carries no package {package}: set ODOO_HOME to an Odoo 19.0")
    return match.group(1)


def choose_build(pinned, found):
    """Return the build to use; another 19.0 build than the pinned one is said in one line."""
    if not found.startswith("19.0."):
        raise Problem(f"the mirror carries {pinned['package']} {found}, not 19.0: set ODOO_HOME")
    if found != pinned["version"]:
        tried = pinned["version"]
        say(f"note: Odoo build {found} is used; dev/versions.toml was tried with {tried}")
    return found


def download(what, names, options):
    """Download packages into a folder of their own, renamed when all are complete."""
    done = DOWNLOADS / settings.digest(*names)
    if not done.exists():
        half = done.with_suffix(".half")
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(parents=True)
        run_logged(
            f"downloading {what}",
            ["apt-get", *options, "-q", "download", *names],
            "odoo-apt",
            **system.ARCHIVE,
            cwd=half,
        )
        half.rename(done)
    return sorted(done.glob("*.deb"))


def unpack(files, pinned, version):
    """Unpack packages into the prefix: beside it first, renamed when complete and checked."""
    half = settings.HOME / "prefix.half"
    for folder in (half, settings.PREFIX):
        if folder.exists():
            shutil.rmtree(folder)
    half.mkdir()
    script = 'for file in "$@"; do echo "$file"; dpkg-deb -x "$file" . || exit 1; done'
    run_logged("unpacking Odoo", ["sh", "-c", script, "sh", *files], "unpack", cwd=half)
    addons = half / PACKAGE_ROOT.relative_to(settings.PREFIX) / "odoo" / "addons"
    fill_gaps(addons, pinned["missing_files"])
    dangling = [path for path in half.rglob("*") if path.is_symlink() and not path.exists()]
    if dangling:
        shown = dangling[0].relative_to(half)
        raise Problem(f"Odoo's package links to {shown}, which no companion package brings")
    (half / "BUILD").write_text(f"{pinned['package']} {version}")
    half.rename(settings.PREFIX)


def fill_gaps(addons, names):
    """Create an empty file for each that manifests list and the package leaves out."""
    for name in names:
        path = addons / name
        if (addons / name.split("/")[0]).is_dir() and not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("")
