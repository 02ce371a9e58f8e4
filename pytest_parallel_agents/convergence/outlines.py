"""Where the functions and statements of a file are, and which ones a line belongs to."""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections.abc import Iterable, Iterator

import msgspec

from pytest_parallel_agents.convergence.bindings import BODY, NESTING, Binding, bindings, first_line, own_parts
from pytest_parallel_agents.convergence.functions import MODULE, FunctionRange, is_python, parsed, ranges

_NO_SIZE = (ast.Attribute, ast.Starred)
"""Expressions that add nothing to the size of a statement beside their parts."""


class Statement(msgspec.Struct, frozen=True, array_like=True):
    """A statement, of a compound one its head: lines from the first decorator to the colon.

    `defines`: a function or class whose body is in other lines, so that executing it executes nothing of that.
    `raises`: it is there to raise. `handles`: it runs while an exception is handled. `size` counts names, constants and
    operations.
    """

    line: int
    end_line: int
    defines: bool = False
    raises: bool = False
    size: int = 0
    handles: bool = False


class Outline(msgspec.Struct, frozen=True, kw_only=True):
    """Functions, each before those nested in it, and statements by their first line. `end_line` is the file's last.

    `bindings`: where a module's or a class's own code binds names that the file reads.
    """

    path: str
    end_line: int
    functions: tuple[FunctionRange, ...] = ()
    statements: tuple[Statement, ...] = ()
    bindings: tuple[Binding, ...] = ()

    def function_around(self, line: int) -> FunctionRange:
        """The innermost function that begins above a line: of a function's first line the one that it is defined in."""
        found = self.module
        for function in self.functions:
            if function.first_line < line <= function.end_line:
                found = function
        return found

    def statement_at(self, line: int) -> Statement:
        """The statement at a line, or the line itself where none is."""
        place = bisect_right(self.statements, line, key=lambda each: each.line)
        statement = self.statements[place - 1] if place else None
        return statement if statement is not None and line <= statement.end_line else Statement(line, line)

    @property
    def module(self) -> FunctionRange:
        name = MODULE if is_python(self.path) else ""
        return FunctionRange(path=self.path, function=name, first_line=1, line=1, end_line=self.end_line)


def outline(path: str, text: str) -> Outline:
    """The outline of a file. Text that is not valid Python has neither functions nor statements."""
    last = max(1, text.count("\n") + (not text.endswith("\n")))
    tree = parsed(text) if is_python(path) else None
    if tree is None:
        return Outline(path=path, end_line=last)
    statements = sorted(_statements(tree), key=lambda each: each.line)
    return Outline(
        path=path,
        end_line=last,
        functions=ranges(path, tree),
        statements=tuple(_one_a_line(statements)),
        bindings=bindings(tree),
    )


def _one_a_line(statements: Iterable[Statement]) -> Iterator[Statement]:
    """Statements that share a line with `;` are one: no tracer distinguishes them."""
    last = 0
    for statement in statements:
        if statement.line > last:
            yield statement
            last = statement.end_line


def _statements(tree: ast.Module) -> Iterator[Statement]:
    # A stack, not recursion: chains of `elif` nest deeper than the interpreter's limit.
    pending: list[tuple[ast.AST, bool]] = [(tree, False)]
    while pending:
        node, is_handling = pending.pop()
        if isinstance(node, ast.stmt):
            yield _statement(node, is_handling)
        is_handling = (is_handling or isinstance(node, ast.ExceptHandler)) and not isinstance(node, NESTING)
        pending += [(child, is_handling) for child in ast.iter_child_nodes(node) if isinstance(child, BODY)]


def _statement(node: ast.stmt, is_handling: bool) -> Statement:  # noqa: FBT001 - the only flag
    end = _end(node)
    return Statement(
        line=first_line(node),
        end_line=end,
        defines=isinstance(node, NESTING) and node.body[0].lineno > end,
        raises=isinstance(node, ast.Raise | ast.Assert),
        size=sum(isinstance(part, ast.expr) and not isinstance(part, _NO_SIZE) for part in own_parts(node)),
        handles=is_handling,
    )


def _end(node: ast.stmt) -> int:
    """The last line of a simple statement, or of a compound one's head."""
    inner: list[ast.AST] = list(getattr(node, "body", None) or getattr(node, "cases", None) or ())
    if not inner or not isinstance(node, ast.stmt):
        return node.end_lineno or node.lineno
    first = inner[0]
    below: int = first.pattern.lineno if isinstance(first, ast.match_case) else getattr(first, "lineno", node.lineno)
    decorators: list[int] = [each.lineno for each in getattr(first, "decorator_list", ())]
    return max(node.lineno, min([below, *decorators]) - 1)
