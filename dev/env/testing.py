"""``make test``: repository tests, lint, installation, addon tests with tours, Odoo's test_lint."""

import os
import shlex
import time
from concurrent.futures import ThreadPoolExecutor

from . import installlog, lint, settings, system
from .console import Problem, read_log, run_child, say
from .databases import Databases
from .processes import free_port

EMPTY = 5  # pytest's exit code when it collected nothing
ADDON_TESTS = f"{settings.ADDON}/tests"
REPOSITORY_TESTS = "tests"
# Left out: pylint, which lint runs on our files alone; docstrings, which tests/ checks; conflict
# markers, also in tests/, since Odoo's test walks all below the addons path, .odoo too.
TEST_LINT = (
    "/test_lint,-/test_lint:TestPyLint,-/test_lint:TestDocstring,-/test_lint:TestConflictMarkers"
)


class Run:
    """One run of the tests: the stages in order, and what each came to."""

    def __init__(self, environ, odoo_home, store, jobs=0):
        """Remember the environment, the folder of Odoo, the databases.

        :param jobs: how many processes share the addon's tests, each on a database of its own; 0
            is two for all tests (more make browsers wait for each other), one for a part
        """
        self.jobs = jobs
        self.environ = environ
        self.odoo_home = odoo_home
        self.store = store
        self.quiet_store = Databases(environ, quiet=True)
        self.results = []
        self.templates = {}

    def everything(self):
        """Run all stages, the cheapest first; return the exit code.

        Two that need no browser run beside the addon's tests: the demo data, Odoo's test_lint.
        """
        self.jobs = self.jobs or min(2, os.cpu_count() or 1)
        self.stage("repository tests", self.repository_tests, "-m", "not needs_odoo")
        self.stage("lint", self.lint)
        self.stage("tools of the addon tests", self.tools)
        if self.stage("template database", self.bare_template):
            self.stage("clean installation log", self.installation_log, False)
            with ThreadPoolExecutor(1) as beside:
                demo = beside.submit(self.demo_data)
                odoo_lint = beside.submit(self.test_lint)
                self.stage("addon tests and tours", self.addon_tests)
                self.stage("tests of the bridges", self.bridge_tests)
                if self.stage("demo data", demo.result):
                    self.stage("clean log of the demo data", self.installation_log, True)
                self.stage("scenarios", self.repository_tests, "-m", "needs_odoo")
                self.stage("Odoo's test_lint", odoo_lint.result)
        return self.summary()

    def part(self, text):
        """Run the tests that ``T=`` names; return the exit code.

        :param text: a path below either folder of tests, with or without ``::name``; the addon's
            folder means its tests; or options of pytest such as ``-k word``, for both folders
        """
        words = [
            ADDON_TESTS if word.rstrip("/") == settings.ADDON else word
            for word in shlex.split(text)
        ]
        bridges = tuple(f"{name}/" for name in settings.bridges())
        bridged = [word for word in words if bridges and f"{word}/".startswith(bridges)]
        words = [word for word in words if word not in bridged]
        if bridged:
            self.tools()
            self.stage("tests of the bridges", self.bridge_tests, *bridged)
            if not words:
                return self.summary()
        paths = [word for word in words if word.startswith((ADDON_TESTS, REPOSITORY_TESTS))]
        if any(path.startswith(settings.ADDON) for path in paths) or not paths:
            self.tools()
            self.stage("addon tests and tours", self.addon_tests, *words, may_be_empty=not paths)
        if any(path.startswith(REPOSITORY_TESTS) for path in paths) or not paths:
            self.stage("repository tests", self.repository_tests, *words, may_be_empty=not paths)
        if all(outcome == "nothing to run" for _name, outcome, _seconds in self.results):
            raise Problem(f"no test matches T={text}")
        return self.summary()

    def stage(self, name, action, *arguments, **options):
        """Run one stage and note how it went; tell whether it passed."""
        say(f"==> {name}")
        start = time.monotonic()
        try:
            outcome = action(*arguments, **options) or "passed"
        except Problem as problem:
            say(f"    {problem}")
            outcome = "FAILED"
        self.results.append((name, outcome, time.monotonic() - start))
        return outcome != "FAILED"

    def summary(self):
        """Print what each stage came to; return the exit code."""
        say()
        for name, outcome, seconds in self.results:
            say(f"    {outcome:<15} {name} ({seconds:.0f} s)")
        failed = [name for name, outcome, _seconds in self.results if outcome == "FAILED"]
        say()
        say(f"FAILED: {', '.join(failed)}" if failed else "all passed")
        return 1 if failed else 0

    # --- the stages

    def lint(self):
        """Run the static checks."""
        failed = lint.run(self.environ, self.odoo_home)
        if failed:
            raise Problem(f"failed: {', '.join(failed)}")

    def tools(self):
        """Install what only tests need: the browser of the tours, and the tools of the reports."""
        system.need("run", "fonts", "test")

    def template(self, demo=False):
        """Return the template that this run uses, whatever happens to the files meanwhile."""
        if not self.store.exists(self.templates.get(demo, "")):
            store = self.quiet_store if demo else self.store
            self.templates[demo] = store.template(demo)
        return self.templates[demo]

    def bare_template(self):
        """Install the addon without demo data; take away what dead processes left."""
        self.store.sweep()
        self.template()

    def demo_data(self):
        """Install the addon with demo data, as make demo does."""
        self.template(demo=True)

    def installation_log(self, demo):
        """Check the log of the addon's installation."""
        log = settings.LOGS / f"{installlog.name(self.template(demo))}.log"
        if not log.exists():
            raise Problem(f"{log.relative_to(settings.REPO)} is gone: change a file, or make clean")
        found = installlog.complaints(read_log(log))
        for line in found:
            say(f"    {line}")
        if found:
            raise Problem("the installation logged warnings or errors")

    def pytest(self, *arguments, may_be_empty=False):
        """Run pytest in the environment."""
        options = ["-p", "no:cacheprovider", "--color=auto"]
        code = run_child(
            ["python", "-m", "pytest", *options, *arguments],
            cwd=settings.REPO,
            env=self.environ,
        )
        if code == EMPTY and may_be_empty:
            return "nothing to run"
        if code:
            raise Problem("no test was found" if code == EMPTY else "tests failed")
        return None

    def repository_tests(self, *words, may_be_empty=False):
        """Run the tests of the repository, which start Odoo themselves when they need it."""
        words = words if any(word.startswith("tests") for word in words) else [*words, "tests"]
        empty_allowed = may_be_empty or "-m" in words
        return self.pytest("-p", "no:odoo", *words, may_be_empty=empty_allowed)

    def addon_tests(self, *words, may_be_empty=False):
        """Run the addon's tests, browser tours included, on a fresh copy of the template."""
        if not any(word.startswith(ADDON_TESTS) for word in words):
            words = [*words, ADDON_TESTS]
        words = [word for word in words if not word.startswith("tests")]
        name = self.store.fresh_name("test")
        self.store.copy(self.template(), name)
        if self.jobs > 1:
            words = ["-n", str(self.jobs), "--dist", "loadscope", *words]
        try:
            return self.pytest(
                "--odoo-http", f"--odoo-database={name}", *words, may_be_empty=may_be_empty
            )
        finally:
            self.store.drop(name)

    def bridge_tests(self, *words):
        """Run the tests of the bridges on a copy of the template with all of them installed."""
        bridges = settings.bridges()
        if not bridges:
            return "nothing to run"
        with self.store.bridged(self.template()) as name:
            if not words:
                self.check_terms(name, bridges)
            words = words or [f"{name}/tests" for name in bridges]
            return self.pytest("--odoo-http", f"--odoo-database={name}", *words)

    def check_terms(self, name, bridges):
        """Check that the terms of the bridges, listed for translators, are the present ones."""
        command = ["python", "dev/translations.py", "--database", name, "--check", *bridges]
        if run_child(command, cwd=settings.REPO, env=self.environ):
            raise Problem("terms of the bridges are not those in their i18n folders")

    def test_lint(self):
        """Run Odoo's own module of checks on a copy: it walks every addon and model, ours too."""
        name = self.quiet_store.fresh_name("lint")
        self.quiet_store.copy(self.template(), name)
        port = str(free_port())
        try:
            self.quiet_store.odoo(
                "installing and running test_lint",
                name,
                *["-i", "test_lint", "--test-tags", TEST_LINT, "--http-port", port],
                log="test_lint",
            )
        finally:
            self.quiet_store.drop(name)
