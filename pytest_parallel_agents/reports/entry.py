"""What all parts of the JSON report have in common."""

from __future__ import annotations

from msgspec import Struct


class Entry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of the report. Fields that the schema does not know are refused."""
