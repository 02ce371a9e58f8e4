"""All reports that a controller's plugins see, written to a file by a plugin and read back."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pytest

PLUGIN: Final = """
import io
import json
import pytest
from _pytest._io import TerminalWriter

def coloured(report):
    file = io.StringIO()
    writer = TerminalWriter(file)
    writer.hasmarkup = True
    report.toterminal(writer)
    return file.getvalue()

class Recorder:
    def __init__(self, path):
        self.file = open(path, "w", encoding="utf-8", errors="surrogatepass")

    def pytest_runtest_logreport(self, report):
        entry = {
            "nodeid": report.nodeid,
            "when": report.when,
            "outcome": report.outcome,
            "longrepr": report.longrepr if isinstance(report.longrepr, tuple) else report.longreprtext,
            "is text": isinstance(report.longrepr, str),  # which the summary quotes
            "coloured": coloured(report),
            "sections": report.sections,
            "user_properties": report.user_properties,
            "keywords": sorted(report.keywords),
            "location": report.location,
            "wasxfail": getattr(report, "wasxfail", None),
            "head_line": report.head_line,
        }
        print(json.dumps(entry, default=repr), file=self.file)

    def pytest_unconfigure(self):
        self.file.close()

def pytest_addoption(parser):
    parser.addoption("--records")

def pytest_configure(config):
    if config.option.records and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Recorder(config.option.records))
"""

Records = Mapping[str, Sequence[Mapping[str, Any]]]

_ADDRESS: Final = re.compile(r"0x[0-9a-f]{4,}")
_WORKER: Final = re.compile(r"^\[gw\d+\] .*\n?")


def recorded(pytester: pytest.Pytester, name: str) -> list[str]:
    """Arguments that have a run's reports written, and its JUnit file."""
    if not (pytester.path / "recorder.py").exists():
        (pytester.path / "recorder.py").write_text(PLUGIN, "utf-8")
        pytester.syspathinsert(pytester.path)
    return ["-p", "recorder", f"--records={name}.jsonl", f"--junitxml={name}.xml", "-ojunit_logging=all"]


def read(path: Path) -> Records:
    """The reports by node id, in the order in which they came, without addresses and names of workers."""
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for line in path.read_text("utf-8").splitlines():
        entry = json.loads(_ADDRESS.sub("<address>", line))
        if isinstance(entry["longrepr"], str):
            entry["longrepr"] = _WORKER.sub("", entry["longrepr"]).strip()
        entry["coloured"] = _WORKER.sub("", entry["coloured"])
        found[entry["nodeid"]].append(entry)
    return dict(found)
