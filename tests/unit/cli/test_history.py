from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from pytest_parallel_agents.cli.main import main
from pytest_parallel_agents.model.results import Outcome
from pytest_parallel_agents.several_runs.keeping import Keeping
from pytest_parallel_agents.several_runs.kept_reports import KeptReports
from tests.unit.reports.samples import shop_report

TEST = "tests/test_cart.py::test_total"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """With three kept runs of the shop: in the first `TEST` passed."""
    shop = shop_report()
    kept = KeptReports(tmp_path / ".pytest_cache" / "d" / "parallel-agents" / "reports")
    passed = tuple(msgspec.structs.replace(check, outcome=Outcome.PASSED, attempts=()) for check in shop.checks)
    for hour, checks, commit in [(1, passed, "ab" * 20), (2, shop.checks, "cd" * 20), (3, shop.checks, None)]:
        run = msgspec.structs.replace(
            shop.run, started=f"2025-01-02T0{hour}:04:05.678Z", commit=commit, uncommitted="d" if hour == 2 else ""
        )
        kept.add(msgspec.structs.replace(shop, run=run, checks=checks), Keeping(reports=9))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    assert main(["history", *arguments]) == 0
    return capsys.readouterr().out.splitlines()


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["history", *arguments]) == 4
    return capsys.readouterr().err


@pytest.mark.usefixtures("project")
def test_each_run_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys) == [
        "started              commit       passed  failed  seconds  exit",
        "2025-01-02 01:04:05  ababababab        3       0   15.500     1",
        "2025-01-02 02:04:05  cdcdcdcdcd+       1       2   15.500     1",
        "2025-01-02 03:04:05  -                 1       2   15.500     1",
    ]


@pytest.mark.usefixtures("project")
def test_a_check_is_shown_in_each_of_its_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, TEST) == [
        TEST,
        "started              commit       outcome  seconds",
        "2025-01-02 01:04:05  ababababab   passed     5.000",
        "2025-01-02 02:04:05  cdcdcdcdcd+  failed     5.000",
        "2025-01-02 03:04:05  -            failed     5.000",
        "fails since the run of 2025-01-02 02:04:05 on cdcdcdcdcd+",
        "passed last in the run of 2025-01-02 01:04:05 on ababababab",
    ]


def test_folders_below_the_root_show_the_same(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "src").mkdir()
    monkeypatch.chdir(project / "src")

    assert len(printed(capsys)) == 4


def test_another_cache_folder_can_be_named(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / ".pytest_cache").rename(project / "kept")

    assert len(printed(capsys, "--cache-dir=kept")) == 4


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("nodeid", "hint"),
    [
        ("test_total", f" (did you mean {TEST}?)"),
        ("tests/test_cart.py::test_tutal", f" (did you mean {TEST}, tests/test_cart.py::test_speed?)"),
        ("\x1b[2J", ""),
    ],
)
def test_an_unknown_check_is_a_mistake_with_a_remedy(
    nodeid: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = nodeid.replace("\x1b", r"\x1b")

    assert refused(capsys, nodeid) == f"ERROR: no kept report has the check {shown}{hint}\n"


def test_where_nothing_is_kept_the_key_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert "(set keep = 30 in [tool.pytest-parallel-agents], and run pytest --agents)" in refused(capsys)
