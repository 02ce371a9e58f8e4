"""`--agents-report x.html`: one file with everything in it, which asks nothing of the network."""

from __future__ import annotations

from pytest_parallel_agents.reports.formats.html.page import render

__all__ = ["render"]
