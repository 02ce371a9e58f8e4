"""Whether a coding assistant reads the output. The sources are in docs/reference/output.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

VARIABLES: Final[Mapping[str, str]] = {
    "AI_AGENT": "any",
    "AGENT": "Amp, Crush, Goose, opencode",
    "CLAUDECODE": "Claude Code",
    "GEMINI_CLI": "Gemini CLI",
    "CODEX_CI": "Codex",
    "CODEX_THREAD_ID": "Codex",
    "CODEX_SANDBOX": "Codex",
    "CURSOR_AGENT": "Cursor",
    "COPILOT_CLI": "GitHub Copilot CLI",
    "OPENCODE": "opencode",
    "OPENCODE_CLIENT": "opencode",
    "QWEN_CODE": "Qwen Code",
    "AUGMENT_AGENT": "Augment",
    "CLINE_ACTIVE": "Cline",
    "ANTIGRAVITY_AGENT": "Antigravity",
    "GOOSE_TERMINAL": "Goose",
    "TRAE_AI_SHELL_ID": "TRAE",
    "AMP_CURRENT_THREAD_ID": "Amp",
}
"""What assistants set in the environment of the commands that they run, and which of them do."""

_NO: Final = frozenset({"", "0", "false", "no", "off"})


def in_assistant(environment: Mapping[str, str]) -> bool:
    """Whether one of them has started this process, or a parent of it."""
    return any(environment.get(name, "").strip().lower() not in _NO for name in VARIABLES)
