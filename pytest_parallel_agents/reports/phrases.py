"""Numbers in words, the same in every format."""

from __future__ import annotations


def seconds(value: float) -> str:
    """`12.3 s`, `0.125 s`."""
    return f"{value:.1f} s" if value >= 1 else f"{value:.3f} s"


def counted(number: int, noun: str, plural: str = "") -> str:
    """`1 worker`, `3,000 workers`."""
    return f"{number} {noun}" if number == 1 else f"{number:,} {plural or noun + 's'}"
