"""What a check prints is its own and never too much, and that of a check whose worker is lost is shown."""

from __future__ import annotations

import json
import re
import sys

import pytest

from tests.functional.runs import configure, run_agents
from tests.functional.workers.conftest import Agents
from tests.functional.workers.records import read, recorded

NOTE = re.compile(r"\n\.\.\. ([\d,]+) bytes left out \.\.\.\n")

TALKERS = """
    import logging, os, subprocess, sys
    import pytest

    logger = logging.getLogger("of the module")
    logger.addHandler(logging.StreamHandler(sys.stdout))

    @pytest.fixture(autouse=True)
    def around(number):
        print(f"setup {number}")
        yield
        print(f"teardown {number}", file=sys.stderr)

    @pytest.mark.parametrize("number", range(8))
    def test_talks(number):
        for time in range(20):
            print(f"print {number} {time}")
            print(f"error {number} {time}", file=sys.stderr)
            os.write(1, f"write {number} {time}\\n".encode())
            logger.warning(f"log {number} {time}")
        code = f"import os; print('child {number}'); os.write(2, b'child error {number}')"
        subprocess.run([sys.executable, "-c", code])
        subprocess.run(f"echo shell {number}", shell=True)
        assert 0
"""


def test_each_check_has_its_own_output(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makepyfile(TALKERS)

    run = agents(*recorded(pytester, "parallel"))

    assert set(run.outcomes.values()) == {"failed"}
    for nodeid, reports in read(pytester.path / "parallel.jsonl").items():
        number = nodeid[-2]
        sections = dict(reports[-1]["sections"])
        assert sections["Captured stdout setup"] == f"setup {number}\n"
        assert sections["Captured stdout call"].splitlines() == [
            *(f"{word} {number} {time}" for time in range(20) for word in ("print", "write", "log")),
            f"child {number}",
            f"shell {number}",
        ]
        errors = [*(f"error {number} {time}" for time in range(20)), f"child error {number}"]
        assert sections["Captured stderr call"].splitlines() == errors
        assert (
            sections["Captured log call"].count(f"log {number} ") == 20 == sections["Captured log call"].count("log ")
        )
        assert sections["Captured stderr teardown"] == f"teardown {number}\n"


LOUD = """
    import logging, os, subprocess, sys

    def test_loud():
        print("it begins")
        for _ in range({megabytes}):
            print("y" * 1_000_000)
        print("it ends")
        subprocess.run([sys.executable, "-c", "for _ in range({megabytes}): print('z' * 1_000_000)"], stdout=2)
        logging.warning("w" * 3_000_000)
        assert 0

    def test_quiet(): print("little")
"""


def sections_of(pytester: pytest.Pytester, name: str) -> dict[str, str]:
    """What the last report of the check quotes."""
    records = read(pytester.path / "parallel.jsonl")
    (found,) = (reports for nodeid, reports in records.items() if name in nodeid)
    return dict(found[-1]["sections"])


def assert_ends(text: str, first: str, last: str, least_left_out: int) -> None:
    assert text.startswith(first)
    assert text.endswith(last)
    assert len(text) < 140_000
    (left_out,) = NOTE.findall(text)
    assert int(left_out.replace(",", "")) > least_left_out


@pytest.mark.parametrize("capture", ["fd", pytest.param("sys", marks=pytest.mark.slow)])
def test_the_ends_of_a_long_output_are_kept(pytester: pytest.Pytester, agents: Agents, capture: str) -> None:
    pytester.makepyfile(LOUD.format(megabytes=3))

    run = agents(f"--capture={capture}", *recorded(pytester, "parallel"))

    assert run.outcomes == {"test_loud": "failed", "test_quiet": "passed"}
    sections = sections_of(pytester, "test_loud")
    assert_ends(sections["Captured stdout call"], "it begins\n", "it ends\n", 2_500_000)
    assert_ends(sections["Captured log call"], "WARNING", "w", 2_500_000)
    if capture == "fd":
        assert_ends(sections["Captured stderr call"], "z", "z\n", 2_500_000)
    assert sections_of(pytester, "test_quiet") == {"Captured stdout call": "little\n"}


@pytest.mark.slow
def test_here_too(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(LOUD.format(megabytes=3))

    run_agents(pytester, "-n0", *recorded(pytester, "parallel"))

    assert_ends(sections_of(pytester, "test_loud")["Captured log call"], "WARNING", "w", 2_500_000)


MEASURED = """
    import os, resource, sys, threading, pathlib
    import pytest

    @pytest.fixture(scope="session", autouse=True)
    def peak(request):
        yield
        kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        pathlib.Path(f"{os.environ.get('PYTEST_XDIST_WORKER', 'serial')}.peak").write_text(str(kilobytes))
"""
CONTROLLER_PEAK = """
    def pytest_unconfigure(config):
        if not hasattr(config, "workerinput"):
            kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            pathlib.Path("controller.peak").write_text(str(kilobytes))
"""


@pytest.mark.slow
def test_memory_does_not_grow_with_the_output(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makeconftest(MEASURED + CONTROLLER_PEAK)
    pytester.makepyfile("""
        import os

        def test_loud():
            for _ in range(300):
                os.write(1, b"x" * 1_000_000)
            assert 0
    """)

    run = agents("-n1")

    assert run.outcomes == {"test_loud": "failed"}
    assert "bytes left out" in run.stdout
    peaks = {path.stem: int(path.read_text()) for path in pytester.path.glob("*.peak")}
    assert peaks.keys() >= {"gw0", "controller"}  # and the worker of the second pass
    assert max(peaks.values()) < 150_000, peaks  # kilobytes; the output alone is 300,000


LOST = {
    "crashed": "os._exit(7)",
    "timed_out": "threading.Event().wait()",
}


@pytest.mark.slow
@pytest.mark.parametrize("outcome", LOST)
def test_the_last_output_of_a_lost_check(pytester: pytest.Pytester, agents: Agents, outcome: str) -> None:
    pytester.makepyfile(f"""
        import os, sys, threading
        import pytest

        def test_before(): print("of another")

        @pytest.mark.agent("test", timeout=0.7)
        def test_lost():
            print("last words")
            os.write(2, b"e" * 2_000_000)
            {LOST[outcome]}
    """)

    run = agents("-n1", *recorded(pytester, "parallel"))

    assert run.outcomes == {"test_before": "passed", "test_lost": outcome}
    sections = sections_of(pytester, "test_lost")
    assert sections["Captured stdout"] == "last words\n"
    assert_ends(sections["Captured stderr"], "e", "e", 1_800_000)
    assert "last words" in run.stdout


TOOL = """
import os, signal, sys, time

key = os.environ["SERVICE_KEY"]
if sys.argv[1] == "killed":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
elif sys.argv[1] == "polite":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("had to go, and the key is " + key))
print("halfway with", key, flush=True)
print("asking with", key, file=sys.stderr, flush=True)
if sys.argv[1] == "crashes":
    os.kill(os.getppid(), signal.SIGKILL)
time.sleep(600)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("how", "outcome", "unsent"),
    [
        ("interrupted", "timed_out", ""),
        ("killed", "timed_out", ""),
        ("polite", "timed_out", "had to go, and the key is ***\n"),
        ("crashes", "crashed", ""),
    ],
)
def test_output_of_a_command_that_was_lost(  # noqa: PLR0917
    pytester: pytest.Pytester,
    agents: Agents,
    monkeypatch: pytest.MonkeyPatch,
    how: str,
    outcome: str,
    unsent: str,
) -> None:
    monkeypatch.setenv("SERVICE_KEY", "0815-4711-abc")
    (pytester.path / "tool.py").write_text(TOOL)
    command = json.dumps([sys.executable, "tool.py", how])
    talks = json.dumps([sys.executable, "-c", "print('of another')"])
    configure(
        pytester,
        f"grace = {60 if unsent else 0.5}\n[.agents.talks]\ncommand = {talks}\n"
        f'[.agents.lost]\ncommand = {command}\nformat = "findings"\ntimeout = 1.5\nafter = ["talks"]\n',
    )

    run = agents("-n1", *recorded(pytester, "parallel"))

    assert run.outcomes == {"talks": "passed", "lost": outcome}
    sections = sections_of(pytester, "::lost")
    assert sections["Captured stdout"] == "halfway with ***\n"
    assert sections["Captured stderr"] == f"asking with ***\n{unsent}"
    suite = (pytester.path / "parallel.xml").read_text("utf-8")
    assert "halfway with ***" in run.stdout
    assert not any("0815-4711" in told for told in (run.stdout, suite))


def test_a_lost_check_does_not_show_the_output_of_a_command_before(pytester: pytest.Pytester, agents: Agents) -> None:
    broken = json.dumps([sys.executable, "-c", "print('of another'); raise SystemExit(3)"])
    configure(pytester, f'[.agents.broken]\ncommand = {broken}\nformat = "sarif"\n')
    pytester.makepyfile("""
        import os
        import pytest

        @pytest.mark.agent("test", after=["broken"])
        def test_lost(): os._exit(7)
    """)

    run = agents("-n1", *recorded(pytester, "parallel"))

    assert run.outcomes == {"broken": "error", "test_lost": "crashed"}
    assert sections_of(pytester, "::test_lost") == {}
