"""Edits that take code away. Pure."""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator

from benchmarks.localization.sites import Edit, Module, Site


def removed_calls(module: Module, site: Site, _rng: random.Random) -> Iterator[Edit]:
    """`pass` instead of a call that is a statement; the argument alone instead of a call of one argument."""
    node = site.node
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield Edit(module.start(node), module.end(node), b"pass")
    elif isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
        [argument] = node.args
        if not isinstance(argument, ast.Starred | ast.GeneratorExp):
            yield Edit(module.start(node), module.end(node), b"(%s)" % module.segment(argument))


def missing_branches(module: Module, site: Site, _rng: random.Random) -> Iterator[Edit]:
    """No `if` where there was one without `else`; no `else` or `elif` where there was one."""
    node = site.node
    if isinstance(node, ast.If):
        if node.orelse:
            yield from _without_else(module, node)
        elif not _is_elif(module, node):
            yield _without_if(module, site, node)


def stuck_loops(module: Module, site: Site, _rng: random.Random) -> Iterator[Edit]:
    """A `while` that comes no nearer to its end: a statement is gone that changes what it asks, or leaves it."""
    node = site.node
    if site.loop is None:
        return
    asked = {each.id for each in ast.walk(site.loop.test) if isinstance(each, ast.Name)}
    if isinstance(node, ast.AugAssign | ast.Assign) and asked & set(_assigned(node)):
        yield Edit(module.start(node), module.end(node), b"pass")
    elif isinstance(node, ast.Break):
        yield Edit(module.start(node), module.end(node), b"continue")


def _assigned(node: ast.AugAssign | ast.Assign) -> Iterator[str]:
    for target in [node.target] if isinstance(node, ast.AugAssign) else node.targets:
        yield from (each.id for each in ast.walk(target) if isinstance(each, ast.Name))


def _is_elif(module: Module, node: ast.If) -> bool:
    return module.segment(node).startswith(b"elif")


def _without_if(module: Module, site: Site, node: ast.If) -> Edit:
    """The lines are gone, so that the statements around them are where the fault is."""
    if len(site.block) == 1:
        return Edit(module.start(node), module.end(node), b"pass")
    starts = module.line_starts
    first, last = node.lineno, node.end_lineno or node.lineno
    place = [each is node for each in site.block].index(True)
    before, after = site.block[:place][-1:], site.block[place + 1 :][:1]
    lines = [each.lineno for each in before] + [first] * len(after)
    return Edit(starts[first - 1], starts[last], b"", frozenset(lines))


def _without_else(module: Module, node: ast.If) -> Iterator[Edit]:
    """The fault is where the condition is asked for the last time."""
    body_end, starts = node.body[-1].end_lineno or node.lineno, module.line_starts
    end = node.end_lineno or node.lineno
    first = next(line for line in range(body_end + 1, end + 1) if _opens_else(module.text[starts[line - 1] :]))
    yield Edit(starts[first - 1], starts[end], b"", frozenset({node.lineno}))


def _opens_else(text: bytes) -> bool:
    return text.lstrip(b" \t").startswith((b"else", b"elif"))
