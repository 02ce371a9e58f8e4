"""What plugins know of a report without having put it on the report.

Some keep it in a weak dictionary of one of their modules, with the report as the key. The report that the controller
tells of is another object in another process: what is kept for it has to come along, and to be kept for that one.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final
from weakref import WeakKeyDictionary, getweakrefcount

import pytest

from pytest_parallel_agents.early_bound import builtins
from pytest_parallel_agents.wire.guarded import guarded

__builtins__ = builtins

BESIDE: Final = "parallel_agents.beside"
"""Name under which a report's data carry it."""

_Named = tuple[str, str, "WeakKeyDictionary[Any, Any]"]
"""Module, name there, and the dictionary."""


is_noted: Final = getweakrefcount
"""Whether somebody may know more of a report than what is on it: it is asked for every phase of every check."""


class Kept:
    """The worker's side: knows the dictionaries in which something was found."""

    def __init__(self) -> None:
        self._known: list[_Named] = []

    def of(self, report: pytest.TestReport) -> dict[str, bytes]:
        """What is kept for the report, by module and name of the dictionary. What cannot cross is left out."""
        if not is_noted(report):
            return {}
        if not any(report in dictionary for *_, dictionary in self._known):
            self._known += [named for named in _weak_dictionaries() if report in named[-1]]
        kept = {f"{module}:{name}": values[report] for module, name, values in self._known if report in values}
        packed = {place: guarded(partial(pickle.dumps, value), lambda _: b"") for place, value in kept.items()}
        return {place: data for place, data in packed.items() if data}


def keep(report: pytest.TestReport, kept: Mapping[str, bytes]) -> None:
    """The controller's side: keep it for this report, where the same modules are loaded."""
    for place, data in kept.items():
        module, _, name = place.partition(":")
        dictionary = getattr(sys.modules.get(module), name, None)
        if isinstance(dictionary, WeakKeyDictionary):
            # It comes from our own worker, which runs the project's code with the same rights.
            dictionary[report] = pickle.loads(data)  # noqa: S301 # nosec B301


def _weak_dictionaries() -> Iterator[_Named]:
    """Those of all modules, each once."""
    seen = set()
    for module_name, module in list(sys.modules.items()):
        for name, value in list(getattr(module, "__dict__", {}).items()):
            if type(value) is WeakKeyDictionary and id(value) not in seen:
                seen.add(id(value))
                yield module_name, name, value
