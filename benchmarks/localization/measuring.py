"""Runs mutants until enough of them fail a test, packages by turns, and pairs of those that did."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, islice, zip_longest
from pathlib import Path
from typing import Final

import msgspec

from benchmarks.localization.edits import STUCK
from benchmarks.localization.mutation import Candidate, seeded
from benchmarks.localization.packages import Originals
from benchmarks.localization.reading import failing_tests, is_readable, judged
from benchmarks.localization.trials import Status, Store, Trial, Tried, attempt

MOST_TRIES: Final = 200
"""Mutants of one package."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A trial that failed, and what made it."""

    chosen: tuple[Candidate, ...]
    trial: Trial
    tried: Tried

    @property
    def failing(self) -> frozenset[str]:
        return failing_tests(self.tried.report)


class Laboratory:
    """Tries what is not in the store, or whose report is of another form. `version`: that of what is tried; `note`
    shows each trial to people.

    After `seconds` nothing new is tried. With `again`, failures that another version had run once more until then.
    """

    def __init__(
        self, store: Store, workspaces: Path, *, version: str, seconds: float, again: bool, note: Callable[[str], None]
    ) -> None:
        self._store, self._workspaces, self._version, self._again, self._note = store, workspaces, version, again, note
        self._deadline = time.monotonic() + seconds
        self.ended: Counter[tuple[str, Status]] = Counter()
        """How many trials of each group have ended how, those of former runs included."""

    def tried(self, trial: Trial) -> Tried | None:
        """How the trial ends; None when there is no time left to find out."""
        found = self._found(trial)
        if found is not None:
            self.ended[trial.fault.group, found.status] += 1
        return found

    def _found(self, trial: Trial) -> Tried | None:
        kept = self._store.find(trial)
        if kept is not None and kept.status == Status.FAILED and not is_readable(kept.report):
            kept = None
        is_stale = self._again and kept is not None and kept.status == Status.FAILED and kept.version != self._version
        if (kept is not None and not is_stale) or time.monotonic() > self._deadline:
            return kept
        workspace = self._workspaces / trial.fault.group
        workspace.mkdir(parents=True, exist_ok=True)
        found = msgspec.structs.replace(attempt(trial, workspace, judge=judged), version=self._version)
        self._store.keep(trial, found)
        self._note(f"{found.status:7} {found.seconds:5.1f} s  {trial.fault.name}")
        return found


def single_faults(
    packages: Sequence[Originals], laboratory: Laboratory, *, wanted: int, seed: int
) -> Sequence[Failure]:
    """Mutants that fail a test, about as many of each package."""
    return list(islice(_by_turns([_failures(package, laboratory, seed) for package in packages]), wanted))


def pairs(
    singles: Sequence[Failure], packages: Mapping[str, Originals], laboratory: Laboratory, *, wanted: int, seed: int
) -> Sequence[Failure]:
    """Two faults in two functions of a package, each of which fails a test that the other one alone does not."""
    by_package: dict[str, list[Failure]] = {name: [] for name in packages}
    for single in singles:
        by_package[single.trial.fault.group].append(single)
    sources = [_pairs_of(of_package, packages[name], laboratory, seed) for name, of_package in by_package.items()]
    return list(islice(_by_turns(sources), wanted))


def _failures(package: Originals, laboratory: Laboratory, seed: int) -> Iterator[Failure]:
    for candidate in islice(package.candidates(seed), MOST_TRIES):
        trial = package.trial([candidate])
        if trial is None:
            continue
        tried = laboratory.tried(trial)
        if tried is None:
            return
        if tried.status == Status.FAILED:
            yield Failure(chosen=(candidate,), trial=trial, tried=tried)


def _pairs_of(singles: Sequence[Failure], package: Originals, laboratory: Laboratory, seed: int) -> Iterator[Failure]:
    failing = {single.trial.key: single.failing for single in singles}
    drawn = list(combinations([each for each in singles if each.trial.fault.kind != STUCK], 2))
    seeded(seed, "pairs").shuffle(drawn)
    for left, right in drawn:
        of_left, of_right = failing[left.trial.key], failing[right.trial.key]
        own = of_left - of_right, of_right - of_left
        if left.trial.fault.functions & right.trial.fault.functions or not all(own):
            continue
        chosen = (*left.chosen, *right.chosen)
        trial = package.trial(chosen)
        if trial is None:
            continue
        tried = laboratory.tried(trial)
        if tried is None:
            return
        both = Failure(chosen=chosen, trial=trial, tried=tried)
        if tried.status == Status.FAILED and all(each & both.failing for each in own):
            yield both


def _by_turns(sources: Sequence[Iterator[Failure]]) -> Iterator[Failure]:
    return (each for each in chain.from_iterable(zip_longest(*sources)) if each is not None)
