from __future__ import annotations

from pathlib import Path

import pytest

from pytest_parallel_agents.model.results import Level
from pytest_parallel_agents.tool_formats.output import Output, Unreadable
from pytest_parallel_agents.tools.adapters.type_checkers.mypy import MYPY, read

NOTE = (
    '{"file": "a.py", "line": 1, "column": 2, "end_line": 1, "message": "m", "hint": "h", "code": null,'
    ' "severity": "note"}\n'
)


def test_notes_do_not_fail_the_check(tmp_path: Path) -> None:
    (finding,) = read(Output(exit_code=1, stdout=NOTE, stderr=""), tmp_path).findings

    assert (finding.rule, finding.level, finding.message) == ("mypy", Level.NOTE, "m\nh")
    assert finding.level.severity < MYPY.fail_on.severity


def test_a_crash_after_some_messages_is_no_verdict(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="gave up"):
        read(Output(exit_code=2, stdout=NOTE, stderr="INTERNAL ERROR"), tmp_path)


def test_a_python_that_mypy_no_longer_knows_does_no_harm(tmp_path: Path) -> None:
    said = "pyproject.toml: [mypy]: python_version: Python 3.8 is not supported (must be 3.10 or higher)\n"

    assert read(Output(exit_code=0, stdout="", stderr=said), tmp_path).findings == ()

    with pytest.raises(Unreadable, match=r"does not understand its configuration: mypy\.ini: .* no_key"):
        read(
            Output(exit_code=0, stdout="", stderr=f"{said}mypy.ini: [mypy]: Unrecognized option: no_key = 1\n"),
            tmp_path,
        )


def test_each_check_has_its_own_cache(tmp_path: Path) -> None:
    assert f"--cache-dir={tmp_path}" in MYPY.argv(["src"], [], tmp_path)


def test_a_message_about_a_whole_file_has_no_line(tmp_path: Path) -> None:
    text = NOTE.replace('"line": 1', '"line": -1')

    (finding,) = read(Output(exit_code=1, stdout=text, stderr=""), tmp_path).findings

    assert (finding.line, finding.end_line) == (None, None)


def test_what_it_found_after_it_has_installed_stubs_is_on_stderr(tmp_path: Path) -> None:
    said = f"Installing missing stub packages:\n{NOTE}"

    (finding,) = read(Output(exit_code=1, stdout="", stderr=said), tmp_path).findings

    assert (finding.path, finding.message) == ("a.py", "m\nh")


def test_its_reports_are_refused_wherever_its_settings_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    package = tmp_path / "packages" / "core"
    package.mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    (tmp_path / "setup.cfg").write_text("[mypy]\nhtml_report = out\n", "utf-8")
    (package / "other.ini").write_text("[mypy]\nxml_report = out\n", "utf-8")

    assert "setup.cfg: html_report" in (MYPY.obstacle((), (), package) or "")
    assert "other.ini: xml_report" in (MYPY.obstacle((), ("--config-file", "other.ini"), package) or "")

    (tmp_path / "setup.cfg").unlink()
    (tmp_path / "home" / ".mypy.ini").write_text("[mypy]\nlinecount_report = out\n", "utf-8")

    assert ".mypy.ini: linecount_report" in (MYPY.obstacle((), (), package) or "")

    (package / "mypy.ini").write_text("[mypy]\nstrict = True\n", "utf-8")

    assert MYPY.obstacle((), (), package) is None
