"""Writes the snapshots of formats again: `python -m tests.unit.reports.formats.snapshots .md`, or all without names."""

from __future__ import annotations

import sys

from tests.unit.reports.formats.snapshots import FOLDER, snapshot

for suffix in sys.argv[1:] or [path.name.removeprefix("shop") for path in FOLDER.glob("shop.*")]:
    path = FOLDER / f"shop{suffix}"
    path.write_text(snapshot(path), "utf-8")
