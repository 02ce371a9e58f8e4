"""The marks of pytest-order, pytest-dependency and xdist_group keep the meaning that they have in a serial run."""

from __future__ import annotations

import pytest

from tests.functional.runs import configure, run_agents


def test_pytest_order(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest
        seen = []
        @pytest.mark.order(2)
        def test_second(): seen.append(2); assert seen == [1, 2]
        @pytest.mark.order("last")
        def test_last(): seen.append(9); assert seen[:2] == [1, 2]
        @pytest.mark.parametrize("n", range(4))
        def test_any(n): pass
        @pytest.mark.order(1)
        def test_first(): seen.append(1); assert seen == [1]
        """
    )
    run = run_agents(pytester)
    assert run.exit_code == 0
    assert (run.order[:2], run.order[-1]) == (["test_first", "test_second"], "test_last")
    assert {found["source"] for found in run.conflicts} == {"order"}


def test_pytest_order_before_and_after(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest
        seen = []
        @pytest.mark.order(after="test_b")
        def test_a(): assert seen == ["c", "b"]
        def test_b(): seen.append("b")
        @pytest.mark.order(before="test_b")
        def test_c(): seen.append("c")
        """
    )
    run = run_agents(pytester)
    assert (run.exit_code, run.order) == (0, ["test_c", "test_b", "test_a"])


def test_pytest_dependency(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest
        @pytest.mark.dependency()
        def test_base(): assert 0
        @pytest.mark.dependency()
        def test_good(): pass
        @pytest.mark.dependency(depends=["test_base"])
        def test_skipped(): pass
        @pytest.mark.dependency(depends=["test_good"])
        def test_run(): pass
        def test_free(): pass
        """
    )
    run = run_agents(pytester)
    assert run.outcomes == {
        "test_base": "failed",
        "test_good": "passed",
        "test_skipped": "skipped",
        "test_run": "passed",
        "test_free": "passed",
    }
    assert len(run.workers("test_base", "test_good", "test_skipped", "test_run")) == 1


def test_pytest_dependency_across_files(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_1="import pytest\n@pytest.mark.dependency()\ndef test_base(): pass\n",
        test_2="import pytest\n@pytest.mark.dependency(depends=['test_1.py::test_base'], scope='session')\n"
        "def test_rest(): pass\n",
    )
    run = run_agents(pytester)
    assert run.outcomes == {"test_base": "passed", "test_rest": "passed"}


def test_xdist_group(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest
        state = []
        @pytest.mark.xdist_group("db")
        def test_a(): state.append(1)
        def test_free(): pass
        @pytest.mark.xdist_group(name="db")
        def test_b(): assert state == [1]
        """
    )
    run = run_agents(pytester)
    assert run.exit_code == 0
    assert run.nodeids == [f"test_xdist_group.py::test_{name}" for name in ("a", "free", "b")]
    assert len(run.workers("test_a", "test_b")) == 1


@pytest.mark.slow
@pytest.mark.parametrize("dist", ["loadfile", "loadscope"])
def test_dist_makes_lanes_of_files_or_scopes(pytester: pytest.Pytester, dist: str) -> None:
    source = """
        import time
        def test_setter(): globals()["state"] = 1
        def test_long(): time.sleep(0.2)
        class TestIt:
            def test_brings(self): type(self).state = 1
            def test_takes_long(self): time.sleep(0.2)
            def test_needs(self): assert self.state
        def test_getter(): assert state
    """
    pytester.makepyfile(test_one=source, test_two=source)
    configure(pytester, '[.agents.tidy]\ncommand = "true"\n[.agents.other]\ncommand = "true"\n')
    for _ in range(2):  # the second run knows how long they take, and would begin with the long ones
        run = run_agents(pytester, f"--dist={dist}")
        assert run.exit_code == 0, run.stdout
        lane = [check["worker"] for check in run.report["checks"] if "one.py::TestIt" in check["nodeid"]]
        assert len(set(lane)) == 1
        assert run.report["independence"]["conflicts"] == []
