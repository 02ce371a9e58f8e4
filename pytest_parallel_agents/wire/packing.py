"""Values on the wire: any Python value becomes bytes and back, whatever a plugin has put into it.

MessagePack alone would turn tuples into lists and refuse unknown types. Reports must survive both: pytest itself
recognizes a skip by its tuple, and a report with content that cannot be serialized must not end the run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final

import msgspec
from msgspec.msgpack import Ext

from pytest_parallel_agents.early_bound import builtins
from pytest_parallel_agents.wire.guarded import guarded
from pytest_parallel_agents.wire.values import describe, put_together, stand_in, take_apart

__builtins__ = builtins

_TUPLE: Final = 1
_SET: Final = 2
_FROZENSET: Final = 3
_SURROGATES: Final = 4
_BIG_INT: Final = 5
_MAPPING: Final = 6
_EXACT: Final = 7
_STAND_IN: Final = 8
_DEEPEST: Final = 60
_MOST_VALUES: Final = 2_000_000
"""A list of identical lists may unfold into more values than there are atoms."""

_LEAST_INT: Final = -(2**63)
_MOST_INT: Final = 2**64 - 1

_encoder = msgspec.msgpack.Encoder()


def pack(value: object) -> bytes:
    """Bytes of `value`. Raises nothing.

    Built-in types, immutable ones of the standard library and members of enumerations come back as they are. Anything
    else comes back as a stand-in that is written as the value is.
    """
    return _encoder.encode(_Packing(lambda _: None).plain(value, 0))


def pack_fields(fields: dict[str, Any], on_stand_in: Callable[[str, object], None]) -> bytes:
    """Bytes of a dictionary, as `pack` makes them. `on_stand_in` gets the name of the field, too."""
    plain = {name: _Packing(partial(on_stand_in, name)).plain(value, 1) for name, value in fields.items()}
    try:
        return _encoder.encode(plain)
    except (TypeError, UnicodeEncodeError):  # a name that is no text
        return pack(fields)


def unpack(data: bytes) -> object:
    """The value that `pack` was given. Raises `msgspec.DecodeError` on anything else."""
    try:
        return _decoder.decode(data)
    except (ValueError, TypeError, RecursionError) as error:  # ill-formed text, a list as a key, endless nesting
        raise msgspec.DecodeError(str(error)) from error


class _Packing:
    """One value that is being packed."""

    def __init__(self, on_stand_in: Callable[[object], None]) -> None:
        self._on_stand_in = on_stand_in
        self._left = _MOST_VALUES

    def plain(self, value: object, depth: int) -> object:
        """`value` in types that MessagePack knows."""
        kind = type(value)
        if value is None or kind in _AS_THEY_ARE:
            return value
        self._left -= 1
        plainer = _PLAINER.get(kind)
        if plainer is not None and depth <= _DEEPEST and self._left > 0:
            return plainer(self, value, depth + 1)
        if plainer is not None:
            return f"<{kind.__name__} in too many others>"
        return guarded(lambda: self._other(value, depth + 1), lambda _: self._stand_in(value, depth + 1))

    def _other(self, value: object, depth: int) -> object:
        parts = take_apart(value)
        if parts is None:
            return self._stand_in(value, depth)
        return self.extended(_EXACT, (parts, describe(value)), depth)

    def _stand_in(self, value: object, depth: int) -> object:
        self._on_stand_in(value)
        content = guarded(lambda: _content(value), lambda _: None)
        return self.extended(_STAND_IN, (describe(value), content), depth)

    def extended(self, code: int, values: Iterable[object], depth: int) -> Ext:
        return Ext(code, _encoder.encode([self.plain(value, depth) for value in values]))


def _content(value: object) -> object:
    """The built-in value of an instance of a subclass of a built-in type; None for others."""
    base = next((base for base in type(value).__mro__ if base in _CONTENT), None)
    return None if base is None else _CONTENT[base](value)


def _text(_packing: _Packing, text: str, _depth: int) -> object:
    try:
        text.encode()
    except UnicodeEncodeError:
        return Ext(_SURROGATES, text.encode("utf-8", "surrogatepass"))
    return text


def _int(_packing: _Packing, number: int, _depth: int) -> object:
    return number if _LEAST_INT <= number <= _MOST_INT else Ext(_BIG_INT, f"{number:x}".encode())


def _dict(packing: _Packing, items: dict[object, object], depth: int) -> object:
    if all(type(key) is str and type(_text(packing, key, depth)) is str for key in items):
        return {key: packing.plain(item, depth) for key, item in items.items()}
    return packing.extended(_MAPPING, items.items(), depth)


def _list(packing: _Packing, items: list[object], depth: int) -> object:
    return [packing.plain(item, depth) for item in items]


def _extended(code: int) -> Callable[[_Packing, Iterable[object], int], object]:
    return lambda packing, items, depth: packing.extended(code, items, depth)


def _restore(code: int, data: memoryview) -> object:
    if code in _CONTAINERS:
        return _CONTAINERS[code](_decoder.decode(data))
    if code == _SURROGATES:
        return bytes(data).decode("utf-8", "surrogatepass")
    if code == _BIG_INT:
        return int(bytes(data), 16)
    raise msgspec.DecodeError(f"unknown extension {code}")


def _exact(decoded: Any) -> object:
    parts, description = decoded
    return guarded(lambda: put_together(parts), lambda _: stand_in(description))


def _standing_in(decoded: Any) -> object:
    return stand_in(*decoded)


_AS_THEY_ARE: Final = frozenset({bool, float, bytes})
_PLAINER: Final[dict[type, Callable[[_Packing, Any, int], object]]] = {
    str: _text,
    int: _int,
    dict: _dict,
    list: _list,
    tuple: _extended(_TUPLE),
    set: _extended(_SET),
    frozenset: _extended(_FROZENSET),
}
_CONTENT: Final[dict[type, Callable[[Any], object]]] = {
    str: str.__str__,
    int: int.__int__,
    float: float.__float__,
    bytes: bytes.__bytes__,
    dict: lambda items: dict(dict.items(items)),
    list: lambda items: list(list.__iter__(items)),
    tuple: lambda items: tuple(tuple.__iter__(items)),
    set: lambda items: set(set.__iter__(items)),
    frozenset: lambda items: frozenset(frozenset.__iter__(items)),
}
_CONTAINERS: Final[dict[int, Callable[[Any], object]]] = {
    _TUPLE: tuple,
    _SET: set,
    _FROZENSET: frozenset,
    _MAPPING: dict,
    _EXACT: _exact,
    _STAND_IN: _standing_in,
}
_decoder = msgspec.msgpack.Decoder(ext_hook=_restore)
