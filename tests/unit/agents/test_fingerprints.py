from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pytest_parallel_agents.agents.fingerprints import fingerprinted
from pytest_parallel_agents.model import Finding, Level

FINDING = Finding(rule="R", level=Level.ERROR, message="unused, see line 7", path="a.py", line=2)


def fingerprints(root: Path, *findings: Finding) -> list[str]:
    return [finding.fingerprint for finding in fingerprinted(findings, root)]


def test_a_finding_that_moved_keeps_its_fingerprint(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\ny = 2\n")
    before = fingerprints(tmp_path, FINDING)
    (tmp_path / "a.py").write_text("\n\nif x:\n    y  =  2\n")

    assert fingerprints(tmp_path, replace(FINDING, line=4)) == before


def test_rule_path_and_text_of_the_line_tell_findings_apart(tmp_path: Path) -> None:
    for name in ("a.py", "b.py"):
        (tmp_path / name).write_text("x = 1\ny = 2\n")
    different = [FINDING, replace(FINDING, line=1), replace(FINDING, rule="S"), replace(FINDING, path="b.py")]

    assert len(set(fingerprints(tmp_path, *different))) == 4


def test_findings_that_are_alike_are_counted(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x\nx\n")

    first, second = fingerprints(tmp_path, replace(FINDING, line=1), FINDING)

    assert first.removesuffix(":1") == second.removesuffix(":2")


def test_a_finding_without_a_readable_line_is_known_by_its_message(tmp_path: Path) -> None:
    nowhere = replace(FINDING, path=None, line=None)
    renumbered = replace(nowhere, message="unused, see line 12")
    other = replace(nowhere, message="something else")

    assert fingerprints(tmp_path, nowhere) == fingerprints(tmp_path, renumbered)
    assert fingerprints(tmp_path, nowhere) != fingerprints(tmp_path, other)
    assert fingerprints(tmp_path, FINDING) == fingerprints(tmp_path, replace(FINDING, line=99))


def test_files_in_another_encoding_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"\n\xe9\n")

    assert fingerprints(tmp_path, FINDING) != fingerprints(tmp_path, replace(FINDING, line=1))
