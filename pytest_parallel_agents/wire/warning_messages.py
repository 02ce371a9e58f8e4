"""Recorded warnings, taken apart where they were given and put together where they are reported.

Nothing is imported and no warning class is called for it: a class may be defined in a function, need other arguments,
or not be imported in this process. An unknown class is replaced by one of the same name below the nearest class that is
known.
"""

from __future__ import annotations

import linecache
import tracemalloc
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from _pytest.tracemalloc import tracemalloc_message

from pytest_parallel_agents.early_bound import builtins, warnings
from pytest_parallel_agents.wire.guarded import guarded, safe_str
from pytest_parallel_agents.wire.values import find_class

__builtins__ = builtins

Name = tuple[str, str]
"""Module and qualified name of a class."""

_ROOT: Final[Name] = (Warning.__module__, Warning.__qualname__)


def take_apart(recorded: warnings.WarningMessage) -> dict[str, object]:
    """The parts that `put_together` needs. Raises nothing."""
    message: Any = recorded.message
    category: Any = recorded.category
    source = getattr(recorded, "source", None)
    return {
        "names": guarded(_names, lambda _: [_ROOT], type(message) if category is None else category),
        "text": safe_str(message),
        "arguments": guarded(lambda: tuple(message.args), lambda _: ()),
        "attributes": guarded(lambda: dict(vars(message)), lambda _: {}),
        "filename": safe_str(recorded.filename),
        "lineno": recorded.lineno if type(recorded.lineno) is int else 0,
        "line": None if recorded.line is None else safe_str(recorded.line),
        "has_source": source is not None,
        "allocated": guarded(lambda: tracemalloc_message(source), safe_str) if tracemalloc.is_tracing() else "",
    }


def put_together(data: Mapping[str, Any]) -> warnings.WarningMessage:
    """The warning as pytest would have recorded it here: its text, its place, and its class or a substitute."""
    category = _category(tuple((module, qualname) for module, qualname in data["names"]))
    message = guarded(
        lambda: _message(category, data["text"], data["arguments"], data["attributes"]),
        lambda _: _message_with_text(category, data["text"]),
    )
    line: str | None = data["line"]
    if data["allocated"]:  # pytest would look it up for an object that is not here
        line = f"{line or linecache.getline(data['filename'], data['lineno'])}\n{data['allocated']}"
    return warnings.WarningMessage(
        message,
        category,
        data["filename"],
        data["lineno"],
        line=line,
        source=_MissingSource() if data["has_source"] and not data["allocated"] else None,
    )


class _MissingSource:
    """In the place of the object that a ResourceWarning is about: pytest reports how to learn where that was
    allocated.
    """


def _names(category: Any) -> Sequence[Name]:
    """The class and those above it, up to Warning."""
    return [_name(each) for each in type.mro(category) if issubclass(each, Warning)] or [_ROOT]


def _name(kind: type) -> Name:
    return safe_str(kind.__module__), safe_str(kind.__qualname__)


@lru_cache(maxsize=1024)
def _category(names: tuple[Name, ...]) -> type[Warning]:
    known = ((place, find_class(*name)) for place, name in enumerate(names))
    nearest = ((place, found) for place, found in known if found is not None and issubclass(found, Warning))
    place, base = next(nearest, (len(names), Warning))
    return guarded(lambda: _below(base, names[:place]), lambda _: Warning)


def _below(base: type[Warning], names: Sequence[Name]) -> type[Warning]:
    """A class of the first of these names that extends `base`, or that itself if there are none."""
    if not names:
        return base
    module, qualname = names[0]
    return type(qualname.rpartition(".")[2], (base,), {"__module__": module, "__qualname__": qualname})


def _message(category: type[Warning], text: str, arguments: tuple[object, ...], attributes: Any) -> Warning:
    """An instance of the class itself, if its text is the same here."""
    message = category.__new__(category)
    message.args = arguments
    vars(message).update(attributes)
    return message if str(message) == text else _message_with_text(category, text)


def _message_with_text(category: Any, text: str) -> Warning:
    """An instance of a class below it with this `text`, whatever the class does with texts."""
    kind = guarded(lambda: _class_with_text(category), lambda _: _class_with_text(Warning))
    message: Warning = Warning.__new__(kind)
    message.args = (text,)
    return message


@lru_cache(maxsize=1024)
def _class_with_text(category: type[Warning]) -> type[Warning]:
    own = {"__module__": category.__module__, "__qualname__": category.__qualname__, "__str__": _first_argument}
    return type(category.__name__, (category,), own)


def _first_argument(warning: Warning) -> str:
    return str(warning.args[0])
