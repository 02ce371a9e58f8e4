"""The settings for how many reports are kept, and how large they may become."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from pytest_parallel_agents.tables import Table, quoted

_UNITS: Final = {"kB": 10**3, "MB": 10**6, "GB": 10**9}
_SIZE: Final = re.compile(rf"(\d+) ?({'|'.join(_UNITS)})")
_DEFAULT_SIZE: Final = "50MB"


class Keeping(msgspec.Struct, frozen=True):
    """How many reports are kept, 0 for none, and how many bytes they may have together."""

    reports: int = 0
    most_bytes: int = 50 * 10**6


def read_keeping(table: Table) -> Keeping:
    """The keys `keep` and `keep-size`."""
    reports, size = table.whole("keep", 0, minimum=0), table.text("keep-size", _DEFAULT_SIZE)
    found = _SIZE.fullmatch(size)
    if found is None:
        table.fault("keep-size", f"is {quoted(size)}", hint="write a whole number and kB, MB or GB, such as 50MB")
        return Keeping(reports=reports)
    return Keeping(reports=reports, most_bytes=int(found[1]) * _UNITS[found[2]])
