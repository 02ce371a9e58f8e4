"""The number of reports that pytest's own protocol makes of each attempt, so that a missing one is noticed."""

from __future__ import annotations

import pytest


def least_reports(config: pytest.Config) -> int:
    """The least number of reports of an attempt whose set-up has passed.

    0 if a plugin runs tests by a protocol of its own: pytest accepts whatever such a plugin reports.
    """
    protocol = config.hook.pytest_runtest_protocol
    for implementation in protocol.get_hookimpls():
        wraps = implementation.wrapper or implementation.hookwrapper
        if not wraps and implementation.function.__module__ != "_pytest.runner":
            return 0
    return 2 if config.getoption("setuponly", default=False) else 3
