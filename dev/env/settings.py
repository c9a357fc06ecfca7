"""Where things are: the repository, the folder of everything downloaded or made, the addon."""

import ast
import hashlib
import os
import tomllib
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
HOME = REPO / ".odoo"
ADDON = "debt_collection"
VERSIONS = REPO / "dev" / "versions.toml"
LOCK = REPO / "dev" / "requirements.lock"

LOGS = HOME / "log"
RUN = HOME / "run"
DATA = HOME / "data"
VENV = HOME / "venv"
PREFIX = HOME / "prefix"
ODOO_CONF = HOME / "odoo.conf"

PG_VARIABLES = ("PGHOST", "PGPORT", "PGUSER", "PGPASSWORD")


def versions():
    """Return what ``dev/versions.toml`` pins: the Odoo build and the Debian packages."""
    return tomllib.loads(VERSIONS.read_text())


def addon_path(repo=REPO):
    """Return the folder of the addon."""
    return repo / ADDON


def bridges(repo=REPO):
    """Return the names of the addons beside ours that join it to other applications."""
    return sorted(path.parent.name for path in repo.glob(f"{ADDON}_*/__manifest__.py"))


def manifest(repo=REPO):
    """Return the addon's manifest as a dictionary."""
    return ast.literal_eval((addon_path(repo) / "__manifest__.py").read_text())


def given_odoo(environ=os.environ):
    """Return the Odoo folder the caller named in ``ODOO_HOME``, or None."""
    value = environ.get("ODOO_HOME")
    return Path(value).expanduser().resolve() if value else None


def given_postgres(environ=os.environ):
    """Tell whether the caller named a PostgreSQL server with the ``PG*`` variables."""
    return any(environ.get(name) for name in PG_VARIABLES)


def digest(*parts):
    """Return a short hash of texts, bytes and files (a path counts as the file's content)."""
    total = hashlib.sha256()
    for part in parts:
        if isinstance(part, Path):
            part = part.read_bytes()
        elif not isinstance(part, bytes):
            part = str(part).encode()
        total.update(hashlib.sha256(part).digest())
    return total.hexdigest()[:12]


def clone_id(repo=REPO):
    """Return six letters that tell this checkout's databases from another checkout's."""
    return digest(str(repo))[:6]
