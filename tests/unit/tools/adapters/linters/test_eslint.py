from __future__ import annotations

from pathlib import Path

from pytest_parallel_agents.tools.adapters.linters.eslint import ESLINT, read
from tests.unit.tools.adapters.printed import printed


def test_what_it_warns_of_does_not_fail_the_check(tmp_path: Path) -> None:
    message = {"ruleId": None, "severity": 1, "message": "File ignored because of a matching ignore pattern."}
    said = printed([{"filePath": str(tmp_path / "a.js"), "messages": [message], "suppressedMessages": [message]}])

    (finding,) = read(said, tmp_path).findings

    assert (finding.rule, finding.path, finding.line) == ("eslint", "a.js", None)
    assert finding.level.severity < ESLINT.fail_on.severity
