"""Fixtures that an item may request by name while it runs, as far as code and parameters show.

`request.getfixturevalue("db")` in a test, a fixture or a helper of theirs is in no closure. A name that is written in
the call is known. One that a variable holds is searched for among the texts of the code and the item's parameters. When
these name no fixture, or the name is computed, it may be any.
"""

from __future__ import annotations

import dis
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any, Final

import msgspec
import pytest

_CALLS: Final = frozenset({"getfixturevalue", "getfixture"})
"""The method of pytest's requests, and what it is called in doctests."""

_HOOKS: Final = (
    *("pytest_runtest_protocol", "pytest_runtest_setup", "pytest_runtest_call", "pytest_runtest_teardown"),
    *("pytest_pyfunc_call", "pytest_fixture_setup", "pytest_runtest_makereport"),
)
_CONTAINERS: Final = (list, tuple, set, frozenset, dict)
_MOST_ENTRIES: Final = 100
_DEEPEST: Final = 3
"""Names of fixtures are not kept in larger or deeper containers, and some hold all the data of a test."""

_IGNORED: Final = frozenset({"PRECALL", "PUSH_NULL", "KW_NAMES", "EXTENDED_ARG", "COPY", "POP_TOP", "NOP"})
_KEYWORD: Final = ("argname",)


class Requested(msgspec.Struct, frozen=True):
    """Names of fixtures that an item requests; with `others` it may request any that it sees."""

    names: frozenset[str] = frozenset()
    others: bool = False


NOTHING: Final = Requested()


class _Mentions(msgspec.Struct, frozen=True):
    """One function's mentions: names in its calls, texts that its variables may hold, the sources of other names."""

    names: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()
    by_variable: bool = False
    computed: bool = False


class Requests:
    """Reads functions, each once. `ignored` recognizes functions whose requests do not matter."""

    def __init__(self, ignored: Callable[[FunctionType], bool]) -> None:
        self._ignored = ignored
        self._reached: dict[tuple[FunctionType, type | None], Sequence[FunctionType]] = {}
        self._requesting: dict[tuple[FunctionType, type | None], bool] = {}
        self._read: dict[FunctionType, _Mentions] = {}
        self._hooks: dict[object, Sequence[FunctionType]] = {}
        self._idle: set[tuple[Any, type | None]] = set()

    def of(self, item: pytest.Item, definitions: Sequence[Any]) -> Requested:
        """The requests of `item` and the fixtures of these definitions; `NOTHING` if there are none."""
        names = lazy_names(item) if hasattr(item, "callspec") else frozenset()
        found = self._mentions(item, definitions)
        if not found:
            return Requested(names) if names else NOTHING
        likely: frozenset[str] = frozenset()
        if any(each.by_variable for each in found):
            texts = set(_texts(_parameters(item))).union(*(each.texts for each in found))  # one may be passed on
            likely = frozenset(text for text in texts if text.isidentifier() and visible_as(item, text))
        others = any(each.computed or (each.by_variable and not likely) for each in found)
        return Requested(names.union(likely, *(each.names for each in found)), others)

    def _mentions(self, item: pytest.Item, definitions: Sequence[Any]) -> list[_Mentions]:
        """The mentions of the functions that may take part in a request, if any makes one."""
        hooks = self._hooks_around(item)
        if not hooks and not hasattr(item, "dtest") and "request" not in getattr(item, "fixturenames", ()):
            return []  # nothing here uses pytest's request
        cls = _class(item)
        functions = [
            *hooks,
            *_own(item),
            *(each.func for each in definitions if (each, cls) not in self._idle),
        ]
        plain = [function for function in map(_plain, functions) if function is not None]
        if not any(self._requests(function, cls) for function in plain):
            self._idle.update((each, cls) for each in definitions)
            return []
        everything = (*plain, *filter(None, (_plain(each.func) for each in definitions)))
        return [
            self._mentions_of(each) for function in dict.fromkeys(everything) for each in self._reach(function, cls)
        ]

    def _hooks_around(self, item: pytest.Item) -> Sequence[FunctionType]:
        """Functions of conftests that request fixtures for the items of this file or class while they run."""
        if item.parent not in self._hooks:
            found = (_plain(each.function) for name in _HOOKS for each in _implementations(item, name))
            self._hooks[item.parent] = [hook for hook in found if hook is not None and self._requests(hook, None)]
        return self._hooks[item.parent]

    def _mentions_of(self, function: FunctionType) -> _Mentions:
        if function not in self._read:
            self._read[function] = _mentions(function)
        return self._read[function]

    def _requests(self, function: FunctionType, cls: type | None) -> bool:
        """Whether the function or a helper of it requests a fixture."""
        key = function, cls
        if key not in self._requesting:
            self._requesting[key] = any(map(_calls, self._reach(function, cls)))
        return self._requesting[key]

    def _reach(self, function: FunctionType, cls: type | None) -> Sequence[FunctionType]:
        """A function, and the helpers that it calls."""
        key = function, cls
        if key not in self._reached:
            seen: dict[FunctionType, None] = {}
            pending = [function]
            while pending:
                current = pending.pop()
                if current not in seen and not self._ignored(current):
                    seen[current] = None
                    pending.extend(_helpers(current, cls))
            self._reached[key] = tuple(seen)
        return self._reached[key]


def visible_as(item: pytest.Item, name: str) -> Sequence[Any]:
    """The definitions of this name that the item sees, the innermost last."""
    manager: Any = item.session._fixturemanager  # noqa: SLF001
    return manager.getfixturedefs(name, item) or ()


def lazy_names(item: pytest.Item) -> frozenset[str]:
    """Names of the fixtures that stand as objects of their own among the item's parameters."""
    return frozenset(value.name for value in _parameters(item) if _is_lazy(value))


def _own(item: pytest.Item) -> Iterator[Any]:
    """The function that the item runs, or the examples of a doctest as one."""
    doctest = getattr(item, "dtest", None)
    if doctest is None:
        yield getattr(item, "obj", None)
        return
    source = "".join(example.source for example in doctest.examples)
    if any(call in source for call in _CALLS):
        try:
            yield FunctionType(compile(source, item.nodeid, "exec"), doctest.globs)
        except (SyntaxError, ValueError):
            return  # its run will report that


def _implementations(item: pytest.Item, hook: str) -> Iterator[Any]:
    """Those of conftests: requests of other plugins are their own."""
    for implementation in getattr(item.ihook, hook).get_hookimpls():
        plugin = implementation.plugin
        if isinstance(plugin, ModuleType) and Path(plugin.__file__ or "").name == "conftest.py":
            yield implementation


def _class(item: pytest.Item) -> type | None:
    function: Any = getattr(item, "obj", None)
    return type(function.__self__) if issubclass(type(function), MethodType) else None


def _plain(function: Any) -> FunctionType | None:
    """The Python function within methods, partial objects and the like. A proxy of something else is not unwrapped."""
    while not issubclass(type(function), FunctionType):
        if issubclass(type(function), partial):
            function = function.func
        elif issubclass(type(function), (MethodType, staticmethod, classmethod)):
            function = function.__func__
        elif issubclass(type(function), property):
            function = function.fget
        else:
            return None
    found: FunctionType = function
    return found


def _helpers(function: FunctionType, cls: type | None) -> Iterator[FunctionType]:
    """Functions that this one may call: what it wraps or encloses, those of its module, those of the test's class.

    Functions from elsewhere are read only if they request something themselves, so that no library is searched.
    """
    for value in (vars(function).get("__wrapped__"), *_enclosed(function)):
        if (inner := _plain(value)) is not None:
            yield inner
    names = {name for code in _codes(function.__code__) for name in code.co_names}
    for name in names:
        helper = _plain(function.__globals__.get(name))
        if helper is not None and (helper.__globals__ is function.__globals__ or _calls(helper)):
            yield helper
        method = _plain(_attribute(cls, name))
        if method is not None:
            yield method


def _attribute(cls: type | None, name: str) -> Any:
    """The class's attribute of this name, as it is written there."""
    bases = () if cls is None else cls.__mro__
    return next((vars(base)[name] for base in bases if name in vars(base)), None)


def _enclosed(function: FunctionType) -> Iterator[Any]:
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:  # it is still empty
            continue


def _codes(code: CodeType) -> Iterator[CodeType]:
    """A function's code and all that is nested in it: lambdas, comprehensions, inner functions."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _calls(function: FunctionType) -> bool:
    return any(
        not _CALLS.isdisjoint(code.co_names) or not _CALLS.isdisjoint(_texts(code.co_consts))
        for code in _codes(function.__code__)
    )


def _mentions(function: FunctionType) -> _Mentions:
    codes = list(_codes(function.__code__))
    texts = {text for code in codes for text in _texts(code.co_consts)}
    texts |= {text for code in codes for name in code.co_names for text in _texts([function.__globals__.get(name)])}
    texts |= set(_texts(_enclosed(function))) | set(_texts(function.__defaults__ or ()))
    arguments = [argument for code in codes for argument in _arguments(code)]
    return _Mentions(
        names=frozenset(argument for argument in arguments if isinstance(argument, str)),
        texts=frozenset(texts),
        by_variable=True in arguments or not _CALLS.isdisjoint(texts),
        computed=False in arguments,
    )


def _arguments(code: CodeType) -> Iterator[str | bool]:
    """The argument of each request in this code: its text, or whether it is a variable and not computed."""
    if _CALLS.isdisjoint(code.co_names):
        return
    instructions = [each for each in dis.get_instructions(code) if each.opname not in _IGNORED]
    for place, instruction in enumerate(instructions):
        if instruction.opname != "LOAD_CONST" and instruction.argval in _CALLS:
            yield _argument(instructions[place + 1 :])


def _argument(following: Iterable[dis.Instruction]) -> str | bool:
    loaded = []
    for instruction in following:
        if instruction.opname.startswith("CALL"):
            break
        if instruction.argval != _KEYWORD:
            loaded.append(instruction)
    if len(loaded) == 1 and loaded[0].opname == "LOAD_CONST" and isinstance(loaded[0].argval, str):
        return loaded[0].argval
    return all(map(_is_variable, loaded))


def _is_variable(instruction: dis.Instruction) -> bool:
    """Whether it only loads a value, or chooses among such. A load of a method or function calls it."""
    name = instruction.opname
    if name.startswith("LOAD_"):
        return name != "LOAD_METHOD" and "NULL" not in instruction.argrepr
    return name.startswith("STORE_") or "JUMP" in name


def _texts(values: Iterable[Any]) -> Iterator[str]:
    return (value for value in _values(values) if type(value) is str)


def _values(values: Iterable[Any], depth: int = 0) -> Iterator[Any]:
    """Values, and those within containers among them."""
    for value in values:
        if type(value) not in _CONTAINERS:
            yield value
        elif depth < _DEEPEST and len(value) <= _MOST_ENTRIES:
            yield from _values([*value, *value.values()] if type(value) is dict else value, depth + 1)


def _parameters(item: pytest.Item) -> Iterator[Any]:
    """The arguments of the item's function, beside fixtures."""
    function: Any = getattr(item, "obj", None)
    if issubclass(type(function), partial):
        yield from _values([*function.args, *function.keywords.values()])
    yield from _values(getattr(getattr(item, "callspec", None), "params", {}).values())


def _is_lazy(value: object) -> bool:
    """Whether it is an object of pytest-lazy-fixture or its successors."""
    name = type(value).__name__.replace("_", "").lower()
    return "lazyfixture" in name and isinstance(getattr(value, "name", None), str)
