"""Words that a failing check's id shares with a function's name and path: tests are named after what they test.

The share of the function's words in the id, plus half the share of the path's; the mean over failing checks.
Words beside coverage: Le, Oentaryo and Lo, "Information Retrieval and Spectrum Based Bug Localization: Better
Together", ESEC/FSE 2015.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from pytest_parallel_agents.convergence.fault import Fault
from pytest_parallel_agents.convergence.functions import FunctionRange
from pytest_parallel_agents.convergence.kinds.kind import Opinion, Opinions
from pytest_parallel_agents.convergence.kinds.weights import WEIGHTS
from pytest_parallel_agents.convergence.sums import mean

MOST_CHECKS: Final = 50
"""When more fail, the first ones are named like the others."""

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
        named = frozenset().union(*map(_words, named_by))
        for function in fault.candidates:
            if named.isdisjoint(_all_words(function)):
                continue
            shares = {nodeid: _likeness(function, nodeid) for nodeid in named_by}
            points = mean(shares.values(), len(shares))
            if points > 0:
                nodeid = min(shares, key=lambda each: (-shares[each], each))
                functions[function] = Opinion(points=points, what=_phrase(function, nodeid), check=nodeid)
        return Opinions(functions=functions)


def words(text: str) -> frozenset[str]:
    """The words of names in snake and camel case, in lower case, without letters and common words of tests."""
    return frozenset(word.lower() for word in _WORD.findall(text) if len(word) > 1) - _NO_WORDS


def _likeness(function: FunctionRange, nodeid: str) -> float:
    named = _words(nodeid)
    in_path = _words(function.path.removesuffix(".py"))
    return _share(_function_words(function), named) + _PATH_SHARE * _share(in_path, named)


def _share(of: frozenset[str], named: frozenset[str]) -> float:
    return len(of & named) / len(of) if of else 0.0


def _function_words(function: FunctionRange) -> frozenset[str]:
    return _words(function.function) if function.is_function else frozenset()


def _all_words(function: FunctionRange) -> frozenset[str]:
    return _function_words(function) | _words(function.path.removesuffix(".py"))


@lru_cache(maxsize=16384)
def _words(text: str) -> frozenset[str]:
    return words(text)


def _phrase(function: FunctionRange, nodeid: str) -> str:
    shared = _all_words(function) & _words(nodeid)
    return f"{_test_name(nodeid)} names it: {', '.join(sorted(shared))}"


def _test_name(nodeid: str) -> str:
    return nodeid.rpartition("::")[2]
