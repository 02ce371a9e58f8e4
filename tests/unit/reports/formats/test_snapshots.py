"""Each format of the shop's report, as it stood when someone looked at it last."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.reports.formats.snapshots import FOLDER, snapshot


@pytest.mark.parametrize("path", sorted(FOLDER.glob("shop.*")), ids=lambda path: path.name)
def test_nothing_has_changed(path: Path) -> None:
    assert snapshot(path) == path.read_text("utf-8"), "python -m tests.unit.reports.formats.snapshots renews it"
