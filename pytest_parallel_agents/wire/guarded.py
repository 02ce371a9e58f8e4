"""Calls into foreign objects: they may raise anything, and a run must not end by that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from pytest_parallel_agents.early_bound import builtins

__builtins__ = builtins

Answer = TypeVar("Answer")


def guarded(function: Callable[..., Answer], otherwise: Callable[[BaseException], Answer], *arguments: Any) -> Answer:
    """The value of `function` for the arguments, or `otherwise` of what it raised.

    A KeyboardInterrupt is raised again: it ends a check.

    pytest's own outcomes (`pytest.fail` within a `__repr__`) are no `Exception`.
    """
    try:
        return function(*arguments)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - foreign code may raise anything
        return otherwise(error)


def safe_str(value: object) -> str:
    """`str(value)` as a plain string, or a text with the reason why there is none."""
    return _text(value, str)


def safe_repr(value: object) -> str:
    """`repr(value)` as a plain string, or a text with the reason why there is none."""
    return _text(value, repr)


def encodable(text: str) -> str:
    """The text with characters that UTF-8 cannot encode escaped, as messages need it."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _text(value: object, convert: Callable[[object], str]) -> str:
    return guarded(
        lambda: str.__str__(convert(value)),
        lambda error: f"<{type(value).__name__} whose {convert.__name__} raised {type(error).__name__}>",
    )
