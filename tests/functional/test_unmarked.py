"""`unmarked`: what becomes of plain tests, and that the gate fixture `convergence` looks back at all checks."""

from __future__ import annotations

import pytest

from tests.functional.runs import configure, run_agents


@pytest.fixture
def mixed(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makepyfile(
        test_it="""
        import os, pytest

        def test_early(): pass

        @pytest.mark.agent("test")
        def test_marked(): assert "PYTEST_XDIST_WORKER" in os.environ

        def test_late(): pass
        """
    )
    return pytester


def test_parallel_is_the_default(mixed: pytest.Pytester) -> None:
    run = run_agents(mixed)
    assert run.exit_code == 0
    assert "controller" not in run.workers()


@pytest.mark.parametrize(
    ("text", "args"), [('unmarked = "after"', []), ("", ["--agents-independence=strict"])], ids=["after", "strict"]
)
def test_after_runs_them_as_without_the_plugin(mixed: pytest.Pytester, text: str, args: list[str]) -> None:
    configure(mixed, text)
    run = run_agents(mixed, *args)
    assert run.order == ["test_marked", "test_early", "test_late"]
    assert run.workers("test_early", "test_late") == {"controller"}
    assert run.check("test_early")["start"] >= run.check("test_marked")["stop"]
    assert "3 passed" in run.stdout


def test_after_may_fail_too(mixed: pytest.Pytester) -> None:
    configure(mixed, 'unmarked = "after"')
    mixed.makepyfile(test_more="def test_bad(): assert 0")
    run = run_agents(mixed)
    assert (run.exit_code, run.outcomes["test_bad"]) == (1, "failed")


def test_skip_deselects_them(mixed: pytest.Pytester) -> None:
    configure(mixed, 'unmarked = "skip"')
    run = run_agents(mixed)
    assert list(run.outcomes) == ["test_marked"]
    assert "3 items / 2 deselected / 1 selected" in run.stdout
    assert "1 passed, 2 deselected" in run.stdout


def test_skipping_everything_is_nothing_collected(pytester: pytest.Pytester) -> None:
    configure(pytester, 'unmarked = "skip"')
    pytester.makepyfile("def test_plain(): pass")
    assert run_agents(pytester).exit_code == pytest.ExitCode.NO_TESTS_COLLECTED


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["-n2", "-n0"])
def test_the_gate_comes_last_and_sees_causes(pytester: pytest.Pytester, workers: str) -> None:
    pytester.makepyfile(
        shop="def total():\n    return [1][3]\n",
        test_it="""
        import pytest, shop

        def test_gate(convergence):
            (cause,) = convergence.causes(min_kinds=2)
            assert (cause.path, cause.function) == ("shop.py", "total")
            assert set(cause.kinds) == {"review", "test"}
            assert not convergence.causes(min_kinds=3)

        @pytest.mark.agent("review")
        def test_review(findings): findings.add("index", path="shop.py", line=2)

        @pytest.mark.agent("test")
        def test_total(): assert shop.total() == 1
        """,
    )
    run = run_agents(pytester, workers)
    assert run.outcomes == {"test_gate": "passed", "test_review": "failed", "test_total": "failed"}
    assert run.order[-1] == "test_gate"
    assert run.report["causes"][0]["function"] == "total"


def test_a_marked_gate_comes_last_too(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest
        @pytest.mark.agent("review")
        def test_gate(convergence): assert not convergence.causes()
        @pytest.mark.agent("test")
        def test_it(): pass
        """
    )
    run = run_agents(pytester)
    assert (run.exit_code, run.order) == (0, ["test_it", "test_gate"])
