"""A forked worker ends its session as xdist's workers do, and leaves to the controller what is the controller's."""

from __future__ import annotations

import json
from textwrap import dedent

import pytest

from tests.functional.runs import run_agents, run_pytest
from tests.functional.workers.conftest import Agents

PUBLISHED = """
    import json
    from pathlib import Path
    import pytest

    HEARD = []
    OUTPUTS = {}

    def is_worker(config):
        return hasattr(config, "workerinput")

    def pytest_runtest_logstart(nodeid, location):
        HEARD.append(f"start {nodeid} {location[1]}")

    def pytest_runtest_logreport(report):
        HEARD.append(f"{report.when} {report.outcome}")

    def pytest_runtest_logfinish(nodeid):
        HEARD.append(f"finish {nodeid}")

    def pytest_sessionfinish(session, exitstatus):
        if is_worker(session.config):
            session.config.workeroutput["heard"] = [list(HEARD), int(exitstatus)]

    def pytest_unconfigure(config):
        if is_worker(config):
            config.workeroutput["unconfigured"] = True

    def pytest_testnodedown(node, error):
        OUTPUTS[node.gateway.id] = node.workeroutput

    def pytest_terminal_summary(config):
        Path("outputs.json").write_text(json.dumps(OUTPUTS, default=str))
"""


def test_hooks_that_a_worker_calls_and_its_output(pytester: pytest.Pytester, agents: Agents, transport: str) -> None:
    pytester.makeconftest(PUBLISHED)
    pytester.makepyfile(test_file="def test_it(): pass\n\ndef test_fails(): assert 0")

    run = agents("-n1")

    assert run.exit_code == 1
    output = json.loads((pytester.path / "outputs.json").read_text())["gw0"]
    passed = ["start test_file.py::test_it 0", "setup passed", "call passed", "teardown passed"]
    failed = ["start test_file.py::test_fails 2", "setup passed", "call failed", "teardown passed"]
    heard = [*passed, "finish test_file.py::test_it", *failed, "finish test_file.py::test_fails"]
    assert output["heard"] == [heard, 1]
    assert output["exitstatus"] == 1
    if transport == "fork":  # elsewhere the last word is said before
        assert output["unconfigured"]
    assert "passed" not in run.stderr


TRACKER = """
    import pytest
    import tracker

    @pytest.mark.parametrize("number", range(2))
    def test_the_one_that_runs(request, number):
        assert tracker.STARTED == [request.node.nodeid]

    def test_own_setup(request):
        assert (request.node.nodeid, "setup") in tracker.PHASES
"""


def test_tests_see_the_hooks_that_their_conftest_got(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makepyfile(tracker="STARTED, PHASES = [], []", test_it=TRACKER)
    pytester.makeconftest("""
        import tracker

        def pytest_runtest_logstart(nodeid): tracker.STARTED.append(nodeid)
        def pytest_runtest_logreport(report): tracker.PHASES.append((report.nodeid, report.when))
        def pytest_runtest_logfinish(): tracker.STARTED.clear()
    """)

    assert set(agents().outcomes.values()) == {"passed"}


REPORTER = """
    import os
    from pathlib import Path

    class Reporter:
        def __init__(self, kind):
            self.kind = kind
            self.reports = 0

        def pytest_runtest_logreport(self, report):
            self.reports += 1

        def pytest_sessionfinish(self):
            with Path("report.txt").open("a") as file:
                file.write(f"{self.kind} {self.reports}\\n")

    class Counter:
        def pytest_sessionfinish(self, session):
            output = getattr(session.config, "workeroutput", None)
            if output is not None:
                output["counter"] = 1

    def pytest_configure(config):
        config.pluginmanager.register(Counter(), "counter")
        BRANCH
        config.pluginmanager.register(Reporter("controller"), "reporter")

    def pytest_unconfigure(config):
        reporter = config.pluginmanager.getplugin("reporter")
        if reporter:
            config.pluginmanager.unregister(reporter)

    def pytest_testnodedown(node, error):
        assert node.workeroutput["counter"] == 1
"""


@pytest.mark.parametrize(
    "branch",
    [
        "if hasattr(config, 'workerinput'): return",
        "if 'PYTEST_XDIST_WORKER' in os.environ: return",
        "if __import__('xdist').get_xdist_worker_id(type('R', (), {'config': config})) != 'master': return",
    ],
    ids=["config", "environment", "xdist"],
)
def test_what_took_the_controllers_branch_writes_once(pytester: pytest.Pytester, agents: Agents, branch: str) -> None:
    (pytester.path / "plugin.py").write_text(dedent(REPORTER.replace("BRANCH", branch)))
    pytester.syspathinsert(pytester.path)
    pytester.makepyfile("import pytest\n@pytest.mark.parametrize('n', range(4))\ndef test_it(n): pass")

    run = agents("-p", "plugin", "--junitxml=junit.xml")

    assert run.exit_code == 0, run.stdout
    assert (pytester.path / "report.txt").read_text() == "controller 12\n"
    assert (pytester.path / "junit.xml").read_text().count("<testcase ") == 4


LATE_ERRORS = {
    "hook": ("raise ValueError('in the hook')", "ValueError: in the hook"),
    "destructor": ("session.cycle = Late(); del session.cycle", "in the destructor"),
    "thread": ("thread = threading.Thread(target=lambda: 1 / 0); thread.start(); thread.join()", "ZeroDivisionError"),
}


@pytest.mark.parametrize("kind", LATE_ERRORS)
def test_late_errors_reach_the_exit_code(pytester: pytest.Pytester, kind: str) -> None:
    action, told = LATE_ERRORS[kind]
    pytester.makeconftest(f"""
        import threading

        class Late:
            def __init__(self): self.own = self
            def __del__(self): raise RuntimeError("in the destructor")

        def pytest_sessionfinish(session):
            if hasattr(session.config, "workerinput"):
                {action}
    """)
    pytester.makepyfile("def test_it(): pass")

    run = run_agents(pytester, "--tx=fork", "-Werror")

    assert run.outcomes == {"test_it": "passed"}
    assert run.exit_code == 1
    assert "worker gw0: errors at the end of its session" in run.stdout
    assert told in run.stdout


def test_cleanups_and_exit_handlers_are_those_of_the_worker(pytester: pytest.Pytester) -> None:
    pytester.makeconftest("""
        import atexit, os, tempfile, weakref
        from pathlib import Path

        LOG = Path("log.txt").absolute()

        def log(what):
            with LOG.open("a") as file:
                file.write(f"{what} {os.getpid()}\\n")

        class Server: pass

        SERVER, FOLDER = Server(), tempfile.TemporaryDirectory()
        atexit.register(log, "atexit of the controller")
        weakref.finalize(SERVER, log, "finalizer of the controller")

        def pytest_configure(config):
            log("configured in")
            config.add_cleanup(lambda: log("cleanup of the controller"))
    """)
    pytester.makepyfile("""
        import atexit, weakref
        import conftest

        def test_it(request):
            request.config.add_cleanup(lambda: conftest.log("cleanup of the worker"))
            atexit.register(conftest.log, "atexit of the worker")
            weakref.finalize(conftest.FOLDER, conftest.log, "finalizer of the worker")
            conftest.log("ran in")
            assert conftest.Path(conftest.FOLDER.name).is_dir()
    """)

    assert run_agents(pytester, "--tx=fork", "-n1").exit_code == 0

    lines = [line.rpartition(" ") for line in (pytester.path / "log.txt").read_text().splitlines()]
    by_process: dict[str, list[str]] = {}
    for what, _, process in lines:
        by_process.setdefault(process, []).append(what)
    controller, worker = by_process.values()
    assert worker == ["ran in", "cleanup of the worker", "finalizer of the worker", "atexit of the worker"]
    assert sorted(controller) == [
        "atexit of the controller",
        "cleanup of the controller",
        "configured in",
        "finalizer of the controller",
    ]


def test_a_plugin_with_hooks_of_its_own_and_one_that_resists(pytester: pytest.Pytester) -> None:
    (pytester.path / "resists.py").write_text(
        dedent("""
            DONE = []

            class Marks:
                def __init__(self, name): self.name = name
                def pytest_runtest_setup(self, item): item.marked = [*getattr(item, "marked", []), self.name]
                def pytest_sessionfinish(self):
                    with open("finished.txt", "a") as file:
                        file.write(self.name)

            def pytest_configure(config):
                if not hasattr(config, "workerinput") and not DONE:
                    config.pluginmanager.register(Marks("controller"), "marks")
                if DONE:
                    raise RuntimeError("once is enough")
                DONE.append(1)
        """)
    )
    (pytester.path / "hooks.py").write_text(
        dedent("""
            class Hooks:
                def pytest_own_hook(): pass

            class Marks:
                def __init__(self, name): self.name = name
                def pytest_addhooks(self, pluginmanager): pluginmanager.add_hookspecs(Hooks)
                def pytest_runtest_setup(self, item): item.marked = [*getattr(item, "marked", []), self.name]

            def pytest_configure(config):
                name = "worker" if hasattr(config, "workerinput") else "of the controller"
                config.pluginmanager.register(Marks(name), "other marks")
        """)
    )
    pytester.syspathinsert(pytester.path)
    pytester.makepyfile("def test_it(request): assert {'controller', 'worker'} == set(request.node.marked)")

    run = run_agents(pytester, "--tx=fork", "-n1", "-p", "resists", "-p", "hooks")

    assert run.outcomes == {"test_it": "passed"}, run.stdout
    assert "resists could not be configured as a forked worker's plugin (RuntimeError: once is enough)" in run.stdout
    assert (pytester.path / "finished.txt").read_text() == "controller"


@pytest.mark.parametrize("capture", ["-s", "--capture=fd"])
def test_what_is_printed_at_the_end_is_seen_once(pytester: pytest.Pytester, agents: Agents, capture: str) -> None:
    pytester.makeconftest("""
        import os

        def pytest_sessionfinish(session):
            print("finished")
            os.write(1, b"written")
            if hasattr(session.config, "workerinput"):
                print("only in a worker")
                raise ValueError("but errors are reported")

        def pytest_unconfigure(): print("unconfigured")
    """)
    pytester.makepyfile("""
        import atexit
        import pytest

        @pytest.fixture(scope="session")
        def wide():
            yield
            print("torn down")

        @pytest.mark.parametrize("number", range(2))
        def test_it(number, wide):
            print("said by a test")
            atexit.register(print, "at exit", flush=True)
    """)

    run = agents(capture)

    for said in ("finished", "written", "unconfigured"):
        assert run.stdout.count(said) == 1
    assert "only in a worker" not in run.stdout + run.stderr
    assert "ValueError: but errors are reported" in run.stdout
    if capture == "-s":
        assert run.stdout.count("said by a test") == 2
        assert "torn down" in run.stdout


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [["--tx=fork"], ["-n0"]], ids=" ".join)
def test_files_that_nobody_closes_are_written_once(pytester: pytest.Pytester, arguments: list[str]) -> None:
    pytester.makeconftest("""
        class Log:
            def __init__(self, name):
                self.itself = self  # only the collector can free it
                self.file = open(f"{name}.log", "a")
                self.file.write(f"of the {name}\\n")

        def pytest_configure(config):
            if not hasattr(config, "workerinput"):
                config.log = Log("plugin")
    """)
    pytester.makepyfile("""
        from conftest import Log

        OF_MODULE = Log("module")

        def test_it(pytestconfig):
            global of_test
            of_test = Log("test")
            OF_MODULE.file.write("of the test\\n")
    """)

    run_agents(pytester, "-n1", "-Wignore::ResourceWarning", *arguments)

    written = {path.name: path.read_text("utf-8") for path in pytester.path.glob("*.log")}
    assert written == {
        "plugin.log": "of the plugin\n",
        "module.log": "of the module\nof the test\n",
        "test.log": "of the test\n",
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments", [["--tx=fork", "-Werror"], ["-n0", "-Werror"], ["-n0"], ["--tx=popen"]], ids=" ".join
)
def test_garbage_of_the_collection_is_reported_as_serially(pytester: pytest.Pytester, arguments: list[str]) -> None:
    pytester.makepyfile("""
        class Broken:
            def __init__(self): self.itself = self
            def __del__(self): raise ValueError("cannot be freed")

        Broken()

        def test_it(): pass
    """)

    fails = "-Werror" in arguments

    serial = run_pytest(pytester, *["-Werror"] * fails)
    run = run_agents(pytester, *arguments)

    assert run.exit_code == serial.ret == fails
    for output in (str(serial.stdout) + str(serial.stderr), run.stdout + run.stderr):
        assert "ValueError: cannot be freed" in output
