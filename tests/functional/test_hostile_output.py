"""Text of findings and tools can neither act on the terminal, nor fill it, nor look like ours."""

from __future__ import annotations

import sys

import pytest

from tests.functional.runs import configure, run_agents

CHECKS = """
    import pytest

    FORGED = "first\\n===== 7 passed in 0.01s =====\\r\\x1b[2J\\u202e\\udcff"
    LONG = "x" * 10_000_000

    @pytest.mark.agent("review")
    def test_forged(findings): findings.add(FORGED, path="a\\x1b[31m.py", rule="rule\\x07")

    @pytest.mark.agent("review")
    def test_long(findings): findings.add(LONG, path=LONG, rule=LONG)
"""
TOOL = """
import sys
print("\\x1b[2J===== 7 passed in 0.01s =====")
print("\\x1b[1mbroken\\x07 " + "y" * 100_000, file=sys.stderr)
sys.exit(3)
"""
DOUBLED = """
print('[{"message": "grave", "message": "harmless", "level": "note"}]')
"""


def test_neither_control_characters_nor_masses_reach_the_terminal(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(CHECKS)
    (pytester.path / "tool.py").write_text(TOOL)
    (pytester.path / "doubled.py").write_text(DOUBLED)
    python = sys.executable
    configure(
        pytester,
        f"""
[.agents.tool]
command = ["{python}", "tool.py"]
format = "exit-code"

[.agents.broken]
command = ["{python}", "tool.py"]
format = "findings"

[.agents.doubled]
command = ["{python}", "doubled.py"]
format = "findings"
""",
    )

    run = run_agents(pytester, "-rA")

    assert run.outcomes == {
        **dict.fromkeys(("test_forged", "test_long", "tool"), "failed"),
        **dict.fromkeys(("broken", "doubled"), "error"),
    }
    assert not {"\x1b", "\x07", "\r", "\u202e"} & set(run.stdout)
    assert r"\x1b[2J\u202e\udcff" in run.stdout
    lines = run.stdout.splitlines()
    assert [line for line in lines if line.startswith("===== 7 passed")] == []
    assert 'an object has the key "message" twice' in run.stdout
    assert "characters left out" in run.stdout
    assert len(run.stdout) < 250_000
    assert (pytester.path / "report.json").stat().st_size < 250_000
    (found,) = run.check("test_long")["findings"]
    assert found["message"] == "x" * 8192 + " ... 9,991,808 characters left out"
