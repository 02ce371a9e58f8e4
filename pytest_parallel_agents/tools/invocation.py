"""What one check of a command runs with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from pytest_parallel_agents.tools.changes import Changes
from pytest_parallel_agents.tools.early.client import Begun
from pytest_parallel_agents.tools.kept_answers import NOTHING_KEPT, KeptAnswers
from pytest_parallel_agents.tools.streams import WITHOUT_NAMES


class Invocation(msgspec.Struct, frozen=True, kw_only=True):
    """The input `chosen`, None for a command without; the project's `root`; the folder `scratch` for the command's
    temporary files; and `cache`, which lasts from run to run, and below which each check has its own folder.

    With `changes` nothing else is judged, as far as the command can be restricted. `streams` are the files for its
    output, which are kept when it is interrupted. `begun` is the command if it runs already: if it is still the same
    one it is only waited for. `answers` are those of language models in earlier runs. `host` is the name of
    the machine if it is not the user's.
    """

    chosen: str | None
    root: Path
    scratch: Path
    cache: Path
    changes: Changes | None = None
    streams: Mapping[str, Path] = WITHOUT_NAMES
    begun: Begun | None = None
    answers: KeptAnswers = NOTHING_KEPT
    host: str = ""
