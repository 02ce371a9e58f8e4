"""The failure text of a check that ended badly: without secrets, and limited in size.

Of each such check at most 16 KiB are kept: 8 KiB of its traceback, or of the text in its place, and 8 KiB of all
captured output.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import pytest

from pytest_parallel_agents.early_bound import os
from pytest_parallel_agents.excerpts import excerpt
from pytest_parallel_agents.model.results import Failure, Section
from pytest_parallel_agents.secrets import mask_secrets, secrets_mask
from pytest_parallel_agents.wire.guarded import guarded, safe_str

MOST_TEXT: Final = 8 * 1024
MOST_CAPTURED: Final = 8 * 1024
MOST_SECTIONS: Final = 16
"""pytest makes nine at most: three streams in three phases."""

_HEADLINE: Final = 500
_MARGIN: Final = 16 * 1024
"""Characters beyond the kept ones that are masked with them, so that no secret is cut in two and missed."""


def crash_message(nodeid: str, worker: str, exit_status: str, setup: str) -> str:
    """The message of a check whose worker was lost. `setup` is the set-up that it was in, if that is known."""
    return _placed(f"worker {worker} {exit_status} while it ran {nodeid}", setup)


def timeout_message(seconds: float | None, worker: str, setup: str) -> str:
    """The message of a check that was ended after so many `seconds`."""
    return _placed(f"ran into its time limit of {seconds:g} s on worker {worker}", setup)


def headline(report: pytest.TestReport | pytest.CollectReport) -> str:
    """The beginning of the error."""
    return beginning(guarded(lambda: _message(report), safe_str))


def beginning(text: str) -> str:
    """The first 500 characters, without secrets."""
    return mask_secrets(text.strip()[: _HEADLINE + _MARGIN])[:_HEADLINE]


def failure_of(report: pytest.TestReport | pytest.CollectReport) -> Failure:
    """The text of a failed report, and the output captured until then."""
    mask = secrets_mask(os.environ)
    text = guarded(lambda: report.longreprtext, safe_str)
    return Failure(
        text=_cut(text, MOST_TEXT, mask), sections=guarded(lambda: tuple(_sections(report, mask)), lambda _: ())
    )


def _message(report: pytest.TestReport | pytest.CollectReport) -> str:
    if isinstance(report.longrepr, tuple):
        return str(report.longrepr[2])
    crash = getattr(report.longrepr, "reprcrash", None)
    return str(crash.message) if crash is not None else report.longreprtext


def _sections(report: pytest.TestReport | pytest.CollectReport, mask: Callable[[str], str]) -> Iterator[Section]:
    sections = report.sections[-MOST_SECTIONS:]
    for name, text in sections:
        yield Section(name=safe_str(name), text=_cut(safe_str(text), MOST_CAPTURED // len(sections), mask))


def _cut(text: str, most: int, mask: Callable[[str], str]) -> str:
    data = text.encode("utf-8", "surrogatepass")
    if len(data) <= most:
        return mask(text)

    def read(start: int, length: int) -> bytes:
        whole = data[: length + _MARGIN] if start == 0 else data[-length - _MARGIN :]
        masked = mask(whole.decode("utf-8", "replace")).encode()
        return masked[:length] if start == 0 else masked[-length:]

    return excerpt(read, len(data), end=most // 2)


def _placed(text: str, setup: str) -> str:
    return f"{text}, {setup}" if setup else text
