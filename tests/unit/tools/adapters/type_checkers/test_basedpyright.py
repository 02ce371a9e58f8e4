from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_parallel_agents.tools.command import CommandSpec, execute, locate
from pytest_parallel_agents.tools.interpretation import interpret
from tests.tools import reach

FAULT = 'def {}() -> int:\n    return "x"\n'


@pytest.mark.slow
def test_its_baseline_is_read_but_never_written(
    tmp_path: Path, spec_of: Callable[..., CommandSpec], monkeypatch: pytest.MonkeyPatch
) -> None:
    reach(monkeypatch, "basedpyright")
    source, baseline = tmp_path / "a.py", tmp_path / ".basedpyright" / "baseline.json"
    source.write_text(FAULT.format("f") + FAULT.format("g"), "utf-8")
    subprocess.run([str(locate("basedpyright", tmp_path)), "--writebaseline", "a.py"], cwd=tmp_path, check=False)
    before = baseline.read_text("utf-8")
    source.write_text(FAULT.format("f"), "utf-8")

    spec = spec_of("basedpyright", paths=["a.py"])
    output = execute(spec, chosen=None, root=tmp_path, scratch=tmp_path, cache=tmp_path / ".cache")

    assert interpret(spec, output, root=tmp_path).findings == ()
    assert baseline.read_text("utf-8") == before
