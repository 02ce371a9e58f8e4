"""Output of tools without a machine-readable format, beside their findings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_parallel_agents.errors import BrokenTool
from pytest_parallel_agents.model.results import Finding
from pytest_parallel_agents.tool_formats.output import Output, Unreadable
from pytest_parallel_agents.tools.adapters.linters import codespell, vulture
from pytest_parallel_agents.tools.command import CommandSpec
from pytest_parallel_agents.tools.execution import execute
from pytest_parallel_agents.tools.interpretation import interpret
from pytest_parallel_agents.tools.invocation import Invocation

Judge = Callable[..., tuple[Finding, ...]]


@pytest.fixture
def judge(spec_of: Callable[..., CommandSpec], tmp_path: Path) -> Judge:
    """Runs the real tool on everything below `tmp_path`."""

    def run(tool: str, **keys: object) -> tuple[Finding, ...]:
        spec = spec_of(tool, paths=["."], **keys)
        output = execute(spec, Invocation(chosen=None, root=tmp_path, scratch=tmp_path, cache=tmp_path / ".cache"))
        return interpret(spec, output, root=tmp_path).findings

    return run


def test_codespell_prints_which_settings_it_has_read(judge: Judge, tmp_path: Path) -> None:
    (tmp_path / "setup.cfg").write_text("[codespell]\nskip = *.txt\n", "utf-8")
    (tmp_path / "a.txt").write_text("recieve", "utf-8")
    (tmp_path / "a: b.py").write_text("# recieve seperate", "utf-8")

    findings = judge("codespell", args=["--summary", "--count"])

    assert [(found.path, found.line) for found in findings] == [("a: b.py", 1), ("a: b.py", 1)]
    assert [found.message for found in findings] == ["recieve ==> receive", "seperate ==> separate"]


def test_codespell_finds_a_misspelling_in_a_name(judge: Judge, tmp_path: Path) -> None:
    (tmp_path / "recieve.py").write_text("", "utf-8")

    (finding,) = judge("codespell", args=["--check-filenames"])

    assert (finding.path, finding.line, finding.message) == ("recieve.py", None, "recieve ==> receive")


def test_codespell_shows_the_lines_around_a_finding(judge: Judge, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("# fine\n# recieve\n# b.py:1: seperate ==> separate\n", "utf-8")
    (tmp_path / "setup.cfg").write_text("[codespell]\ncontext = 1\n", "utf-8")

    findings = judge("codespell", args=["--ignore-words-list=seperate"])

    assert [(found.line, found.message) for found in findings] == [(2, "recieve ==> receive")]


def test_codespell_may_not_read_a_file(tmp_path: Path) -> None:
    said = 'WARNING: Trying next encoding "iso-8859-1"\nWARNING: Permission denied: a.py\n'

    with pytest.raises(Unreadable, match=r"^WARNING: Permission denied: a\.py$"):
        codespell.read(Output(exit_code=0, stdout="", stderr=said), tmp_path)


def test_vulture_finds_something_beside_what_it_cannot_parse(judge: Judge, tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("def double(:\n", "utf-8")
    (tmp_path / "dead.py").write_text("def f():\n    return 1\n    print()\n", "utf-8")
    (tmp_path / "null.py").write_bytes(b"x = 1\0\n")

    found = {(finding.rule, finding.path, finding.line) for finding in judge("vulture")}

    assert {("syntax", "broken.py", 1), ("unreachable-code", "dead.py", 3), ("unused-function", "dead.py", 1)} <= found
    assert ("syntax", "null.py") in {(rule, path) for rule, path, _ in found}


def test_vulture_finds_something_beside_what_it_cannot_read(judge: Judge, tmp_path: Path) -> None:
    (tmp_path / "dead.py").write_text("def f(): pass\n", "utf-8")
    (tmp_path / "latin.py").write_bytes(b"x = '\xe9'\n")

    with pytest.raises(BrokenTool, match=r"Could not read file .*latin\.py"):
        judge("vulture")


def test_pythons_warnings_are_no_findings_of_vulture(tmp_path: Path) -> None:
    said = "/x/a.py:1: SyntaxWarning: invalid escape sequence '\\d'\n  x = '\\d'\n"

    assert vulture.read(Output(exit_code=0, stdout="", stderr=said), tmp_path).findings == ()


def test_vulture_sorted_by_size(judge: Judge, tmp_path: Path) -> None:
    (tmp_path / "dead.py").write_text("def f():\n    return 1\n", "utf-8")

    assert [finding.rule for finding in judge("vulture", args=["--sort-by-size"])] == ["unused-function"]
