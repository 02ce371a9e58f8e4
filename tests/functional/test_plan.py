"""`--agents-plan` tells what would run together and runs nothing."""

from __future__ import annotations

import pytest

from tests.functional.runs import configure, run_pytest


@pytest.fixture(autouse=True)
def project(pytester: pytest.Pytester) -> None:
    configure(pytester, '[.resources]\ndb = 1\n[.agents.tidy]\ncommand = ["touch", "ran"]\n')
    pytester.makepyfile(
        test_it="""
        import pathlib, pytest
        agent = pytest.mark.agent

        @pytest.fixture(scope="module")
        def app(): pathlib.Path("ran").touch()

        @agent("test", writes=["db"])
        def test_write(app): pass
        @agent("test", reads=["db"], cpus=2)
        def test_read(app): pass
        @agent("profile", alone=True, after=["tidy"])
        def test_speed(): pass
        @pytest.mark.parametrize("n", range(5))
        def test_plain(n): pass
        """
    )


def test_the_plan(pytester: pytest.Pytester) -> None:
    result = run_pytest(pytester, "--agents-plan", "-n2", "--agents-report=r.json")
    assert result.ret == 0
    result.stdout.fnmatch_lines(
        [
            "9 checks in 8 lanes for 2 workers",
            "lanes, longest first",
            "*5.0 s  test     test_it.py: 5 checks with no declared conflict",
            "*2.0 s  lane of 2: share app (module)",
            "*test     test_it.py::test_write  (writes db)",
            "*test     test_it.py::test_read  (2 CPUs; reads db)",
            "*profile  test_it.py::test_speed  (alone; after pyproject.toml::tidy)",
            "conflicts",
            "*both use the module fixture 'app' (serialized)",
            "*to resolve: replicate = *",
            "predicted makespan * s; lower bound * s (*",
        ],
        consecutive=False,
    )
    assert not (pytester.path / "ran").exists()
    assert not (pytester.path / "r.json").exists()
    assert "passed" not in str(result.stdout)


@pytest.mark.parametrize("verbosity", ["-q", "-v"])
def test_the_plan_of_what_was_chosen(pytester: pytest.Pytester, verbosity: str) -> None:
    result = run_pytest(pytester, "--agents-plan", "-k", "tidy", verbosity)
    result.stdout.fnmatch_lines(["1 check in 1 lane for *"])


def test_the_plan_of_a_mistake_is_a_usage_error(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_more="import pytest\n@pytest.mark.agent('tst')\ndef test_it(): pass\n")
    result = run_pytest(pytester, "--agents-plan")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
