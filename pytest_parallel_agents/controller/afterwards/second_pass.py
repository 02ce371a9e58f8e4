"""A second pass over failed checks and the passing ones that tell most, to see which lines each executes.

Its workers are forks of what was collected, or fresh interpreters that collect it once more. Plugins are not called for
it, and no outcome changes. A check that does not end as it had before is not counted.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import zip_longest
from typing import Final

import pytest

from pytest_parallel_agents.compat.watchers import is_watched
from pytest_parallel_agents.controller.afterwards.allowance import Deadline, allowed
from pytest_parallel_agents.controller.afterwards.aside import is_plain_test
from pytest_parallel_agents.controller.afterwards.batches import Batches
from pytest_parallel_agents.controller.afterwards.measuring import Batch, Measurement, Measuring
from pytest_parallel_agents.controller.afterwards.project_imports import project_imports
from pytest_parallel_agents.controller.workers.worker_pool import WorkerPool
from pytest_parallel_agents.convergence.companions import Candidate, fitting, most_telling
from pytest_parallel_agents.convergence.evidence import Measured
from pytest_parallel_agents.model.plan import Plan
from pytest_parallel_agents.model.results import Outcome, Result
from pytest_parallel_agents.reports.alone import passes_alone
from pytest_parallel_agents.runtest.line_recorder import slowdown

MOST_FAILED: Final = 100
MOST_PASSED: Final = 2000

HUNG_SECONDS: Final = 5.0
"""What a check may take that has run into its time limit: what it executes for ever it has executed by then."""

CHECK_SECONDS: Final = 2.0
"""What any other check may take at least, however short it was."""

OVERHEAD_SECONDS: Final = 0.002
"""What a check takes beside its own time."""

START_SECONDS: Final = 10.0
"""What a fresh interpreter may take to start on a busy machine, beside what the first pass took with that."""

NOTED_SECONDS: Final = 1.0
_FAILED: Final = (Outcome.FAILED, Outcome.ERROR, Outcome.TIMED_OUT)
_EXCEPTION: Final = re.compile(r"[A-Za-z_][\w.]*(?=:)")


class SecondPass:
    """Measures the failed checks of a run. `note` tells people that it takes its time."""

    def __init__(
        self,
        *,
        session: pytest.Session,
        plan: Plan,
        results: Iterable[Result],
        pool: WorkerPool,
        note: Callable[[str], None],
    ) -> None:
        self._session = session
        self._plan = plan
        self._results = {result.check.index: result for result in results if result.check.index in plan.checks}
        self._pool = pool
        self._note = note
        self._batches = Batches(plan, self._results)
        self._imports = project_imports(session.items, session.config.rootpath)
        self._begun = time.monotonic()
        self._is_noted = False

    def run(self, cpus: int, *, first_pass: float, left: float) -> Measured:
        """What was measured, in the time that `allowed` gives and that is `left` of the run's time limit."""
        failed = [result for result in self._results.values() if self._is_measurable(result, _FAILED)]
        if not failed:
            return Measured(imports=self._imports)
        if is_watched(self._session.config):
            missing = "a plugin watches tests run, and would be shown them twice"
            return Measured(imports=self._imports, missing=missing)
        chosen = [each for each in spread(failed) if not passes_alone(each.alone and each.alone.outcome)][:MOST_FAILED]
        seconds = sum(min(HUNG_SECONDS, self._batches.seconds(each.check.index)) for each in chosen) / cpus
        allowance = allowed(first_pass, self._seconds_of_files(failed), seconds).within(left)
        limit, most = allowance.failed, allowance.most
        start = 0.0 if self._pool.starts_aside else min(left - most, START_SECONDS + first_pass)
        deadline = Deadline(allowance, start)
        measuring = Measuring(
            self._pool,
            self._plan.checks,
            self._session.items,
            workers=cpus,
            deadline=deadline,
            tick=lambda done: self._tick(done, start + most),
        )
        missing = self._measure(measuring, chosen, cpus, deadline, limit)
        return self._compared(failed, chosen, measuring.measured, missing)

    def _is_measurable(self, result: Result, outcomes: Sequence[Outcome]) -> bool:
        ran = result.outcome in outcomes and result.last is not None
        return ran and is_plain_test(self._session.items[result.check.index])

    def _measure(
        self, measuring: Measuring, chosen: Sequence[Result], cpus: int, deadline: Deadline, limit: float
    ) -> str:
        """Why nothing could be measured; empty if something could, or if the user has ended it."""
        try:
            with measuring:
                passed = partial(self._of_passed, chosen, measuring, cpus, deadline)
                measuring.run([*self._of_failed(chosen, cpus, limit), *passed(beside=True)])
                measuring.run(passed(beside=False))
        except OSError as error:
            return f"no process could be started: {error}"
        except KeyboardInterrupt:
            self._note("no further test is measured; causes are ranked with what is known")
            return "" if measuring.measured else "it was interrupted"
        return ""

    def _of_failed(self, chosen: Sequence[Result], cpus: int, limit: float) -> Iterator[Batch]:
        """Those first that end by themselves."""
        hung = [each.check.index for each in chosen if each.outcome is Outcome.TIMED_OUT]
        others = [each.check.index for each in chosen if each.outcome is not Outcome.TIMED_OUT]
        for checks in self._batches.alike(others):
            yield from self._batches.of(checks, parts=cpus, each=OVERHEAD_SECONDS, most=self._most(checks, limit))
        for check in hung:
            most = min(HUNG_SECONDS, limit / 2, self._plan.checks[check].timeout or HUNG_SECONDS)
            yield self._batches.one([check], most)

    def _of_passed(
        self, chosen: Sequence[Result], measuring: Measuring, cpus: int, deadline: Deadline, *, beside: bool
    ) -> list[Batch]:
        """Those in the files of failed checks, or all others, as far as there is time for them."""
        failing = [result.check.nodeid for result in chosen]
        files = {_file(nodeid) for nodeid in failing}
        ranked = most_telling(
            (each for each in self._candidates() if (each.path in files) is beside),
            failing=failing,
            suspects=self._suspects(chosen, measuring.measured),
            imports=self._imports,
        )
        left = deadline.left()
        fit = fitting(
            ranked, left * cpus / slowdown(), each=OVERHEAD_SECONDS, most=MOST_PASSED - len(measuring.measured)
        )
        checks = [candidate.check for candidate in fit]
        return self._batches.of(checks, parts=cpus, each=OVERHEAD_SECONDS, most=self._most(checks, left))

    def _candidates(self) -> Iterator[Candidate]:
        for result in self._results.values():
            if self._is_measurable(result, (Outcome.PASSED,)):
                nodeid, check = result.check.nodeid, result.check.index
                seconds = self._batches.seconds(check)
                yield Candidate(check=check, nodeid=nodeid, path=_file(nodeid), seconds=seconds)

    def _suspects(self, chosen: Iterable[Result], measured: Mapping[int, Measurement]) -> set[str]:
        """The files that failed checks have executed, or stood in."""
        suspects = {frame.path for result in chosen for frame in result.evidence.frames}
        for result in chosen:
            if result.check.index in measured:
                suspects.update(measured[result.check.index].lines)
        return suspects - self._imports.keys()

    def _most(self, checks: Iterable[int], limit: float) -> float:
        longest = max(map(self._batches.seconds, checks), default=0.0)
        return min(limit, max(CHECK_SECONDS, 10 * longest))

    def _seconds_of_files(self, failed: Iterable[Result]) -> float:
        files = {_file(result.check.nodeid) for result in failed}
        ran = (check for check, result in self._results.items() if _file(result.check.nodeid) in files)
        return sum(map(self._batches.seconds, ran))

    def _tick(self, done: int, limit: float) -> None:
        if not self._is_noted and time.monotonic() - self._begun > NOTED_SECONDS:
            self._is_noted = True
            self._note(
                f"looking for causes: {done} tests have been run again so far to see which lines they execute"
                f" (for {limit:.0f} s at most, Ctrl-C ends it)"
            )

    def _compared(
        self, failed: Iterable[Result], chosen: Iterable[Result], measured: Mapping[int, Measurement], missing: str
    ) -> Measured:
        """What counts, and why the rest does not."""
        unmeasured = {each.check.nodeid: "others that failed like it were measured" for each in failed}
        unmeasured |= {each.check.nodeid: "there was no time left" for each in chosen}
        for each in failed:
            if each.alone is not None and passes_alone(each.alone.outcome):
                unmeasured[each.check.nodeid] = "it passes when it runs alone"
        spectra = {}
        for check, measurement in measured.items():
            result = self._results[check]
            nodeid = result.check.nodeid
            unmeasured[nodeid] = measurement.fault or difference(result, measurement)
            if not unmeasured[nodeid]:
                del unmeasured[nodeid]
                spectra[nodeid] = measurement.lines
        return Measured(
            spectra=spectra,
            imports=self._imports,
            unmeasured=unmeasured,
            missing=missing,
            seconds=time.monotonic() - self._begun,
        )


def difference(result: Result, measurement: Measurement) -> str:
    """How a check has ended otherwise than it had before; empty if it has not."""
    if measurement.outcome is not result.outcome:
        return f"it {_ended(measurement.outcome)} while its lines were recorded"
    before, now = _exception(result.message), _exception(measurement.message)
    if result.outcome in (Outcome.FAILED, Outcome.ERROR) and before != now:
        return f"it failed by {now or 'an assertion'} while its lines were recorded, not by {before or 'an assertion'}"
    return ""


def spread(failed: Iterable[Result]) -> list[Result]:
    """The same, so that the first ones have failed in as many ways as possible."""
    alike: dict[object, list[Result]] = {}
    for result in failed:
        frames = result.evidence.frames
        alike.setdefault((_exception(result.message), frames[-1:], _file(result.check.nodeid)), []).append(result)
    return [result for turn in zip_longest(*alike.values()) for result in turn if result is not None]


def _ended(outcome: Outcome) -> str:
    return {Outcome.TIMED_OUT: "took too long", Outcome.ERROR: "ended in an error"}.get(outcome, str(outcome))


def _exception(message: str) -> str:
    """The name of the exception that a message begins with; empty for an assertion's."""
    found = _EXCEPTION.match(message)
    return "" if found is None or found[0] == "AssertionError" else found[0]


def _file(nodeid: str) -> str:
    return nodeid.partition("::")[0]
