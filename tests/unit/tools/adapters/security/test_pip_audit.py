from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_parallel_agents.model.results import Level
from pytest_parallel_agents.tool_formats.output import Output, Unreadable
from pytest_parallel_agents.tools.adapters.security.pip_audit import PIP_AUDIT, read

SKIPPED: dict[str, object] = {
    "name": "ours",
    "skip_reason": "Dependency not found on PyPI and could not be audited: ours (1.0)",
}


def output(*dependencies: dict[str, object]) -> Output:
    return Output(exit_code=0, stdout=json.dumps({"dependencies": dependencies, "fixes": []}), stderr="")


def test_a_vulnerability_has_the_same_message_in_every_run(tmp_path: Path) -> None:
    known = {"id": "P-1", "fix_versions": ["2", "3"], "aliases": ["b", "a"]}

    (finding,) = read(output({"name": "x", "version": "1", "vulns": [known]}), tmp_path).findings

    assert finding.message == "x 1 is vulnerable, also known as a, b; fixed in 2, 3"


def test_a_package_that_was_skipped_is_a_note(tmp_path: Path) -> None:
    (finding,) = read(output(SKIPPED, {"name": "x", "version": "1", "vulns": []}), tmp_path).findings

    assert (finding.rule, finding.level) == ("skipped", Level.NOTE)
    assert finding.level.severity < PIP_AUDIT.fail_on.severity


def test_an_audit_of_nothing_is_no_verdict(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="it could audit nothing: Dependency not found"):
        read(output(SKIPPED, SKIPPED), tmp_path)


def test_an_empty_environment_is_clean(tmp_path: Path) -> None:
    assert read(output(), tmp_path).findings == ()


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        ([], ["--"]),
        (["."], ["--", "."]),
        (["requirements.txt", "dev.in"], ["--requirement=requirements.txt", "--requirement=dev.in", "--"]),
    ],
)
def test_paths_are_projects_or_requirements(paths: list[str], expected: list[str], tmp_path: Path) -> None:
    argv = PIP_AUDIT.argv(paths, [], tmp_path)

    assert argv[4:] == expected
    assert f"--cache-dir={tmp_path}" in argv
