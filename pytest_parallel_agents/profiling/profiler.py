"""The `profile` fixture: measures a block of code, in numbers that other checks do not disturb."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

import pytest

from pytest_parallel_agents.early_bound import builtins
from pytest_parallel_agents.measurements import HotSpot, Measurement
from pytest_parallel_agents.profiling.budgets import Budgets

__builtins__ = builtins

_MOST_MODULES = 5


class Meter(Protocol):
    """Measures one block."""

    def start(self) -> None:
        """Raises RuntimeError when another profiler is active."""

    def stop(self) -> Measurement:
        """The measurement since `start`."""
        ...


class Profiler:
    """Makes measured blocks: `with profile() as run: ...`.

    `name` is the check's and names its blocks unless they name themselves. `meter` makes the meter for the block of a
    name, with memory or without. `record` is called with each finished block, `note` with remarks about it. `alone`:
    nothing else runs beside the check.
    """

    def __init__(
        self,
        *,
        name: str,
        meter: Callable[[str, bool], Meter],
        record: Callable[[Measurement], None],
        note: Callable[[str], None],
        alone: bool,
    ) -> None:
        self._name = name
        self._meter = meter
        self._record = record
        self._note = note
        self._alone = alone
        self._names: set[str] = set()

    def __call__(
        self,
        name: str | None = None,
        *,
        memory: bool = True,
        max_calls: int | None = None,
        max_peak: int | None = None,
        max_seconds: float | None = None,
    ) -> Run:
        """A block to be measured, which fails when it takes more than its budgets: calls, bytes, seconds of wall clock.

        Raises ValueError when the check has a block of that name already or a budget cannot be judged. Without `memory`
        the peak is None and allocations are not slowed down by tracing.
        """
        chosen = name or self._free_name()
        if chosen in self._names:
            raise ValueError(f"this check has a measurement named {chosen!r} already: name each block differently")
        if max_peak is not None and not memory:
            raise ValueError("max_peak needs the memory to be traced: drop memory=False")
        if max_seconds is not None and not self._alone:
            _refuse_seconds(chosen)
        self._names.add(chosen)
        budgets = Budgets(max_calls=max_calls, max_peak=max_peak, max_seconds=max_seconds)
        meter = self._meter(chosen, memory)
        return Run(name=chosen, meter=meter, budgets=budgets, record=self._record, note=self._note)

    def _free_name(self) -> str:
        return self._name if self._name not in self._names else f"{self._name} {len(self._names) + 1}"


class Run:
    """One measured block. Its measurement is known when the block has ended, also when the block raised.

    Both times are taken under the profiler and therefore longer than without it.
    """

    def __init__(
        self,
        *,
        name: str,
        meter: Meter,
        budgets: Budgets,
        record: Callable[[Measurement], None],
        note: Callable[[str], None],
    ) -> None:
        self._name = name
        self._meter = meter
        self._budgets = budgets
        self._record = record
        self._note = note
        self._modules: frozenset[str] = frozenset()
        self._measurement: Measurement | None = None

    @property
    def measurement(self) -> Measurement:
        """Raises RuntimeError while the block is still running."""
        if self._measurement is None:
            raise RuntimeError("what a block measured is known when its `with` has ended")
        return self._measurement

    @property
    def calls(self) -> int:
        """Calls of functions and built-ins in the block's thread, counted exactly."""
        return self.measurement.calls or 0

    @property
    def cpu_seconds(self) -> float:
        """CPU seconds of the whole process with all its threads."""
        return self.measurement.cpu_seconds or 0.0

    @property
    def wall_seconds(self) -> float:
        return self.measurement.wall_seconds

    @property
    def peak_bytes(self) -> int | None:
        """The most bytes that were allocated at once, above those at the start."""
        return self.measurement.peak_bytes

    @property
    def hot_spots(self) -> tuple[HotSpot, ...]:
        """Functions of the project, the one with most time of its own first."""
        return self.measurement.hot_spots

    def __enter__(self) -> Self:
        self._modules = frozenset(sys.modules)
        self._meter.start()
        return self

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._measurement = self._meter.stop()
        self._record(self._measurement)
        self._note_imports()
        complaint = self._budgets.complaint(self._measurement)
        if complaint and error is None:
            pytest.fail(complaint, pytrace=False)

    def _note_imports(self) -> None:
        """Modules are imported once a process, so the counts depend on what ran there before."""
        imported = sorted(name for name in tuple(sys.modules) if name not in self._modules)
        if imported:
            named = ", ".join(imported[:_MOST_MODULES]) + (", ..." if len(imported) > _MOST_MODULES else "")
            self._note(
                f"{self._name} measured the import of {named}, which the next block in this process will not:"
                " import it before the block"
            )


def _refuse_seconds(name: str) -> None:
    pytest.fail(
        f"usage error: {name}: max_seconds needs a check beside which nothing runs:"
        ' mark it @pytest.mark.agent("profile", alone=True), or give max_calls, which no neighbour disturbs',
        pytrace=False,
    )
