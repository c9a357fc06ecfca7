"""For all tests of the repository: a skipped test is a failed test.

A skip hides what is not checked, such as browser tests without a browser.
"""

import pytest


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
