"""The pause that a service asks for in its error, before it is asked again."""

from __future__ import annotations

import re
from typing import Final

_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_NUMBER: Final = r"\d{1,9}(?:\.\d{1,9})?"
_PART: Final = rf"{_NUMBER}\s*(?:ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hours?)(?![a-z])"
_DURATION: Final = rf"{_PART}(?:(?:\s|,|and){{0,6}}{_PART}){{0,3}}"
_PAUSES: Final = (
    rf"\b(?:re)?try(?:ing)?(?:\s+again)?\s+(?:in|after)\s+(?:about\s+)?({_DURATION})",
    rf"\bretry_?delay[\"']?\s*[:=]\s*[\"']?({_DURATION})",
    rf"\bretry[-_ ]after(?:[-_ ]seconds)?[\"']?\s*[:=]?\s*[\"']?({_DURATION}|{_NUMBER})",
    rf"\bwait(?:\s+(?:for|about|at\s+least|another)){{0,2}}\s+({_DURATION})",
    rf"\bresets?\s+(?:in|after)\s+(?:about\s+)?({_DURATION})",
)


def named_pause(text: str) -> float | None:
    """Seconds; None when the text names no pause."""
    for pattern in _PAUSES:
        found = re.search(pattern, text, re.IGNORECASE)
        if found:
            return _seconds(found[1])
    return None


def _seconds(duration: str) -> float:
    """A number alone is one of seconds, as in the header `Retry-After`."""
    parts = re.findall(rf"({_NUMBER})\s*(ms|milli|[smh])?", duration.lower())
    return sum(float(number) * _UNITS.get("ms" if unit == "milli" else unit, 1.0) for number, unit in parts)
