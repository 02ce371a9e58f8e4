"""Side data of reports: what plugins know of a report without having put it on the report.

Some keep it in a weak dictionary of one of their modules, with the report as the key. The report that the controller
publishes is another object in another process: its side data must cross the wire, and be stored for that object.

It comes as a pickle, and a worker need not be on this machine. So only instances of the classes of the plugin itself
are made of it, and of plain types: no function is called, and nothing is imported.
"""

from __future__ import annotations

import pickle
import sys
from collections import OrderedDict, defaultdict, deque
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final
from weakref import WeakKeyDictionary, getweakrefcount

import pytest

from pytest_parallel_agents.code_origin import is_of
from pytest_parallel_agents.early_bound import builtins, io
from pytest_parallel_agents.wire.guarded import guarded
from pytest_parallel_agents.wire.values import EXACT_TYPES, find_class

__builtins__ = builtins

SIDE_DATA: Final = "parallel_agents.beside"
"""Its key in a report's data."""

_PLAIN: Final = frozenset((*EXACT_TYPES, set, frozenset, OrderedDict, defaultdict, deque, list, dict))

_Named = tuple[str, str, "WeakKeyDictionary[Any, Any]"]
"""Module, name there, and the dictionary."""


is_noted: Final = getweakrefcount
"""Whether a report may have side data: asked for every phase of every check."""


class SideData:
    """The worker's side: the dictionaries in which something was found."""

    def __init__(self) -> None:
        self._known: list[_Named] = []

    def of(self, report: pytest.TestReport) -> dict[str, bytes]:
        """The side data of the report, by module and name of the dictionary. What cannot cross is left out."""
        if not is_noted(report):
            return {}
        if not any(report in dictionary for *_, dictionary in self._known):
            self._known += [named for named in _weak_dictionaries() if report in named[-1]]
        extra = {f"{module}:{name}": values[report] for module, name, values in self._known if report in values}
        packed = {place: guarded(partial(pickle.dumps, value), lambda _: b"") for place, value in extra.items()}
        return {place: data for place, data in packed.items() if data}


def restore(report: pytest.TestReport, extra: Mapping[str, bytes]) -> None:
    """The controller's side: stores it for this report, where the same modules are loaded."""
    for place, data in extra.items():
        module, _, name = place.partition(":")
        dictionary = getattr(sys.modules.get(module), name, None)
        if isinstance(dictionary, WeakKeyDictionary):
            dictionary[report] = _Reader(data, module).load()


class _Reader(pickle.Unpickler):
    """Reads a pickle of the side data of this module's plugin. Raises `pickle.UnpicklingError` on anything else."""

    def __init__(self, data: bytes, module: str) -> None:
        super().__init__(io.BytesIO(data))
        self._package = module.partition(".")[0]

    def find_class(self, module: str, name: str) -> type:
        found = find_class(module, name)
        of_plugin = is_of(module, self._package) and self._package not in sys.stdlib_module_names
        if found is None or not (of_plugin or found in _PLAIN):
            raise pickle.UnpicklingError(f"{module}.{name} is no class of {self._package}")
        return found


def _weak_dictionaries() -> Iterator[_Named]:
    """The weak dictionaries of all modules, each once."""
    seen = set()
    for module_name, module in list(sys.modules.items()):
        for name, value in list(getattr(module, "__dict__", {}).items()):
            if type(value) is WeakKeyDictionary and id(value) not in seen:
                seen.add(id(value))
                yield module_name, name, value
