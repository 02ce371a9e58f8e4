"""Random generators that nobody has seeded: a serial run has one of each, and no two workers may draw the same from it.

One that was given a seed draws the same in every process, as it would in a serial run.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from typing import Any, Final
from weakref import WeakValueDictionary

from pytest_parallel_agents.compat.code import is_project_file

_FROM_SYSTEM_BITS: Final = 64
"""A seed that numpy has from the system has 128 bits; one that somebody chose has fewer."""


class Generators:
    """Notes which instances of `random.Random` are seeded, from `begin` to `end`."""

    def __init__(self) -> None:
        self._unseeded: WeakValueDictionary[int, random.Random] = WeakValueDictionary()
        self._seeded: WeakValueDictionary[int, random.Random] = WeakValueDictionary()
        self._class: Any = random.Random
        self._seed = random.Random.seed

    def begin(self) -> None:
        seed, seeded, unseeded = self._seed, self._seeded, self._unseeded

        def noted(generator: random.Random, a: Any = None, version: int = 2) -> None:
            seed(generator, a, version)
            this, other = (unseeded, seeded) if a is None else (seeded, unseeded)
            this[id(generator)] = generator
            other.pop(id(generator), None)

        self._class.seed = noted

    def end(self) -> None:
        self._class.seed = self._seed

    def renew(self) -> None:
        """In a fork: have each that nobody has seeded draw other numbers."""
        for generator in list(self._unseeded.values()):
            generator.seed()
        shared = getattr(sys.modules.get("faker.generator"), "mod_random", None)
        if isinstance(shared, random.Random) and id(shared) not in self._seeded:
            shared.seed()
        if "numpy.random" in sys.modules:
            for bits in _numpys():
                bits.state = type(bits)().state


def _numpys() -> Iterator[Any]:
    """The sources of numpy's generators that the project's modules hold and nobody has seeded."""
    numpy: Any = sys.modules["numpy.random"]
    for module in list(sys.modules.values()):
        if not is_project_file(getattr(module, "__file__", None) or ""):
            continue
        for value in list(vars(module).values()):
            if isinstance(value, numpy.Generator | numpy.RandomState):
                bits = getattr(value, "bit_generator", None) or value._bit_generator  # noqa: SLF001
                if _is_from_system(bits):
                    yield bits


def _is_from_system(bits: Any) -> bool:
    seed = getattr(bits, "seed_seq", None) or getattr(bits, "_seed_seq", None)
    entropy = getattr(seed, "entropy", None)
    return isinstance(entropy, int) and entropy.bit_length() > _FROM_SYSTEM_BITS
