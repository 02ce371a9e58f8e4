"""How finely work is divided for the workers."""

from typing import Final

BATCH_SECONDS: Final = 0.05
"""Work that one message should carry; smaller differences do not decide what goes first."""

LARGEST_BLIND_BATCH: Final = 32
"""Checks of which nothing is known in a message."""
