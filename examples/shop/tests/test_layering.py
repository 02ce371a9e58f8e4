"""A review that no tool offers: modules import only what lies below them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

LAYERS = ["catalog", "cart", "pricing", "inventory", "orders", "storage"]
ROOT = Path(__file__).parent.parent


@pytest.mark.agent("review", reads=["src/"])
@pytest.mark.parametrize("layer", LAYERS)
def test_imports_point_downwards(layer: str, findings) -> None:
    path = ROOT / "src" / "shop" / f"{layer}.py"
    for line, imported in imports_of_siblings(path):
        if LAYERS.index(imported) >= LAYERS.index(layer):
            findings.add(
                f"{layer} must not import {imported}",
                path=path.relative_to(ROOT).as_posix(),
                line=line,
                rule="layering",
                level="error",
            )


def imports_of_siblings(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("shop."):
            yield node.lineno, node.module.removeprefix("shop.")
