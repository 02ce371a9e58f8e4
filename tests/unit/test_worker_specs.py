"""How many workers are wanted of each kind, and on which host."""

from __future__ import annotations

import pytest

from pytest_parallel_agents.worker_specs import _faults_of, _specs, host_names, is_remote, shares


def test_workers_are_taken_from_the_specs_in_turns() -> None:
    assert shares(("fork", "fork", "ssh=box"), 3) == {"fork": 2, "ssh=box": 1}
    assert shares(("fork", "ssh=box"), 5) == {"fork": 3, "ssh=box": 2}
    assert shares(("fork", "ssh=box"), 1) == {"fork": 1}


def test_each_host_has_a_name_of_its_own() -> None:
    specs = ("fork", "popen//python=a", "ssh=me@box", "ssh=-p 22 me@box//python=b", "ssh=bay", "ssh=me@box")

    assert host_names(specs) == {
        "fork": "",
        "popen//python=a": "",
        "ssh=me@box": "me@box",
        "ssh=-p 22 me@box//python=b": "me@box#2",
        "ssh=bay": "bay",
    }
    assert [is_remote(spec) for spec in specs] == [False, False, True, True, True, True]


@pytest.mark.parametrize(
    ("spec", "fault"),
    [
        ("ssh=ma'chine", "ma'chine cannot be read: No closing quotation (quote it as in a shell)"),
        ("popen//python='x", "'x cannot be read: No closing quotation (quote it as in a shell)"),
        ("dask=tcp://head:1//python='x", "python cannot be read: No closing quotation (quote it as in a shell)"),
        ("ssh=box//nice=²", "nice is '²' (give a whole number)"),
        ("popen//nice=--5", "nice is '--5' (give a whole number)"),
    ],
)
def test_a_value_that_cannot_be_read_is_named(spec: str, fault: str) -> None:
    assert list(map(str, _faults_of(spec))) == [f"--tx {spec}: {fault}"]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("ssh=box//chdir=/srv/shop///python=py", "ssh=box//chdir=/srv/shop//python=py"),
        ("dask=tcp://head:1///python=py", "dask=tcp://head:1//python=py"),
        ("ssh=box//chdir=/srv/shop/", "ssh=box//chdir=/srv/shop/"),
    ],
)
def test_a_folder_may_end_with_a_slash(written: str, read: str) -> None:
    assert _specs([written], []) == ((read,), False)
