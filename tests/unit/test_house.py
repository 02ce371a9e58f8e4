"""The figures that keep the package easy to find one's way in."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import grimp

import pytest_parallel_agents

PACKAGE = "pytest_parallel_agents"
ROOT = Path(pytest_parallel_agents.__file__).parent
MOST_IMPORTS = 20
MOST_LINES = 40
MOST_OF_ALL = 0.15


def imports(*, for_types: bool) -> dict[str, set[str]]:
    """The modules of ours that each module of ours imports, with those that only type checkers see or without them."""
    graph = grimp.build_graph(PACKAGE, exclude_type_checking_imports=not for_types, cache_dir=None)
    return {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}


def function_lengths() -> Iterator[tuple[int, str]]:
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                yield lines, f"{path.relative_to(ROOT)}:{node.name}"


def test_no_module_imports_too_many() -> None:
    found = imports(for_types=False)

    assert {module: len(others) for module, others in found.items() if len(others) > MOST_IMPORTS} == {}


def test_no_modules_import_each_other() -> None:
    left = imports(for_types=True)
    while free := [module for module, others in left.items() if not others & left.keys()]:
        for module in free:
            del left[module]

    assert left == {}


def test_functions_are_short() -> None:
    lengths = list(function_lengths())

    assert [name for lines, name in lengths if lines > MOST_LINES] == []
    assert median(lines for lines, _ in lengths) <= 6


def test_no_package_has_most_of_the_code() -> None:
    lines: Counter[str] = Counter()
    for path in ROOT.rglob("*.py"):
        lines[path.relative_to(ROOT).parts[0]] += path.read_text("utf-8").count("\n")

    assert [name for name, count in lines.items() if count > MOST_OF_ALL * lines.total()] == []
