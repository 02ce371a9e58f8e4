"""Line coverage of each check that a worker runs."""

from __future__ import annotations

import _thread
from collections.abc import Callable, Generator, Mapping, Sequence
from functools import partial
from typing import Final

import pytest

from pytest_parallel_agents.compat.coverage import stop
from pytest_parallel_agents.early_bound import builtins, os, time
from pytest_parallel_agents.project_paths import project_place
from pytest_parallel_agents.runtest.line_recorder import line_recorders
from pytest_parallel_agents.runtest.spectra import Spectra, Spectrum
from pytest_parallel_agents.wire import messages
from pytest_parallel_agents.worker.outbox import Outbox

__builtins__ = builtins

_NAME: Final = "parallel-agents-spectra"
_LOOK_SECONDS: Final = 0.02


def cover_aside(
    config: pytest.Config, outbox: Outbox, checks: Sequence[tuple[int, pytest.Item]], seconds: float, *, passing: bool
) -> None:
    """Have the lines of these checks reported, none of which may take longer, in a process that exists for that.

    `passing`: they have passed before.
    """
    config.option.maxfail = 0
    for session in {item.session for _, item in checks}:  # it may have been over before this process was forked
        session._shouldfail = session._shouldstop = False  # noqa: SLF001 - pytest lets nobody take them back
    stop()
    numbers = {item: check for check, item in checks}
    spectra = cover(config, outbox.send, numbers.get, passes=lambda _: passing)
    config.pluginmanager.register(_Watch(outbox, spectra, numbers, seconds), "parallel-agents-late")


def cover(
    config: pytest.Config,
    send: Callable[[messages.Covered], None],
    number: Callable[[pytest.Item], int | None],
    passes: Callable[[pytest.Item], bool] = lambda _: False,
) -> Spectra:
    """Have the lines of each check reported that has a number, or why they are not known.

    `passes`: whether it is known that a check passes.
    """

    def covered(item: pytest.Item, lines: Spectrum, fault: str) -> None:
        if (check := number(item)) is not None:
            send(messages.Covered(check, dict(lines), fault))

    recorders = line_recorders(partial(project_place, root=config.rootpath))
    spectra = Spectra(recorders, covered, passes)
    config.add_cleanup(spectra.close)
    if (before := config.pluginmanager.getplugin(_NAME)) is not None:
        config.pluginmanager.unregister(before)
    config.pluginmanager.register(spectra, _NAME)
    return spectra


class _Watch:
    """Ends the process when a check takes too long, once it has reported what that has executed.

    Nothing is raised in the check: a trace function may hold a lock that would never be released.
    """

    def __init__(self, outbox: Outbox, spectra: Spectra, numbers: Mapping[pytest.Item, int], seconds: float) -> None:
        self._outbox = outbox
        self._spectra = spectra
        self._numbers = numbers
        self._seconds = seconds
        self._running: tuple[int, float] | None = None
        _thread.start_new_thread(self._watch, ())

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        if item in self._numbers:
            self._running = self._numbers[item], time.monotonic() + self._seconds
        try:
            return (yield)
        finally:
            self._running = None

    def _watch(self) -> None:
        while True:
            running = self._running
            if running is not None and running[1] <= time.monotonic():
                lines = dict(self._spectra.seen())
                self._outbox.send(messages.Covered(running[0], lines, is_late=True))
                self._outbox.flush()
                os._exit(0)  # noqa: SLF001
            time.sleep(_LOOK_SECONDS)
