"""Random generators that are not seeded: a serial run has one of each, and no two workers may draw the same from it.

One that was given a seed draws the same in every process, as it would in a serial run. For those that plugins have made
before they could be recorded it is not known: they count as unseeded, as they mostly are, unless a seed is given later.
"""

from __future__ import annotations

import gc
import random
import sys
from typing import Any, Final
from weakref import WeakValueDictionary

_NUMPYS_BYTES: Final = 16
"""The bytes that numpy requests of the system when it is given no seed."""


_GIVEN_BITS: Final = 64
"""Seeds that people give have at most this many bits; those of the system have twice as many."""
_KNOWN: Final = ("random", "tempfile", "faker")
"""Packages with generators that are handled elsewhere."""

_SEQUENCE: Final = slice(8, 10)
_SEQUENCE_BITS: Final = 0x3FFF
"""The place of the clock sequence in the bytes of a UUID, below two bits for its kind."""


class Generators:
    """Records, from `begin` to `end`, which instances of `random.Random` are seeded, and which seeds the system
    gave.
    """

    def __init__(self) -> None:
        self._unseeded: WeakValueDictionary[int, random.Random] = WeakValueDictionary()
        self._seeded: WeakValueDictionary[int, random.Random] = WeakValueDictionary()
        self._class: Any = random.Random
        self._seed = random.Random.seed
        self._module: Any = random
        self._urandom = self._module._urandom  # noqa: SLF001
        self._from_system: set[int] = set()
        self._numpys: list[Any] = []
        self._early: list[Any] = []

    def begin(self) -> None:
        self._note_early()
        seed, seeded, unseeded = self._seed, self._seeded, self._unseeded
        urandom, from_system = self._urandom, self._from_system

        def noted(generator: random.Random, a: Any = None, version: int = 2) -> None:
            seed(generator, a, version)
            this, other = (unseeded, seeded) if a is None else (seeded, unseeded)
            this[id(generator)] = generator
            other.pop(id(generator), None)

        def noted_bytes(size: int) -> bytes:
            given: bytes = urandom(size)
            if size == _NUMPYS_BYTES:
                from_system.add(int.from_bytes(given, "big"))
            return given

        self._class.seed = noted
        self._module._urandom = noted_bytes  # noqa: SLF001

    def _note_early(self) -> None:
        for generator in _generators_of_modules():
            self._unseeded[id(generator)] = generator
        shared = {id(bits) for bits in _bit_generators_of_numpy()}
        self._early = [
            bits
            for bits in _bit_generators()
            if id(bits) not in shared and (_entropy(bits) or 0).bit_length() > _GIVEN_BITS
        ]

    def end(self) -> None:
        self._class.seed = self._seed
        self._module._urandom = self._urandom  # noqa: SLF001
        known = {_entropy(bits) for bits in _bit_generators_of_numpy()}
        if self._from_system - known:  # it takes some milliseconds to find them
            self._numpys = _bit_generators()

    def renew(self) -> None:
        """In a fork: lets each unseeded generator draw other numbers."""
        for generator in list(self._unseeded.values()):
            generator.seed()
        shared = getattr(sys.modules.get("faker.generator"), "mod_random", None)
        if isinstance(shared, random.Random) and id(shared) not in self._seeded:
            shared.seed()
        for bits in self._numpys:
            if _entropy(bits) in self._from_system:
                bits.state = type(bits)().state
        for bits in self._early:
            if _entropy(bits) is not None:
                bits.state = type(bits)().state


def own_clock_sequence(number: int) -> None:
    """In a fork, a worker of this number: keeps two workers from making the same `uuid.uuid1()` at the same moment.

    The C library keeps one clock sequence for a process, and forks inherit it.
    """
    module: Any = sys.modules.get("uuid")
    generate = getattr(module, "_generate_time_safe", None)
    if generate is None:  # uuid then takes a sequence from `random`, or is not used yet
        return

    def generate_with_own_sequence() -> tuple[bytes, int | None]:
        made, safety = generate()
        sequence = int.from_bytes(made[_SEQUENCE], "big") ^ (number & _SEQUENCE_BITS)
        return made[: _SEQUENCE.start] + sequence.to_bytes(2, "big") + made[_SEQUENCE.stop :], safety

    module._generate_time_safe = generate_with_own_sequence  # noqa: SLF001


def _generators_of_modules() -> list[random.Random]:
    """The generators that installed modules hold by a name, pytest's and the interpreter's left out."""
    kinds = {random.Random, *random.Random.__subclasses__()} - {random.SystemRandom}
    left_out = {"_pytest", *_KNOWN, *sys.stdlib_module_names}  # a set: there are hundreds of both
    return [
        value
        for name, module in list(sys.modules.items())
        if name.partition(".")[0] not in left_out
        for value in list(getattr(module, "__dict__", {}).values())
        if type(value) in kinds
    ]


def _bit_generators_of_numpy() -> list[Any]:
    """The source of numpy's own generator, which is seeded in each worker by itself."""
    shared = getattr(sys.modules.get("numpy.random.mtrand"), "_rand", None)
    return [] if shared is None else [shared._bit_generator]  # noqa: SLF001


def _bit_generators() -> list[Any]:
    """The sources of all generators of numpy's, wherever they are referenced."""
    base = getattr(sys.modules.get("numpy.random.bit_generator"), "BitGenerator", None)
    kinds: frozenset[type] = frozenset(base.__subclasses__()) if isinstance(base, type) else frozenset()
    return [each for each in gc.get_objects() if type(each) in kinds] if kinds else []


def _entropy(bits: Any) -> int | None:
    """Its seed's entropy; None if that is no single number, or the generator has been seeded since."""
    seed = getattr(bits, "seed_seq", None) or getattr(bits, "_seed_seq", None)
    entropy = getattr(seed, "entropy", None)
    return entropy if isinstance(entropy, int) else None
