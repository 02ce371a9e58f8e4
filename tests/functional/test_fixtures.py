"""Fixtures wider than a function: one lane on one worker, set up once, unless they may be built per worker."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.functional.runs import AgentsRun, configure, run_agents, run_pytest

SHARED = """
import os, pathlib, pytest

@pytest.fixture(scope="{scope}")
def app():
    with pathlib.Path(__file__).with_name("setups").open("a") as file:
        file.write("set up\\n")
    yield object()
    with pathlib.Path(__file__).with_name("teardowns").open("a") as file:
        file.write("torn down\\n")
"""
MARKED = """
import pytest
{mark}
class TestAll:
    def test_a(self, app): pass
    def test_b(self, app): pass
    def test_c(self, app): pass
"""
MARK = '@pytest.mark.agent("test")'


def write(pytester: pytest.Pytester, scope: str, *, mark: str = MARK) -> None:
    pytester.makeconftest(SHARED.format(scope=scope))
    pytester.makepyfile(test_it=MARKED.format(mark=mark))


def times(pytester: pytest.Pytester, what: str) -> int:
    return len((pytester.path / what).read_text("utf-8").splitlines())


def lane(run: AgentsRun, *names: str) -> None:
    """These ran in this order on one worker, one after another."""
    checks = [run.check(name) for name in names]
    assert len({check["worker"] for check in checks}) == 1
    assert all(one["stop"] <= other["start"] for one, other in pairwise(checks))


@pytest.mark.slow
def test_a_fixture_outlives_the_loss_of_what_waits_behind_its_lane(pytester: pytest.Pytester) -> None:
    write(pytester, "class", mark="")
    lane_file = pytester.path / "test_it.py"
    lane_file.write_text(f"""{lane_file.read_text("utf-8")}
import pathlib, time

@pytest.fixture(scope="class", autouse=True)
def queue(request):
    until = time.monotonic() + 60
    while request.cls is not None and len(list(pathlib.Path("done").iterdir())) < 60:
        assert time.monotonic() < until, "the other worker should have taken the tests that are queued behind"
        time.sleep(0.01)

@pytest.mark.parametrize("number", range(60))
def test_other(number): pathlib.Path("done", str(number)).touch()
""")
    pytester.mkdir("done")

    run = run_agents(pytester, "--tx=popen")

    assert run.exit_code == 0
    lane(run, "test_a", "test_b", "test_c")
    assert (times(pytester, "setups"), times(pytester, "teardowns")) == (1, 1)


@pytest.mark.parametrize("transport", ["fork", "popen"])
@pytest.mark.parametrize("scope", ["class", "module", "session"])
def test_marked_checks_share_one_instance(pytester: pytest.Pytester, scope: str, transport: str) -> None:
    write(pytester, scope)
    run = run_agents(pytester, f"--tx={transport}")
    assert run.exit_code == 0
    lane(run, "test_a", "test_b", "test_c")
    assert (times(pytester, "setups"), times(pytester, "teardowns")) == (1, 1)
    assert {found["resource"] for found in run.conflicts} == {"app"}
    assert {(found["source"], found["action"]) for found in run.conflicts} == {("fixture", "serialized")}
    assert f"both use the {scope} fixture 'app'" in run.conflicts[0]["reason"]


def test_a_session_fixture_joins_files(pytester: pytest.Pytester) -> None:
    write(pytester, "session")
    pytester.makepyfile(test_more=f"import pytest\n{MARK}\ndef test_d(app): pass\n")
    run = run_agents(pytester)
    lane(run, "test_a", "test_b", "test_c", "test_d")
    assert times(pytester, "setups") == 1


def test_a_module_fixture_joins_only_its_file(pytester: pytest.Pytester) -> None:
    write(pytester, "module")
    pytester.makepyfile(test_more=f"import pytest\n{MARK}\ndef test_d(app): pass\n")
    run = run_agents(pytester)
    assert times(pytester, "setups") == 2
    assert not any("test_more.py" in found["left"] + found["right"] for found in run.conflicts)


def test_a_replicated_fixture_is_no_conflict(pytester: pytest.Pytester) -> None:
    write(pytester, "session")
    configure(pytester, 'replicate = ["a*"]')
    run = run_agents(pytester, "--agents-independence=strict")
    assert (run.exit_code, run.conflicts) == (0, [])
    assert times(pytester, "setups") == times(pytester, "teardowns")


def test_plain_tests_may_build_session_fixtures_per_worker(pytester: pytest.Pytester) -> None:
    write(pytester, "session", mark="")
    assert run_agents(pytester).conflicts == []


def test_plain_tests_of_one_module_fixture_stay_together(pytester: pytest.Pytester) -> None:
    write(pytester, "module", mark="")
    run = run_agents(pytester)
    lane(run, "test_a", "test_b", "test_c")
    assert times(pytester, "setups") == 1
    assert run.conflicts == []


def test_a_fixture_reached_through_another_one(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(SHARED.format(scope="session") + "@pytest.fixture\ndef client(app): return app\n")
    pytester.makepyfile(
        "import pytest\npytestmark = pytest.mark.agent('test')\ndef test_a(client): pass\ndef test_b(client): pass\n"
    )
    run = run_agents(pytester)
    lane(run, "test_a", "test_b")
    assert times(pytester, "setups") == 1


def test_set_up_by_autouse_and_xunit_functions(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pathlib, pytest
        pytestmark = pytest.mark.agent("test")
        def setup_module():
            with pathlib.Path(__file__).with_name("setups").open("a") as file: file.write("set up\\n")
        def test_a(): pass
        def test_b(): pass
        """
    )
    run = run_agents(pytester)
    lane(run, "test_a", "test_b")
    assert times(pytester, "setups") == 1


def test_parameters_of_a_wide_fixture_are_instances_of_their_own(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest
        pytestmark = pytest.mark.agent("test")
        @pytest.fixture(scope="module", params=["x", "y"])
        def app(request): return request.param
        def test_a(app): pass
        def test_b(app): pass
        """
    )
    run = run_agents(pytester)
    lane(run, "test_a[x]", "test_b[x]")
    lane(run, "test_a[y]", "test_b[y]")
    assert len(run.conflicts) == 2


def test_the_wide_fixtures_of_pytest_and_xdist_are_no_conflict(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest
        pytestmark = pytest.mark.agent("test")
        def test_a(tmp_path_factory, pytestconfig, worker_id, testrun_uid, tmp_path, doctest_namespace, cache): pass
        def test_b(tmp_path_factory, pytestconfig, worker_id, testrun_uid, tmp_path, record_testsuite_property): pass
        """
    )
    run = run_agents(pytester, "--agents-independence=strict")
    assert (run.exit_code, run.conflicts) == (0, [])


def test_a_conflict_of_fixtures_under_strict(pytester: pytest.Pytester) -> None:
    write(pytester, "module")
    result = run_pytest(pytester, "--agents", "--agents-independence=strict")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        [
            (
                "ERROR: test_it.py::TestAll::test_a and test_it.py::TestAll::test_b: both use the module fixture 'app';"
                ' to resolve: replicate = [[]"app"[]] if every worker may build its own, or a function scope'
            )
        ]
    )
    assert not (pytester.path / "setups").exists()


@pytest.mark.parametrize("transport", ["fork", "popen"])
def test_wide_fixtures_requested_by_name_are_shared_too(pytester: pytest.Pytester, transport: str) -> None:
    pytester.makeconftest(SHARED.format(scope="module"))
    by_name = "def test_{0}(request): request.getfixturevalue({1})\n"
    written = "".join(by_name.format(name, "'app'") for name in "abcd")
    computed = "".join(by_name.format(name, "request.node.name[-3:]") for name in ("one_app", "two_app"))
    pytester.makepyfile(test_it=written, test_more=f"{computed}def test_plain(): pass\n", test_marked=MARKED_BY_NAME)

    run = run_agents(pytester, f"--tx={transport}")

    assert run.exit_code == 0
    lane(run, "test_a", "test_b", "test_c", "test_d")
    lane(run, "test_one_app", "test_two_app")
    lane(run, "test_x_app", "test_y_app")
    assert (times(pytester, "setups"), times(pytester, "teardowns")) == (3, 3)
    assert [conflict["reason"] for conflict in run.conflicts] == [
        "both may use the module fixture 'app', by a name that is known only while they run"
    ]


MARKED_BY_NAME = """
import pytest
pytestmark = pytest.mark.agent("test")
def test_x_app(request): request.getfixturevalue(request.node.name[-3:])
def test_y_app(request): request.getfixturevalue(request.node.name[-3:])
"""


@pytest.mark.parametrize("transport", ["fork", pytest.param("popen", marks=pytest.mark.slow)])
def test_what_each_worker_built_counts_once_for_a_serial_run(pytester: pytest.Pytester, transport: str) -> None:
    pytester.makeconftest("""
        import pathlib, time
        import pytest

        @pytest.fixture(scope="session")
        def app(worker_id):
            pathlib.Path(f"{worker_id}.up").touch()
            while len(list(pathlib.Path().glob("*.up"))) < 2:  # each worker builds it while the other does
                time.sleep(0.01)
            time.sleep(0.2)
    """)
    pytester.makepyfile(test_one="def test_one(app): pass", test_two="def test_two(app): pass")

    run = run_agents(pytester, f"--tx={transport}")

    durations = sum(check["duration"] for check in run.report["checks"])
    assert len(run.workers()) == 2
    assert durations - run.report["timing"]["sequential"] >= 0.2
    assert "one after another" not in run.stdout


def test_what_is_built_once_more_for_checks_that_run_afterwards_counts_once(pytester: pytest.Pytester) -> None:
    pytester.makeconftest("""
        import time
        import pytest

        @pytest.fixture(scope="session")
        def app(): time.sleep(0.2)
    """)
    pytester.makepyfile(
        test_one="import pytest\n@pytest.mark.agent('test')\ndef test_one(app): pass",
        test_two="def test_two(app): pass",
    )

    run = run_agents(pytester, "--agents-independence=strict")

    assert run.workers("test_two") == {"controller"}
    durations = sum(check["duration"] for check in run.report["checks"])
    assert durations - run.report["timing"]["sequential"] >= 0.2
