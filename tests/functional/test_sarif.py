"""Output of scanners whose rules are in extensions, or which see the project from a container."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from tests.functional.runs import configure, run_agents


def log(*results: dict[str, Any], **tool: object) -> str:
    return json.dumps({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "t"}, **tool}, "results": results}]})


def result(uri: str, **fields: object) -> dict[str, Any]:
    location = {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": 1}}}
    return {"message": {"text": "m"}, "locations": [location], **fields}


def test_levels_and_places(pytester: pytest.Pytester) -> None:
    queries = [{"name": "q", "rules": [{"id": "A"}, {"id": "B", "defaultConfiguration": {"level": "error"}}]}]
    in_extension = {"rule": {"id": "B", "index": 1, "toolComponent": {"index": 0}}}
    (pytester.path / "extensions.sarif").write_text(log(result("src/a.py", **in_extension), extensions=queries))
    (pytester.path / "container.sarif").write_text(log(result("file:///code/src/a.py"), result("file:///x/b.py")))
    (pytester.path / "src").mkdir()
    (pytester.path / "src" / "a.py").write_text("a = 1\n")
    show = "import sys; print(open(sys.argv[1]).read())"
    python = json.dumps(sys.executable)
    tables = "".join(
        f"[.agents.{name}]\ncommand = [{python}, '-c', '{show}', '{name}.sarif']\nformat = 'sarif'\n"
        for name in ("extensions", "container")
    )
    configure(pytester, f'{tables}path-map = {{ "/code" = "." }}\n')

    run = run_agents(pytester)

    assert run.outcomes == {"extensions": "failed", "container": "passed"}
    assert [found["path"] for found in run.check("container")["findings"]] == ["src/a.py", "/x/b.py"]
