"""Commands that begin while tests are collected: proved by who waits for whom."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping

import pytest

from pytest_parallel_agents.process_tree import group_runs
from tests.functional.runs import AgentsRun, configure, run_agents, run_pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="commands begin early where workers are forked")

PROGRAM = """
import os, pathlib, signal, sys, time

def touch(name):  # whoever sees the file sees what is in it
    new = pathlib.Path(f"{name}.{os.getpid()}.new")
    new.write_text(str(os.getpid()))
    new.rename(name)

def wait_for(name, seconds=30):
    until = time.monotonic() + seconds
    while not os.path.exists(name):
        assert time.monotonic() < until, name
        time.sleep(0.005)
"""
BEGIN = "from program import *; name = '{0}'; open(name + '.runs', 'a').write('x'); touch(name + '.began'); "


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makepyfile(program=PROGRAM)
    return pytester


def commands(pytester: pytest.Pytester, programs: Mapping[str, str], keys: Mapping[str, str] | None = None) -> None:
    """Configures commands that leave a file `NAME.began` with their process id, and then do more. They claim no CPU,
    and may begin early unless other `keys` are given. When a file changes that their words name they run again.
    """
    tables = (
        f"[.agents.{name}]\ncommand = {json.dumps([sys.executable, '-c', BEGIN.format(name) + program])}\n"
        f"cpus = 0\n{(keys or {}).get(name, 'early = true')}\n"
        for name, program in programs.items()
    )
    configure(pytester, "".join(tables))


def runs(pytester: pytest.Pytester, name: str) -> int:
    """How often the command was started."""
    file = pytester.path / f"{name}.runs"
    return len(file.read_text()) if file.exists() else 0


def is_gone(pytester: pytest.Pytester, name: str) -> bool:
    """Whether the process of the command has ended."""
    try:
        os.kill(int((pytester.path / f"{name}.began").read_text()), 0)
    except ProcessLookupError:
        return True
    return False


def spans(run: AgentsRun, name: str) -> tuple[float, float]:
    check = run.check(name)
    return check["start"], check["start"] + check["duration"]


def test_commands_run_beside_the_collection_and_conflicts_hold(project: pytest.Pytester) -> None:
    commands(
        project,
        {
            "over": "print('seen'); sys.exit(4)",
            "reader": "wait_for('free'); time.sleep(0.1); touch('read')",
            "writer": "assert os.path.exists('collected'); touch('written')",
            "follower": "assert os.path.exists('read')",
        },
        {
            "reader": 'reads = ["data/"]\ntimeout = 60',
            "writer": 'writes = ["out/"]',
            "follower": 'after = ["reader"]',
        },
    )
    project.makepyfile(
        test_it="""
        import pytest
        from program import *
        for name in ("over", "reader"):
            wait_for(name + ".began")
        touch("collected")

        @pytest.mark.agent("test", writes=["data/"])
        def test_conflicts():
            assert os.path.exists("read")

        def test_frees():
            touch("free")
        """
    )
    run = run_agents(project, "--junitxml=junit.xml")

    wanted = {"over": "failed", "reader": "passed", "writer": "passed", "follower": "passed"}
    assert run.outcomes == {**wanted, "test_conflicts": "passed", "test_frees": "passed"}
    assert run.exit_code == pytest.ExitCode.TESTS_FAILED
    assert {name: runs(project, name) for name in wanted} == dict.fromkeys(wanted, 1)
    assert "seen" in json.dumps(run.check("over"))
    first = min(spans(run, "over")[0], spans(run, "reader")[0])
    assert spans(run, "reader")[0] < spans(run, "test_frees")[0] < spans(run, "reader")[1]
    assert run.report["timing"]["makespan"] >= spans(run, "reader")[1] - first
    assert run.report["timing"]["speedup"] == run.report["timing"]["sequential"] / run.report["timing"]["makespan"]


def test_what_the_collection_changes_makes_a_command_run_again(project: pytest.Pytester) -> None:
    commands(
        project,
        {
            "variable": "sys.exit('LATE' not in os.environ)",
            "file": "sys.exit(not os.path.exists('made/module.py'))",
            "hook": "sys.exit(not os.path.exists('hook/module.py'))",
            "same": "sys.exit(0)",
            "unknown": "sys.exit(not os.path.exists('made/module.py'))",
        },
        {
            "file": 'reads = ["made/"]\nenv = { LATE = "" }',
            "hook": 'reads = ["hook/"]\nenv = { LATE = "" }',
            "same": 'reads = ["other/"]\nenv = { LATE = "" }',
            "unknown": "",
        },
    )
    for folder in ("made", "hook"):
        (project.path / folder).mkdir()
    project.makeconftest(
        """
        from program import *

        def pytest_collection_finish():
            time.sleep(0.1)
            touch("hook/module.py")
        """
    )
    project.makepyfile(
        test_it="""
        from program import *
        for name in ("variable", "file", "hook", "same"):
            wait_for(name + ".began")
        if "LATE" not in os.environ:
            time.sleep(0.1)
            touch("made/module.py")
            os.environ["LATE"] = "1"

        def test_it():
            pass
        """
    )
    run = run_agents(project)

    assert (run.exit_code, set(run.outcomes.values())) == (0, {"passed"})
    assert [runs(project, name) for name in ("variable", "file", "hook", "same")] == [2, 2, 2, 1]
    assert runs(project, "unknown") == 1, "it is not known what it judges, so it waits"


def test_what_is_deselected_later_is_ended(project: pytest.Pytester) -> None:
    """Those before it must not begin, and would have left their files long before it has."""
    late = {"three": "early = false", "four": 'format = "findings"\nkeep = true\nearly = true'}
    answer = "print('{\"findings\": []}')"
    commands(project, {"three": "sys.exit(0)", "four": answer, "two": "sys.exit(0)", "one": "time.sleep(60)"}, late)
    project.makeconftest(
        """
        from program import *

        def pytest_collection_modifyitems(config, items):
            wait_for("one.began")
            assert not any(os.path.exists(f"{name}.began") for name in ("two", "three", "four"))
            one = [item for item in items if item.name == "one"]
            config.hook.pytest_deselected(items=one)
            items[:] = [item for item in items if item not in one]
        """
    )
    run = run_agents(project, "-k", "not two")

    assert (run.exit_code, run.outcomes) == (0, {"three": "passed", "four": "passed"})
    assert "2 deselected" in run.stdout
    assert is_gone(project, "one")
    assert runs(project, "two") == 0


@pytest.mark.parametrize(
    ("arguments", "outcome"), [((), "passed"), (("-x",), "cancelled")], ids=["goes on", "ends at once"]
)
def test_a_broken_collection_ends_the_run_as_ever(
    project: pytest.Pytester, arguments: tuple[str, ...], outcome: str
) -> None:
    commands(project, {"one": "wait_for(name + '.go')" if not arguments else "time.sleep(60)"})
    project.makepyfile(
        test_it="""
        from program import *
        wait_for("one.began")
        touch("one.go")
        raise ValueError("broken")
        """
    )
    run = run_agents(project, *arguments)

    assert run.exit_code == pytest.ExitCode.INTERRUPTED
    assert run.outcomes["one"] == outcome
    assert runs(project, "one") == 1
    assert is_gone(project, "one")


def test_an_interrupted_collection_ends_the_commands(project: pytest.Pytester) -> None:
    commands(project, {"one": "time.sleep(60)"})
    project.makepyfile(
        test_it="""
        from program import *
        wait_for("one.began")
        os.kill(os.getpid(), signal.SIGINT)
        """
    )
    assert run_pytest(project, "--agents", "-n2").ret == pytest.ExitCode.INTERRUPTED
    assert is_gone(project, "one")


@pytest.mark.parametrize("moment", ["while tests are collected", "while tests run"])
def test_a_launcher_that_is_killed_costs_only_time(project: pytest.Pytester, moment: str) -> None:
    commands(project, {"one": "time.sleep(60 if os.path.getsize(name + '.runs') == 1 else 0)"})
    project.makepyfile(
        test_it=f"""
        from program import *

        def kill_launcher():
            one = int(pathlib.Path("one.began").read_text())
            pathlib.Path("first").write_text(str(one))
            launcher = pathlib.Path(f"/proc/{{one}}/stat").read_text().rpartition(")")[2].split()[1]
            os.kill(int(launcher), signal.SIGKILL)

        wait_for("one.began")
        if {moment.endswith("collected")}:
            kill_launcher()

        def test_it():
            if {moment.endswith("run")}:
                kill_launcher()
        """
    )
    run = run_agents(project)

    assert (run.exit_code, run.outcomes) == (0, {"one": "passed", "test_it": "passed"})
    assert runs(project, "one") == 2
    assert not group_runs(int((project.path / "first").read_text()))


@pytest.mark.slow
def test_a_time_limit_holds_for_what_began_early(project: pytest.Pytester) -> None:
    commands(
        project,
        {
            "late": "time.sleep(60)",
            "hung": "print('so far', flush=True); time.sleep(60)",
        },
        {"late": "timeout = 0.5\nearly = true", "hung": "timeout = 4\nearly = true"},
    )
    project.makepyfile(
        test_it="""
        from program import *
        wait_for("hung.began")
        time.sleep(1)  # the limit of the other one passes

        def test_it():
            pass
        """
    )
    run = run_agents(project)

    assert run.outcomes == {"late": "timed_out", "hung": "timed_out", "test_it": "passed"}
    assert "so far" in json.dumps(run.check("hung"))
    assert all(is_gone(project, name) for name in ("late", "hung"))


@pytest.mark.slow
@pytest.mark.parametrize("key", ["early = false", "early = true"])
def test_there_is_no_launcher_where_no_command_may_begin(project: pytest.Pytester, key: str) -> None:
    """A module may wait for any child that there is."""
    commands(project, {"one": "sys.exit(0)"}, {"one": key})
    project.makepyfile(
        test_it="""
        from program import *

        def has_child():
            try:
                os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return False
            return True

        FOUND = has_child()

        def test_it():
            assert not FOUND
        """
    )

    run = run_agents(project)

    assert run.outcomes == {"one": "passed", "test_it": "passed" if key == "early = false" else "failed"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        ("--agents-independence=strict",),
        ("--lf",),
        ("--sw",),
        ("-n0",),
        ("--agents-wait=2",),
        ("--agents-shard=1/1",),
    ],
)
def test_nothing_begins_where_it_is_not_certain_that_it_runs(
    project: pytest.Pytester, arguments: tuple[str, ...]
) -> None:
    """The quick program would have left its file long before the slow module is collected."""
    commands(project, {"one": "sys.exit(0)"})
    project.makepyfile(
        test_it="import os, time\ntime.sleep(1)\nassert not os.path.exists('one.began')\ndef test(): pass"
    )

    assert run_agents(project, *arguments).outcomes["one"] == "passed"
