"""Where a result is, from its URI to a path of the project."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_parallel_agents.model.results import Finding
from pytest_parallel_agents.tool_formats import sarif
from pytest_parallel_agents.tool_formats.locating import Prefix
from pytest_parallel_agents.tool_formats.output import Output

Json = dict[str, object]
MISSING = object()


def read(root: Path, artifact: object, *prefixes: Prefix, **run: object) -> Finding:
    locations = (
        []
        if artifact is MISSING
        else [{"physicalLocation": {"artifactLocation": artifact, "region": {"startLine": 2}}}]
    )
    result = {"message": {"text": "m"}, "locations": locations, **dict(run.pop("result", {}))}  # type: ignore[call-overload]
    log = {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "t"}}, "results": [result], **run}]}
    (finding,) = sarif.read(Output(exit_code=0, stdout=json.dumps(log), stderr=""), root, prefixes).findings
    return finding


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    for name in ("a.py", "a b.py", "ü.py", "c%20d.py", "e#f.py", "100%.py"):
        (tmp_path / "src" / name).touch()
    return tmp_path


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("src/a.py", "src/a.py"),
        ("./src/a.py", "src/a.py"),
        ("src/a%20b.py", "src/a b.py"),
        ("src/%C3%BC.py", "src/ü.py"),
        ("src/c%20d.py", "src/c%20d.py"),
        ("src/c%2520d.py", "src/c%20d.py"),
        ("src/100%.py", "src/100%.py"),
        ("src/e#f.py", "src/e#f.py"),
        ("src/a.py#L2", "src/a.py"),
        ("src/a.py?v=1", "src/a.py"),
        ("src/gone%20b.py", "src/gone b.py"),
        (r"src\a.py", "src/a.py"),
        (r"src\a%20b.py", "src/a b.py"),
        ("{root}/src/a.py", "src/a.py"),
        ("file://{root}/src/a.py", "src/a.py"),
        ("file://localhost{root}/src/a%20b.py", "src/a b.py"),
        ("file:{root}/src/c%20d.py", "src/c%20d.py"),
        ("FILE://{root}/src/a.py", "src/a.py"),
        ("file://src/a.py", "src/a.py"),
        ("file:src/a.py", "src/a.py"),
        ("file:///elsewhere/a%20b.py", "/elsewhere/a b.py"),
        ("file://host/share/a.py", "//host/share/a.py"),
        ("file:///C:/code/a.py", "C:/code/a.py"),
        ("file:///c%3A/code/a.py", "c:/code/a.py"),
        ("file://this-machine{root}/src/a.py", "src/a.py"),
        ("file://C:/code/a.py", "C:/code/a.py"),
        (r"C:\code\a.py", "C:/code/a.py"),
        ("src/[.py", "src/[.py"),
        ("//[", "//["),
    ],
)
def test_uris(uri: str, path: str, root: Path) -> None:
    finding = read(root, {"uri": uri.replace("{root}", str(root))})

    assert (finding.path, finding.line) == (path, 2)


BASES: Json = {
    "ROOT": {"uri": "file:///build/my%20code/"},
    "SRC": {"uri": "src/", "uriBaseId": "ROOT"},
    "BARE": {"description": {"text": "whatever it was"}},
    "BELOW": {"uri": "src", "uriBaseId": "BARE"},
    "A": {"uri": "a/", "uriBaseId": "B"},
    "B": {"uri": "b/", "uriBaseId": "A"},
    "REPO": {"uri": "https://host/repository/"},
}


@pytest.mark.parametrize(
    ("base", "uri", "path"),
    [
        ("ROOT", "src/a.py", "src/a.py"),
        ("SRC", "a%20b.py", "src/a b.py"),
        ("SRC", "c%20d.py", "src/c%20d.py"),
        ("SRC", "file:///build/my%20code/x.py", "x.py"),
        ("SRC", "/build/my code/x.py", "x.py"),
        ("BARE", "src/a.py", "src/a.py"),
        ("BELOW", "a.py", "src/a.py"),
        ("REPO", "src/a.py", "src/a.py"),
        ("%SRCROOT%", "src/a.py", "src/a.py"),
        ("A", "x.py", "b/a/x.py"),
    ],
)
def test_bases(base: str, uri: str, path: str, root: Path) -> None:
    artifact = {"uri": uri, "uriBaseId": base}

    assert read(root, artifact, Prefix("/build/my code", "."), originalUriBaseIds=BASES).path == path


def test_a_base_that_is_the_root(root: Path) -> None:
    bases = {"ROOT": {"uri": root.as_uri() + "/"}}

    assert read(root, {"uri": "src/a.py", "uriBaseId": "ROOT"}, originalUriBaseIds=bases).path == "src/a.py"


@pytest.mark.parametrize(("index", "path"), [(1, "src/a.py"), (0, None), (7, None), (-1, None)])
def test_an_artifact_may_be_named_by_index(index: int, path: str | None, root: Path) -> None:
    artifacts = [{}, {"location": {"uri": "a.py", "uriBaseId": "BELOW"}}]

    assert read(root, {"index": index}, artifacts=artifacts, originalUriBaseIds=BASES).path == path


@pytest.mark.parametrize("artifact", [MISSING, {}, None, {"uri": ""}])
def test_a_result_without_a_file_stays_a_finding(artifact: object, root: Path) -> None:
    finding = read(root, artifact)

    assert (finding.message, finding.path, finding.line) == ("m", None, None)
    assert read(root, artifact, result={"analysisTarget": {"uri": "src/a.py"}}).path == "src/a.py"


def test_the_first_location_that_names_a_file_counts(root: Path) -> None:
    locations = [
        {"logicalLocations": [{"fullyQualifiedName": "a.f"}]},
        {"physicalLocation": {"artifactLocation": {"uri": "src/a.py"}, "region": {"startLine": 7}}},
        {"physicalLocation": {"artifactLocation": {"uri": "src/b.py"}}},
    ]

    finding = read(root, {}, result={"locations": locations})

    assert (finding.path, finding.line) == ("src/a.py", 7)


@pytest.mark.parametrize("uri", ["https://host/a.py", "pkg:pypi/requests@2.0"])
def test_what_is_no_file_is_named_in_the_message(uri: str, root: Path) -> None:
    finding = read(root, {"uri": uri})

    assert (finding.message, finding.path) == (f"{uri}: m", None)
