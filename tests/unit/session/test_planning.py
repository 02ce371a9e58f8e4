"""Whether all that there is has been collected."""

from __future__ import annotations

import pytest

from pytest_parallel_agents.session.planning import collects_all


@pytest.mark.parametrize("args", [[], ["-k", "a"], ["-m", "a"], ["--deselect=test_a.py"], ["--ff"]])
def test_all_is_collected_though_not_all_is_selected(pytester: pytest.Pytester, args: list[str]) -> None:
    assert collects_all(pytester.parseconfig(*args))


@pytest.mark.parametrize("args", [["."], ["--lf"], ["--ignore=sub"], ["--ignore-glob=s*"]])
def test_files_are_left_out(pytester: pytest.Pytester, args: list[str]) -> None:
    assert not collects_all(pytester.parseconfig(*args))


def test_a_plugin_may_choose_files(pytester: pytest.Pytester) -> None:
    config = pytester.parseconfig()
    config.args = ["test_a.py"]  # as pytest-picked does
    assert not collects_all(config)


def test_the_folder_of_the_start_leaves_out_those_above(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makepyprojecttoml("[tool.pytest.ini_options]\naddopts = '--ignore=examples'\ntestpaths = ['sub']\n")
    assert collects_all(pytester.parseconfig())
    monkeypatch.chdir(pytester.mkdir("sub"))
    assert not collects_all(pytester.parseconfig())
