"""The addon's files: complete in the manifest, well-formed, free of what Odoo 19 removed."""

import ast
import csv
import re

import pytest
from lxml import etree

from dev.env import settings

ADDON = settings.addon_path()
MANIFEST = settings.manifest()
XML_FILES = sorted(path for path in ADDON.rglob("*.xml") if "node_modules" not in path.parts)
DATA_FOLDERS = ("data", "demo", "reports", "security", "views", "wizards")
PYTHON_FILES = sorted(ADDON.rglob("*.py"))

REMOVED_ATTRIBUTES = {"attrs", "states", "t-raw", "t-esc"}
REMOVED_TEMPLATES = {"kanban-box", "kanban-menu"}


def inside(path):
    """Return a file's name as the manifest writes it."""
    return path.relative_to(ADDON).as_posix()


def test_manifest_files_exist():
    """Every data file the manifest names is there."""
    named = [*MANIFEST.get("data", []), *MANIFEST.get("demo", [])]
    assert [name for name in named if not (ADDON / name).is_file()] == []


def test_manifest_assets_exist():
    """Every file of the addon that an asset bundle names is there; a pattern finds something."""
    absent = []
    for entries in MANIFEST.get("assets", {}).values():
        for entry in entries:
            path = entry if isinstance(entry, str) else entry[-1]
            module, _slash, pattern = path.lstrip("/").partition("/")
            if module == settings.ADDON and not any(ADDON.glob(pattern)):
                absent.append(path)
    assert absent == []


def test_data_files_are_in_the_manifest():
    """No XML, CSV or SQL file of a data folder is forgotten by the manifest."""
    named = {*MANIFEST.get("data", []), *MANIFEST.get("demo", [])}
    forgotten = [
        inside(path)
        for folder in DATA_FOLDERS
        for path in sorted((ADDON / folder).rglob("*"))
        if path.suffix in (".xml", ".csv") and inside(path) not in named | read_by_code()
    ]
    assert forgotten == []


def read_by_code():
    """Return the data files that Python code names itself, such as tables a hook loads."""
    code = "\n".join(path.read_text() for path in PYTHON_FILES if path.name != "__manifest__.py")
    return {inside(path) for path in ADDON.rglob("*.csv") if re.search(rf"\b{path.name}\b", code)}


@pytest.mark.parametrize("path", XML_FILES, ids=inside)
def test_xml(path):
    """The file is well-formed and uses nothing that Odoo 19 no longer knows."""
    found = []
    for node in etree.parse(path).iter(etree.Element):
        line = f"line {node.sourceline}"
        names = REMOVED_ATTRIBUTES.intersection(node.attrib)
        if node.tag == "attribute" and node.get("name") in REMOVED_ATTRIBUTES:
            names.add(node.get("name"))
        found += [f"{line}: attribute {name}" for name in names if not is_data(node, name)]
        if node.tag == "tree":
            found.append(f"{line}: <tree> is <list>")
        if node.get("t-name") in REMOVED_TEMPLATES:
            found.append(f"{line}: kanban template {node.get('t-name')} is card or menu")
        if "oe_chatter" in node.get("class", "").split():
            found.append(f"{line}: oe_chatter is <chatter/>")
        if node.get("name") == "view_mode" and "tree" in (node.text or "").split(","):
            found.append(f"{line}: view_mode tree is list")
    assert found == []


def is_data(node, name):
    """Tell whether an attribute has another meaning here than the removed one."""
    return name == "states" and node.tag not in ("field", "button", "group", "page", "attribute")


def declared_models():
    """Return the models the addon makes: dictionary of name to whether it is abstract."""
    found = {}
    for path in PYTHON_FILES:
        if "tests" in path.relative_to(ADDON).parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                name = class_value(node, "_name")
                bases = {base.attr for base in node.bases if isinstance(base, ast.Attribute)}
                if name and bases & {"Model", "TransientModel", "AbstractModel"}:
                    extended = name in inherited(node)
                    if not extended:
                        found[name] = "AbstractModel" in bases
    return found


def class_value(node, attribute):
    """Return the constant a class body assigns to an attribute, or None."""
    for statement in node.body:
        if isinstance(statement, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == attribute for target in statement.targets
        ):
            try:
                return ast.literal_eval(statement.value)
            except ValueError:
                return None
    return None


def inherited(node):
    """Return the models a class names in ``_inherit``."""
    value = class_value(node, "_inherit") or ()
    return {value} if isinstance(value, str) else set(value)


def acl_lines():
    """Return the access lines of the manifest's CSV files."""
    lines = []
    for name in MANIFEST.get("data", []):
        if name.endswith("ir.model.access.csv"):
            with (ADDON / name).open(newline="") as stream:
                lines += list(csv.DictReader(stream))
    return lines


def test_every_model_has_access_lines():
    """Every model that is not abstract, transient ones too, says who may do what."""
    granted = {line["model_id:id"].split(".")[-1] for line in acl_lines()}
    missing = [
        name
        for name, abstract in sorted(declared_models().items())
        if not abstract and f"model_{name.replace('.', '_')}" not in granted
    ]
    assert missing == []


def test_access_lines_name_existing_models():
    """No access line is left of a model that was renamed or removed, and ids are unique."""
    known = {f"model_{name.replace('.', '_')}" for name in declared_models()}
    lines = acl_lines()
    own = {line["model_id:id"] for line in lines if "." not in line["model_id:id"]}
    assert own - known == set()
    assert len({line["id"] for line in lines}) == len(lines)


def test_access_lines_name_a_group():
    """No access line opens a model to everybody, visitors of the web site included."""
    assert [line["id"] for line in acl_lines() if not line["group_id:id"].strip()] == []


def test_migrations_match_the_version():
    """Each migration folder is a version, none is newer than the manifest's."""
    version = MANIFEST["version"]
    assert re.fullmatch(r"19\.0(\.\d+){3}", version)
    newest = tuple(map(int, version.split(".")))
    for folder in (ADDON / "migrations").glob("*/"):
        assert re.fullmatch(r"(19\.0\.)?\d+\.\d+\.\d+", folder.name), folder.name
        full = folder.name if folder.name.startswith("19.0.") else f"19.0.{folder.name}"
        assert tuple(map(int, full.split("."))) <= newest or full == "19.0.0.0.0", folder.name
        scripts = [path.name for path in folder.glob("*.py")]
        assert scripts and all(re.match(r"(pre|post|end)-", name) for name in scripts), scripts


def test_tests_are_imported():
    """Each test file is imported by its package: Odoo silently leaves out the others."""
    package = ADDON / "tests"
    imported = set()
    for node in ast.walk(ast.parse((package / "__init__.py").read_text())):
        if isinstance(node, ast.ImportFrom):
            imported.update(alias.name for alias in node.names)
    files = {path.stem for path in package.glob("test_*.py")}
    assert files - imported == set()


def test_test_files_start_with_test():
    """A file with test classes is named test_*: others are never run."""
    hidden = [
        inside(path)
        for path in (ADDON / "tests").rglob("*.py")
        if not path.name.startswith("test_") and re.search(r"^ +def test_", path.read_text(), re.M)
    ]
    assert hidden == []
