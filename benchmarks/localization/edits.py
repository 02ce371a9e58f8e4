"""The kinds of faults that mutants have: for a place in a module, the edits that put one there. Pure."""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from benchmarks.localization.missing import missing_branches, removed_calls, stuck_loops
from benchmarks.localization.sites import Edit, FunctionNode, Module, Site

Edits = Callable[[Module, Site, random.Random], Iterator[Edit]]

_COMPARED: Final[Mapping[type[ast.cmpop], tuple[str, str]]] = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.In: ("in", "not in"),
    ast.NotIn: (r"not\s+in", "in"),
    ast.Is: ("is", "is not"),
    ast.IsNot: (r"is\s+not", "is"),
}
_CALCULATED: Final[Mapping[type[ast.operator], tuple[str, str]]] = {
    ast.Add: (r"\+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: (r"\*", "+"),
    ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "*"),
    ast.Mod: ("%", "*"),
    ast.BitAnd: ("&", "|"),
    ast.BitOr: (r"\|", "&"),
    ast.LShift: ("<<", ">>"),
    ast.RShift: (">>", "<<"),
}
"""What stands in the text, as a regular expression, and what stands there in the mutant."""


def operators(module: Module, site: Site, _rng: random.Random) -> Iterator[Edit]:
    """Another comparison, calculation or connective, or no negation."""
    node = site.node
    if isinstance(node, ast.Compare):
        operands = [node.left, *node.comparators]
        for operator, left, right in zip(node.ops, operands, operands[1:], strict=False):
            yield from _replaced(module, *_COMPARED[type(operator)], module.end(left), module.start(right))
    elif isinstance(node, ast.BinOp) and type(node.op) in _CALCULATED:
        yield from _replaced(module, *_CALCULATED[type(node.op)], module.end(node.left), module.start(node.right))
    elif isinstance(node, ast.AugAssign) and type(node.op) in _CALCULATED:
        old, new = _CALCULATED[type(node.op)]
        yield from _replaced(module, f"{old}=", f"{new}=", module.end(node.target), module.start(node.value))
    elif isinstance(node, ast.BoolOp):
        old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in zip(node.values, node.values[1:], strict=False):
            yield from _replaced(module, old, new, module.end(left), module.start(right))
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield Edit(module.start(node), module.start(node.operand), b"")


def constants(module: Module, site: Site, _rng: random.Random) -> Iterator[Edit]:
    """Another truth value, number or text."""
    node = site.node
    if isinstance(node, ast.Constant):
        value = node.value
        match value:
            case bool():
                other: object = not value
            case int() | float():
                other = 0 if value else 1
            case str():
                other = "" if value else "x"
            case bytes():
                other = b"" if value else b"x"
            case _:
                return
        yield Edit(module.start(node), module.end(node), repr(other).encode())


def wrong_variables(module: Module, site: Site, rng: random.Random) -> Iterator[Edit]:
    """Another name that the function has bound above: a parameter, or what an earlier line assigns."""
    node = site.node
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and site.function is not None:
        bound = _bound_above(site.function, node.lineno)
        if node.id in bound and (others := [name for name in bound if name != node.id]):
            yield Edit(module.start(node), module.end(node), rng.choice(others).encode())


def off_by_one(module: Module, site: Site, _rng: random.Random) -> Iterator[Edit]:
    """One more or less in an index, a slice, a range or a length."""
    node = site.node
    if isinstance(node, ast.Subscript):
        yield from _one_more(module, node.slice)
    elif isinstance(node, ast.Slice):
        for bound in (node.lower, node.upper):
            yield from _one_more(module, bound)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
        if node.func.id == "range":
            for argument in node.args[:2]:
                yield from _one_more(module, argument)
        elif node.func.id == "len":
            yield Edit(module.start(node), module.end(node), b"(%s - 1)" % module.segment(node))


STUCK: Final = "stuck loop"
KINDS: Final[Mapping[str, Edits]] = {
    "operator": operators,
    "constant": constants,
    "removed call": removed_calls,
    "wrong variable": wrong_variables,
    "off by one": off_by_one,
    "missing branch": missing_branches,
    STUCK: stuck_loops,
}


def _replaced(module: Module, old: str, new: str, start: int, end: int) -> Iterator[Edit]:
    """The operator between two operands, where nothing but parentheses and space is beside it."""
    found = re.fullmatch(rb"[\s)\\]*(%s)[\s(\\]*" % old.encode(), module.text[start:end])
    if found:
        yield Edit(start + found.start(1), start + found.end(1), new.encode())


def _one_more(module: Module, node: ast.expr | None) -> Iterator[Edit]:
    """For what is a number as far as the text shows."""
    match node:
        case ast.Constant(value=bool()):
            return
        case ast.Constant(value=int(number)):
            yield Edit(module.start(node), module.end(node), str(number + 1).encode())
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int())) | ast.BinOp(op=ast.Add() | ast.Sub()):
            yield Edit(module.start(node), module.end(node), b"(%s) + 1" % module.segment(node))
        case ast.Name() | ast.Attribute() | ast.Call(func=ast.Name(id="len")):
            yield Edit(module.start(node), module.end(node), b"%s + 1" % module.segment(node))


def _bound_above(function: FunctionNode, line: int) -> list[str]:
    """Parameters first, then what is assigned in lines above, in the order of the text; not `self` and `cls`."""
    arguments = function.args
    names = [each.arg for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
    stored = [
        node
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.lineno < line
    ]
    names += [node.id for node in sorted(stored, key=lambda node: (node.lineno, node.col_offset))]
    return [name for name in dict.fromkeys(names) if name not in ("self", "cls")]
