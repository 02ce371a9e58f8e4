"""Reports leaks at the end of the run: once for each file and kind of leak, with a count.

The warnings go through pytest's filters, those of the first check's marks among them. A filter that turns them into
errors does not count: `-W error`, which suites set for other warnings, must not decide on leaks.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

import pytest
from _pytest.warnings import catch_warnings_for_item

from pytest_parallel_agents.early_bound import builtins, warnings
from pytest_parallel_agents.errors import LeakWarning

__builtins__ = builtins

LEFT_BEHIND: Final = "left behind a "
"""Beginning of a leak's note."""

_NUMBER: Final = re.compile(r"\d+")
"""Process ids, ports and the numbers of threads differ where the leak is the same."""


def warn_of_leaks(noted: Iterable[tuple[pytest.Item, Sequence[str]]]) -> None:
    """Warns of the leaks among the notes of checks."""
    alike: dict[tuple[str, str], list[tuple[pytest.Item, str]]] = defaultdict(list)
    for item, notes in noted:
        for note in notes:
            if note.startswith(LEFT_BEHIND):
                alike[str(item.path), _NUMBER.sub("0", note)].append((item, note))
    for leaks in alike.values():
        item, note = leaks[0]
        _warn(item, note if len(leaks) == 1 else f"{note} ({len(leaks)} times)")


def warn_of_leak(item: pytest.Item, text: str) -> None:
    """Warns of it in the name of the check, through the current filters."""
    line = (item.location[1] or 0) + 1
    warnings.warn_explicit(LeakWarning(text), None, str(item.path), line, registry={})


def _warn(item: pytest.Item, text: str) -> None:
    if not item.config.pluginmanager.hasplugin("warnings"):
        return  # pytest records none then
    with catch_warnings_for_item(item.config, item.ihook, "runtest", item):
        try:
            warn_of_leak(item, text)
        except LeakWarning:
            with warnings.catch_warnings():
                warnings.simplefilter("always", LeakWarning)
                warn_of_leak(item, text)
