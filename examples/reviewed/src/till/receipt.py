"""Receipts."""

from pathlib import Path


def total(cents):
    """The sum, as a price."""
    return f"{sum(cents) / 100:.2f}"


def print_receipt(cents, file):
    """Adds a line to the file."""
    with Path(file).open("a") as printed:
        printed.write(total(cents) + "\n")
