"""Reviews: linters, type checkers, scanners, and checks written in Python that use the `findings` fixture."""

from __future__ import annotations

from pytest_parallel_agents.agents.judging import judge_new_findings

kind = "review"
judge = judge_new_findings
