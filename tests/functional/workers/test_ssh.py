"""Workers on another machine: what can be wrong with it, and what becomes of checks when it is lost."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import textwrap
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from tests.functional.runs import LIGHT, configure, refused, run_agents, run_pytest
from tests.functional.workers.conftest import Machine
from tests.functional.workers.waiting import run_until
from tests.processes import PATIENCE, listening, wait_until_gone
from tests.repositories import commit_all, git
from tests.sshd import Server

pytestmark = pytest.mark.slow

ONCE = ("-pno:cacheprovider", "--agents-recheck=off", "--agents-root-cause=off")


@pytest.mark.parametrize(
    ("spec", "fault"),
    [
        ("ssh=nowhere.invalid", "Could not resolve hostname nowhere.invalid"),
        ("ssh=machine//ssh_config={config}//python=python0", "python0: "),
        ("ssh=machine//ssh_config={config}//python=/usr/bin/false", "no interpreter has answered"),
        ("ssh=machine//ssh_config={config}//python=echo", "something else is printed before an interpreter starts"),
        ("ssh=machine//ssh_config={config}//python={bare}", "bare/bin/python has no pytest-parallel-agents"),
        ("ssh=machine//ssh_config={config}//python={python}//chdir=/no/where", "there is no folder /no/where"),
        (
            "ssh=machine//ssh_config={config}//python=ulimit -f 0; {python}",
            "machine broke off: FileNotFoundError: [Errno 2] No usable temporary directory",
        ),
    ],
)
def test_what_is_wrong_with_a_host_is_a_usage_error(
    pytester: pytest.Pytester, server: Server, bare: Path, spec: str, fault: str
) -> None:
    pytester.makepyfile("def test_it(): pass")

    faults = refused(pytester, f"--tx={spec.format(config=server.config, bare=bare, python=sys.executable)}")

    assert len(faults) == 1
    assert fault in faults[0]


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter without packages."""
    folder = tmp_path_factory.mktemp("bare") / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    return folder / "bin" / "python"


def test_other_code_is_refused_before_anything_runs(pytester: pytest.Pytester, machine: Machine) -> None:
    pytester.makepyfile(test_one="def test_it(): open('ran', 'w')", test_two="def test_it(): open('ran', 'w')")
    pytester.makeconftest("VALUE = 1")
    machine.bring()
    (machine.folder / "test_two.py").unlink()
    (machine.folder / "conftest.py").write_text("VALUE = 2")
    (machine.folder / "pytest.ini").write_text("[pytest]")

    faults = refused(pytester, f"--tx={machine.spec}", "--tx=fork")

    remedy = "(bring it up to date there, for example with rsync or git pull)"
    assert faults == [
        f"machine has other code: test_two.py (missing there), conftest.py, pytest.ini (not here) {remedy}"
    ]
    assert not [place for folder in (pytester.path, machine.folder) for place in folder.rglob("ran")]


def test_what_git_lists_counts(pytester: pytest.Pytester, machine: Machine) -> None:
    pytester.makepyfile("def test_it(): pass", helper="VALUE = 1")
    pytester.makefile(".json", data="1")
    vendored = pytester.mkdir("vendored")
    (vendored / "library.py").write_text("VALUE = 1")
    commit_all(vendored)
    git(pytester.path, "init", "--quiet")
    git(pytester.path, "submodule", "add", "https://nowhere.invalid/vendored", "vendored")
    git(pytester.path, "add", ".")
    pytester.makepyfile(not_yet="VALUE = 1")
    machine.bring()
    for name in ("helper.py", "vendored/library.py", "not_yet.py", "data.json"):
        (machine.folder / name).write_text("VALUE = 2")

    (fault,) = refused(pytester, f"--tx={machine.spec}")

    assert "machine has other code: data.json, helper.py, vendored/library.py, not_yet.py (" in fault


def test_a_work_tree_whose_files_git_does_not_list_is_a_usage_error(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(): pass")
    (pytester.path / ".git").write_text("not what git expects")

    faults = refused(pytester, "--tx=ssh=nowhere.invalid")

    hint = f"(try: git -C {pytester.path} ls-files)"
    assert faults == [f"git does not list the files that hosts must have {hint}"]


PLACES = """
    import os, pathlib, time
    import pytest

    @pytest.fixture(scope="session", autouse=True)
    def meet():
        (MET / os.environ["PYTEST_XDIST_WORKER"]).touch()
        while len(list(MET.iterdir())) < WORKERS: time.sleep(0.01)

    @pytest.mark.parametrize("number", range(40))
    def test_it(number):
        pathlib.Path(f"ran-{number}").touch()
        print(f"printed by {number}")
        assert number != FAILING
"""


def places(met: Path, *, workers: int, failing: int) -> str:
    """Checks that begin when so many workers have some, however late these come up. They meet in this folder."""
    met.mkdir()
    source = PLACES.replace("WORKERS", str(workers)).replace("FAILING", str(failing))
    return source.replace("MET", f"pathlib.Path({str(met)!r})")


def test_forks_fresh_interpreters_and_a_host_share_a_run(
    pytester: pytest.Pytester, machine: Machine, tmp_path: Path
) -> None:
    pytester.makepyfile(places(tmp_path / "met", workers=3, failing=7))
    machine.bring()

    run = run_agents(pytester, "--tx=fork", "--tx=popen", f"--tx={machine.spec}", "-n3", *ONCE)

    assert Counter(run.outcomes.values()) == {"passed": 39, "failed": 1}
    here, there = ({path.name for path in folder.glob("ran-*")} for folder in (pytester.path, machine.folder))
    assert here
    assert there
    assert not here & there
    assert len(here | there) == 40
    assert "printed by 7" in run.stdout


def test_configured_commands_run_here_if_this_machine_has_workers(
    pytester: pytest.Pytester, machine: Machine, tmp_path: Path
) -> None:
    configure(
        pytester,
        '[.agents.judge]\ncommand = "./judge {}"\neach = ["a", "b", "c", "d"]\n'
        '[.agents.spare]\ncommand = "./judge {}"\neach = ["a", "b", "c", "d"]\noptional = true\n',
    )
    pytester.makepyfile(places(tmp_path / "met", workers=2, failing=-1))
    machine.bring()
    judge = pytester.path / "judge"  # the host has none
    judge.write_text("#!/bin/sh\nsleep 0.2\n")
    judge.chmod(0o755)

    workers = ("--tx=fork", f"--tx=3*{machine.spec}", "-n4")

    run = run_agents(pytester, *workers, *ONCE)

    assert Counter(run.outcomes.values()) == {"passed": 48}
    assert list(machine.folder.glob("ran-*"))
    there = run_agents(pytester, workers[1], "-n2", "-k", "judge or spare", *ONCE)
    assert there.check("judge[a]")["message"].startswith("./judge is not installed on machine (")
    assert there.check("spare[a]")["message"] == "Skipped: ./judge is not installed on machine"
    plan = run_pytest(pytester, "--agents", "--agents-plan", *workers)
    plan.stdout.fnmatch_lines(["on this machine alone: 8 configured commands"])


RECORDS = """
    import pytest

    def covered(): return 1

    @pytest.mark.agent("review")
    def test_finds(findings):
        findings.add("a fault", path="module.py", line=3, rule="R1", level="warning")

    @pytest.mark.agent("profile")
    def test_measures(profile):
        with profile():
            sum(range(1000))

    def test_covers():
        assert covered()
"""


def test_findings_measurements_and_coverage_come_back(pytester: pytest.Pytester, machine: Machine) -> None:
    pytester.makepyfile(test_records=RECORDS)
    machine.bring()
    (machine.folder / ".coverage.earlier").write_text("of another run")

    run = machine.agents("--cov=.", "--cov-report=term-missing")

    assert set(run.outcomes.values()) == {"passed"}
    found = run.check("test_finds")["findings"]
    assert [(each["path"], each["line"], each["rule"]) for each in found] == [("module.py", 3, "R1")]
    assert [each["calls"] > 0 for each in run.check("test_measures")["measurements"]] == [True]
    assert re.search(r"^test_records.py +\d+ +0 +100%", run.stdout, re.MULTILINE)
    assert [path.name for path in machine.folder.glob(".coverage*")] == [".coverage.earlier"]


WAITS_THERE = """
    import pathlib, threading
    import pytest

    @pytest.mark.parametrize("number", range(12))
    def test_it(number):
        if pathlib.Path("machine").exists():
            pathlib.Path("up").touch()
            threading.Event().wait()
"""


@contextmanager
def waiting_there(pytester: pytest.Pytester, machine: Machine, *args: str) -> Iterator[subprocess.Popen[str]]:
    """A run on the host and as `args` have it; checks on the host wait, and there are some."""
    pytester.makepyfile(test_waits=WAITS_THERE)
    machine.bring()
    (machine.folder / "machine").touch()
    (machine.folder / "up").unlink(missing_ok=True)
    own = [*LIGHT, *ONCE, f"--tx=2*{machine.spec}"]
    with run_until(pytester, [machine.folder / "up"], *own, *args) as process:
        yield process


def processes(server: Server) -> list[psutil.Process]:
    """Those of connections, the programs that serve them, and their workers."""
    return [process for one in server.sessions() for process in [one, *one.children(recursive=True)]]


def cut(server: Server) -> None:
    """The connection is cut as by a lost network: neither side says so."""
    for process in processes(server):
        with suppress(psutil.NoSuchProcess):  # it goes with its parent
            if process.name().startswith("sshd"):
                process.kill()


def freeze(server: Server) -> None:
    """The machine hangs: everything of the connection, and the program that serves it."""
    for process in processes(server):
        process.suspend()


@pytest.mark.parametrize("lose", [cut, freeze])
def test_the_checks_of_a_lost_host_run_elsewhere(
    pytester: pytest.Pytester, machine: Machine, server: Server, lose: Callable[[Server], None]
) -> None:
    with waiting_there(pytester, machine, "--tx=fork") as run:
        others = processes(server)
        lose(server)
        output, _ = run.communicate(timeout=2 * PATIENCE)
        for process in others:
            with suppress(psutil.NoSuchProcess):
                process.resume()

    assert run.returncode == 0, output
    assert "12 passed" in output
    assert "host machine has " in output
    wait_until_gone(*(process.pid for process in others))


def test_without_another_worker_it_is_reported_that_the_host_is_lost(
    pytester: pytest.Pytester, machine: Machine, server: Server
) -> None:
    with waiting_there(pytester, machine) as run:
        cut(server)
        output, _ = run.communicate(timeout=PATIENCE)

    assert run.returncode == pytest.ExitCode.INTERRUPTED
    assert "no worker could be started: machine has ended the connection" in output
    assert "never started: 12 of 12 checks" in output
    checks = json.loads((pytester.path / "report.json").read_text("utf-8"))["checks"]
    assert [check["outcome"] for check in checks] == ["cancelled"] * 12


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGKILL])
def test_nothing_outlives_the_controller(
    pytester: pytest.Pytester, machine: Machine, server: Server, signum: signal.Signals
) -> None:
    with waiting_there(pytester, machine, "--tx=fork") as run:
        others = [process.pid for process in processes(server)]
        run.send_signal(signum)
        run.communicate(timeout=PATIENCE)

        assert len(others) >= 3  # the server's, the program, and a worker
        wait_until_gone(*others)
    run_agents(pytester, "--tx=fork", "-pno:cacheprovider")  # removes what nobody was left to


SLEEPS = """
    import os, pathlib, sys, time

    if "-c" in sys.orig_argv:
        new = pathlib.Path(__file__).with_name("new")
        new.write_text(str(os.getpid()))
        new.rename(new.with_name("up"))
        time.sleep(1000)
"""


def test_an_interpreter_that_never_answers_does_not_outlive_the_controller(
    pytester: pytest.Pytester, machine: Machine, tmp_path: Path
) -> None:
    pytester.makepyfile("def test_it(): pass")
    (tmp_path / "sitecustomize.py").write_text(textwrap.dedent(SLEEPS))
    machine.bring()

    spec = f"--tx={machine.spec}//env:PYTHONPATH={tmp_path}"
    with run_until(pytester, [tmp_path / "up"], *LIGHT, *ONCE, spec) as run:
        run.kill()
        run.communicate(timeout=PATIENCE)
        wait_until_gone(int((tmp_path / "up").read_text()))
    run_agents(pytester, "--tx=fork", "-pno:cacheprovider")  # removes what nobody was left to


def test_nothing_listens(pytester: pytest.Pytester, machine: Machine, server: Server) -> None:
    with waiting_there(pytester, machine, "--tx=fork") as run:
        here = psutil.Process(run.pid)
        started = [*processes(server), here, *here.children(recursive=True)]
        assert len(started) >= 6  # the server's, the program and a worker there; ssh, the run and a worker here
        assert listening(*started) == []
        run.send_signal(signal.SIGINT)
        run.communicate(timeout=PATIENCE)


ENDS_AT_ONCE = """
    import os, pathlib, sys, threading, time

    first = pathlib.Path(__file__).with_name("first")

    def end_soon():
        while "execnet.gateway_base" not in sys.modules:
            time.sleep(0.01)
        time.sleep(1)  # by then it has answered
        os._exit(3)

    def wait_until_gone(pid):
        try:
            while True:
                os.kill(pid, 0)
                time.sleep(0.1)
        except ProcessLookupError:
            pass

    if "-c" in sys.orig_argv:
        try:
            first.symlink_to(str(os.getpid()))
        except FileExistsError:
            wait_until_gone(int(first.readlink().name))
        else:
            threading.Thread(target=end_soon, daemon=True).start()
"""


def test_a_worker_that_ends_before_the_others_have_started_is_replaced(
    pytester: pytest.Pytester, machine: Machine, tmp_path: Path
) -> None:
    pytester.makepyfile("import pytest\n@pytest.mark.parametrize('n', range(100))\ndef test_it(n): pass")
    (tmp_path / "sitecustomize.py").write_text(textwrap.dedent(ENDS_AT_ONCE))
    machine.bring()

    run = run_agents(pytester, f"--tx=2*{machine.spec}//env:PYTHONPATH={tmp_path}", *ONCE)

    assert (tmp_path / "first").is_symlink()
    assert list(run.outcomes.values()) == ["passed"] * 100


CUTS = """
    import sys
    import psutil

    if "-c" in sys.orig_argv:
        next(above for above in psutil.Process().parents() if above.name().startswith("sshd")).kill()
"""


def test_a_host_that_is_lost_while_its_workers_start_is_reported(
    pytester: pytest.Pytester, machine: Machine, tmp_path: Path
) -> None:
    pytester.makepyfile("import pytest\n@pytest.mark.parametrize('n', range(100))\ndef test_it(n): pass")
    (tmp_path / "sitecustomize.py").write_text(textwrap.dedent(CUTS))
    machine.bring()

    run = run_agents(pytester, "--tx=fork", f"--tx={machine.spec}//env:PYTHONPATH={tmp_path}", *ONCE)

    assert list(run.outcomes.values()) == ["passed"] * 100
    assert re.search("host machine has ended the connection.*: its checks run elsewhere", run.stdout)
