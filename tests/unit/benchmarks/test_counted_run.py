from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from benchmarks import counted_run


@pytest.mark.slow
@pytest.mark.parametrize("transport", ["fork", "popen"])
def test_what_crosses_is_counted_whatever_it_crosses(pytester: pytest.Pytester, transport: str) -> None:
    pytester.makepyfile("import pytest\n@pytest.mark.parametrize('number', range(50))\ndef test_it(number): pass")
    driver = Path(counted_run.__file__)

    run = pytester.run(sys.executable, "-P", driver, "counts.json", "--agents", "-n1", f"--tx={transport}")

    assert run.ret == pytest.ExitCode.OK
    counts = json.loads((pytester.path / "counts.json").read_text("utf-8"))
    assert counts["passed"] == 50
    assert counts["messages"] > 2
    assert counts["bytes"] > 50 * 20  # the node ids do not cross, but indices, times and phases do
    assert counts["cpu_seconds"] > 0
