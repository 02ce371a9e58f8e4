"""Each format of the shop's report, as it stood when someone looked at it last."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_parallel_agents.reports.formats.suffixes import format_for
from tests.unit.reports.samples import shop_report

SNAPSHOTS = sorted((Path(__file__).parent / "snapshots").glob("shop.*"))


@pytest.mark.parametrize("path", SNAPSHOTS, ids=lambda path: path.name)
def test_nothing_has_changed(path: Path) -> None:
    rendered = format_for(path).render(shop_report())
    assert rendered.decode() == path.read_text("utf-8"), "python -m tests.unit.reports.formats.snapshots renews it"
