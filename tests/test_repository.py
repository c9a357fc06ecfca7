"""What must not be in the repository, and what must."""

import os
import re
import subprocess

import pytest

from dev.env import settings

TEXT = (".py", ".xml", ".csv", ".md", ".toml", ".yaml", ".yml", ".js", ".scss", ".sql", ".po", "")


def tracked_files():
    """Return the files under version control; of a copy without history, all that is there."""
    listed = subprocess.run(
        [
            "git",
            "-C",
            settings.REPO,
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    paths = [settings.REPO / name for name in listed.stdout.split("\0") if name]
    return paths or [path for path in settings.REPO.rglob("*") if ".odoo" not in path.parts]


FILES = [path for path in tracked_files() if path.is_file() and path.suffix in TEXT]


def lines_with(pattern, paths=FILES):
    """Return the places where a pattern occurs."""
    expression = re.compile(pattern)
    return [
        f"{path.relative_to(settings.REPO)}:{number}"
        for path in paths
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if expression.search(line)
    ]


def test_no_path_of_somebodys_machine():
    """No file names a home or work folder of one machine."""
    assert lines_with(r"(?<![\w.])/(?:home|Users|work|root|mnt)/(?!\$)[\w.-]") == []


def test_no_package_index_or_mirror():
    """No file names the host of a package index or mirror: machines know their own."""
    hosts = r"(?:pypi\.org|pythonhosted|deb\.debian|ftp\.\w+\.debian|registry\.npmjs)"
    own = settings.REPO / "tests" / "test_repository.py"
    assert lines_with(rf"{hosts}|--(?:extra-)?index-url", [p for p in FILES if p != own]) == []


def test_no_conflict_markers():
    """No merge was left half done (Odoo's own check walks the whole environment instead)."""
    assert lines_with(r"^(?:<{7} |>{7} |={7}$)") == []


@pytest.mark.parametrize(
    "name", ["README.md", "LICENSE", "Makefile", "pyproject.toml", ".gitignore"]
)
def test_expected_files(name):
    """What people and tools look for is there."""
    assert (settings.REPO / name).is_file()


@pytest.mark.parametrize("name", [".ci/run", "dev/run", "dev/odoo", "dev/python", "dev/psql"])
def test_scripts_are_executable(name):
    """The scripts can be started."""
    assert os.access(settings.REPO / name, os.X_OK)


def test_everything_made_is_ignored():
    """Git does not see what the environment makes."""
    done = subprocess.run(
        ["git", "-C", settings.REPO, "check-ignore", "-q", ".odoo/anything"], check=False
    )
    assert done.returncode in (0, 128), "128: a copy without history"
