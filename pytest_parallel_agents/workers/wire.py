"""Values on the wire: any Python value becomes bytes and back, whatever a plugin has put into it.

MessagePack alone would turn tuples into lists and refuse what it does not know. Reports must survive both: pytest
itself tells a skip by its tuple, and a report with content that will not serialize must not end the run.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec
from msgspec.msgpack import Ext

_TUPLE: Final = 1
_SET: Final = 2
_FROZENSET: Final = 3
_SURROGATES: Final = 4
_BIG_INT: Final = 5
_MAPPING: Final = 6
_DEEPEST: Final = 60
_LEAST_INT: Final = -(2**63)
_MOST_INT: Final = 2**64 - 1

_encoder = msgspec.msgpack.Encoder()


def pack(value: object) -> bytes:
    """Bytes of `value`. Built-in types come back as they are, anything else as its `repr`."""
    return _encoder.encode(_plain(value, 0))


def unpack(data: bytes) -> object:
    """The value that `pack` was given. Raises `msgspec.DecodeError` on anything else."""
    try:
        return _decoder.decode(data)
    except (ValueError, TypeError, RecursionError) as error:  # ill-formed text, a list as a key, endless nesting
        raise msgspec.DecodeError(str(error)) from error


def _plain(value: object, depth: int) -> object:
    """`value` in what MessagePack knows. A subclass of a built-in type becomes that type."""
    if value is None or isinstance(value, bool | float | bytes):
        return value
    if depth <= _DEEPEST:
        for kind, plainer in _PLAINER.items():
            if isinstance(value, kind):
                return plainer(value, depth + 1)
    return _text(_safe_repr(value), depth)


def _text(text: str, _depth: int) -> object:
    try:
        text.encode()
    except UnicodeEncodeError:
        return Ext(_SURROGATES, text.encode("utf-8", "surrogatepass"))
    return str.__str__(text)


def _int(number: int, _depth: int) -> object:
    return int(number) if _LEAST_INT <= number <= _MOST_INT else Ext(_BIG_INT, str(int(number)).encode())


def _dict(items: dict[object, object], depth: int) -> object:
    if all(type(key) is str and type(_text(key, depth)) is str for key in items):
        return {key: _plain(item, depth) for key, item in items.items()}
    pairs = [(_plain(key, depth), _plain(item, depth)) for key, item in items.items()]
    return Ext(_MAPPING, _encoder.encode(pairs))


def _list(items: list[object], depth: int) -> object:
    return [_plain(item, depth) for item in items]


def _extended(code: int) -> Callable[[tuple[object, ...], int], object]:
    return lambda items, depth: Ext(code, _encoder.encode([_plain(item, depth) for item in items]))


def _safe_repr(value: object) -> str:
    try:
        return repr(value)
    except Exception as error:  # noqa: BLE001 - a foreign __repr__ may raise anything
        return f"<{type(value).__name__} whose repr raised {type(error).__name__}>"


def _restore(code: int, data: memoryview) -> object:
    if code in _CONTAINERS:
        return _CONTAINERS[code](_decoder.decode(data))
    if code == _SURROGATES:
        return bytes(data).decode("utf-8", "surrogatepass")
    if code == _BIG_INT:
        return int(bytes(data))
    raise msgspec.DecodeError(f"unknown extension {code}")


_PLAINER: Final[dict[type, Callable[..., object]]] = {
    str: _text,
    int: _int,
    dict: _dict,
    list: _list,
    tuple: _extended(_TUPLE),
    set: _extended(_SET),
    frozenset: _extended(_FROZENSET),
}
_CONTAINERS: Final[dict[int, Callable[..., object]]] = {_TUPLE: tuple, _SET: set, _FROZENSET: frozenset, _MAPPING: dict}
_decoder = msgspec.msgpack.Decoder(ext_hook=_restore)
