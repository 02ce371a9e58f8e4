from __future__ import annotations

import pytest

from pytest_parallel_agents.controller.afterwards.repeated_options import argument, repeated_options


@pytest.fixture(autouse=True)
def project(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        "def pytest_addoption(parser): parser.addoption('--db'); parser.addoption('--quick', nargs='*')"
    )
    pytester.makepyfile(test_it="def test_a(): pass")


@pytest.mark.parametrize(
    ("words", "repeated"),
    [
        (["-x", "-q", "-vv", "-xvq", "--maxfail=3", "--lf", "-rA", "--tb=short", "--tb", "no"], []),
        (["-k", "test", "-ktest", "-m", "not slow", "--deselect=test_it.py::b"], []),
        (["-n", "0", "-n0", "--dist", "load", "--agents-report=x.json", "--junitxml=x.xml"], []),
        (["-xvs", "-s"], ["-s", "-s"]),
        (["-p", "no:cacheprovider", "-pno:stepwise"], ["-p", "no:cacheprovider", "-pno:stepwise"]),
        (["-o", "xfail_strict=true", "-W", "error", "-Werror"], ["-o", "xfail_strict=true", "-W", "error", "-Werror"]),
        (["--rootdir", ".", "--import-mode=importlib"], ["--rootdir", ".", "--import-mode=importlib"]),
        (["--db", "pg", "test_it.py"], ["--db", "pg"]),
        (["test_it.py::test_a", "--db=a b"], ["--db=a b"]),
        (["--quick", "1", "2"], ["--quick", "1", "2"]),
    ],
    ids=str,
)
def test_what_changes_how_tests_run_is_repeated(
    pytester: pytest.Pytester, words: list[str], repeated: list[str]
) -> None:
    assert list(repeated_options(pytester.parseconfig(*words))) == repeated


def test_a_selection_stands_in_for_the_configured_one(pytester: pytest.Pytester) -> None:
    pytester.makepyprojecttoml('[tool.pytest]\naddopts = ["-m", "not slow"]')
    assert list(repeated_options(pytester.parseconfig("-m", "slow", "-k", "a"))) == ["-m", "slow"]


def test_a_path_is_as_it_is_written_where_the_run_began(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    below = pytester.mkdir("below")
    monkeypatch.chdir(below)
    assert (
        argument("below/test_b.py::T::test[a::b]", pytester.parseconfig("--rootdir=..")) == "test_b.py::T::test[a::b]"
    )
    assert argument("test_it.py", pytester.parseconfig("--rootdir=..")) == "../test_it.py"
