"""Gates on calls and peak bytes are the same on a quiet machine and on a busy one.

The short form runs by default. The long one, fifty runs each, is started by

    pytest -m slow tests/functional/test_profile_gates.py
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from tests.functional.runs import AgentsRun, run_agents

WORK = """
import json, re

class Node:
    def __init__(self, parent):
        self.parent, self.children = parent, []
        if parent is not None:
            parent.children.append(self)
    def __del__(self): pass

def grow(depth, parent=None):
    node = Node(parent)
    if depth:
        grow(depth - 1, node)
        grow(depth - 1, node)
    return node

def work():
    for _ in range(4):
        grow(7)  # cycles: their finalizers are calls, and they take memory, until garbage is searched for
    buffer = bytearray(4_000_000)
    words = json.loads(json.dumps([{"number": number, "text": str(number) * 3} for number in range(500)]))
    words.sort(key=lambda word: word["text"])
    return re.findall(r"(\\d)\\1", " ".join(word["text"] for word in words))
"""
TESTS = """
import pytest
from work import work

work()  # fills what is filled once: compiled patterns, interned strings

@pytest.mark.agent("profile")
@pytest.mark.parametrize("max_calls, max_peak", [{gates}])
def test_gate(profile, max_calls, max_peak):
    with profile("work", max_calls=max_calls, max_peak=max_peak): work()

@pytest.mark.parametrize("number", range(20))
def test_other(number): [[number] for _ in range(number * 100)]
"""


@contextmanager
def busy_processes(number: int) -> Iterator[None]:
    """So many processes that want a CPU each."""
    started = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(number)]
    try:
        yield
    finally:
        for process in started:
            process.kill()
            process.wait()


def gates(run: AgentsRun) -> Mapping[str, str]:
    """How each gate ended, by its name."""
    return {name: outcome for name, outcome in run.outcomes.items() if name.startswith("test_gate")}


def write_gates(pytester: pytest.Pytester) -> Mapping[str, str]:
    """Tight gates on calls and on the peak: two per cent above what was measured, and two below."""
    pytester.makepyfile(work=WORK, test_gates=TESTS.format(gates="(None, None)"))
    [measured] = run_agents(pytester).check("test_gate[None-None]")["measurements"]
    calls, peak = measured["calls"], measured["peak_bytes"]
    pairs = [
        (int(calls * 1.02), None),
        (int(calls * 0.98), None),
        (None, int(peak * 1.02)),
        (None, int(peak * 0.98)),
    ]
    pytester.makepyfile(test_gates=TESTS.format(gates=", ".join(map(str, pairs))))
    outcomes = ["passed", "failed", "passed", "failed"]
    return {f"test_gate[{one}-{other}]": outcome for (one, other), outcome in zip(pairs, outcomes, strict=True)}


LONG = [pytest.mark.slow, pytest.mark.agent("test", timeout=1800)]  # ten runs, half of them on a busy machine


@pytest.mark.slow
@pytest.mark.parametrize("runs", [1, pytest.param(10, marks=LONG)])
def test_gates_are_the_same_alone_and_beside_busy_processes(pytester: pytest.Pytester, runs: int) -> None:
    expected = write_gates(pytester)
    for number in range(runs):
        with busy_processes(0 if number % 2 else 2):
            assert gates(run_agents(pytester)) == expected
