from __future__ import annotations

from pathlib import Path

import pytest

from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.reports.formats import json_report, sarif
from pytest_parallel_agents.reports.formats.suffixes import FORMATS, format_for


def test_the_suffix_picks_the_format() -> None:
    assert format_for(Path("out/x.json")) is json_report
    assert format_for(Path("out/x.sarif.json")) is format_for(Path("x.sarif")) is sarif


@pytest.mark.parametrize(("path", "named"), [("x.pdf", ".pdf"), ("report", "(none)"), ("json", "(none)")])
def test_an_unknown_suffix_is_refused_with_the_known_ones(path: str, named: str) -> None:
    with pytest.raises(AgentsError) as raised:
        format_for(Path(path))

    assert raised.value.message == f"--agents-report {path}: no report format has the suffix {named}"
    assert raised.value.hint == f"use one of {', '.join(sorted(FORMATS))}"
