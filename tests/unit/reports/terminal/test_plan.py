from __future__ import annotations

import textwrap

from pytest_parallel_agents.model.plan import Check, Conflict, Group, Plan, SharedFixture
from pytest_parallel_agents.reports.terminal.plan import (
    MOST_CONFLICTS,
    MOST_IN_LANE,
    MOST_LANES,
    Prediction,
    describe_plan,
)
from tests.unit.reports.samples import check, conflict

DB = SharedFixture(name="db", scope="module", key="tests/test_db.py:db")


def plan(checks: list[Check], *lanes: tuple[int, ...], conflicts: tuple[Conflict, ...] = (), **more: object) -> Plan:
    in_lanes = {index for lane in lanes for index in lane}
    alone = ((each.index,) for each in checks if each.index not in in_lanes)
    by_index = {each.index: each for each in checks}
    return Plan(checks=by_index, lanes=(*lanes, *alone), conflicts=conflicts, **more)  # type: ignore[arg-type]


def plain(index: int, path: str) -> Check:
    return check(index, f"{path}::t{index}", marked=False)


def described(known: Plan, estimates: dict[int, float] | None = None) -> list[str]:
    return describe_plan(known, estimates or {}, Prediction(predicted=12, bound=9), workers=2)


def test_the_plan_shows_lanes_conflicts_and_the_prediction() -> None:
    checks = [
        check(0, "pyproject.toml::ruff", "review", reads=frozenset({"src/"})),
        check(1, "tests/test_db.py::test_a", fixtures=(DB,)),
        check(2, "tests/test_db.py::test_b", fixtures=(DB,)),
        check(3, "tests/test_speed.py::test_speed", "profile", alone=True, cpus=2),
        plain(4, "tests/test_x.py"),
        plain(5, "tests/test_x.py"),
        plain(6, "tests/test_y.py"),
    ]
    known = plan(
        checks,
        (1, 2),
        predecessors={3: (0, 1, 2)},
        conflicts=(conflict("tests/test_db.py::test_a", "pyproject.toml::ruff"),),
    )

    assert "\n".join(described(known, {0: 4.0, 1: 5.0, 2: 0.5, 3: 0.04, 4: 1.0, 5: 1.5})) == textwrap.dedent("""\
        7 checks for 2 workers

        what runs, longest first
             5.5 s  2 checks in this order on one worker: they share db (module)
                   5.0 s  test     tests/test_db.py::test_a
                 0.500 s  test     tests/test_db.py::test_b
             4.0 s  review   pyproject.toml::ruff  (reads src/)
             2.5 s  test     tests/test_x.py: 2 checks with no declared conflict
           0.040 s  profile  tests/test_speed.py::test_speed  (alone; 2 CPUs; after pyproject.toml::ruff, tests/test_db.py::test_a and 1 more)
           0.000 s  test     tests/test_y.py: 1 check with no declared conflict

        conflicts
          tests/test_db.py::test_a and pyproject.toml::ruff: both write db (kept apart in time)
            to resolve: give each its own database

        predicted: 12.0 s; no order takes less than 9.0 s""")  # noqa: E501


def test_a_plan_of_nothing_has_no_sections() -> None:
    assert describe_plan(plan([]), {}, Prediction(predicted=0, bound=0), workers=1) == [
        "0 checks for 1 worker",
        "",
        "predicted: 0.000 s",
    ]


def test_checks_that_run_afterwards_and_guesses_are_reported() -> None:
    prediction = Prediction(predicted=10, bound=9.9, guessed=1, guess=2, after=3)
    checks = [check(0, "a"), check(1, "b")]

    assert describe_plan(plan(checks), {0: 10, 1: 2}, prediction, workers=2)[-5:] == [
        "",
        "then 3 checks, one after another",
        "",
        "predicted: 10.0 s, and then 3 checks",
        "not measured yet: 1 of 2 checks, which count as 2.0 s each",
    ]


def test_a_lane_that_another_plugin_asks_for_names_its_key() -> None:
    checks = [check(index, f"t{index}", together=("xdist_group: slow",)) for index in range(2)]

    assert "   0.000 s  2 checks in this order on one worker: they share xdist_group: slow" in described(
        plan(checks, (0, 1))
    )


def test_a_lane_without_anything_shared_is_an_order() -> None:
    checks = [check(index, f"t{index}") for index in range(2)]

    assert "   0.000 s  2 checks in this order on one worker" in described(plan(checks, (0, 1)))


def test_big_plans_are_cut() -> None:
    many = [check(index, f"t{index:03}") for index in range(MOST_LANES + MOST_IN_LANE + 3)]
    lane = tuple(range(MOST_IN_LANE + 2))
    conflicts = tuple(conflict(f"t{number}", "u") for number in range(MOST_CONFLICTS + 3))

    lines = described(plan(many, lane, conflicts=conflicts), dict.fromkeys(lane, 1.0))

    assert "        ... and 2 more" in lines
    assert "  ... and 2 more" in lines
    assert "  ... and 3 more" in lines
    assert sum("(kept apart in time)" in line for line in lines) == MOST_CONFLICTS


def test_control_characters_are_shown() -> None:
    known = plan([check(0, "t[\x1b]")], conflicts=(conflict("t[\x1b]", "u"),))

    assert all(line.isprintable() for line in described(known))


def test_groups_say_how_many_decide() -> None:
    waits = Group(name="solvers", needed=1, members=(0, 1))
    panel = Group(name="reviewers", needed=None, members=(0, 1), agree=2)
    lines = describe_plan(
        plan([check(0, "a"), check(1, "b")]), {}, Prediction(predicted=1, bound=1), 1, groups={waits: 1.0, panel: 2.0}
    )

    assert "     1.0 s  solvers (wait any of 2 checks)" in lines
    assert "     2.0 s  reviewers (agree 2 of 2 checks)" in lines
