"""Plugins that were written for xdist's workers, and know nothing of ours."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from coverage import CoverageData

from tests.functional.runs import run_pytest
from tests.functional.workers.conftest import Agents

CODE = """
def sign(number):
    if number < 0:
        return -1
    elif number == 0:
        return 0
    return 1

def total(numbers):
    found = 0
    for number in numbers:
        if number % 2:
            found += number
    return found

def never_called():
    return 1
"""
TESTS = """
import subprocess, sys
import pytest
from code_under_test import sign, total

@pytest.fixture(scope="module")
def numbers():
    return [total(range(4))]

@pytest.mark.parametrize("number", [-1, 1])
def test_sign(number):
    assert sign(number) == number

def test_total(numbers):
    assert numbers == [4]

def test_again(numbers):
    assert total(numbers) == 0

class TestFailing:
    def test_zero(self):
        assert sign(0) == 1
"""


def measured(path: Path) -> dict[str, Any]:
    """All that coverage has kept, by file."""
    data = CoverageData(str(path))
    data.read()
    return {
        Path(file).name: (
            sorted(data.lines(file) or ()),
            sorted(data.arcs(file) or ()),
            {line: sorted(contexts) for line, contexts in data.contexts_by_lineno(file).items()},
        )
        for file in sorted(data.measured_files())
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param([], id="lines", marks=pytest.mark.slow),
        pytest.param(["--cov-branch"], id="branches"),
        pytest.param(["--cov-context=test"], id="contexts"),
    ],
)
def test_coverage_is_that_of_a_serial_run(
    pytester: pytest.Pytester, agents: Agents, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    pytester.makepyfile(code_under_test=CODE, test_it=TESTS)
    reported = {}
    for name in ("serial", "parallel"):
        monkeypatch.setenv("COVERAGE_FILE", str(pytester.path / f"{name}.coverage"))
        given = ["--cov=.", "--cov-report=", *arguments]
        if name == "serial":
            run_pytest(pytester, "-pno:cacheprovider", *given)
        else:
            assert agents(*given).exit_code == 1
        reported[name] = measured(pytester.path / f"{name}.coverage")

    assert reported["parallel"] == reported["serial"]
    assert "code_under_test.py" in reported["serial"]
    assert list(pytester.path.glob("*.coverage.*")) == []  # all is combined


@pytest.mark.slow
def test_a_worker_that_starts_late_erases_no_coverage(
    pytester: pytest.Pytester, agents: Agents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COVERAGE_FILE", str(pytester.path / "data.coverage"))
    pytester.makefile(".coveragerc", **{"": "[run]\nparallel = true\n"})
    pytester.makeconftest("""
        from pathlib import Path
        from coverage import CoverageData

        def pytest_configure_node(node):
            data = CoverageData(f"data.coverage.{node.gateway.id}-before")
            data.add_lines({str(Path("code_under_test.py").resolve()): [6]})
            data.write()
    """)
    pytester.makepyfile(code_under_test="def f():\n    return 1\n\n\ndef g():\n    return 2\n")
    pytester.makepyfile("import code_under_test\ndef test_f(): assert code_under_test.f() == 1\n")

    agents("--cov=code_under_test", "--cov-report=")

    assert {1, 2, 5, 6} <= set(measured(pytester.path / "data.coverage")["code_under_test.py"][0])


def test_coverage_survives_a_crash(pytester: pytest.Pytester, agents: Agents, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COVERAGE_FILE", str(pytester.path / "data.coverage"))
    pytester.makepyfile(
        code_under_test=CODE,
        test_it="""
            import os
            from code_under_test import sign
            def test_crash(): os._exit(1)
            def test_sign(): assert sign(1) == 1
        """,
    )

    run = agents("--cov=code_under_test", "--cov-report=")

    assert run.outcomes == {"test_crash": "crashed", "test_sign": "passed"}
    assert 6 in measured(pytester.path / "data.coverage")["code_under_test.py"][0]


def test_plugins_see_a_crash_and_cannot_hide_it(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makeconftest("""
        def pytest_handlecrashitem(crashitem, report, sched):
            print("crashed:", crashitem, sched.config.rootpath.name)
            sched.mark_test_pending(crashitem)
            report.outcome = "rerun"
    """)
    pytester.makepyfile(test_file="import os\ndef test_it(): os._exit(1)")

    run = agents()

    assert f"crashed: test_file.py::test_it {pytester.path.name}" in run.stdout
    assert run.outcomes == {"test_it": "crashed"}
    assert run.exit_code == 1


def test_output_of_a_plugin_when_a_worker_is_configured(pytester: pytest.Pytester, agents: Agents) -> None:
    (pytester.path / "metadata.py").write_text("""
import pytest

metadata_key = pytest.StashKey()

def pytest_configure(config):
    config.stash[metadata_key] = {"Python": "3"}
    if hasattr(config, "workeroutput"):
        config.workeroutput["metadata"] = config.stash[metadata_key]

def pytest_testnodedown(node):
    if hasattr(node, "workeroutput"):
        node.config.stash[metadata_key].update(node.workeroutput["metadata"])
""")
    pytester.syspathinsert(pytester.path)
    pytester.makepyfile("import os\ndef test_it(): pass\ndef test_crash(): os._exit(1)")

    run = agents("-p", "metadata")

    assert run.outcomes == {"test_it": "passed", "test_crash": "crashed"}
    assert run.exit_code == 1


@pytest.mark.skipif(pytest.version_tuple < (9, 1), reason="pytest 9.0 takes no plugin without a hash")
def test_a_plugin_finds_an_item_as_it_is_in_its_protocol(pytester: pytest.Pytester, agents: Agents) -> None:
    """What is wider than a test may only be torn down when its protocol is over."""
    pytester.makeconftest("""
        import pytest

        @pytest.hookimpl(wrapper=True)
        def pytest_runtest_makereport(item):
            report = yield
            assert item._request.node is item
            item.funcargs.get("benchmark")
            return report
    """)
    pytester.makepyfile(
        test_module="""
            def teardown_module(): assert 0, "torn down"
            def test_it(): pass
        """,
        test_streams="""
            import sys

            def test_streams():
                sys.stdout.close()
                sys.stderr.close()
        """,
    )
    serial = run_pytest(pytester, "-pno:cacheprovider", "-pno:benchmark")

    run = agents("-pno:benchmark")

    assert run.exit_code == serial.ret == pytest.ExitCode.TESTS_FAILED
    assert "torn down" in run.stdout


def test_a_plugin_gets_the_place_of_each_test(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makeconftest("""
        from dataclasses import dataclass

        @dataclass
        class Listener:  # which has no hash
            config: object
            def pytest_runtest_logreport(self, report): print(report.when, *report.location)
            def pytest_runtest_logfinish(self, nodeid, location): print("finished", *location)

        def pytest_configure(config):
            if not hasattr(config, "workerinput"):
                config.pluginmanager.register(Listener(config))
    """)
    pytester.makepyfile(test_file="import os\n\ndef test_it(): pass")

    run = agents("-s")

    assert run.outcomes == {"test_it": "passed"}
    for told in ("setup", "call", "teardown", "finished"):
        assert f"{told} test_file.py 2 test_it" in run.stdout


RERUNS = """
    import pathlib
    import pytest

    @pytest.mark.flaky(reruns=2)
    def test_flaky(tmp_path_factory):
        count = tmp_path_factory.getbasetemp() / "count"
        number = int(count.read_text()) if count.exists() else 1
        count.write_text(str(number + 1))
        assert number == 3, f"attempt {number}"

    @pytest.mark.flaky(reruns=1)
    def test_bad(): assert 0

    def test_good(): pass
"""


@pytest.mark.realworld
def test_rerunfailures_runs_failures_again(
    pytester: pytest.Pytester, agents: Agents, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It is installed for this test alone: it leaves a thread and a socket behind in every process that loads it."""
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(tmp_path)]
    subprocess.run([*install, "pytest-rerunfailures>=16"], check=True)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    pytester.makepyfile(RERUNS)

    run = agents("-v")

    assert run.outcomes == {"test_flaky": "passed", "test_bad": "failed", "test_good": "passed"}
    attempts = run.check("test_flaky")["attempts"]
    assert [attempt["outcome"] for attempt in attempts] == ["failed", "failed", "passed"]
    assert [attempt["message"].partition("\n")[0] for attempt in attempts] == [
        "AssertionError: attempt 1",
        "AssertionError: attempt 2",
        "",
    ]
    assert all(attempt["start"] <= attempt["stop"] for attempt in attempts)
    assert all(one["stop"] <= other["start"] for one, other in pairwise(attempts))
    assert [attempt["outcome"] for attempt in run.check("test_bad")["attempts"]] == ["failed", "failed"]
    assert "FLAKY 3/3" in run.stdout
    assert "1 failed, 2 passed, 3 rerun" in run.stdout
