from __future__ import annotations

from pathlib import Path

import pytest

from tests.realworld.plugins import normal

OUTPUT = """\
=========== test session starts ===========
collected 2 items
{progress}
================ FAILURES =================
_________________ test_it _________________
{worker}
    def test_it():
>       assert 0
------- Captured stdout call --------------
printed
---- Generated report: file:///x.html -----
========= 1 failed, 1 passed in {seconds}s =========
"""


def test_runs_with_the_same_output_are_equal() -> None:
    serial = OUTPUT.format(progress="test_it.py F. [100%]", worker="", seconds="0.10")
    ours = OUTPUT.format(progress=".F    [100%]", worker="[gw1] linux -- Python 3.11.7 /bin/python", seconds="0.25")

    left, right = (normal.sections(normal.text(said, Path("/run/suite"))) for said in (serial, ours))

    assert left == right
    assert left["counts"] == ["1 failed, 1 passed in <duration>"]
    assert "printed" in left["FAILURES"]
    assert left["Generated report: file:///x.html"] == []


def test_what_is_no_progress_is_compared() -> None:
    said = OUTPUT.format(progress="agents: something", worker="", seconds="0.10")
    assert "agents: something" in normal.sections(said)["test session starts"]


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("/run/suite/x.txt of /run/tmp", "<folder>/x.txt of <home>/tmp"),
        ("at 2026-01-02T03:04:05.678+00:00 sharp", "at <moment> sharp"),
        ("id 0f8fad5b-d9cb-469f-a165-70867728950e", "id <uuid>"),
        ("took 12 ms, or 0.01s", "took <duration>, or <duration>"),
        ("port 8080", "port 8080"),
        ("1.5 of 3", "1.5 of 3"),
    ],
)
def test_text(said: str, plain: str) -> None:
    assert normal.text(said, Path("/run/suite")) == plain


def test_a_file_of_json_is_compared_by_what_it_holds() -> None:
    left = '{"tests": [{"name": "a", "seconds": 0.5}, {"name": "b", "worker_id": "gw1"}]}'
    right = '{"tests": [{"name": "b"}, {"seconds": 0.7, "name": "a"}]}'

    assert normal.content(left, str) == normal.content(right, str)
    assert normal.content(left, str) != normal.content(right.replace('"b"', '"c"'), str)


def test_a_file_of_lines_of_json_is_compared_whatever_their_order() -> None:
    assert normal.content('{"a": 1}\n{"b": 2}\n', str) == normal.content('{"b": 2}\n{"a": 1}\n', str)
    assert normal.content('{"a": 1}\n{"b": 2}\n', str) != normal.content('{"b": 2}\n', str)


def test_a_file_of_text_is_compared_by_its_lines() -> None:
    assert normal.content("x\ny\n", str) == normal.content("y\nx\n", str)
    assert normal.content("x\ny\n", str) != normal.content("y\ny\n", str)
