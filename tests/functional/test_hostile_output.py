"""Text of findings and tools can neither act on the terminal, nor fill it, nor look like ours."""

from __future__ import annotations

import json
import sys
from textwrap import dedent
from xml.etree import ElementTree as ET

import pytest

from tests.functional.runs import configure, run_agents, run_pytest
from tests.unit.reports.formats.hostile import STRINGS
from tests.unit.reports.formats.readers import READERS

CHECKS = """
    import json, pathlib
    import pytest

    FORGED = "first\\n===== 7 passed in 0.01s =====\\r\\x1b[2J\\u202e\\udcff"
    LONG = "x" * 10_000_000

    @pytest.mark.agent("review")
    def test_forged(findings): findings.add(FORGED, path="a\\x1b[31m.py", rule="rule\\x07")

    @pytest.mark.agent("review")
    def test_corpus(findings):
        for text in json.loads(pathlib.Path("texts.json").read_text()):
            findings.add(text, path=text.replace("\\0", ""), rule=text)

    @pytest.mark.agent("review")
    def test_long(findings): findings.add(LONG, path=LONG, rule=LONG)
"""
TOOL = """
import sys
print("\\x1b[2J===== 7 passed in 0.01s =====\\n::error::forged\\n  ::add-mask::passed\\n\\t##[error]forged")
print("\\x1b[1mbroken\\x07 " + "y" * 100_000, file=sys.stderr)
sys.exit(3)
"""
DOUBLED = """
print('[{"message": "grave", "message": "harmless", "level": "note"}]')
"""


def test_neither_control_characters_nor_commands_nor_masses_reach_the_terminal(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    pytester.makepyfile(CHECKS)
    (pytester.path / "texts.json").write_text(json.dumps(STRINGS))
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
        **dict.fromkeys(("test_forged", "test_corpus", "test_long", "tool"), "failed"),
        **dict.fromkeys(("broken", "doubled"), "error"),
    }
    assert {char for char in run.stdout if not char.isprintable()} == {"\n", "\t"}
    assert r"\x1b[2J\u202e\udcff" in run.stdout
    lines = run.stdout.splitlines()
    assert [line for line in lines if line.startswith("===== 7 passed")] == []
    assert {line for line in lines if line.lstrip().startswith("::")} - set(ours(lines)) <= {"  ::"}
    assert "##[" not in run.stdout
    assert 'an object has the key "message" twice' in run.stdout
    assert "characters left out" in run.stdout
    assert len(run.stdout) < 250_000
    assert (pytester.path / "report.json").stat().st_size < 1_000_000
    (found,) = run.check("test_long")["findings"]
    assert found["message"] == "x" * 8192 + " ... 9,991,808 characters left out"


@pytest.mark.slow
def test_files_of_a_run_can_be_read_whatever_its_checks_write_and_are_called(pytester: pytest.Pytester) -> None:
    source = """
        import json, pathlib
        import pytest

        TEXTS = json.loads(pathlib.Path("texts.json").read_text())

        @pytest.mark.agent("review")
        def test_finds(findings):
            for text in TEXTS: findings.add(text, path=text.replace("\\0", ""), rule=text)

        @pytest.mark.agent("test", retries=1)
        @pytest.mark.parametrize("text", TEXTS[::9], ids=lambda text: text[:99])
        def test_fails(text):
            print(text)
            raise ValueError(text)
    """
    (pytester.path / "test_\x1b\udcff.py").write_text(dedent(source))
    (pytester.path / "texts.json").write_text(json.dumps(STRINGS))
    names = {suffix: f"all{suffix}" for suffix in READERS}

    run = run_agents(pytester, "--junitxml=all.xml", *(f"--agents-report={name}" for name in names.values()))

    failed = [check["nodeid"] for check in run.report["checks"] if check["outcome"] == "failed"]
    assert len(failed) == 1 + len(STRINGS[::9])
    for suffix, name in names.items():
        assert list(READERS[suffix].texts((pytester.path / name).read_bytes()))
    assert len(list(ET.parse(pytester.path / "all.xml").iter("testcase"))) == len(failed)  # noqa: S314


def test_a_plan_shows_names_escaped(pytester: pytest.Pytester) -> None:
    name = "\x1b[2J\n::error::forged\u202e"
    configure(pytester, f"[.resources]\n{json.dumps(name)} = 1\n")
    pytester.makepyfile(
        f"""
        import pytest

        @pytest.mark.agent("review", writes=[{name!r}], group={name!r})
        def test_one(): pass

        @pytest.mark.agent("review", writes=[{name!r}], group={name!r})
        def test_other(): pass
        """
    )
    shown = str(run_pytest(pytester, "--agents", "-n2", "--agents-plan").stdout)
    assert "\\x1b[2J" in shown
    assert {char for char in shown if not char.isprintable()} <= {"\n", "\t"}
    assert [line for line in shown.splitlines() if line.lstrip().startswith("::")] == []


def ours(lines: list[str]) -> list[str]:
    """The workflow commands that we write, before pytest's last line."""
    *_, last = [number for number, line in enumerate(lines) if not line.startswith("::")][:-1]
    return lines[last + 1 : -1]
