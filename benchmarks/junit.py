"""What two pytest runs say of the same tests, read from their JUnit files and compared."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.etree import ElementTree as ET

COUNTS = ("tests", "failures", "errors", "skipped")

_SHOWN_DIFF_LINES = 12
_VOLATILE = (
    (re.compile(r"\b0x[0-9a-fA-F]{4,}\b"), "<address>"),
    (re.compile(r"(?<![^\s'\"])[^\s'\"]*/pytest-of-[^/\s]+/pytest-\d+(?:/popen-gw\d+)?"), "<tmp>"),
    (re.compile(r"/tmp/tmp\w+"), "<tmp>"),  # noqa: S108 - recognised in text, not used as a file
    (re.compile(r"\b\d+\.\d+ ?(?:s|ms|µs|us|seconds)\b"), "<duration>"),
    (re.compile(r"\b1\d{9}\.\d+\b"), "<timestamp>"),
    (re.compile(r"\b(pid[ =:]+)\d+", re.IGNORECASE), r"\1<pid>"),
)

_CUT = re.compile(r"\n\[\+\d+ more lines?; full report in element text\]$")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Case:
    """One JUnit test case. `message` and `output` (captured stdout and stderr) are free of volatile text."""

    outcome: str
    message: str
    output: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """One run. A test has more than one case when, for example, it failed and then its teardown did."""

    counts: Mapping[str, int]
    cases: Mapping[str, tuple[Case, ...]]

    def outcomes_of(self, name: str) -> str:
        """How a test ended, in words: `passed`, `failure and error`, or `absent`."""
        return " and ".join(case.outcome for case in self.cases.get(name, ())) or "absent"


def parse(xml: str) -> Suite:
    """Read pytest's JUnit XML, of either family.

    Raises xml.etree.ElementTree.ParseError when it is not XML.
    """
    suites = list(ET.fromstring(xml).iter("testsuite"))  # noqa: S314 - written by our own pytest run
    cases: dict[str, list[Case]] = {}
    for suite in suites:
        for element in suite.iter("testcase"):
            name = f"{element.get('classname', '')}::{element.get('name', '')}"
            cases.setdefault(name, []).append(_case(element))
    return Suite(
        counts={count: sum(int(suite.get(count, 0)) for suite in suites) for count in COUNTS},
        cases={name: tuple(sorted(of_name)) for name, of_name in cases.items()},
    )


def unstable(first: Suite, second: Suite) -> frozenset[str]:
    """Names of the tests that two runs of the same command end in different ways."""
    names = first.cases.keys() | second.cases.keys()
    return frozenset(name for name in names if first.outcomes_of(name) != second.outcomes_of(name))


def unstable_texts(first: Suite, second: Suite) -> frozenset[str]:
    """Names of the tests that two runs of the same command end in the same way, but with other messages or output."""
    names = {name for name, cases in first.cases.items() if cases != second.cases.get(name)}
    return frozenset(names) - unstable(first, second)


def differences(
    serial: Suite,
    candidate: Suite,
    *,
    ignored: frozenset[str] = frozenset(),
    texts_ignored: frozenset[str] = frozenset(),
) -> list[str]:
    """One readable text for each disagreement.

    `ignored` names the tests that are not compared. While there are any, neither are the counts. Of the tests that
    `texts_ignored` names only the outcomes are compared.
    """
    found = [] if ignored else list(_count_differences(serial, candidate))
    for name in sorted((serial.cases.keys() | candidate.cases.keys()) - ignored):
        left, right = serial.outcomes_of(name), candidate.outcomes_of(name)
        if left != right:
            found.append(f"outcome of {name}: serial {left}, candidate {right}")
        elif name not in texts_ignored:
            found += _text_differences(name, serial.cases[name], candidate.cases[name])
    return found


def without_volatile(text: str) -> str:
    """The text with addresses, temporary folders, durations and process ids replaced by placeholders."""
    for pattern, placeholder in _VOLATILE:
        text = pattern.sub(placeholder, text)
    return text


def _case(element: ET.Element) -> Case:
    outcome, message = "passed", ""
    for verdict in element:
        if verdict.tag in {"failure", "error", "skipped"}:
            outcome = "xfailed" if verdict.get("type") == "pytest.xfail" else verdict.tag
            message = verdict.get("message", "")
    output = "".join(element.findtext(stream, "") for stream in ("system-out", "system-err"))
    return Case(outcome=outcome, message=without_volatile(message), output=without_volatile(output))


def _count_differences(serial: Suite, candidate: Suite) -> Iterator[str]:
    for count in COUNTS:
        left, right = serial.counts[count], candidate.counts[count]
        if left != right:
            yield f"JUnit count of {count}: serial {left}, candidate {right}"


def _same_message(left: str, right: str) -> bool:
    """Whether they say the same as far as pytest has written them: where it cuts depends on how long paths are."""
    left_head, right_head = _CUT.sub("", left), _CUT.sub("", right)
    return (
        left == right
        or (left_head != left and right_head.startswith(left_head))
        or (right_head != right and left_head.startswith(right_head))
    )


def _text_differences(name: str, serial: tuple[Case, ...], candidate: tuple[Case, ...]) -> Iterator[str]:
    for left, right in zip(serial, candidate, strict=True):
        if not _same_message(left.message, right.message):
            yield f"message of {name}:\n{_diff(left.message, right.message)}"
        if left.output != right.output:
            yield f"captured output of {name}:\n{_diff(left.output, right.output)}"


def _diff(serial: str, candidate: str) -> str:
    lines = list(difflib.unified_diff(serial.splitlines(), candidate.splitlines(), "serial", "candidate", lineterm=""))
    hidden = len(lines) - _SHOWN_DIFF_LINES
    if hidden > 0:
        lines = [*lines[:_SHOWN_DIFF_LINES], f"... {hidden} more lines"]
    return "\n".join(lines)
