"""The decision logic and the shipped rules for tests without Odoo."""

import importlib.util
import json
import sys
from types import SimpleNamespace

from dev.env import settings

FOLDER = settings.addon_path() / "tools" / "compliance"
PRESETS = settings.addon_path() / "data" / "compliance_presets.json"


def load_package():
    """Return the decision logic's modules, imported without Odoo."""
    spec = importlib.util.spec_from_file_location(
        "compliance", FOLDER / "__init__.py", submodule_search_locations=[str(FOLDER)]
    )
    if "compliance" not in sys.modules:
        sys.modules["compliance"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules["compliance"])
    names = (path.stem for path in FOLDER.glob("*.py") if path.stem != "__init__")
    return SimpleNamespace(
        **{name: importlib.import_module(f"compliance.{name}") for name in names}
    )


gate = load_package()
DATA = json.loads(PRESETS.read_text())
RULES = gate.presets.read_rules(DATA)
PARENTS = gate.presets.read_jurisdictions(DATA)
