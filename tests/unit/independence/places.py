"""Stands for the places in a user's files where checks have their arguments."""

from __future__ import annotations

from pytest_parallel_agents.model.plan import Check


def where(check: Check, argument: str) -> str:
    return f"{check.nodeid}.{argument}"
