"""What holds for every test."""

import os
from collections.abc import Generator

import pytest

_OUTSIDE = ("netns", "interop")
"""Markers of tests that need something of the machine, and are skipped where it is not there."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn skips into failures where nothing may be missing (BGPD_TEST_REQUIRE=all, as in CI)."""
    report = yield
    required = os.environ.get("BGPD_TEST_REQUIRE") == "all"
    if (
        required
        and report.skipped
        and not hasattr(report, "wasxfail")
        and any(item.get_closest_marker(marker) for marker in _OUTSIDE)
    ):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome, report.longrepr = "failed", f"required, but {reason}"
    return report
