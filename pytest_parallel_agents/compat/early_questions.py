"""Questions whether this is a worker that a plugin's modules have asked at their import, before they could be recorded.

pytest loads installed plugins before it knows its options, so their sources are searched.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Container, Iterable, Iterator
from contextlib import suppress
from typing import Final, NamedTuple

from pytest_parallel_agents.code_origin import module_of
from pytest_parallel_agents.early_bound import io

_DEFERRED: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
"""Code in them does not run at the import."""


class Asked(NamedTuple):
    """A variable that a module has read, and where."""

    variable: str
    path: str
    line: int


def asked_at_import(plugins: Iterable[object], variables: Container[str], *, but: tuple[str, ...]) -> Iterator[Asked]:
    """The variables that the modules of the plugins' packages have read, other than those of the packages `but`."""
    packages = {module_of(plugin).partition(".")[0] for plugin in plugins}
    packages -= {*but, *sys.stdlib_module_names}
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in packages and (path := getattr(module, "__file__", None) or "").endswith(".py"):
            with suppress(OSError, SyntaxError, ValueError):
                yield from _asked(path, variables)


def _asked(path: str, variables: Container[str]) -> Iterator[Asked]:
    with io.open(path, "rb") as file:
        source = file.read()
    if b"PYTEST_XDIST" not in source:
        return
    for node in _done_at_import(ast.parse(source)):
        for name in _names(node):
            if isinstance(name, ast.Constant) and name.value in variables:
                yield Asked(str(name.value), path, name.lineno)


def _names(node: ast.AST) -> Iterable[ast.expr]:
    """The expressions of names that are looked up: `get(name)`, `environ[name]`, `name in environ`."""
    match node:
        case ast.Call():
            return node.args
        case ast.Subscript(ctx=ast.Load()):
            return [node.slice]
        case ast.Compare():
            return [node.left]
    return []


def _done_at_import(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, _DEFERRED):
            yield from _done_at_import(child)
