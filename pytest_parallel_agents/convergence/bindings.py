"""Where a module's or a class's own code binds a name, and the statements of the file that read it.

Such code runs when it is imported, before any check, so that no check is recorded to execute it. What a check has of it
is what it reads.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator

import msgspec

BODY = (ast.stmt, ast.excepthandler, ast.match_case)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
NESTING = (*FUNCTIONS, ast.ClassDef)


class Binding(msgspec.Struct, frozen=True, array_like=True):
    """The first line of a statement, and those of the statements that read a name that it binds."""

    line: int
    readers: tuple[int, ...]


def bindings(tree: ast.Module) -> tuple[Binding, ...]:
    """Those that anything in the file reads, by line."""
    readers = defaultdict[str, set[int]](set)
    bound: dict[int, set[str]] = {}
    # A stack, not recursion: chains of `elif` nest deeper than the interpreter's limit.
    pending: list[tuple[ast.AST, ast.AST]] = [(tree, tree)]
    while pending:
        node, owner = pending.pop()
        if isinstance(node, ast.stmt):
            line = first_line(node)
            for name in _read(node):
                readers[name].add(line)
            if not isinstance(owner, FUNCTIONS):
                bound.setdefault(line, set()).update(_bound(node, owner))
        inner = node if isinstance(node, NESTING) and not isinstance(owner, FUNCTIONS) else owner
        pending += [(child, inner) for child in ast.iter_child_nodes(node) if isinstance(child, BODY)]
    found = ((line, {reader for name in bound[line] for reader in readers.get(name, ())}) for line in sorted(bound))
    return tuple(Binding(line, tuple(sorted(reading - {line}))) for line, reading in found if reading - {line})


def own_parts(node: ast.stmt) -> Iterator[ast.AST]:
    """All nodes that the execution of a statement evaluates, of a compound one those of its head; of a definition
    decorators, defaults and bases.
    """
    pending: list[ast.AST] = [*_evaluated(node)] if isinstance(node, NESTING) else [node]
    while pending:
        found = pending.pop()
        yield found
        pending += [each for each in ast.iter_child_nodes(found) if not isinstance(each, BODY)]


def first_line(node: ast.stmt) -> int:
    """That of the first decorator, if there is one."""
    decorators = [decorator.lineno for decorator in node.decorator_list] if isinstance(node, NESTING) else []
    return min([node.lineno, *decorators])


def _evaluated(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> Iterator[ast.AST]:
    yield from node.decorator_list
    if isinstance(node, ast.ClassDef):
        yield from (*node.bases, *node.keywords)
    else:
        yield from (*node.args.defaults, *filter(None, node.args.kw_defaults))


def _read(node: ast.stmt) -> Iterator[str]:
    """Names, and attributes of whatever object with a dot before them."""
    for part in own_parts(node):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load):
            yield part.id
        elif isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Load):
            yield f".{part.attr}"


def _bound(node: ast.stmt, owner: ast.AST) -> Iterator[str]:
    """How the names that an assignment binds are read; those of a class mostly as attributes."""
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        for part in own_parts(node):
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                yield part.id
                if isinstance(owner, ast.ClassDef):
                    yield f".{part.id}"
