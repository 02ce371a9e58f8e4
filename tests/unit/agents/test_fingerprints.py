from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pytest_parallel_agents.agents.fingerprints import fingerprinted
from pytest_parallel_agents.model.results import Finding, Level

FINDING = Finding(rule="R", level=Level.ERROR, message="unused, see line 7", path="a.py", line=2)

BEFORE = st.lists(st.sampled_from(["", "# note", "import os", "LIMIT = 3", "'''text'''"]), max_size=8)
NAMES = st.from_regex(r"[a-z]{1,8}_[a-z]{1,8}", fullmatch=True)
BODIES = st.sampled_from(["total = 1", "return sum(items)", "x=[]", "assert True  # why"])


def fingerprints(root: Path, *findings: Finding) -> list[str]:
    return [finding.fingerprint for finding in fingerprinted(findings, root)]


def of_line(text: str, marked: str, *, rule: str = "R", path: str = "a.py") -> str:
    """The fingerprint of a finding in the only line of `text` that holds `marked`."""
    lines = text.split("\n")
    (number,) = [number for number, line in enumerate(lines, start=1) if marked in line]
    with tempfile.TemporaryDirectory() as root:
        (Path(root) / path).write_text(text)
        (stamped,) = fingerprints(Path(root), replace(FINDING, rule=rule, path=path, line=number))
    return stamped


def module(body: str, *, before: list[str] | tuple[str, ...] = (), other: str = "other", indent: int = 4) -> str:
    space = " " * indent
    lines = [*before, f"def {other}():", "    pass", "class Cart:", f"{space}def total(self, items):"]
    return "\n".join([*lines, f"{space * 2}{body}  ", f"def after_{other}(): pass", ""])


@given(before=BEFORE, other=NAMES, indent=st.integers(1, 9), body=BODIES)
def test_what_happens_elsewhere_in_the_file_does_not_count(
    before: list[str], other: str, indent: int, body: str
) -> None:
    assert of_line(module(body, before=before, other=other, indent=indent), body) == of_line(module(body), body)


@given(body=BODIES, other=BODIES.filter(lambda body: body != "x=[]"))
def test_the_text_of_the_line_and_the_rule_count(body: str, other: str) -> None:
    same = body == other
    assert (of_line(module(body), body) == of_line(module(other), other)) is same
    assert of_line(module(body), body) != of_line(module(body), body, rule="S")


@given(before=BEFORE)
def test_a_file_that_is_not_python_is_known_by_its_lines(before: list[str]) -> None:
    text = "\n".join([*before, "debug = true"])
    assert of_line(text, "debug", path="app.toml") == of_line("[app]\n  debug=true", "debug", path="app.toml")


@given(before=BEFORE)
def test_a_file_that_does_not_parse_is_known_by_its_lines(before: list[str]) -> None:
    assert of_line("\n".join([*before, "def broken(:"]), "broken") == of_line("def broken(:\n", "broken")


def test_the_enclosing_function_distinguishes_equal_lines() -> None:
    one = "def f():\n    x = 1  # here\ndef g():\n    x = 1\n"
    other = "def f():\n    x = 1\ndef g():\n    x = 1  # here\n"
    assert of_line(one, "here") != of_line(other, "here")
    assert of_line("class A:\n    def f(): x = 1", "x") != of_line("class B:\n    def f(): x = 1", "x")


def test_rule_path_and_text_of_the_line_distinguish_findings(tmp_path: Path) -> None:
    for name in ("a.py", "b.py"):
        (tmp_path / name).write_text("x = 1\ny = 2\n")
    different = [FINDING, replace(FINDING, line=1), replace(FINDING, rule="S"), replace(FINDING, path="b.py")]

    assert len(set(fingerprints(tmp_path, *different))) == 4


def test_findings_that_are_alike_are_numbered_by_line_whatever_the_tool_s_order(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x\nx\n")
    first, second = replace(FINDING, line=1), FINDING

    digests = fingerprints(tmp_path, first, second)

    assert digests[0].removesuffix(":1") == digests[1].removesuffix(":2")
    assert fingerprints(tmp_path, second, first) == digests[::-1]


def test_a_finding_without_a_readable_line_is_known_by_its_message(tmp_path: Path) -> None:
    nowhere = replace(FINDING, line=None)
    renumbered = replace(nowhere, message="unused, see line 12")
    other = replace(nowhere, message="something else")

    assert fingerprints(tmp_path, nowhere) == fingerprints(tmp_path, renumbered)
    assert fingerprints(tmp_path, nowhere) != fingerprints(tmp_path, other)
    assert fingerprints(tmp_path, FINDING) == fingerprints(tmp_path, replace(FINDING, line=99))


def test_a_finding_of_no_file_is_known_by_all_of_its_message(tmp_path: Path) -> None:
    twelve = replace(FINDING, path=None, line=None, message="exit code 1: 12 errors")

    assert fingerprints(tmp_path, twelve) != fingerprints(tmp_path, replace(twelve, message="exit code 1: 13 errors"))


def test_files_in_another_encoding_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"\n\xe9\n")
    before = fingerprints(tmp_path, FINDING)
    (tmp_path / "a.py").write_bytes(b"\n\n  \xe9\n")

    assert fingerprints(tmp_path, replace(FINDING, line=3)) == before
    assert fingerprints(tmp_path, FINDING) != before


def test_only_line_ends_end_a_line(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"s = '\x0c\x1c \xe2\x80\xa8'\r\ny = 2\r\n")
    before = fingerprints(tmp_path, FINDING)
    (tmp_path / "a.py").write_bytes(b"s = 0\ny = 2\n")

    assert fingerprints(tmp_path, FINDING) == before


@pytest.mark.parametrize(
    "occupy",
    [Path.mkdir, os.mkfifo, lambda path: path.symlink_to(path)],
    ids=["folder", "pipe", "endless link"],
)
def test_what_is_no_file_is_not_read(tmp_path: Path, occupy: Callable[[Path], object]) -> None:
    before = fingerprints(tmp_path, FINDING)
    occupy(tmp_path / "a.py")

    assert fingerprints(tmp_path, FINDING) == before


@given(path=st.text(), message=st.text(), line=st.none() | st.integers())
def test_any_finding_has_a_fingerprint(path: str, message: str, line: int | None) -> None:
    finding = replace(FINDING, path=f"no-such-folder/{path}", message=message, line=line)

    assert fingerprints(Path("/"), finding) == fingerprints(Path("/"), finding)
