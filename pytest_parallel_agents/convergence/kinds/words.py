"""Words that a failing check's id shares with a function's name and path: tests are named after what they test.

The share of the function's words in the id, plus half the share of the path's; the mean over failing checks. A word
counts the less the more passing checks are named with it: that of a file says little of one of its tests.
Words beside coverage: Le, Oentaryo and Lo, "Information Retrieval and Spectrum Based Bug Localization: Better
Together", ESEC/FSE 2015.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

from pytest_parallel_agents.convergence.fault import Fault
from pytest_parallel_agents.convergence.functions import FunctionRange
from pytest_parallel_agents.convergence.kinds.kind import Opinion, Opinions
from pytest_parallel_agents.convergence.kinds.weights import WEIGHTS
from pytest_parallel_agents.convergence.sums import mean

MOST_CHECKS: Final = 50
"""When more fail, the first ones are named like the others."""

RARITY: Final = 3
"""The power of the share of passing checks that are not named with a word: what half of them have counts an eighth."""

_PATH_SHARE: Final = 0.5
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_NO_WORDS: Final = frozenset({"test", "tests", "py", "src", "lib", "init", "self"})


class Words:
    name = "words"
    weight = WEIGHTS[name]
    testifies = True

    def opinions(self, fault: Fault) -> Opinions:
        """Of each function under suspicion that shares a word."""
        functions = {}
        named_by = sorted(check.nodeid for check in fault.failing)[:MOST_CHECKS]
        rarity = _rarity(frozenset().union(*map(_words, named_by)), fault)
        for function in fault.candidates:
            names = _names(function, fault)
            if rarity.keys().isdisjoint(_words(function.path.removesuffix(".py")).union(*names)):
                continue
            shares = {nodeid: _likeness(function, names, nodeid, rarity) for nodeid in named_by}
            points = mean(shares.values(), len(shares))
            if points > 0:
                nodeid = min(shares, key=lambda each: (-shares[each], each))
                functions[function] = Opinion(points=points, what=_phrase(function, names, nodeid), check=nodeid)
        return Opinions(functions=functions)


def words(text: str) -> frozenset[str]:
    """The words of names in snake and camel case, in lower case, without letters and common words of tests."""
    return frozenset(word.lower() for word in _WORD.findall(text) if len(word) > 1) - _NO_WORDS


def _rarity(named: frozenset[str], fault: Fault) -> Mapping[str, float]:
    """What each of these words counts."""
    passing = [check.nodeid for check in fault.run.checks if not check.outcome.bad]
    times = Counter(word for nodeid in passing for word in _words(nodeid) & named)
    return {word: (1 - times[word] / len(passing)) ** RARITY if passing else 1.0 for word in named}


def _names(function: FunctionRange, fault: Fault) -> list[frozenset[str]]:
    """The words of a function, and of those around it: callers know an inner one only by these."""
    if not function.is_function:
        return []
    around = (each.function for each in fault.code.outline(function.path).functions)
    names = [name for name in around if function.function.startswith(f"{name}.")]
    return [_words(name) for name in (function.function, *names)]


def _likeness(
    function: FunctionRange, names: Iterable[frozenset[str]], nodeid: str, rarity: Mapping[str, float]
) -> float:
    named = _words(nodeid)
    in_path = _words(function.path.removesuffix(".py"))
    return max((_share(name, named, rarity) for name in names), default=0.0) + _PATH_SHARE * _share(
        in_path, named, rarity
    )


def _share(of: frozenset[str], named: frozenset[str], rarity: Mapping[str, float]) -> float:
    return math.fsum(sorted(rarity[word] for word in of & named)) / len(of) if of else 0.0


@lru_cache(maxsize=16384)
def _words(text: str) -> frozenset[str]:
    return words(text)


def _phrase(function: FunctionRange, names: Iterable[frozenset[str]], nodeid: str) -> str:
    shared = _words(function.path.removesuffix(".py")).union(*names) & _words(nodeid)
    return f"{_test_name(nodeid)} names it: {', '.join(sorted(shared))}"


def _test_name(nodeid: str) -> str:
    return nodeid.rpartition("::")[2]
