from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from pytest_parallel_agents.controller.afterwards.replay_command import ReplayCommands

TESTS = "import pytest\n@pytest.mark.parametrize('name', range(600))\ndef test_a(name): pass"


@pytest.fixture
def items(pytester: pytest.Pytester) -> list[pytest.Item]:
    found, _ = pytester.inline_genitems(pytester.makepyfile(test_it=TESTS))
    return list(found)


def test_few_tests_are_written_out(items: list[pytest.Item], tmp_path: Path) -> None:
    command = ReplayCommands(items[0].config, tmp_path).of(items[1::-1])
    assert shlex.split(command)[-2:] == ["test_it.py::test_a[1]", "test_it.py::test_a[0]"]
    assert list(tmp_path.iterdir()) == []


class Whole(pytest.Item):
    def runtest(self) -> None: ...


def test_an_item_that_is_a_whole_file_is_named_by_it(items: list[pytest.Item]) -> None:
    whole = Whole.from_parent(items[0].session, name="all.yaml", nodeid="data/all.yaml")
    assert shlex.split(ReplayCommands(whole.config, None).of([whole]))[-1] == "data/all.yaml"


def test_many_are_in_a_file_and_those_of_earlier_runs_go(items: list[pytest.Item], tmp_path: Path) -> None:
    for _ in range(2):
        commands = ReplayCommands(items[0].config, tmp_path)
        files = [shlex.split(commands.of(items[:count]))[-1] for count in (10, 20)]
    assert [len(Path(file.removeprefix("@")).read_text("utf-8").splitlines()) for file in files] == [10, 20]
    commands.of(items[:30])
    assert len(list(tmp_path.iterdir())) == 3
    ReplayCommands(items[0].config, tmp_path).of(items[:10])
    assert len(list(tmp_path.iterdir())) == 1


def test_without_a_folder_a_command_is_bounded(items: list[pytest.Item], tmp_path: Path) -> None:
    unwritable = tmp_path / "file"
    unwritable.touch()
    for folder in (None, unwritable):
        commands = ReplayCommands(items[0].config, folder)
        assert commands.of(items[:10]).endswith("test_it.py::test_a[9]'")
        assert commands.of(items) == ""
