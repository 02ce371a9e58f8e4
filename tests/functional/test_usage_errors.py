"""Mistakes of the user: exit code 4, no traceback, all faults at once, each with a place and a remedy; nothing runs."""

from __future__ import annotations

import json
import re

import pytest

from pytest_parallel_agents.reports.formats.suffixes import FORMATS
from tests.functional.runs import REPORT, configure, refused, run_agents, run_pytest

TABLE = "pyproject.toml: tool.pytest-parallel-agents"
RESOURCES = "[tool.pytest-parallel-agents.resources]"
CYCLE = "test_it.py::test_d -> test_it.py::test_e -> test_it.py::test_d"
GUESS = f"(did you mean 'gpu'? If not, declare it under {RESOURCES})"
NEAREST = "(did you mean 'test_b' or 'test_f' or 'test_e'?)"
PORT = "(write tcp:PORT, a number from 1 to 65535)"
OTHERS = "(did you mean 'test_f' or 'test_e' or 'test_d'?)"
EXAMPLE = '(write @pytest.mark.agent("review", ...))'


def write(pytester: pytest.Pytester, *marks: str) -> None:
    """Checks test_a, test_b, ... each with one mark, each of which would leave a trace."""
    head = (
        "from pathlib import Path\nimport pytest\nagent = pytest.mark.agent\n"
        "@pytest.fixture(params=[1, 2])\ndef each(): pass\n"
    )
    bodies = [
        f"@{mark}\ndef test_{letter}(): Path('ran').touch()\n" for letter, mark in zip("abcdef", marks, strict=False)
    ]
    pytester.makepyfile(test_it=head + "".join(bodies))


def nothing_ran(pytester: pytest.Pytester) -> bool:
    return not (pytester.path / "ran").exists()


def test_a_plain_run_leaves_the_trace_that_the_others_miss(pytester: pytest.Pytester) -> None:
    write(pytester, "agent('test')")
    assert run_agents(pytester).exit_code == 0
    assert not nothing_ran(pytester)


def test_faults_of_the_file_and_the_command_line(pytester: pytest.Pytester) -> None:
    write(pytester, "agent('reviw')")
    configure(
        pytester,
        'unmarked = "seriel"\nreplicat = []\n[.resources]\ndb = "x"\n[.agents.ruf]\npaths = ["src"]\n'
        '[.agents.own]\ncommand = "true"\nkind = "reviw"\nformat = "sarrif"\neach = ["a"]\n',
    )
    told = refused(pytester, "--agents-timeout=0", "--agents-report=x.pdf", "--tx=moon", "--dist=each")
    assert sorted(told) == [
        (
            f"--agents-report {pytester.path / 'x.pdf'}: no report format has the suffix .pdf "
            f"(use one of {', '.join(sorted(FORMATS))})"
        ),
        "--agents-timeout is 0 (give seconds, more than 0)",
        (
            "--dist each runs every check on every worker, and --agents runs every check once"
            " (use load, worksteal, loadscope, loadfile, loadgroup, or drop --dist)"
        ),
        "--tx moon is no transport of --agents (use fork, popen, ssh, dask)",
        f"{TABLE}.agents.own.each has no place in the command (write {{}} in the command where the input goes)",
        f'{TABLE}.agents.own.format is "sarrif", which is unknown (did you mean "sarif"?)',
        f'{TABLE}.agents.own.kind is "reviw", which is unknown (did you mean "review"?)',
        f'{TABLE}.agents.ruf.command is missing, and "ruf" is no known tool (did you mean "ruff"?)',
        f'{TABLE}.replicat is an unknown key (did you mean "replicate"?)',
        f'{TABLE}.resources.db must be a whole number of at least 1, not "x"',
        f'{TABLE}.unmarked is "seriel", which is unknown (valid: parallel, after, skip)',
    ]
    assert nothing_ran(pytester)


def test_invalid_toml(pytester: pytest.Pytester) -> None:
    pytester.makepyprojecttoml("[tool.pytest-parallel-agents]\nworkers = two\n")
    (told,) = refused(pytester)
    assert "pyproject.toml: Invalid value (at line 2" in told


def test_tables_under_another_name(pytester: pytest.Pytester) -> None:
    pytester.makepyprojecttoml("[tool.pytest_parallel_agents]\nworkers = 2\n")
    pytester.makefile(".toml", pytest="[pytest]\n[tool.pytest-parallel-agents]\n")
    pytester.makefile(".cfg", setup="[tool:pytest-parallel-agents]\nworkers = 2\n")
    right = "[tool.pytest-parallel-agents]"
    assert refused(pytester) == [
        f"pytest.toml: nothing reads {right} (write [pytest-parallel-agents])",
        f"pyproject.toml: nothing reads [tool.pytest_parallel_agents] (write {right})",
        f"setup.cfg: nothing reads [tool:pytest-parallel-agents] (write {right} in pyproject.toml)",
    ]


@pytest.mark.parametrize(
    ("table", "args", "is_proposed"),
    [("", [], True), ("workers = 1\n", [], True), ("", ["-q"], False), ("agents = []\n", [], False)],
)
def test_commands_are_proposed_where_none_are_configured(
    pytester: pytest.Pytester, table: str, args: list[str], *, is_proposed: bool
) -> None:
    if table:
        configure(pytester, table)
    write(pytester, "agent('test')")
    run = run_agents(pytester, *args)
    assert run.stdout.count("`pytest-parallel-agents init` proposes some") == is_proposed


def test_two_files_with_the_table(pytester: pytest.Pytester) -> None:
    configure(pytester, "")
    pytester.makefile(".toml", pytest="[pytest]\n[pytest-parallel-agents]\n")
    (told,) = refused(pytester)
    assert (
        told == "both pytest.toml and pyproject.toml configure pytest-parallel-agents (keep the table in one of them)"
    )


def test_what_argparse_judges(pytester: pytest.Pytester) -> None:
    assert any(
        "--agents-independence: invalid choice: 'lax'" in fault
        for fault in refused(pytester, "--agents-independence=lax")
    )


def test_a_kind_registered_twice(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        class Another:
            kind = "review"
            def judge(self, item, evidence): ...
        def pytest_agents_kinds(config): return [Another()]
        """
    )
    (told,) = refused(pytester)
    assert told == 'the kind "review" is registered twice (let the hook pytest_agents_kinds return another name)'


def test_faults_of_marks_resources_and_order(pytester: pytest.Pytester) -> None:
    configure(
        pytester,
        '[.resources]\ngpu = 1\n[.agents.own]\ncommand = ["true", "{}"]\neach = ["a", "b"]\n'
        'writes = ["db"]\nafter = ["test_x"]\n',
    )
    write(
        pytester,
        "agent('reviw', reads=['gqu'])",
        "agent('test', writes=['tcp:http'])",
        "agent('test', after=['tset_b'])",
        "agent('test', after=['test_e'])",
        "agent('test', after=['test_d'], cpus='x')",
        "agent('test', 2)\n@pytest.mark.usefixtures('each')",
    )
    told = sorted(refused(pytester))
    assert told == [
        f"cycle in the order, each waits for the next: {CYCLE} (drop one `after` or order mark)",
        f"{TABLE}.agents.own.after: 'test_x' names no check and no kind {OTHERS}",
        f"{TABLE}.agents.own.writes: resource 'db' is not declared (declare it under {RESOURCES})",
        f"test_it.py:10: after in the agent mark of test_c: 'tset_b' names no check and no kind {NEAREST}",
        "test_it.py:14: the agent mark of test_e has cpus='x' (give a whole number, 0 or more)",
        f"test_it.py:16: the agent mark of test_f takes one positional argument, the kind {EXAMPLE}",
        f"test_it.py:6: reads in the agent mark of test_a: resource 'gqu' is not declared {GUESS}",
        "test_it.py:6: the agent mark of test_a names the unknown kind 'reviw' (did you mean 'review'?)",
        f"test_it.py:8: writes in the agent mark of test_b: resource 'tcp:http' names no port {PORT}",
    ]
    assert nothing_ran(pytester)


def test_the_place_of_a_mark_is_that_of_its_owner(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_it="""
        import pytest
        pytestmark = pytest.mark.agent("reviw")

        def test_of_the_module(): pass
        def test_another(): pass

        @pytest.mark.agent("profile", after=["nobody"])
        class TestIt:
            def test_of_the_class(self): pass
            def test_too(self): pass

            @pytest.mark.parametrize("n", [1, 2])
            @pytest.mark.agent("test", reads=["db"])
            def test_of_its_own(self, n): pass
        """
    )
    told = [re.sub("py:[78]:", "py:7 or 8:", fault).partition(" (")[0] for fault in refused(pytester)]
    assert told == [
        "test_it.py:2: the agent mark of test_it.py names the unknown kind 'reviw'",
        "test_it.py:12: reads in the agent mark of test_of_its_own: resource 'db' is not declared",
        "test_it.py:7 or 8: after in the agent mark of TestIt: 'nobody' names no check and no kind",
    ]


def test_a_check_that_waits_for_itself(pytester: pytest.Pytester) -> None:
    write(pytester, "agent('test', after=['test_a'])")
    (told,) = refused(pytester)
    assert "test_it.py::test_a -> test_it.py::test_a" in told


def test_an_unknown_name_may_be_elsewhere_when_only_a_part_is_collected(pytester: pytest.Pytester) -> None:
    write(pytester, "agent('test', after=['of_another_file'])")
    assert run_agents(pytester, "test_it.py").outcomes == {"test_a": "passed"}


def test_deselected_names_and_kinds_without_checks_are_known(pytester: pytest.Pytester) -> None:
    write(pytester, "agent('test')", "agent('test', after=['test_a', 'ruff', 'profile'])")
    configure(pytester, "[.agents.ruff]\n")
    assert run_agents(pytester, "-k", "test_b").outcomes == {"test_b": "passed"}


@pytest.fixture
def conflicting(pytester: pytest.Pytester) -> pytest.Pytester:
    """Two conflicts: one by a resource, one by an order."""
    configure(pytester, "[.resources]\ndb = 1\n")
    write(pytester, "agent('test', writes=['db'])", "agent('test', writes=['db'])", "agent('test', after=['test_a'])")
    return pytester


STRICT = "--agents-independence=strict"


def test_strict_independence_refuses_every_conflict_in_one_line(conflicting: pytest.Pytester) -> None:
    writing, order = refused(conflicting, STRICT, f"--agents-report={REPORT}")
    assert writing.startswith("test_it.py::test_a and test_it.py::test_b: both write 'db'; to resolve: ")
    assert writing.endswith(
        f"db = 2 under {RESOURCES} if two may write it at once, or drop 'db' from the writes of 'test_b'"
    )
    assert order.startswith("test_it.py::test_a and test_it.py::test_c: 'test_c' must run after 'test_a'; to resolve: ")
    assert order.endswith("drop after='test_a' from 'test_c'")
    assert nothing_ran(conflicting)
    report = json.loads((conflicting.path / REPORT).read_text("utf-8"))
    assert [conflict["action"] for conflict in report["independence"]["conflicts"]] == ["refused", "refused"]
    assert {check["outcome"] for check in report["checks"]} == {"cancelled"}
    assert report["run"]["exit_code"] == 4


def test_the_plan_of_what_strict_independence_refuses_is_still_printed(conflicting: pytest.Pytester) -> None:
    result = run_pytest(conflicting, "--agents-plan", STRICT)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(["3 checks for *", "*both write 'db' (refused)"])
    assert nothing_ran(conflicting)


def test_strict_independence_runs_what_is_independent(pytester: pytest.Pytester) -> None:
    configure(pytester, "[.resources]\ndb = 2\n")
    write(pytester, "agent('test', writes=['db'])", "agent('test', writes=['db'])", "agent('test', reads=['src/'])")
    run = run_agents(pytester, STRICT)
    assert (run.exit_code, run.conflicts) == (0, [])
    assert run.report["independence"] == {"policy": "strict", "verified": True, "conflicts": []}


def test_a_path_that_pytest_would_take_for_a_test_path(
    pytester: pytest.Pytester, tmp_path_factory: pytest.TempPathFactory
) -> None:
    configure(pytester, "")
    pytester.makepyfile("def test_it(): pass")
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "report.json"
    assert run_pytest(pytester, "--agents", "--agents-report", str(elsewhere)).ret == 0

    assert refused(pytester, "--agents-report", str(elsewhere)) == [
        f"--agents-report {elsewhere}: pytest takes it for a test path too (write --agents-report={elsewhere})"
    ]
    assert run_agents(pytester, f"--agents-report={elsewhere}").exit_code == 0


def test_a_group_that_no_check_is_in(pytester: pytest.Pytester) -> None:
    configure(pytester, '[.groups.solver]\nwait = "any"')
    pytester.makepyfile("""
        import pytest

        @pytest.mark.agent("test", group="solvers")
        def test_it(): pass
    """)
    fault = "pyproject.toml: tool.pytest-parallel-agents.groups.solver is a group that no check is in"

    assert refused(pytester) == [f'{fault} (did you mean "solvers"?)']
    assert run_agents(pytester, "test_a_group_that_no_check_is_in.py").exit_code == 0


@pytest.mark.parametrize(
    ("args", "shown"),
    [
        (["-n", "two"], "'two'"),
        (["-ntwo"], "'two'"),
        (["-n=1.5"], "'1.5'"),
        (["--numprocesses", "two", "--", "test_it.py"], "'two'"),
        (["-n", "-3"], "-3"),
        (["--numprocesses=-3"], "-3"),
    ],
    ids=" ".join,
)
def test_a_number_of_workers_that_is_none(pytester: pytest.Pytester, args: list[str], shown: str) -> None:
    write(pytester, "agent('test')")
    assert refused(pytester, *args) == [f"-n is {shown} (give a number of workers, 0 or more, or auto)"]
    assert nothing_ran(pytester)


def test_no_worker(pytester: pytest.Pytester) -> None:
    (fault,) = refused(pytester, "--tx=0*fork")
    assert fault == "--tx 0*fork asks for no worker (use -n 0 to run everything in this process)"
