"""For all tests of the repository: a skipped test is a failed test; workers share no files.

A skip hides what is not checked, such as browser tests without a browser.
"""

import pytest

from dev.env.filestores import own_filestore


def pytest_configure(config):
    """Give each process that shares the addon's tests a filestore of its own.

    pytest-odoo lets them share one. Odoo deletes files that no attachment of *its* database names:
    one process deleted what another had just written, and pages came without their scripts.
    """
    plugin = config.pluginmanager.get_plugin("odoo")
    if plugin:
        from odoo.tools import config as odoo_config

        def own(original, name):
            return own_filestore(odoo_config["data_dir"], original, name)

        plugin._shared_filestore = own


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Turn the report of a skipped test into a failure that tells the reason."""
    outcome = yield
    refuse_skip(outcome.get_result())


@pytest.hookimpl(hookwrapper=True)
def pytest_make_collect_report(collector):
    """Turn the report of a skipped file into a failure that tells the reason."""
    outcome = yield
    refuse_skip(outcome.get_result())


def refuse_skip(report):
    """Change a report of a skip into one of a failure."""
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"skipped, which counts as a failure here: {reason}"
