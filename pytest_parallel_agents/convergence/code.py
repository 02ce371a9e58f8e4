"""The judged code, as far as evidence names it: what is a test, and which function and statement a line belongs to."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from pytest_parallel_agents.convergence.functions import FunctionRange
from pytest_parallel_agents.convergence.outlines import Outline, Statement

PROJECT: Final = 0
HELPER: Final = 1
TEST: Final = 2
"""How far a file is from being the place of a fault: code, what helps tests, tests. Causes are all of the first."""

_TEST_FOLDER: Final = re.compile(r"_?tests?|_?testing|testsuites?|test_.+|.+_tests?", re.IGNORECASE)
_TEST_FILE: Final = re.compile(r"(test_.*|.+_tests?|conftest)\.py", re.IGNORECASE)
"""Modules `test.py` and `tests.py` are a product's own as often: only what is collected from them makes them tests."""


class Code:
    """`test_paths`: files that checks were collected from; `test_roots`: folders of tests and what helps them."""

    def __init__(
        self, outlines: Mapping[str, Outline], test_paths: Collection[str] = (), test_roots: Sequence[str] = ()
    ) -> None:
        self._outlines = dict(outlines)
        self._test_paths = test_paths
        self._test_roots = tuple(f"{root}/" for root in test_roots)
        self._roles: dict[str, int] = {}
        self._owners: dict[str, list[FunctionRange]] = {}

    def role(self, path: str) -> int:
        """PROJECT, HELPER or TEST."""
        role = self._roles.get(path)
        if role is None:
            role = self._roles[path] = self._role(path)
        return role

    def function(self, path: str, line: int | None) -> FunctionRange:
        """The innermost function at a line; without a line the module's own code."""
        owners = self._owners.get(path)
        if owners is None:
            owners = self._owners[path] = _owner_of_each_line(self.outline(path))
        return owners[line if line is not None and 0 < line < len(owners) else 0]

    def executing(self, path: str, statement: Statement) -> FunctionRange:
        """The function that a statement is executed by: of a definition the one around it."""
        if statement.defines:
            return self.outline(path).function_around(statement.line)
        return self.function(path, statement.line)

    def statement(self, path: str, line: int) -> Statement:
        return self.outline(path).statement_at(line)

    def outline(self, path: str) -> Outline:
        """The outline of a file; of one that is not known a file without functions."""
        found = self._outlines.get(path)
        if found is None:
            found = self._outlines[path] = Outline(path=path, end_line=1)
        return found

    def _role(self, path: str) -> int:
        *folders, name = path.split("/")
        if path in self._test_paths or _TEST_FILE.fullmatch(name):
            return TEST
        is_helper = path.startswith(self._test_roots) or any(_TEST_FOLDER.fullmatch(folder) for folder in folders)
        return HELPER if is_helper else PROJECT


def _owner_of_each_line(outline: Outline) -> list[FunctionRange]:
    """By line number; entry 0 is the module or file itself. Inner functions paint over the outer ones."""
    owners = [outline.module] * (outline.end_line + 1)
    for function in outline.functions:
        owners[function.first_line : function.end_line + 1] = [function] * (function.end_line + 1 - function.first_line)
    return owners
