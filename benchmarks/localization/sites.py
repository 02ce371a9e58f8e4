"""The places of a module where a mutant may differ, and offsets in its text. Pure."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef

_SKIPPED_FIELDS = frozenset({"annotation", "returns", "decorator_list", "type_params", "ctx"})
_SKIPPED_NODES = (ast.JoinedStr, ast.Import, ast.ImportFrom)
"""Parts of f-strings have no positions of their own before Python 3.12."""


@dataclass(frozen=True, slots=True)
class Edit:
    """`text` in place of the bytes from `start` to `end`.

    `lines`: those of the edited text at which something is wrong now; without any it is the one where the edit begins.
    """

    start: int
    end: int
    text: bytes
    lines: frozenset[int] = frozenset()

    def applied(self, text: bytes) -> bytes:
        return text[: self.start] + self.text + text[self.end :]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A node, the function and the `while` that hold it and, for a statement, those of its block."""

    node: ast.AST
    function: FunctionNode | None = None
    loop: ast.While | None = None
    block: Sequence[ast.stmt] = ()


class Module:
    """A module's text in UTF-8 and its tree. Raises SyntaxError and ValueError when it is no Python."""

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.tree = ast.parse(text)

    @cached_property
    def line_starts(self) -> list[int]:
        """The offset of each line; those behind the last are at the end of the text."""
        starts = [0]
        for line in self.text.splitlines(keepends=True):
            starts.append(starts[-1] + len(line))
        return starts

    def start(self, node: ast.expr | ast.stmt) -> int:
        return self.line_starts[node.lineno - 1] + node.col_offset

    def end(self, node: ast.expr | ast.stmt) -> int:
        return self.line_starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)

    def segment(self, node: ast.expr | ast.stmt) -> bytes:
        return self.text[self.start(node) : self.end(node)]

    def line_at(self, offset: int) -> int:
        return self.text.count(b"\n", 0, offset) + 1

    def sites(self) -> Iterator[Site]:
        """All nodes in the order of the text, without docstrings, annotations, decorators and imports."""
        pending = [Site(node=self.tree)]
        while pending:
            site = pending.pop()
            yield site
            pending += list(_below(site))[::-1]


def _below(site: Site) -> Iterator[Site]:
    node = site.node
    is_function = isinstance(node, FunctionNode)
    function = node if isinstance(node, FunctionNode) else site.function
    loop = node if isinstance(node, ast.While) else None if is_function else site.loop
    for field, value in ast.iter_fields(node):
        children = [] if field in _SKIPPED_FIELDS else value if isinstance(value, list) else [value]
        block = [child for child in children if isinstance(child, ast.stmt)]
        for child in children:
            if isinstance(child, ast.AST) and not isinstance(child, _SKIPPED_NODES) and not _is_docstring(child):
                yield Site(node=child, function=function, loop=loop, block=block)


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
