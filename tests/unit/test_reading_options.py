from __future__ import annotations

from pathlib import Path

import pytest

from pytest_parallel_agents.agents.kinds import AGENTS
from pytest_parallel_agents.errors import UsageFaults
from pytest_parallel_agents.machine import available_cpus, forks_safely
from pytest_parallel_agents.model.plan import Policy
from pytest_parallel_agents.options import Dist, Options, Unmarked
from pytest_parallel_agents.reading_options import read_options

HEADER = "[tool.pytest-parallel-agents]\n"
TABLE = "pyproject.toml: tool.pytest-parallel-agents"


def read(pytester: pytest.Pytester, text: str = "", *args: str) -> Options:
    """Options of `text` below the tool's header, and of the command line."""
    if text:
        pytester.makepyprojecttoml(HEADER + text.replace("[.", "[tool.pytest-parallel-agents."))
    return read_options(pytester.parseconfig("--agents", *args), AGENTS)


def fault(pytester: pytest.Pytester, text: str, *args: str) -> str:
    """The text of the only fault."""
    with pytest.raises(UsageFaults) as caught:
        read(pytester, text, *args)
    (told,) = caught.value.lines
    return told


def test_no_option_is_required(pytester: pytest.Pytester) -> None:
    options = read(pytester)
    assert options.policy is Policy.SERIALIZE
    assert options.unmarked is Unmarked.PARALLEL
    assert options.workers >= 1
    assert options.specs == (("fork",) if forks_safely() else ("popen",))
    assert (options.resources, options.commands, options.reports, options.file) == ({}, (), (), None)
    assert options.limits.check is None
    assert not options.plan_only


def test_everything_in_the_file(pytester: pytest.Pytester) -> None:
    options = read(
        pytester,
        'workers = 3\nindependence = "strict"\nunmarked = "skip"\nreplicate = ["db_*"]\ntimeout = 1.5\n'
        'wait = 2\n[.resources]\ngpu = 2\ndisk = {capacity = 3, scope = "host"}\n[.agents.tidy]\ncommand = "true"\n'
        '[.groups.solvers]\nwait = "any"\n[.groups.others]\n',
    )
    assert (options.wait, options.groups) == (2, {"solvers": 1, "others": None})
    assert (options.workers, options.policy, options.unmarked) == (3, Policy.STRICT, Unmarked.SKIP)
    assert (options.replicate, options.limits.check, options.resources) == (("db_*",), 1.5, {"gpu": 2, "disk": 3})
    assert options.per_host == {"disk"}
    assert [command.name for command in options.commands] == ["tidy"]
    assert options.file == pytester.path / "pyproject.toml"


def test_the_command_line_wins(pytester: pytest.Pytester) -> None:
    text = 'workers = 3\nindependence = "strict"\ntimeout = 1\n'
    options = read(pytester, text, "-n5", "--agents-independence=serialize", "--agents-timeout=2.5", "--agents-plan")
    assert (options.workers, options.policy, options.limits.check) == (5, Policy.SERIALIZE, 2.5)
    assert options.plan_only


def test_strict_leaves_unmarked_tests_for_later(pytester: pytest.Pytester) -> None:
    assert read(pytester, "", "--agents-independence=strict").unmarked is Unmarked.AFTER
    assert read(pytester, 'independence = "strict"\nunmarked = "parallel"').unmarked is Unmarked.PARALLEL


@pytest.mark.parametrize("name", ["pytest.toml", ".pytest.toml"])
def test_the_table_in_pytests_own_file(pytester: pytest.Pytester, name: str) -> None:
    (pytester.path / name).write_text("[pytest]\n[pytest-parallel-agents]\nworkers = 7\n", "utf-8")
    assert read(pytester).workers == 7


def test_the_table_beside_another_configuration_file(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\n")
    assert read(pytester, "workers = 7").workers == 7


@pytest.mark.parametrize(
    ("args", "workers", "specs"),
    [
        (["-n4", "--tx=popen"], 4, ("popen",)),
        (["-n0"], 0, ("fork",)),
        (["--tx=3*popen"], 3, ("popen", "popen", "popen")),
        (["--tx=popen", "--tx=popen"], 2, ("popen", "popen")),
        (["--tx=2*popen//chdir=x"], 2, ("popen//chdir=x", "popen//chdir=x")),
        (["-n8", "--maxprocesses=3"], 3, ("fork",)),
        (["-n2", "--maxprocesses=3"], 2, ("fork",)),
        (["-n4", "--tx=dask=head:1"], 4, ("4*dask=head:1",)),
        (["-n4", "--maxprocesses=3", "--tx=dask=head:1"], 3, ("3*dask=head:1",)),
        (["-n4", "--pdb"], 0, ("fork",)),
        (["-n4", "--trace"], 0, ("fork",)),
        (["-n4", "--setup-show"], 0, ("fork",)),
        (["-n4", "--setup-plan"], 0, ("fork",)),
    ],
)
@pytest.mark.skipif(not forks_safely(), reason="the default differs here")
def test_workers_and_their_specs(
    pytester: pytest.Pytester, args: list[str], workers: int, specs: tuple[str, ...]
) -> None:
    options = read(pytester, "", *args)
    assert (options.workers, options.specs) == (workers, specs)


def test_auto_on_the_command_line_beats_a_number_in_the_file(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_XDIST_AUTO_NUM_WORKERS", "11")
    assert read(pytester, "workers = 3", "-nauto").workers == 11
    assert read(pytester, 'workers = "auto"').workers == 11


def test_a_plugin_may_set_the_number_of_cpus(pytester: pytest.Pytester) -> None:
    pytester.makeconftest("def pytest_xdist_auto_num_workers(config): return 13")
    assert available_cpus(pytester.parseconfig("--agents")) == 13


def test_report_paths_count_from_where_pytest_was_called(pytester: pytest.Pytester) -> None:
    options = read(pytester, "", "--agents-report=a.json", "--agents-report=/x/b.json")
    assert options.reports == (pytester.path / "a.json", Path("/x/b.json"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('unmarkd = "skip"', f'{TABLE}.unmarkd is an unknown key (did you mean "unmarked"?)'),
        ('unmarked = "serial"', f'{TABLE}.unmarked is "serial", which is unknown (valid: parallel, after, skip)'),
        ('independence = "strikt"', f'{TABLE}.independence is "strikt", which is unknown (did you mean "strict"?)'),
        ("workers = -1", f'{TABLE}.workers must be "auto" or a whole number of at least 0, not -1'),
        ("timeout = 0", f"{TABLE}.timeout must be a number above 0, not 0"),
        ('replicate = "app"', f'{TABLE}.replicate must be a list of strings, not "app" (write ["app"])'),
        ("resources = 3", f"{TABLE}.resources must be a table, not 3"),
        ("[.resources]\ndb = 0", f"{TABLE}.resources.db must be a whole number of at least 1, not 0"),
        (
            '[.resources]\ndb = {scope = "hosts"}',
            f'{TABLE}.resources.db.scope is "hosts", which is unknown (did you mean "host"?)',
        ),
        (
            "[.resources]\ndb = {capcity = 2}",
            f'{TABLE}.resources.db.capcity is an unknown key (did you mean "capacity"?)',
        ),
        (
            '[.agents.x]\ncommand = "true"\nkind = "reviw"',
            f'{TABLE}.agents.x.kind is "reviw", which is unknown (did you mean "review"?)',
        ),
    ],
)
def test_a_fault_in_the_file(pytester: pytest.Pytester, text: str, told: str) -> None:
    assert fault(pytester, text) == told


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["--agents-timeout=0"], "--agents-timeout is 0 (give seconds, more than 0)"),
        (["--agents-timeout=nan"], "--agents-timeout is nan (give seconds, more than 0)"),
        (["--tx=carrier"], "--tx carrier is no transport of --agents (use fork, popen, ssh, dask)"),
        (["--tx=ssh"], "--tx ssh names no host (write ssh=HOST or ssh=USER@HOST)"),
        (["--tx=ssh=there//chidr=x"], "--tx ssh=there//chidr=x: ssh has no chidr (it has chdir, "),
        (["--tx=two*dask=head:1"], "--tx two*dask=head:1: two is no number of workers (write 4*dask=…)"),
        (["--tx=popen//nice=very"], "--tx popen//nice=very: nice is 'very' (give a whole number)"),
        (["--tx=popen//python=a//python=b"], "--tx popen//python=a//python=b cannot be read: duplicate key: "),
        (
            ["--dist=each"],
            "--dist each runs every check on every worker, and --agents runs every check once (use load, ",
        ),
    ],
)
def test_a_fault_of_the_command_line(pytester: pytest.Pytester, args: list[str], told: str) -> None:
    assert fault(pytester, "", *args).startswith(told)


@pytest.mark.parametrize(
    ("args", "dist"),
    [
        ([], Dist.LOAD),
        (["-d"], Dist.LOAD),
        (["-pno:xdist"], Dist.LOAD),
        *((["-n2", f"--dist={dist}"], dist) for dist in Dist),
    ],
)
def test_the_schedulers_of_xdist_are_accepted(pytester: pytest.Pytester, args: list[str], dist: Dist) -> None:
    assert read(pytester, "", *args).dist is dist


@pytest.mark.parametrize("name", ["report.pdf", "report"])
def test_a_report_format_that_does_not_exist(pytester: pytest.Pytester, name: str) -> None:
    told = fault(pytester, "", f"--agents-report={name}")
    assert told.startswith(f"--agents-report {pytester.path / name}: no report format has the suffix")
    assert ".json" in told


def test_the_table_is_no_table(pytester: pytest.Pytester) -> None:
    pytester.makepyprojecttoml("[tool]\npytest-parallel-agents = 3\n")
    assert fault(pytester, "") == f"{TABLE} must be a table"


def test_two_files_with_the_table(pytester: pytest.Pytester) -> None:
    pytester.makefile(".toml", pytest="[pytest]\n[pytest-parallel-agents]\n")
    told = "both pytest.toml and pyproject.toml configure pytest-parallel-agents (keep the table in one of them)"
    assert fault(pytester, "workers = 1") == told


def test_a_broken_file_that_pytest_itself_does_not_read(pytester: pytest.Pytester) -> None:
    pytester.makefile(".ini", own="[pytest]\n")
    (pytester.path / "pyproject.toml").write_text(HEADER.replace("]", ""), "utf-8")
    assert fault(pytester, "", "-c", "own.ini").startswith("pyproject.toml is not valid TOML: ")


def test_all_faults_at_once(pytester: pytest.Pytester) -> None:
    with pytest.raises(UsageFaults) as caught:
        read(
            pytester,
            'unmarked = 1\nretry = 2\n[.resources]\ndb = "x"\n[.agents.moon]\n',
            *("--agents-timeout=-1", "--agents-report=x.pdf", "--tx=moon", "--dist=each"),
        )
    subjects = {" ".join(line.split()[: 2 if line.startswith("pyproject") else 1]) for line in caught.value.lines}
    assert subjects == {
        f"{TABLE}.unmarked",
        f"{TABLE}.retry",
        f"{TABLE}.resources.db",
        f"{TABLE}.agents.moon.command",
        "--agents-timeout",
        "--agents-report",
        "--tx",
        "--dist",
    }
