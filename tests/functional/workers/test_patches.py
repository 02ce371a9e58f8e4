"""What a test replaces is its own: no worker calls it, or is kept from its work by it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import pytest

from tests.functional.runs import run_agents, run_pytest
from tests.functional.workers.conftest import Agents
from tests.functional.workers.patches import FILES, QUICK, TARGETS

Replace = Callable[..., None]


@pytest.fixture
def replace(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Replace:
    """Have the suite replace these targets, each so many times."""

    def replace(targets: Sequence[str], *, rounds: int) -> None:
        monkeypatch.setenv("TARGETS", " ".join(targets))
        monkeypatch.setenv("ROUNDS", str(rounds))
        for name, source in FILES.items():
            (pytester.path / name).write_text(source, "utf-8")

    return replace


@pytest.mark.slow
def test_what_workers_were_seen_to_call(agents: Agents, replace: Replace) -> None:
    replace(QUICK, rounds=1)

    _assert_nobody_calls(agents().outcomes, at_least=len(QUICK))


def test_without_workers(pytester: pytest.Pytester, replace: Replace) -> None:
    replace(QUICK, rounds=0)

    _assert_nobody_calls(run_agents(pytester, "-n0").outcomes, at_least=0)


@pytest.mark.slow
def test_all_that_tests_replace_again_and_again(agents: Agents, replace: Replace) -> None:
    rounds = 5
    replace(TARGETS, rounds=rounds)

    _assert_nobody_calls(agents().outcomes, at_least=rounds * len(TARGETS))


@pytest.mark.slow
def test_it_is_not_called_in_a_serial_run_either(pytester: pytest.Pytester, replace: Replace) -> None:
    replace(TARGETS, rounds=1)

    outcomes = run_pytest(pytester).parseoutcomes()

    assert outcomes.keys() == {"passed", "skipped", "xfailed", "warnings"}


def _assert_nobody_calls(outcomes: Mapping[str, str], *, at_least: int) -> None:
    bad = {name: outcome for name, outcome in outcomes.items() if outcome not in ("passed", "skipped", "xfailed")}
    assert bad == {}
    counts = Counter(name.partition("[")[0] for name in outcomes)
    assert counts["test_held"] >= at_least
    assert counts["test_prints"] > 0
