"""What holds for every test."""

import os
from collections.abc import Generator

import pytest

from lab.topology import Lab

_OUTSIDE = ("netns", "interop", "browser", "tools")
"""Markers of tests that need something of the machine, and are skipped where it is not there."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Refuse skips where nothing may be missing, and show the daemons' logs beside a failure."""
    report = yield
    if _may_not_be_skipped(item, report):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome, report.longrepr = "failed", f"required, but {reason}"
    elif report.failed:
        for lab in _labs(item):
            report.sections += [(process.log.name, process.tail()) for process in lab.processes]
    return report


def _may_not_be_skipped(item: pytest.Item, report: pytest.TestReport) -> bool:
    """Say whether it is a skip in CI, where BGPD_TEST_REQUIRE=all promises a machine with everything."""
    required = os.environ.get("BGPD_TEST_REQUIRE") == "all" and not hasattr(report, "wasxfail")
    return required and report.skipped and any(item.get_closest_marker(marker) for marker in _OUTSIDE)


def _labs(item: pytest.Item) -> set[Lab]:
    """Find the labs among the values of a test's fixtures, and those that these values live in."""
    fixtures = getattr(item, "funcargs", {}).values()
    return {lab for value in fixtures if isinstance(lab := getattr(value, "lab", value), Lab)}
