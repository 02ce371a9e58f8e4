"""Typed reading of TOML tables. Faults are collected, so that all of them are reported at once.

A reader reads each key that it knows and at the end calls `done()`, which reports the keys that were not read. A faulty
value is reported and its default returned, so that reading goes on.
"""

from __future__ import annotations

import difflib
import math
import re
import shlex
from collections.abc import Collection, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import TypeGuard, TypeVar

from pytest_parallel_agents.errors import AgentsError

Choice = TypeVar("Choice", bound=StrEnum)

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


class Table:
    """One TOML table.

    `where` is the file and the dotted name, as in `pyproject.toml: tool.x.agents.ruff`. `faults` is shared by all
    tables of one file; the readers add to it.
    """

    def __init__(self, values: Mapping[str, object], *, where: str, faults: list[AgentsError]) -> None:
        self.where = where
        self.faults = faults
        self._values = values
        self._known: list[str] = []
        self._refused: set[str] = set()

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def text(self, key: str, default: str = "") -> str:
        value = self._value(key)
        if value is None or isinstance(value, str):
            return default if value is None else value
        self._must_be(key, "a string", value)
        return default

    def given_text(self, key: str) -> str | None:
        """The value if it is a string; None for any other, which is no fault."""
        value = self._value(key)
        return value if isinstance(value, str) else None

    def texts(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        value = self._value(key)
        if value is None:
            return default
        if isinstance(value, list) and all(isinstance(element, str) for element in value):
            return tuple(value)
        remedy = f"write [{quoted(value)}]" if isinstance(value, str) else ""
        self._must_be(key, "a list of strings", value, hint=remedy)
        return default

    def command(self, key: str) -> tuple[str, ...]:
        """The words of a command: a list of them, or a string that is split as a shell would. Empty when absent."""
        value = self._value(key)
        if value is None:
            return ()
        words = self._split(key, value) if isinstance(value, str) else value
        if isinstance(words, list) and words and all(isinstance(word, str) for word in words):
            return tuple(words)
        if words is not None:
            self._must_be(key, "a command: a string or a list of strings", value)
        return ()

    def flag(self, key: str, *, default: bool = False) -> bool:
        given = self.given_flag(key)
        return default if given is None else given

    def given_flag(self, key: str) -> bool | None:
        """None when absent."""
        value = self._value(key)
        if value is None or isinstance(value, bool):
            return value
        self._must_be(key, "true or false", value)
        return None

    def share(self, key: str, default: float) -> float:
        """A finite number of at least zero: 0.02 for two in a hundred."""
        value = self._value(key)
        if _is_finite(value) and value >= 0:
            return float(value)
        if value is not None:
            self._must_be(key, "a number of at least 0", value)
        return default

    def given_share(self, key: str) -> float | None:
        """None when absent, or no share."""
        return self.share(key, 0.0) if self._value(key) is not None else None

    def number(self, key: str, default: float | None = None) -> float | None:
        """A finite number above zero."""
        value = self._value(key)
        if value is None:
            return default
        if _is_finite(value) and value > 0:
            return float(value)
        self._must_be(key, "a number above 0", value)
        return default

    def whole(self, key: str, default: int, *, minimum: int) -> int:
        value = self._value(key)
        if value is None or _is_whole(value, minimum):
            return default if value is None else value
        self._must_be(key, f"a whole number of at least {minimum}", value)
        return default

    def given_whole(self, key: str, *, minimum: int) -> int | None:
        """None when absent."""
        value = self._value(key)
        if value is None or _is_whole(value, minimum):
            return value
        self._must_be(key, f"a whole number of at least {minimum}", value)
        return None

    def whole_or(self, key: str, words: Mapping[str, int | None], *, minimum: int) -> int | None:
        """A whole number, or the value of one of the words; None when absent."""
        value = self._value(key)
        if value is None or _is_whole(value, minimum):
            return value
        if isinstance(value, str) and value in words:
            return words[value]
        named = "".join(f"{quoted(word)}, " for word in words).removesuffix(", ")
        self._must_be(key, f"{named} or a whole number of at least {minimum}", value)
        return None

    def names(self, key: str, *, minimum: int) -> tuple[str, ...]:
        """A list of at least so many different strings; a whole number N is short for "1" to "N". Empty when absent."""
        value = self._value(key)
        if _is_whole(value, minimum):
            return tuple(str(number) for number in range(1, value + 1))
        if isinstance(value, list) and len(value) >= minimum and all(isinstance(name, str) and name for name in value):
            self.refuse_repeated(key, value)
            return tuple(dict.fromkeys(value))
        if value is not None:
            self._must_be(key, f"a list of at least {minimum} names, or how many", value)
        return ()

    def word(self, key: str, options: Collection[str], default: str) -> str:
        """One of `options`, the valid words."""
        value = self.text(key, default)
        if value == default or value in options:
            return value
        self.fault(key, f"is {quoted(value)}, which is unknown", hint=nearest(value, options))
        return default

    def choice(self, key: str, options: type[Choice], default: Choice) -> Choice:
        return options(self.word(key, [option.value for option in options], default.value))

    def table(self, key: str) -> Table:
        """The sub-table; an empty one when absent."""
        return self._sub_table(key, self._value(key), expected="a table")

    def given_table(self, key: str) -> Table | None:
        """The value if it is a sub-table; None for any other, which is no fault."""
        value = self._value(key)
        return self.table(key) if isinstance(value, Mapping) else None

    def named_texts(self, key: str) -> dict[str, str]:
        """The sub-table whose keys are names that the user chose and whose values are strings."""
        table = self._sub_table(key, self._value(key), expected="a table of strings")
        return {name: table.text(name) for name in table}

    def named(self, key: str) -> Table:
        """The sub-table whose keys are names that the user chose; a list of names is short for an empty table each."""
        value = self._value(key)
        if isinstance(value, list):
            value = {name: {} for name in self._names(key, value)}
        remedy = f"write [{quoted(value)}]" if isinstance(value, str) else ""
        return self._sub_table(key, value, expected="a table or a list of names", hint=remedy)

    def tables(self) -> Iterator[tuple[str, Table]]:
        """Every key of this table with its sub-table, for tables whose keys are names that the user chose."""
        for key, value in self._values.items():
            sub_table = self.table(key)
            if isinstance(value, Mapping):
                yield key, sub_table

    def refuse_repeated(self, key: str, values: Sequence[str]) -> None:
        """Reports each of the values at `key` that occurs more than once."""
        for repeated in sorted({value for value in values if values.count(value) > 1}):
            self.fault(key, f"names {quoted(repeated)} more than once")

    def fault(self, key: str, problem: str, *, hint: str = "") -> None:
        """Reports that the value at `key` is wrong; `problem` continues a sentence that begins with the key."""
        self.faults.append(AgentsError(f"{self._name(key)} {problem}", hint=hint))

    def refuse(self, key: str, problem: str, *, hint: str) -> None:
        """Reports a key that means nothing in this table, if it is there."""
        if key in self and key not in self._known:
            self._refused.add(key)
            self.fault(key, problem, hint=hint)

    def done(self) -> None:
        """Reports every key that was not read."""
        for key in self._values:
            if key not in self._known and key not in self._refused:
                self.fault(key, "is an unknown key", hint=nearest(key, self._known))

    def _value(self, key: str) -> object:
        value = self._values.get(key)
        if key not in self._known:
            self._known.append(key)
            if any("\0" in text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)):
                self.fault(key, "holds a null character, which no program can be given", hint="leave it out")
        return value

    def _name(self, key: str) -> str:
        return f"{self.where}.{key if _BARE_KEY.fullmatch(key) else quoted(key)}"

    def _sub_table(self, key: str, value: object, *, expected: str, hint: str = "") -> Table:
        if value is not None and not isinstance(value, Mapping):
            self._must_be(key, expected, value, hint=hint)
        values = value if isinstance(value, Mapping) else {}
        return Table(values, where=self._name(key), faults=self.faults)

    def _names(self, key: str, elements: Sequence[object]) -> Sequence[str]:
        remedy = f"write {key}.NAME = {{ ... }} for each instead"
        for element in elements:
            if not isinstance(element, str):
                hint = remedy if isinstance(element, Mapping) else ""
                self.fault(key, f"must be a list of names, and {_shown(element)} is none", hint=hint)
        names = [element for element in elements if isinstance(element, str)]
        self.refuse_repeated(key, names)
        return names

    def _split(self, key: str, command: str) -> list[str] | None:
        try:
            return shlex.split(command)
        except ValueError as error:
            self.fault(key, f"cannot be split into words: {error}", hint="write a list of strings")
            return None

    def _must_be(self, key: str, expected: str, value: object, *, hint: str = "") -> None:
        self.fault(key, f"must be {expected}, not {_shown(value)}", hint=hint)


def nearest(word: str, options: Collection[str]) -> str:
    """A hint for a word that is none of `options`: the nearest of them, or all when none is near."""
    close = difflib.get_close_matches(word, options, n=1)
    if close:
        return f"did you mean {quoted(close[0])}?"
    return f"valid: {', '.join(options)}" if options else "nothing is valid here"


def quoted(text: str) -> str:
    """`text` as a TOML string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _is_whole(value: object, minimum: int) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= minimum


def _is_finite(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _shown(value: object) -> str:
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, Mapping):
        return "a table"
    return str(value).lower() if isinstance(value, bool) else str(value)
