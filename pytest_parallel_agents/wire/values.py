"""Values that MessagePack does not know, taken apart in one process and put together in another.

Immutable values of the standard library and members of enumerations come back as they were. Anything else comes as a
stand-in, which is written as the value was: it has the same `str`, `repr`, `format` and type name, and it is an
instance of the same built-in type if the value was one.
"""

from __future__ import annotations

import ipaddress
import sys
from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import EnumType
from fractions import Fraction
from functools import lru_cache
from pathlib import PosixPath, PurePosixPath, PureWindowsPath, WindowsPath
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from pytest_parallel_agents.early_bound import builtins
from pytest_parallel_agents.wire.guarded import guarded, safe_repr, safe_str

__builtins__ = builtins

Parts = tuple[object, ...]
"""Plain values, or values that can be taken apart in turn."""


def _text(value: object) -> Parts:
    return (str(value),)


def _reduced(value: Any) -> Parts:
    """The arguments that pickle would keep: bytes and a time zone, which keep all that these types hold."""
    parts: Parts = value.__reduce_ex__(4)[1]
    return parts


_EXACT: Final[dict[type, Callable[[Any], Parts]]] = {
    Decimal: _text,
    Fraction: lambda value: (value.numerator, value.denominator),
    date: _reduced,
    datetime: _reduced,
    time: _reduced,
    timedelta: lambda value: (value.days, value.seconds, value.microseconds),
    timezone: _reduced,
    ZoneInfo: lambda value: (value.key,),
    complex: lambda value: (value.real, value.imag),
    range: lambda value: (value.start, value.stop, value.step),
    UUID: _text,
    bytearray: lambda value: (bytes(value),),
    **dict.fromkeys((PosixPath, PurePosixPath, PureWindowsPath, WindowsPath), _text),
    **dict.fromkeys((ipaddress.IPv4Address, ipaddress.IPv4Interface, ipaddress.IPv4Network), _text),
    **dict.fromkeys((ipaddress.IPv6Address, ipaddress.IPv6Interface, ipaddress.IPv6Network), _text),
}
"""By type, so that a test that replaces one of them in a module replaces nothing here."""

EXACT_TYPES: Final = frozenset(_EXACT)
"""Types whose values come back as they were."""

_MEMBER: Final = "enum"
_BY_NAME: Final[dict[str, type]] = {f"{kind.__module__}.{kind.__qualname__}": kind for kind in _EXACT}


class StandIn:
    """Is written like a value of another process that could not cross."""

    written: tuple[str, str, str]
    """The value's `str`, `repr` and `format`."""

    def __str__(self) -> str:
        return self.written[0]

    def __repr__(self) -> str:
        return self.written[1]

    def __format__(self, spec: str) -> str:
        if not spec:
            return self.written[2]
        return super().__format__(spec) if isinstance(self, int | float) else format(self.written[0], spec)


def take_apart(value: Any) -> Parts | None:
    """The parts from which `put_together` makes the value itself; None when only a stand-in is possible."""
    kind: Any = type(value)
    parts = _EXACT.get(kind)
    if parts is not None:
        return (f"{kind.__module__}.{kind.__qualname__}", *parts(value))
    if isinstance(kind, EnumType):
        name: str = value._name_
        return (_MEMBER, kind.__module__, kind.__qualname__, name) if kind._member_map_.get(name) is value else None
    return None


def put_together(parts: Parts) -> object:
    """The value. Raises an exception of any kind when it cannot be made here: its enumeration may not be known."""
    name, *arguments = parts
    if name == _MEMBER:
        module, qualname, member = map(str, arguments)
        kind: Any = find_class(module, qualname)
        return kind._member_map_[member]
    return _BY_NAME[str(name)](*arguments)


def describe(value: object) -> Parts:
    """The parts that `stand_in` needs, whatever the value is. Raises nothing."""
    kind = type(value)
    text = safe_str(value)
    written = guarded(lambda: str.__str__(format(value, "")), lambda _: text)
    return safe_str(kind.__module__), safe_str(kind.__qualname__), text, safe_repr(value), written


def stand_in(parts: Parts, plain: object = None) -> object:
    """A stand-in for the described value, whose built-in type and content `plain` has."""
    module, qualname, *written = map(str, parts)
    base: Any = None if plain is None else type(plain)
    kind = _stand_in_class(module, qualname, base)
    made = kind() if plain is None else kind(plain)
    made.written = tuple(written)
    return made


def find_class(module: str, qualname: str) -> type | None:
    """The class of this name if it is there. Nothing is imported, and no code of a module or a class runs."""
    found: Any = sys.modules.get(module)
    for name in qualname.split("."):
        found = None if found is None else getattr(found, "__dict__", {}).get(name)
    return found if isinstance(found, type) else None


@lru_cache(maxsize=1024)
def _stand_in_class(module: str, qualname: str, base: type | None) -> Any:
    bases = (StandIn,) if base is None else (StandIn, base)
    return type(qualname.rpartition(".")[2], bases, {"__module__": module, "__qualname__": qualname})
