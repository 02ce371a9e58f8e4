"""What the report of a check that ended badly says to those who are to mend it: without secrets, and never much.

Of each such check at most 16 KiB are kept: 8 KiB of its traceback, or of what stands in its place, and 8 KiB of all
that was captured.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pytest

from pytest_parallel_agents.agents.secrets import mask_secrets, secrets_mask
from pytest_parallel_agents.early_bound import os
from pytest_parallel_agents.excerpts import excerpt
from pytest_parallel_agents.model import Failure, Section

MOST_TEXT: Final = 8 * 1024
MOST_CAPTURED: Final = 8 * 1024
MOST_SECTIONS: Final = 16
"""pytest makes nine at most: three streams in three phases."""

_HEADLINE: Final = 500
_MARGIN: Final = 16 * 1024
"""How much beyond what is kept is masked with it, so that no secret is cut in two and not recognized."""


def headline(report: pytest.TestReport) -> str:
    """The beginning of what went wrong."""
    if isinstance(report.longrepr, tuple):
        text = str(report.longrepr[2])
    else:
        crash = getattr(report.longrepr, "reprcrash", None)
        text = str(crash.message) if crash is not None else report.longreprtext
    return mask_secrets(text.strip()[: _HEADLINE + _MARGIN])[:_HEADLINE]


def failure_of(report: pytest.TestReport) -> Failure:
    """What a failed report says, and what was captured until then."""
    mask = secrets_mask(os.environ)
    sections = report.sections[-MOST_SECTIONS:]
    return Failure(
        text=_cut(report.longreprtext, MOST_TEXT, mask),
        sections=tuple(
            Section(name=name, text=_cut(text, MOST_CAPTURED // len(sections), mask)) for name, text in sections
        ),
    )


def _cut(text: str, most: int, mask: Callable[[str], str]) -> str:
    data = text.encode("utf-8", "surrogatepass")
    if len(data) <= most:
        return mask(text)

    def read(start: int, length: int) -> bytes:
        whole = data[: length + _MARGIN] if start == 0 else data[-length - _MARGIN :]
        masked = mask(whole.decode("utf-8", "replace")).encode()
        return masked[:length] if start == 0 else masked[-length:]

    return excerpt(read, len(data), end=most // 2)
