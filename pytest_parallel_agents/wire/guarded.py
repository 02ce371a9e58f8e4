"""Questions to objects of which nothing is known: their answers may raise anything, and a run must not end by that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from pytest_parallel_agents.early_bound import builtins

__builtins__ = builtins

Answer = TypeVar("Answer")


def guarded(ask: Callable[..., Answer], otherwise: Callable[[BaseException], Answer], *arguments: Any) -> Answer:
    """What `ask` returns for the arguments, or `otherwise` of what it raised.

    A KeyboardInterrupt is raised again: it ends a check.

    pytest's own outcomes (`pytest.fail` within a `__repr__`) are no `Exception`.
    """
    try:
        return ask(*arguments)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - foreign code may raise anything
        return otherwise(error)


def safe_str(value: object) -> str:
    """`str(value)` as a plain string, or a text that says why there is none."""
    return _text(value, str)


def safe_repr(value: object) -> str:
    """`repr(value)` as a plain string, or a text that says why there is none."""
    return _text(value, repr)


def encodable(text: str) -> str:
    """The text with what UTF-8 has no bytes for escaped: messages carry no other."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _text(value: object, tell: Callable[[object], str]) -> str:
    return guarded(
        lambda: str.__str__(tell(value)),
        lambda error: f"<{type(value).__name__} whose {tell.__name__} raised {type(error).__name__}>",
    )
