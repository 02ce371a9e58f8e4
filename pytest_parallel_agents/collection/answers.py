"""Answers of language models: where they are kept, and what they have used."""

from __future__ import annotations

from typing import Final

import pytest
from msgspec.structs import replace

from pytest_parallel_agents.agents.evidence import record_note, record_usage
from pytest_parallel_agents.collection.cache_folder import in_pytest_cache
from pytest_parallel_agents.early_bound import time
from pytest_parallel_agents.model.results import Usage
from pytest_parallel_agents.tool_formats.output import Output
from pytest_parallel_agents.tool_formats.usage import usage_of
from pytest_parallel_agents.tools.kept_answers import KeptAnswers

KEPT: Final = "kept answer of "
"""Beginning of the note of a check whose question was not asked again."""


def kept_answers(config: pytest.Config) -> KeptAnswers:
    """In pytest's cache, which `--cache-clear` has emptied; without one none are kept."""
    cache = in_pytest_cache(config)
    fresh = config.option.agents_fresh or getattr(config.option, "cacheclear", False)
    return KeptAnswers(folder=None if cache is None else cache / "answers", fresh=bool(fresh))


def record_answer(item: pytest.Item, output: Output) -> None:
    """Records what it has used: one that cannot be read has its price too, and one that was kept has none."""
    usage = usage_of(output)
    if output.kept_since is not None:
        since = time.strftime("%Y-%m-%d %H:%M", time.localtime(output.kept_since))
        record_note(item, f"{KEPT}{since}: nothing has changed, and nothing was sent (--agents-fresh asks again)")
        usage = replace(usage or Usage(), input_tokens=0, output_tokens=0, cost_usd=0.0, kept=True)
    if usage is not None:
        record_usage(item, usage)
