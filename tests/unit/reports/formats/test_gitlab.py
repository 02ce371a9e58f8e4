from __future__ import annotations

import json
from pathlib import Path

from msgspec.structs import replace

from pytest_parallel_agents.model.results import Evidence, Level
from pytest_parallel_agents.reports.build import build
from pytest_parallel_agents.reports.causes import Located
from pytest_parallel_agents.reports.formats import gitlab
from pytest_parallel_agents.tool_formats.gitlab import read
from pytest_parallel_agents.tool_formats.output import Output
from tests.unit.reports.samples import FACTS, finding, plan, shop_report, shop_results


def test_failures_come_first_then_findings_gravest_first() -> None:
    violations = json.loads(gitlab.render(shop_report()))
    assert [(each["severity"], each["check_name"], each["location"]) for each in violations] == [
        ("critical", "failed", {"path": "src/shop/cart.py", "lines": {"begin": 42}}),
        ("major", "attr-defined", {"path": "src/shop/cart.py", "lines": {"begin": 41}}),
        ("minor", "F401", {"path": "src/shop/io.py", "lines": {"begin": 1}}),
        ("info", "S101", {"path": "src/shop/io.py", "lines": {"begin": 1}}),
        ("info", "stale", {"path": "pyproject.toml", "lines": {"begin": 1}}),
    ]
    assert violations[0]["description"] == "test_total: ZeroDivisionError: division by zero"
    assert violations[2]["description"] == "mypy: `os` imported but unused"


def test_fingerprints_differ_and_are_the_same_again_on_another_line() -> None:
    def fingerprints(line: int) -> list[str]:
        same = finding("r", Level.ERROR, "m", "a.py", line)
        one = replace(shop_results()[0], evidence=Evidence(findings=(same, same)))
        content = gitlab.render(build(FACTS, plan([one]), [one], Located()))
        return [each["fingerprint"] for each in json.loads(content)]

    assert fingerprints(3) == fingerprints(30)
    assert len(set(fingerprints(3))) == 2


def test_our_own_reader_of_code_quality_finds_as_many() -> None:
    evidence = read(Output(exit_code=0, stdout=gitlab.render(shop_report()).decode(), stderr=""), Path("/nowhere"))
    assert len(evidence.findings) == 5
