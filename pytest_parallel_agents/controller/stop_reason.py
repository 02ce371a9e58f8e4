"""Why a run ends before all its checks have run."""

from __future__ import annotations

import msgspec


class Halt(msgspec.Struct, frozen=True):
    """Why no further check was started. `exit` is what `pytest.exit()` in a check asked for."""

    reason: str
    internal: bool = False
    exit: int | None = None
    by_exit: bool = False
