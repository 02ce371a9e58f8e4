from __future__ import annotations

from pathlib import Path

import pytest

from pytest_parallel_agents.model.results import Finding, Level
from pytest_parallel_agents.tool_formats.output import Output, Unreadable
from pytest_parallel_agents.tools.adapters.linters.pylint import PYLINT, read
from tests.unit.tools.adapters.printed import printed

INTO_FILE = "[REPORTS]\noutput-format=text,json:out.json\n"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package without settings of its own, in a project whose pyproject.toml has none of pylint."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("PYLINTRC", raising=False)
    package = tmp_path / "project" / "package"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (tmp_path / "home" / ".config").mkdir(parents=True)
    (tmp_path / "project" / ".git").mkdir()
    (tmp_path / "project" / "pyproject.toml").write_text('tools = ["pylint"]\n', "utf-8")
    return package


@pytest.mark.parametrize("place", ["home/.pylintrc", "home/.config/pylintrc", "project/.pylintrc"])
def test_what_would_write_a_file_is_refused_wherever_it_is_set(tmp_path: Path, package: Path, place: str) -> None:
    assert PYLINT.obstacle((), (), package) is None

    (tmp_path / place).write_text(INTO_FILE, "utf-8")
    assert f"{Path(place).name}: output-format" in (PYLINT.obstacle((), (), package) or "")

    (package / "setup.cfg").write_text("[pylint.main]\njobs=1\n", "utf-8")
    assert PYLINT.obstacle((), (), package) is None


def test_the_file_that_the_environment_names_takes_the_place_of_the_users(
    tmp_path: Path, package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "home" / ".pylintrc").write_text(INTO_FILE, "utf-8")
    (package / "our.rc").write_text("[MAIN]\nfrom-stdin=yes\n", "utf-8")
    monkeypatch.setenv("PYLINTRC", "our.rc")

    assert "our.rc: from-stdin" in (PYLINT.obstacle((), (), package) or "")


def says(kind: str, symbol: str = "rule", line: int = 3) -> Output:
    message = {"type": kind, "symbol": symbol, "message": "m", "path": "a.py", "line": line, "endLine": None}
    return printed({"messages": [message], "statistics": {}})


@pytest.mark.parametrize(
    ("kind", "level"),
    [
        ("error", Level.ERROR),
        ("warning", Level.WARNING),
        ("refactor", Level.NOTE),
        ("convention", Level.NOTE),
        ("info", Level.NOTE),
    ],
)
def test_its_kinds(kind: str, level: Level, tmp_path: Path) -> None:
    (finding,) = read(says(kind), tmp_path).findings

    assert finding == Finding(rule="rule", level=level, message="m", path="a.py", line=3)
    assert finding.level.severity >= PYLINT.fail_on.severity


@pytest.mark.parametrize(("kind", "symbol"), [("fatal", "parse-error"), ("error", "bad-plugin-value")])
def test_it_could_not_do_its_work(kind: str, symbol: str, tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match=r"^a\.py: m$"):
        read(says(kind, symbol), tmp_path)


def test_a_message_about_no_line(tmp_path: Path) -> None:
    (finding,) = read(says("error", line=0), tmp_path).findings

    assert finding.line is None
