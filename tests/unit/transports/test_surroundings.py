from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from pytest_parallel_agents.transports.surroundings import (
    Surroundings,
    interpreter_flags,
    random_hash_seed,
    remember_environment,
    remember_path,
    surroundings_of,
)

FACTS = "import json, sys; print(json.dumps([list(sys.flags), sys.warnoptions, sys._xoptions, {}]))"
MODULE = "pytest_parallel_agents.transports.surroundings"
FLAGS = f"from {MODULE} import interpreter_flags; print(json.dumps(interpreter_flags()))"


def surroundings(**environment: str) -> Surroundings:
    return Surroundings(path=(), argv=(), environment=environment, folder="/")


@pytest.mark.parametrize(
    "flags",
    [
        [],
        ["-bb", "-OO", "-B", "-q"],
        ["-X", "dev", "-X", "utf8=0", "-W", "error::UserWarning", "-W", "ignore"],
        ["-X", "own=1", "-X", "switch", "-X", "importtime", "-P", "-s"],
        ["-I"],
        ["-E", "-b"],
    ],
    ids=" ".join,
)
def test_another_interpreter_has_the_same_flags(flags: list[str]) -> None:
    own = _ask([*flags, "-W", "default"], f"{FACTS}; {FLAGS}")
    found = _ask(own[1], FACTS)

    assert found[0] == own[0]


def _ask(flags: list[str], code: str) -> list[Any]:
    done = subprocess.run([sys.executable, *flags, "-c", code], capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_plugin_that_has_changed_the_warning_options_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class Flags:
        bytes_warning = 2

        def __getattr__(self, name: str) -> int:
            return int(getattr(FLAGS_OF_THIS_PROCESS, name))

    FLAGS_OF_THIS_PROCESS = sys.flags  # noqa: N806
    monkeypatch.setattr(sys, "flags", Flags())
    monkeypatch.setattr(sys, "warnoptions", [])
    monkeypatch.setattr(sys, "_xoptions", {"own": "1"})

    assert interpreter_flags() == ["-X", "own=1"]


def test_a_hash_seed_is_set_unless_the_user_has_set_one() -> None:
    assert surroundings().launch_environment(7) == {"PYTHONHASHSEED": "7"}
    assert surroundings(PYTHONHASHSEED="0").launch_environment(7) == {"PYTHONHASHSEED": "0"}
    assert surroundings(PYTHONHASHSEED="random").launch_environment(7) == {"PYTHONHASHSEED": "7"}
    assert 0 < random_hash_seed() < 2**32


def test_tests_see_the_variables_that_the_user_has_set() -> None:
    begun = surroundings(PYTHONWARNINGS="ignore", OTHER="1")

    assert begun.launch_environment(7) == {"PYTHONHASHSEED": "7", "OTHER": "1"}
    assert begun.users_variables({}) == {"PYTHONHASHSEED": None, "PYTHONWARNINGS": "ignore"}
    assert begun.users_variables({"PYTHONHASHSEED": "3"}) == {"PYTHONHASHSEED": "3", "PYTHONWARNINGS": "ignore"}


def test_what_was_there_before_the_collection_counts(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = pytester.parseconfig("-pno:cacheprovider")
    before = tuple(sys.path)
    remember_path(config)
    monkeypatch.syspath_prepend("elsewhere")
    monkeypatch.setenv("AGENTS_ONE", "by a plugin")
    remember_environment(config)
    monkeypatch.setenv("AGENTS_ONE", "by a test module")

    found = surroundings_of(config)

    assert found.path == before
    assert found.environment["AGENTS_ONE"] == "by a plugin"
    assert (found.argv, found.folder) == (tuple(sys.argv), str(pytester.path))
