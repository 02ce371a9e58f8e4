from __future__ import annotations

import pytest

from pytest_parallel_agents.collection.commands import CommandItem
from pytest_parallel_agents.marks import AgentMark, agent_mark


def commands(pytester: pytest.Pytester, text: str, *args: str) -> list[CommandItem]:
    """The items of the commands in `text`, as `pytest --agents` collects them."""
    pytester.makepyprojecttoml(text.replace("[.", "[tool.pytest-parallel-agents.agents."))
    items, _ = pytester.inline_genitems("--agents", "-p", "no:cacheprovider", *args)
    return [item for item in items if isinstance(item, CommandItem)]


def test_an_item_for_each_command_and_input(pytester: pytest.Pytester) -> None:
    items = commands(pytester, '[.tidy]\ncommand = "true"\n[.rules]\ncommand = "x {}"\neach = ["a", "b"]\n')
    assert [item.nodeid for item in items] == [
        "pyproject.toml::tidy",
        "pyproject.toml::rules[a]",
        "pyproject.toml::rules[b]",
    ]
    assert [item.chosen for item in items] == [None, "a", "b"]


def test_a_list_of_known_tools(pytester: pytest.Pytester) -> None:
    items = commands(pytester, '[tool.pytest-parallel-agents]\nagents = [\n  "ruff",\n  "mypy",\n]\n')
    assert [item.nodeid for item in items] == ["pyproject.toml::ruff", "pyproject.toml::mypy"]
    assert [item.location for item in items] == [("pyproject.toml", 2, "ruff"), ("pyproject.toml", 3, "mypy")]


def test_the_table_is_the_mark(pytester: pytest.Pytester) -> None:
    (item,) = commands(
        pytester,
        '[.tidy]\ncommand = "true"\nkind = "profile"\nreads = ["src/"]\nwrites = ["out/"]\nafter = ["test"]\ncpus = 2\n'
        'timeout = 3\ngroup = "g"\nalone = true\nretries = 1\n',
    )
    assert agent_mark(item) == AgentMark(
        kind="profile",
        reads=frozenset({"src/"}),
        writes=frozenset({"out/"}),
        after=("test",),
        cpus=2,
        timeout=3.0,
        group="g",
        alone=True,
        retries=1,
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [('# first\n\n[.tidy]\ncommand = "true"\n', 2), ('[tool.pytest-parallel-agents]\nagents.tidy.command = "x"\n', 0)],
)
def test_the_location_is_the_table(pytester: pytest.Pytester, text: str, line: int) -> None:
    (item,) = commands(pytester, text)
    assert item.location == ("pyproject.toml", line, "tidy")


def test_paths_on_the_command_line_leave_the_commands_out(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_it="def test_it(): ...")
    assert commands(pytester, '[.tidy]\ncommand = "true"\n', "test_it.py") == []


def test_the_file_or_its_folder_brings_them_in(pytester: pytest.Pytester) -> None:
    text = '[.tidy]\ncommand = "true"\n'
    assert len(commands(pytester, text, "pyproject.toml")) == 1
    assert len(commands(pytester, text, ".")) == 1
