"""psutil takes 15 ms to import, so it is imported when first needed: perhaps after tests that changed things."""

from __future__ import annotations

import os
import sys

_PLATFORM, _OS_NAME = sys.platform, os.name


def import_psutil() -> None:
    """Imports it for this platform, whatever tests have left in `sys.platform` and `os.name`."""
    if "psutil" in sys.modules:
        return
    left = sys.platform, os.name
    sys.platform, os.name = _PLATFORM, _OS_NAME
    try:
        import psutil  # noqa: F401
    finally:
        sys.platform, os.name = left
