"""Workers that are killed, stopped or end at random: every check has one outcome, and nothing is left."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import psutil
import pytest

from benchmarks import junit
from tests.processes import PATIENCE

LIMIT = 0.5
PACE = {"fork": (0.005, 0.1), "popen": (0.05, 0.6)}
"""Seconds that a check takes, and the longest between two signals: a fresh interpreter has to come up first."""
FILES = 4
SUITE = """
    import os, time
    import pytest

    @pytest.fixture(scope="module")
    def wide(): return os.getpid()

    @pytest.mark.parametrize("number", range({checks}))
    def test_it(number):
        time.sleep({seconds})
        if number % {every} == 5: os._exit(number % 100)

    @pytest.mark.parametrize("number", range({checks}))
    def test_with_the_fixture(wide, number):
        time.sleep({seconds})
        assert wide == os.getpid()
"""


MANY_ATTEMPTS = "from pytest_parallel_agents.transports import spawn; spawn.START_ATTEMPTS = 1000"
"""On a busy machine the interpreter of a worker may be killed several times in a row before it is up."""


@dataclass(slots=True)
class Killer:
    """Sends signals to random workers of a run, the given number of them."""

    controller: psutil.Process
    forked: bool
    count: int
    pause: float
    random: Random = field(default_factory=Random)
    sent: Counter[signal.Signals] = field(default_factory=Counter)

    def work(self) -> None:
        """Return when all are sent or the run is over."""
        while self.sent.total() < self.count and self.controller.is_running():
            time.sleep(self.random.uniform(0.0, self.pause))
            try:
                workers = self._workers()
                if workers and self.controller.status() != psutil.STATUS_ZOMBIE:
                    number = signal.SIGSTOP if self.random.random() < 0.2 else signal.SIGKILL
                    self.random.choice(workers).send_signal(number)
                    self.sent[number] += 1
                elif not workers and self.controller.status() == psutil.STATUS_ZOMBIE:
                    return
            except psutil.NoSuchProcess:
                continue

    def _workers(self) -> list[psutil.Process]:
        children = self.controller.children()
        if not self.forked:
            return children
        return [worker for zygote in children for worker in zygote.children()]


@pytest.mark.parametrize(
    ("checks", "kills"), [pytest.param(64, 8, id="short"), pytest.param(1000, 80, id="full", marks=pytest.mark.slow)]
)
def test_every_check_has_one_outcome(pytester: pytest.Pytester, transport: str, checks: int, kills: int) -> None:
    each = checks // FILES // 2
    seconds, pause = PACE[transport]
    source = SUITE.format(checks=each, every=25, seconds=seconds)
    pytester.makepyfile(**{f"test_{number}": source for number in range(FILES)})
    pytester.makeconftest(MANY_ATTEMPTS)
    pytester.makepyprojecttoml(f"[tool.pytest-parallel-agents]\ntimeout = {LIMIT}\ngrace = 0.1")
    random = Random(f"{transport} {checks}")  # noqa: S311
    # what the signals cost at most: each a new interpreter and the time until a stopped one is found out
    bound = PATIENCE + kills * (1.0 + LIMIT + 2.0)

    with (pytester.path / "output").open("w") as output, subprocess.Popen(command(transport), stdout=output) as process:
        try:
            killer = Killer(psutil.Process(process.pid), transport == "fork", kills, pause, random)
            killer.work()
            process.wait(bound)
        finally:
            process.kill()

    said = (pytester.path / "output").read_text("utf-8")
    report: dict[str, Any] = json.loads((pytester.path / "report.json").read_text("utf-8"))
    outcomes = Counter(check["outcome"] for check in report["checks"])
    exits = FILES * len([number for number in range(each) if number % 25 == 5])
    assert killer.sent.total() + exits >= (kills + exits if checks == 1000 else 1), said
    assert process.returncode == 1, said
    assert outcomes.total() == checks == len({check["nodeid"] for check in report["checks"]})
    assert outcomes.keys() <= {"passed", "crashed", "timed_out"}
    assert 0 < outcomes["crashed"] + outcomes["timed_out"] <= exits + kills
    suite = junit.parse((pytester.path / "junit.xml").read_text("utf-8"))
    assert suite.counts == {
        "tests": checks,
        "failures": checks - outcomes["passed"],
        "errors": 0,
        "skipped": 0,
    }


def command(transport: str) -> list[str]:
    """A run that goes on however many workers it loses."""
    own = ["--agents", "-n2", f"--tx={transport}", "--max-worker-restart=100000", "--agents-report=report.json"]
    return [sys.executable, "-m", "pytest", *own, "--junitxml=junit.xml", "-q", "-pno:cacheprovider", str(Path.cwd())]
