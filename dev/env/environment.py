"""Everything a command needs around it: built once, checked in a moment the next time."""

import os

from . import packages, postgres, settings
from . import source as odoo_source
from .processes import lock


def prepare(server=True):
    """Get what is missing and return the variables of the environment.

    :param server: whether a PostgreSQL server must answer
    """
    with lock("prepare", "preparing the environment"):
        python = packages.ensure()
        home = odoo_source.ensure()
        reached = postgres.ensure() if server else {}
        write_configuration(home)
    return variables(python, home, reached)


def variables(python, home, server):
    """Return the process environment: Odoo and its packages first on the paths."""
    result = {**os.environ, **server}
    paths = [str(home), *filter(None, [os.environ.get("PYTHONPATH")])]
    result["PYTHONPATH"] = os.pathsep.join(paths)
    tools = [str(python.parent), *([str(postgres.binaries())] if postgres.binaries() else [])]
    result["PATH"] = os.pathsep.join([*tools, os.environ.get("PATH", os.defpath)])
    result["ODOO_RC"] = str(settings.ODOO_CONF)
    # What tools remember goes below .odoo too, not into the sources or somebody's home.
    # Odoo starts in a third of the time once it is compiled.
    result.pop("PYTHONDONTWRITEBYTECODE", None)
    result["PYTHONPYCACHEPREFIX"] = str(settings.HOME / "cache" / "python")
    result["RUFF_CACHE_DIR"] = str(settings.HOME / "cache" / "ruff")
    result["PYLINTHOME"] = str(settings.HOME / "cache" / "pylint")
    result["HYPOTHESIS_STORAGE_DIRECTORY"] = str(settings.HOME / "cache" / "hypothesis")
    result["ODOO_HOME"] = str(home)
    return result


def write_configuration(home):
    """Write the configuration file every Odoo command here reads."""
    folders = [*odoo_source.core_addons(home), settings.REPO]
    lines = [
        "[options]",
        f"addons_path = {','.join(map(str, folders))}",
        f"data_dir = {settings.DATA}",
        "http_interface = 127.0.0.1",
        f"screenshots = {settings.HOME / 'screenshots'}",
        "",
    ]
    settings.DATA.mkdir(parents=True, exist_ok=True)
    text = "\n".join(lines)
    if not settings.ODOO_CONF.exists() or settings.ODOO_CONF.read_text() != text:
        half = settings.ODOO_CONF.with_suffix(".new")
        half.write_text(text)
        half.rename(settings.ODOO_CONF)
