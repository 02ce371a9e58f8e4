from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pytest_parallel_agents.reports.filtering import Filters, selected

from .samples import shop_report

MYPY, TOTAL, SPEED = "mypy", "test_total", "test_speed"
RULES = ["attr-defined", "F401", "S101", "stale"]


def shown(include: dict[str, Any] | None = None, exclude: dict[str, Any] | None = None) -> dict[str, list[str]]:
    """Names of the selected checks, and the rules of their findings."""
    filters = msgspec.convert({"include": include or {}, "exclude": exclude or {}}, Filters)
    return {each.check.name: [one.rule for one in each.findings] for each in selected(shop_report(), filters)}


def test_without_filters_all_is_selected() -> None:
    assert shown() == {MYPY: RULES, TOTAL: [], SPEED: []}


@pytest.mark.parametrize(
    ("terms", "found"),
    [
        ({"kind": ["review"]}, {MYPY: RULES}),
        ({"kind": ["review", "profile"]}, {MYPY: RULES, SPEED: []}),
        ({"outcome": ["failed"]}, {MYPY: RULES, TOTAL: []}),
        ({"outcome": ["failed"], "kind": ["test"]}, {TOTAL: []}),
        ({"outcome": ["crashed"]}, {}),
        ({"level": ["error"]}, {MYPY: ["attr-defined"]}),
        ({"level": ["error", "warning"]}, {MYPY: ["attr-defined", "F401"]}),
        ({"path": ["tests"]}, {TOTAL: [], SPEED: []}),
        ({"path": ["tests/test_cart.py"]}, {TOTAL: [], SPEED: []}),
        ({"path": ["src"]}, {MYPY: ["attr-defined", "F401", "S101"]}),
        ({"path": ["./src/shop/"]}, {MYPY: ["attr-defined", "F401", "S101"]}),
        ({"path": ["src/*/io.py"]}, {MYPY: ["F401", "S101"]}),
        ({"path": ["src/sho"]}, {}),
        ({"path": ["pyproject.toml"]}, {MYPY: RULES}),
        ({"text": ["IMPORTED BUT"]}, {MYPY: ["F401"]}),
        ({"text": ["division by zero"]}, {TOTAL: []}),
        ({"text": ["test_cart.py"]}, {TOTAL: [], SPEED: []}),
        ({"text": ["f401"], "path": ["src/shop/cart.py"]}, {}),
    ],
)
def test_what_is_included(terms: dict[str, list[str]], found: dict[str, list[str]]) -> None:
    assert shown(include=terms) == found


@pytest.mark.parametrize(
    ("terms", "found"),
    [
        ({"kind": ["review"]}, {TOTAL: [], SPEED: []}),
        ({"outcome": ["passed"]}, {MYPY: RULES, TOTAL: []}),
        ({"level": ["note"]}, {MYPY: ["attr-defined", "F401"], TOTAL: [], SPEED: []}),
        ({"level": ["note", "warning", "error"]}, {TOTAL: [], SPEED: []}),
        ({"path": ["tests"]}, {MYPY: RULES}),
        ({"path": ["src/shop/io.py"]}, {MYPY: ["attr-defined", "stale"], TOTAL: [], SPEED: []}),
        ({"text": ["zero"]}, {MYPY: RULES, SPEED: []}),
        ({"text": ["unused"]}, {MYPY: ["attr-defined", "S101"], TOTAL: [], SPEED: []}),
        ({"text": ["MYPY"]}, {TOTAL: [], SPEED: []}),
    ],
)
def test_what_is_excluded(terms: dict[str, list[str]], found: dict[str, list[str]]) -> None:
    assert shown(exclude=terms) == found


def test_excluding_goes_before_including() -> None:
    assert shown(include={"path": ["src"]}, exclude={"level": ["note"]}) == {MYPY: ["attr-defined", "F401"]}
    assert shown(include={"kind": ["test"]}, exclude={"kind": ["test"]}) == {}


@pytest.mark.parametrize("terms", [{"outcome": ["red"]}, {"colour": ["red"]}, {"level": "error"}])
def test_what_means_nothing_is_refused(terms: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        shown(include=terms)
