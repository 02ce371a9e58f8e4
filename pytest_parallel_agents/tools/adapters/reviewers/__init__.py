"""Programs that ask a language model to review a change: each in a small module of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pytest_parallel_agents.tools.adapters.reviewers.claude import CLAUDE
from pytest_parallel_agents.tools.adapters.reviewers.coderabbit import CODERABBIT
from pytest_parallel_agents.tools.adapters.reviewers.codex import CODEX
from pytest_parallel_agents.tools.adapters.reviewers.copilot import COPILOT
from pytest_parallel_agents.tools.adapters.reviewers.gemini import GEMINI
from pytest_parallel_agents.tools.adapters.reviewers.llm import LLM
from pytest_parallel_agents.tools.adapters.reviewers.opencode import OPENCODE
from pytest_parallel_agents.tools.adapters.reviewers.reviewer import Reviewer

REVIEWERS: Final[Mapping[str, Reviewer]] = {
    reviewer.name: reviewer for reviewer in (CLAUDE, CODERABBIT, CODEX, COPILOT, GEMINI, LLM, OPENCODE)
}
"""By the name that users write, in alphabetical order."""
