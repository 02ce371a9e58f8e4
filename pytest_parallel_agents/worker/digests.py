"""Digests of values that are the same in every process.

No code of the value's own class runs for it: a `repr` may ask a database. Of values that cannot be compared across
processes, such as a lock or most objects of extensions, only the type counts; of arrays the bytes count.
"""

from __future__ import annotations

import datetime as dt
import decimal
import enum
import fractions
import functools
import hashlib
import pathlib
import re
import types
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cache
from itertools import islice
from typing import Any, Final

_DEPTH: Final = 5
_MEMBERS: Final = 100
"""The depth of the search, and the number of members of each object: a parameter may hold a whole application."""

_PLAIN: Final = frozenset(
    (
        *(type(None), type(...), type(NotImplemented), bool, int, float, complex, str, bytes, bytearray, range),
        *(dt.date, dt.datetime, dt.time, dt.timedelta, dt.timezone),
        *(decimal.Decimal, fractions.Fraction, uuid.UUID, re.Pattern),
        *(pathlib.PurePosixPath, pathlib.PureWindowsPath, pathlib.PosixPath, pathlib.WindowsPath),
    )
)
_FUNCTION_DEPTH: Final = 2
"""The depth for a check's function: there may be thousands, and decorators leave all kinds of things in them."""
_MOST_BYTES: Final = 1024 * 1024
"""Of a larger array only the shape counts."""
_NAMED: Final = (type, types.FunctionType, types.BuiltinFunctionType, types.ModuleType)
_MEMBERS_OF: Final[dict[type, Callable[[Any], Iterable[Any]]]] = {
    str: lambda value: [str.__str__(value)],
    int: lambda value: [int.__int__(value)],
    float: lambda value: [float.__float__(value)],
    bytes: lambda value: [bytes.__getitem__(value, slice(None))],
    tuple: tuple.__iter__,
    list: list.__iter__,
    set: set.__iter__,
    frozenset: frozenset.__iter__,
    dict: dict.items,
    BaseException: BaseException.__dict__["args"].__get__,
    types.MethodType: lambda value: [value.__func__, value.__self__],
    functools.partial: lambda value: [value.func, value.args, value.keywords],
    slice: lambda value: [value.start, value.stop, value.step],
}
_UNORDERED: Final = {set, frozenset, dict}


class Digests:
    """Makes digests, and keeps those of values that many checks share."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[object, bytes]] = {}

    def of(self, value: object) -> bytes:
        """Eight bytes."""
        return self._of(value, _DEPTH)

    def of_function(self, function: types.FunctionType) -> bytes | None:
        """Eight bytes, of a shallow search; None if it holds no values, so that its name suffices."""
        if function.__closure__ is None and function.__defaults__ is None and function.__kwdefaults__ is None:
            return None
        return self._of(function, _FUNCTION_DEPTH)

    def _of(self, value: object, depth: int) -> bytes:
        known = self._known.get(id(value))
        if known is None:
            known = self._known[id(value)] = value, _digest(value, depth)
        return known[1]


def _digest(value: object, depth: int) -> bytes:
    try:
        text = _describe(value, depth)
    except Exception:  # noqa: BLE001 - a kind of value that is not foreseen
        text = str(type(value))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def _describe(value: Any, depth: int) -> str:
    kind = type(value)
    if kind in _PLAIN:
        return f"{kind.__name__}:{value!r}"
    name = f"{kind.__module__}.{kind.__qualname__}"
    if issubclass(kind, enum.Enum):
        return f"{name}.{value._name_}"
    if issubclass(kind, _NAMED):
        held = ",".join(_held(value, depth - 1)) if kind is types.FunctionType and depth else ""
        return f"{name}:{_name(value)}({held})"
    return f"{name}({','.join(_members(value, kind, depth - 1))})" if depth else name


def _name(value: Any) -> str:
    """Lambdas have one name, so that the line counts too."""
    line = value.__code__.co_firstlineno if isinstance(value, types.FunctionType) else ""
    return f"{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', value.__name__)}:{line}"


def _held(function: types.FunctionType, depth: int) -> Iterator[str]:
    """Values that distinguish functions which one line makes in a loop."""
    for cell in function.__closure__ or ():
        with suppress(ValueError):  # it is empty
            yield _describe(cell.cell_contents, depth)
    yield _describe(function.__defaults__, depth)
    yield _describe(function.__kwdefaults__, depth)


def _members(value: Any, kind: type, depth: int) -> Iterator[str]:
    """The members of a container, whatever the order in a set or a dictionary, and the attributes of an object."""
    for base in _containers(kind):
        described = [_describe(member, depth) for member in islice(_MEMBERS_OF[base](value), _MEMBERS)]
        yield from sorted(described) if base in _UNORDERED else described
    yield from _array(value, kind)
    for name, content in islice(_attributes(value, kind), _MEMBERS):
        yield f"{name}={_describe(content, depth)}"


def _array(value: Any, kind: type) -> Iterator[str]:
    """The content of an extension's array, unless it holds references."""
    if any(isinstance(vars(base).get("__buffer__"), types.FunctionType) for base in kind.__mro__):
        return
    with suppress(TypeError, ValueError, BufferError), memoryview(value) as view:
        small = view.nbytes <= _MOST_BYTES and "O" not in view.format
        yield f"{view.format}{view.shape}{view.tobytes().hex() if small else ''}"


def _attributes(value: Any, kind: type) -> Iterator[tuple[str, Any]]:
    for name, slot in _slots(kind):
        try:
            yield name, slot.__get__(value)
        except AttributeError:  # it is empty
            continue
    try:
        own = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return
    yield from sorted((str(name), content) for name, content in dict.items(own))


@cache
def _containers(kind: type) -> tuple[type, ...]:
    return tuple(base for base in _MEMBERS_OF if issubclass(kind, base))


@cache
def _slots(kind: type) -> tuple[tuple[str, types.MemberDescriptorType], ...]:
    return tuple(
        (name, member)
        for base in kind.__mro__
        if "__slots__" in vars(base)
        for name, member in sorted(vars(base).items())
        if isinstance(member, types.MemberDescriptorType)
    )
