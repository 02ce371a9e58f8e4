from __future__ import annotations

import signal

import pytest

from pytest_parallel_agents.controller.signals import REPORT_SIGNAL, Signals, sigterm_interrupts

pytestmark = pytest.mark.skipif(REPORT_SIGNAL is None, reason="this system has no such signal")


def ask(times: int = 1) -> None:
    assert REPORT_SIGNAL is not None
    for _ in range(times):
        signal.raise_signal(REPORT_SIGNAL)


@pytest.fixture
def signals() -> Signals:
    return Signals()


def test_repeated_signals_are_handled_once(signals: Signals) -> None:
    with signals.handled(lambda: None):
        ask(times=3)
        assert list(signals.take()) == [REPORT_SIGNAL]
        assert list(signals.take()) == []


def test_a_signal_that_arrives_meanwhile_is_handled_the_next_time(signals: Signals) -> None:
    with signals.handled(lambda: None):
        ask()
        for answered, _ in enumerate(signals.take()):
            ask()
            assert answered == 0
        assert list(signals.take()) == [REPORT_SIGNAL]


def test_every_signal_wakes(signals: Signals) -> None:
    woken: list[int] = []
    with signals.handled(lambda: woken.append(1)):
        ask(times=2)
    assert woken == [1, 1]


def test_the_first_of_several_signals_comes_first(signals: Signals) -> None:
    with signals.handled(lambda: None):
        signal.raise_signal(signal.SIGINT)
        ask()
        assert list(signals.take()) == [signal.SIGINT, REPORT_SIGNAL]


def test_sigterm_interrupts_what_nothing_handles_it_for() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), sigterm_interrupts():
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) == before
