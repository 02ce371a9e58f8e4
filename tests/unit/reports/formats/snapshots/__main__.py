"""Writes the snapshots of formats again: `python -m tests.unit.reports.formats.snapshots .md`, or all without names."""

from __future__ import annotations

import sys
from pathlib import Path

from pytest_parallel_agents.reports.formats.suffixes import format_for
from tests.unit.reports.samples import shop_report

FOLDER = Path(__file__).parent

for suffix in sys.argv[1:] or [path.name.removeprefix("shop") for path in FOLDER.glob("shop.*")]:
    path = FOLDER / f"shop{suffix}"
    path.write_bytes(format_for(path).render(shop_report()))
