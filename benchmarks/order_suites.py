"""Suites whose tests rely on each other, after the patterns that studies of order-dependent tests have published.

A setter changes something that outlives it, and a brittle test behind it passes only then (Shi et al., iFixFlakies,
2019). A polluter changes it as well, and a victim passes only before it. Serial runs in collection order pass.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """`change` is a statement that outlives its test, `changed` an expression that tells of it."""

    name: str
    change: str
    changed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """`files` with `tests` that rely on nothing, each; `pairs` of tests that rely on each other."""

    name: str
    files: int
    tests: int
    pairs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSuite:
    """`sources` by file name. `where` says how far apart those are that rely on each other."""

    pattern: Pattern
    size: Size
    where: str
    sources: dict[str, str]

    def write(self, folder: Path) -> None:
        """Into an empty folder."""
        common = {"pytest.ini": "[pytest]\n", "state.py": _STATE, "conftest.py": _CONFTEST}
        for name, source in {**common, **self.sources}.items():
            (folder / name).write_text(source, "utf-8")


_STATE = """\
import functools

flags = set()
registry = {}
loaded = []


class Settings:
    enabled = frozenset()


@functools.lru_cache(maxsize=None)
def singleton():
    return set()


def greet(name):
    return name
"""

_CONFTEST = """\
import pytest


@pytest.fixture(scope="session")
def wide():
    return set()
"""

PATTERNS = (
    Pattern(name="module global", change="state.flags.add({key})", changed="{key} in state.flags"),
    Pattern(name="registry", change="state.registry[{key}] = object()", changed="{key} in state.registry"),
    Pattern(name="environment", change="os.environ['KEY_' + {key}] = '1'", changed="'KEY_' + {key} in os.environ"),
    Pattern(
        name="working directory",
        change="os.makedirs(os.path.join(HERE, {key}), exist_ok=True); os.chdir(os.path.join(HERE, {key}))",
        changed="os.getcwd() == os.path.join(HERE, {key})",
    ),
    Pattern(
        name="logging",
        change="logging.getLogger({key}).setLevel(logging.ERROR)",
        changed="logging.getLogger({key}).level == logging.ERROR",
    ),
    Pattern(
        name="class attribute",
        change="state.Settings.enabled |= {{ {key} }}",
        changed="{key} in state.Settings.enabled",
    ),
    Pattern(
        name="file",
        change="pathlib.Path(HERE, {key} + '.txt').touch()",
        changed="pathlib.Path(HERE, {key} + '.txt').exists()",
    ),
    Pattern(name="database", change="insert({key})", changed="has({key})"),
    Pattern(
        name="patch left over",
        change="unittest.mock.patch.object(state, 'greet_' + {key}, create=True).start()",
        changed="hasattr(state, 'greet_' + {key})",
    ),
    Pattern(name="sys.path", change="sys.path.append('/' + {key})", changed="'/' + {key} in sys.path"),
    Pattern(
        name="sys.modules",
        change="sys.modules[{key}] = types.ModuleType({key})",
        changed="{key} in sys.modules",
    ),
    Pattern(name="cached singleton", change="state.singleton().add({key})", changed="{key} in state.singleton()"),
    Pattern(
        name="locale",
        change="locale.setlocale(locale.LC_TIME, 'C.UTF-8')",
        changed="locale.setlocale(locale.LC_TIME) == 'C.UTF-8'",
    ),
    Pattern(name="wide fixture", change="wide.add({key})", changed="{key} in wide"),
)

SIZES = (
    Size(name="tiny", files=2, tests=3, pairs=2),
    Size(name="small", files=6, tests=6, pairs=3),
    Size(name="middle", files=30, tests=10, pairs=6),
)

_ONE_STATE = frozenset({"working directory", "locale"})
"""Patterns with one state for the whole process: there can be one pair."""

_HEADER = """\
import locale, logging, os, pathlib, sqlite3, sys, time, types, unittest.mock
from contextlib import closing

import state

HERE = os.path.dirname(os.path.abspath(__file__))


def execute(statement, *values):
    with closing(sqlite3.connect(os.path.join(HERE, "base.sqlite"))) as base, base:
        base.execute("CREATE TABLE IF NOT EXISTS keys (key)")
        return base.execute(statement, values).fetchall()


def insert(key):
    execute("INSERT INTO keys VALUES (?)", key)


def has(key):
    return bool(execute("SELECT 1 FROM keys WHERE key = ?", key))
"""


def draw_suites(seed: int) -> list[OrderSuite]:
    """Every pattern in every size; always the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    return [
        _draw(pattern, size, ("file", "neighbours")[(number + place) % 2], chance)
        for number, size in enumerate(SIZES)
        for place, pattern in enumerate(PATTERNS)
    ]


def _draw(pattern: Pattern, size: Size, where: str, chance: random.Random) -> OrderSuite:
    files: list[list[str]] = [[_plain(chance) for _ in range(size.tests)] for _ in range(size.files)]
    pairs = 1 if pattern.name in _ONE_STATE else size.pairs
    for number in range(pairs):
        key = f"'k{number}'"
        first, second = _pair(pattern, key, brittle=chance.random() < _BRITTLE or pattern.name in _ONE_STATE)
        here = chance.randrange(size.files - (where == "neighbours"))
        if where == "neighbours":
            files[here].append(first)
            files[here + 1].insert(chance.randint(0, size.tests), second)
        else:
            low, high = sorted(chance.sample(range(size.tests + 2), 2))
            files[here].insert(low, first)
            files[here].insert(high, second)
    sources = {f"test_{number:02}.py": _source(bodies, pattern) for number, bodies in enumerate(files)}
    return OrderSuite(pattern=pattern, size=size, where=where, sources=sources)


_BRITTLE = 0.5
_LONG = 0.05


def _plain(chance: random.Random) -> str:
    return f"time.sleep({chance.uniform(0.05, 0.2) if chance.random() < _LONG else chance.expovariate(1000):.4f})"


def _pair(pattern: Pattern, key: str, *, brittle: bool) -> tuple[str, str]:
    change, changed = pattern.change.format(key=key), pattern.changed.format(key=key)
    if brittle:
        return change, f"assert {changed}"
    return f"assert not ({changed})", change


def _source(bodies: Sequence[str], pattern: Pattern) -> str:
    argument = "wide" if pattern.name == "wide fixture" else ""
    tests = [f"\n\ndef test_{number}({argument}):\n    {body}\n" for number, body in enumerate(bodies)]
    return _HEADER + "".join(tests)
