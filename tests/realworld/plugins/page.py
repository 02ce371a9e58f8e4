"""docs/plugins.md: what was compared, in which versions, and what is not as in a serial run."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from tests.realworld.plugins.case import TRANSPORTS, Case
from tests.realworld.suites import Suite

BEGIN: Final = "<!-- from here on written by: python -m tests.realworld.plugins --write docs/plugins.md -->"
END: Final = "<!-- up to here -->"
_WIDTH: Final = 120
_SAME: Final = "as serial"
_ROW: Final = re.compile(r"^\| \[(?P<name>[^\]]+)\]\(\S+\) \| (?P<version>\S+) \|", re.MULTILINE)


def renewed(page: str, cases: Sequence[Case], suites: Sequence[Suite], versions: Mapping[str, str]) -> str:
    """The page with another table and list; what stands around them is written by hand. `versions` are the cases', by
    name in lower case.
    """
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{_generated(cases, versions)}\n{_of_suites(suites)}\n{END}{after}"


def versions_of(page: str) -> Mapping[str, str]:
    """The versions in the table of a page, by name in lower case."""
    return {row["name"].lower(): row["version"] for row in _ROW.finditer(page)}


def _generated(cases: Sequence[Case], versions: Mapping[str, str]) -> str:
    header = ["| plugin | version | what its suite uses | fork | popen |", "|---|---|---|---|---|"]
    lines = [*header, *(_row(case, versions) for case in cases), "", "## What is different, and why", ""]
    return "\n".join([*lines, *(line for case in cases for line in _reasons(case))]) + "\n"


def _row(case: Case, versions: Mapping[str, str]) -> str:
    project = f"[{case.name}](https://pypi.org/project/{case.name}/)"
    results = ("differs, see below" if transport in case.differs else _SAME for transport in TRANSPORTS)
    return f"| {project} | {versions[case.name.lower()]} | {case.uses} | {' | '.join(results)} |"


def _reasons(case: Case) -> Iterator[str]:
    by_reason: dict[str, list[str]] = {}
    for transport, difference in case.differs.items():
        by_reason.setdefault(difference.why, []).append(transport)
    for why, transports in by_reason.items():
        yield f"- **{case.name}** ({', '.join(transports)}): {why}"


def _of_suites(suites: Sequence[Suite]) -> str:
    names = ", ".join(suite.name for suite in suites)
    compared = (
        f"The tests of {len(suites)} public projects were compared too, in their newest versions: {names}. Every "
        "test's outcome, message and output, the number of warnings and the exit code are as serially, except:"
    )
    reasons = (f"- **{suite.name}**: {reason}" for suite in suites for reason in suite.reasons())
    return (
        "\n".join(["## Whole test suites", "", *textwrap.wrap(compared, _WIDTH, break_on_hyphens=False), "", *reasons])
        + "\n"
    )
