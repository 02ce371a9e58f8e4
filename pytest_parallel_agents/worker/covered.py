"""Line coverage of each check that a worker runs."""

from __future__ import annotations

import _thread
from collections.abc import Callable, Generator
from functools import partial
from typing import Final, NamedTuple

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


def cover(
    config: pytest.Config,
    send: Callable[[messages.Covered], None],
    number: Callable[[pytest.Item], int | None],
    is_quick: Callable[[pytest.Item], bool] = lambda _: False,
) -> Spectra:
    """Have the lines of each check reported that has a number, or why they are not known.

    `is_quick`: whether what an error executes on its way need not be told apart.
    """

    def covered(item: pytest.Item, lines: Spectrum, fault: str) -> None:
        if (check := number(item)) is not None:
            send(messages.Covered(check, dict(lines), fault))

    recorders = line_recorders(partial(project_place, root=config.rootpath))
    spectra = Spectra(recorders, covered, is_quick)
    config.add_cleanup(spectra.close)
    if (before := config.pluginmanager.getplugin(_NAME)) is not None:
        config.pluginmanager.unregister(before)
    config.pluginmanager.register(spectra, _NAME)
    return spectra


class CoveringAside:
    """Has the lines of checks reported in a process that exists for that.

    Ends the process when a check takes too long, once it has reported what that has executed. Nothing is raised in the
    check: a trace function may hold a lock that would never be released.
    """

    def __init__(self, config: pytest.Config, outbox: Outbox) -> None:
        config.option.maxfail = 0
        stop()
        self._outbox = outbox
        self._expected: dict[pytest.Item, _Expected] = {}
        self._spectra = cover(config, outbox.send, self._number, self._is_quick)
        self._running: tuple[int, float] | None = None
        config.pluginmanager.register(self, "parallel-agents-late")
        _thread.start_new_thread(self._watch, ())

    def expect(self, check: int, item: pytest.Item, seconds: float, *, quick: bool) -> None:
        """Have the lines of this one reported, which may not take longer. `quick`: see `Cover`."""
        item.session._shouldfail = item.session._shouldstop = False  # noqa: SLF001 - it may have been over before
        self._expected[item] = _Expected(check, seconds, quick)

    def _number(self, item: pytest.Item) -> int | None:
        return self._expected[item].check if item in self._expected else None

    def _is_quick(self, item: pytest.Item) -> bool:
        return item in self._expected and self._expected[item].quick

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        if item in self._expected:
            self._running = self._expected[item].check, time.monotonic() + self._expected[item].seconds
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


class _Expected(NamedTuple):
    check: int
    seconds: float
    quick: bool
