"""What gitleaks and trivy print, written by hand after their own reports: neither can be installed for tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_parallel_agents.model.results import Finding, Level
from pytest_parallel_agents.tool_formats.output import Output, Unreadable
from pytest_parallel_agents.tools.adapters.security import gitleaks, trivy
from tests.unit.tools.adapters.printed import printed

LEAK = {
    "RuleID": "generic-api-key",
    "Description": "Detected a Generic API Key",
    "StartLine": 3,
    "EndLine": 4,
    "StartColumn": 5,
    "EndColumn": 30,
    "Match": "key = REDACTED",
    "Secret": "REDACTED",
    "File": "src/settings.py",
    "SymlinkFile": "",
    "Commit": "",
    "Entropy": 4.5,
    "Author": "",
    "Email": "",
    "Date": "",
    "Message": "",
    "Tags": [],
    "Fingerprint": "src/settings.py:generic-api-key:3",
}


def test_a_leak_is_an_error_without_its_secret(tmp_path: Path) -> None:
    (finding,) = gitleaks.read(printed([LEAK], exit_code=65), tmp_path).findings

    assert finding == Finding(
        rule="generic-api-key",
        level=Level.ERROR,
        message="Detected a Generic API Key",
        path="src/settings.py",
        line=3,
        end_line=4,
    )


@pytest.mark.parametrize("nothing", [[], None])
def test_no_leak(nothing: object, tmp_path: Path) -> None:
    assert gitleaks.read(printed(nothing, stderr="INF scanned ~12 bytes (12 bytes) in 3ms\n"), tmp_path).findings == ()


def test_gitleaks_reports_when_it_has_seen_nothing() -> None:
    assert gitleaks.GITLEAKS.nothing is not None
    assert gitleaks.GITLEAKS.nothing.search("INF scanned ~0 bytes (0) in 1ms\nINF no leaks found\n")
    assert not gitleaks.GITLEAKS.nothing.search("INF scanned ~10 bytes (10 bytes) in 1ms\n")


def test_leaks_and_failures_of_gitleaks_have_different_exit_codes() -> None:
    words = gitleaks.argv(("src",), (), Path())

    assert "--exit-code=65" in words
    assert gitleaks.GITLEAKS.codes == {0, 65}
    assert not {"--report-path=-", "--redact"} - set(words)


def trivy_says(*results: object, artifact: str = ".") -> Output:
    return printed({"SchemaVersion": 2, "ArtifactName": artifact, "Results": list(results)}, exit_code=65)


VULNERABILITY = {
    "VulnerabilityID": "CVE-2001-1",
    "PkgName": "shop",
    "InstalledVersion": "1.0",
    "FixedVersion": "1.1",
    "Title": "prices can be negative",
    "Severity": "HIGH",
    "CVSS": {"nvd": {"V3Score": 7.5}},
}
MISCONFIGURATION = {
    "Type": "Dockerfile Security Check",
    "ID": "DS002",
    "Title": "Image user should not be 'root'",
    "Message": "Name a user",
    "Severity": "MEDIUM",
    "Status": "FAIL",
    "CauseMetadata": {"Provider": "Dockerfile", "StartLine": 2, "EndLine": 3},
}
SECRET = {
    "RuleID": "aws-access-key-id",
    "Category": "AWS",
    "Severity": "CRITICAL",
    "Title": "AWS Access Key ID",
    "StartLine": 7,
    "EndLine": 7,
    "Match": "AWS_ACCESS_KEY_ID=****",
}


def test_targets_of_trivy_are_seen_from_the_folder_it_scans(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    for name in ("poetry.lock", "Dockerfile"):
        (tmp_path / "app" / name).touch()
    said = trivy_says(
        {"Target": "poetry.lock", "Class": "lang-pkgs", "Vulnerabilities": [VULNERABILITY]},
        {"Target": "Dockerfile", "Class": "config", "Misconfigurations": [MISCONFIGURATION]},
        {"Target": "Dockerfile", "Class": "secret", "Secrets": [SECRET]},
        {"Target": "Python", "Class": "lang-pkgs", "Vulnerabilities": [{**VULNERABILITY, "FixedVersion": ""}]},
        artifact="app",
    )

    found = [(one.rule, one.level, one.path, one.line, one.end_line) for one in trivy.read(said, tmp_path).findings]

    assert found == [
        ("CVE-2001-1", Level.ERROR, "app/poetry.lock", None, None),
        ("DS002", Level.WARNING, "app/Dockerfile", 2, 3),
        ("aws-access-key-id", Level.ERROR, "app/Dockerfile", 7, 7),
        ("CVE-2001-1", Level.ERROR, None, None, None),
    ]


def test_messages_of_trivy(tmp_path: Path) -> None:
    licensed = {"Severity": "UNKNOWN", "Name": "GPL-3.0", "PkgName": "shop"}
    passed = {**MISCONFIGURATION, "Status": "PASS"}
    said = trivy_says(
        {"Target": "x", "Vulnerabilities": [VULNERABILITY], "Misconfigurations": [passed], "Licenses": [licensed]}
    )

    assert [(one.message, one.level) for one in trivy.read(said, tmp_path).findings] == [
        ("shop 1.0 is vulnerable, fixed in 1.1: prices can be negative", Level.ERROR),
        ("shop has the license GPL-3.0", Level.NOTE),
    ]


def test_a_file_that_trivy_scans_is_its_target(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "Dockerfile").touch()
    said = trivy_says({"Target": "Dockerfile", "Misconfigurations": [MISCONFIGURATION]}, artifact="app/Dockerfile")

    (finding,) = trivy.read(said, tmp_path).findings

    assert finding.path == "app/Dockerfile"


def test_nothing_is_wrong_for_trivy(tmp_path: Path) -> None:
    assert trivy.read(printed({"SchemaVersion": 2, "ArtifactName": "."}), tmp_path).findings == ()


def test_another_version_of_trivy_s_report_is_not_understood(tmp_path: Path) -> None:
    with pytest.raises(Unreadable):
        trivy.read(printed({"SchemaVersion": 3, "ArtifactName": "."}), tmp_path)
