"""The shape of the addon's code: imports go one way, what is public says what it does."""

import ast

import pytest

from dev.env import settings

ADDON = settings.addon_path()
FILES = sorted(
    path
    for path in ADDON.rglob("*.py")
    if not {"tests", "migrations"} & set(path.relative_to(ADDON).parts)
    and path.name != "__manifest__.py"
)
# What each package may import of ours, beside itself and the constants.
MAY_IMPORT = {
    "tools": set(),
    "models": {"tools"},
    "reports": {"models", "tools"},
    "wizards": {"models", "tools", "reports"},
    "controllers": {"models", "tools", "reports"},
}

# Overrides of these say what they do through the method they extend.
ORM_METHODS = {"copy", "copy_data", "create", "default_get", "init", "read", "unlink", "write"}


def inside(path):
    """Return a file's name from the addon's folder."""
    return path.relative_to(ADDON).as_posix()


def own_imports(path):
    """Return the packages of the addon that a file imports, with line numbers."""
    folder = path.relative_to(ADDON).parent.parts
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
            targets = [name.split(".")[2:] for name in names if name.startswith(own_name())]
        elif isinstance(node, ast.ImportFrom):
            targets = from_targets(node, folder)
        else:
            continue
        yield from ((node.lineno, target[0]) for target in targets if target)


def own_name():
    """Return the name under which Odoo imports the addon."""
    return f"odoo.addons.{settings.ADDON}"


def from_targets(node, folder):
    """Return what a ``from … import`` names, as paths from the addon's folder."""
    module = node.module.split(".") if node.module else []
    if node.level:
        base = [*folder[: len(folder) - node.level + 1], *module]
    elif (node.module or "").startswith(own_name()):
        base = module[3:]
    else:
        return []
    return [base] if base else [[alias.name] for alias in node.names]


@pytest.mark.parametrize("path", FILES, ids=inside)
def test_imports_go_one_way(path):
    """Controllers, wizards and reports know models, models know tools, tools know nothing of us."""
    package = path.relative_to(ADDON).parts[0]
    if package not in MAY_IMPORT:
        return
    allowed = MAY_IMPORT[package] | {package, "const", "exceptions"}
    wrong = [f"line {line}: {name}" for line, name in own_imports(path) if name not in allowed]
    assert wrong == []


@pytest.mark.parametrize("path", FILES, ids=inside)
def test_public_things_have_docstrings(path):
    """Every public class, method and function says what it does.

    An extension of somebody's model may leave that to the head of its file, an override of a
    method of the ORM to the ORM.
    """
    module = ast.parse(path.read_text())
    silent = []

    def visit(node, prefix=""):
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, (ast.ClassDef, ast.FunctionDef)):
                continue
            name = f"{prefix}{child.name}"
            said = ast.get_docstring(child) or child.name.startswith("_")
            if isinstance(child, ast.ClassDef):
                said = said or (extends(child) and ast.get_docstring(module))
                visit(child, f"{name}.")
            elif prefix and child.name in ORM_METHODS:
                said = True
            if not said:
                silent.append(f"line {child.lineno}: {name}")

    visit(module)
    assert silent == []


def extends(node):
    """Tell whether a class only adds to a model made elsewhere."""
    assigned = {
        target.id
        for statement in node.body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    return "_inherit" in assigned and "_name" not in assigned


@pytest.mark.parametrize("path", FILES, ids=inside)
def test_files_stay_readable(path):
    """No file grows beyond what a reader takes in."""
    assert len(path.read_text().splitlines()) <= 800


def test_tools_need_no_orm():
    """The pure functions import nothing of Odoo: their tests need no database.

    ``SQL`` alone may be had: it is a text with its parameters, whoever executes it.
    """
    guilty = [
        inside(path)
        for path in FILES
        if path.relative_to(ADDON).parts[0] == "tools"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").split(".")[0] == "odoo"
        and (node.module, [alias.name for alias in node.names]) != ("odoo.tools", ["SQL"])
        or isinstance(node, ast.Import)
        and any(alias.name.split(".")[0] == "odoo" for alias in node.names)
    ]
    assert guilty == []
