"""Where functions are in a file, and which one a line belongs to."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from pytest_parallel_agents.early_bound import warnings

MODULE = "<module>"
"""The entity of module-level code and class bodies, as the interpreter names it in tracebacks."""

_PYTHON = (".py", ".pyi", ".pyw")
_BYTE_ORDER_MARK = "\ufeff"


class FunctionRange(msgspec.Struct, frozen=True, kw_only=True):
    """A code entity: a function, a module's own code (`<module>`), or a whole file that is not Python (no name).

    `function` is the qualified name without `<locals>`. `line` is the one with `def`; `first_line` is that of the first
    decorator, which belongs to the function too.
    """

    path: str
    function: str
    first_line: int
    line: int
    end_line: int

    @property
    def is_function(self) -> bool:
        return self.function not in ("", MODULE)


def functions(path: str, text: str) -> tuple[FunctionRange, ...]:
    """All functions and methods of a file, each before those nested in it. None where the text is not valid Python."""
    tree = parsed(text) if is_python(path) else None
    return () if tree is None else ranges(path, tree)


class Entities:
    """Finds the innermost entity at a line. `sources`: the text of each known path.

    A place outside the known text belongs to its module or file. Each file is parsed once, when first asked for.
    """

    def __init__(self, sources: Mapping[str, str]) -> None:
        self._sources = sources
        self._owners: dict[str, list[FunctionRange]] = {}

    def at(self, path: str, line: int | None) -> FunctionRange:
        owners = self._owners.get(path)
        if owners is None:
            owners = self._owners[path] = _owner_of_each_line(path, self._sources.get(path, ""))
        return owners[line if line is not None and 0 < line < len(owners) else 0]


def is_python(path: str) -> bool:
    """Whether a file of this name holds Python."""
    return path.endswith(_PYTHON)


def parsed(text: str) -> ast.Module | None:
    """The syntax tree; None where the text is not valid Python."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the compiler warns of the judged code's escapes, which are not ours to report
        try:
            return ast.parse(text.removeprefix(_BYTE_ORDER_MARK))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def ranges(path: str, tree: ast.Module) -> tuple[FunctionRange, ...]:
    """All functions and methods of a syntax tree, each before those nested in it."""
    return tuple(_ranges(path, tree))


def _ranges(path: str, tree: ast.Module) -> Iterator[FunctionRange]:
    # A stack, not recursion: chains of `elif` nest deeper than the interpreter's limit.
    pending: list[tuple[ast.AST, str]] = [(tree, "")]
    while pending:
        node, prefix = pending.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield _range(path, prefix + node.name, node)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            prefix += f"{node.name}."
        pending += [(child, prefix) for child in _statements(node)]


def _statements(node: ast.AST) -> Sequence[ast.AST]:
    """The children that may be functions or hold some, last first."""
    holders = (ast.stmt, ast.excepthandler, ast.match_case)
    return [child for child in ast.iter_child_nodes(node) if isinstance(child, holders)][::-1]


def _range(path: str, name: str, node: ast.FunctionDef | ast.AsyncFunctionDef) -> FunctionRange:
    return FunctionRange(
        path=path,
        function=name,
        first_line=min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)]),
        line=node.lineno,
        end_line=node.end_lineno or node.lineno,
    )


def _owner_of_each_line(path: str, text: str) -> list[FunctionRange]:
    """By line number; entry 0 is the module or file itself. Inner functions paint over the outer ones."""
    last = max(1, text.count("\n") + (not text.endswith("\n")))
    name = MODULE if is_python(path) else ""
    owners = [FunctionRange(path=path, function=name, first_line=1, line=1, end_line=last)] * (last + 1)
    for found in functions(path, text):
        owners[found.first_line : found.end_line + 1] = [found] * (found.end_line + 1 - found.first_line)
    return owners
