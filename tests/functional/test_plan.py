"""`--agents-plan` prints what would run together and runs nothing."""

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
            "9 checks for 2 workers",
            "what runs, longest first",
            "*5.0 s  test     test_it.py: 5 checks with no declared conflict",
            "*2.0 s  2 checks in this order on one worker: they share app (module)",
            "*test     test_it.py::test_write  (writes db)",
            "*test     test_it.py::test_read  (2 CPUs; reads db)",
            "*profile  test_it.py::test_speed  (alone; after pyproject.toml::tidy)",
            "conflicts",
            "*both use the module fixture 'app' (kept apart in time)",
            "*to resolve: replicate = *",
            "predicted: * s*",
            "not measured yet: all checks, which count as 1.0 s each",
        ],
        consecutive=False,
    )
    assert not (pytester.path / "ran").exists()
    assert not (pytester.path / "r.json").exists()
    assert "passed" not in str(result.stdout)


@pytest.mark.parametrize("verbosity", ["-q", "-v"])
def test_the_plan_of_what_was_chosen(pytester: pytest.Pytester, verbosity: str) -> None:
    result = run_pytest(pytester, "--agents-plan", "-k", "tidy", verbosity)
    result.stdout.fnmatch_lines(["1 check for *"])


def test_the_plan_of_a_mistake_is_a_usage_error(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_more="import pytest\n@pytest.mark.agent('tst')\ndef test_it(): pass\n")
    result = run_pytest(pytester, "--agents-plan")
    assert result.ret == pytest.ExitCode.USAGE_ERROR


def test_what_runs_after_the_others_under_strict(pytester: pytest.Pytester) -> None:
    result = run_pytest(pytester, "--agents-plan", "--agents-independence=strict", "-k", "speed or plain")
    result.stdout.fnmatch_lines(["1 check for *", "then 5 checks, one after another", "predicted: * and then 5 checks"])


@pytest.mark.parametrize(
    ("spec", "lines"),
    [
        ("4*dask=tcp://127.0.0.1:1", ["2 checks for 4 workers", "predicted: 1.0 s", "not measured yet: all checks*"]),
        ("dask=tcp://127.0.0.1:1", ["2 checks for 1 worker", "predicted: 2.0 s", "--tx dask=* counts as 1 worker: *"]),
        (
            "fork",
            ["2 checks for * worker*", "predicted: 0.000 s", "never started: 2 checks, whose resources no host has"],
        ),
    ],
)
def test_the_plan_on_a_cluster_asks_it_nothing(pytester: pytest.Pytester, spec: str, lines: list[str]) -> None:
    configure(pytester, '[.resources]\nGPU = { capacity = 0, scope = "host" }\n')
    pytester.makepyfile(
        test_it="""
        import pytest

        @pytest.mark.parametrize("n", range(2))
        @pytest.mark.agent("test", writes=["GPU"])
        def test_gpu(n): pass
        """
    )

    result = run_pytest(pytester, "--agents-plan", f"--tx={spec}")

    result.stdout.fnmatch_lines(lines)
    assert result.ret == pytest.ExitCode.OK
