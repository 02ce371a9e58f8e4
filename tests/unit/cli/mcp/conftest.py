from __future__ import annotations

from importlib.util import find_spec

collect_ignore = [] if find_spec("mcp") else ["test_run_answers.py", "test_tools.py"]
"""The tests of what needs the extra `mcp`, where it is not installed."""
