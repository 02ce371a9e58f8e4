"""Tests: they judge by their assertions; a test that is a command, or that records findings, also by those."""

from __future__ import annotations

from pytest_parallel_agents.agents.judging import judge_findings

kind = "test"
judge = judge_findings
