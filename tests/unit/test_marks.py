from __future__ import annotations

from collections.abc import Callable

import pytest

from pytest_parallel_agents.marks import UNMARKED, AgentMark, agent_mark, parse_mark

KINDS = ("review", "test", "profile")


def marked(mark: str) -> str:
    return f"\n@pytest.mark.{mark}\ndef test_it(): pass"


def test_an_unmarked_item_is_a_test(item_of: Callable[[str], pytest.Item]) -> None:
    item = item_of("def test_it(): pass")
    assert parse_mark(item, KINDS) == (UNMARKED, [])
    assert agent_mark(item).kind == "test"
    assert not agent_mark(item).marked


def test_all_arguments(item_of: Callable[[str], pytest.Item]) -> None:
    item = item_of(
        marked(
            'agent("review", reads=["src/"], writes={"db"}, after="ruff", cpus=0, timeout=5, group="g", alone=True,'
            " retries=2)"
        )
    )
    mark, told = parse_mark(item, KINDS)
    assert told == []
    assert mark == agent_mark(item)
    assert mark == AgentMark(
        kind="review",
        reads=frozenset({"src/"}),
        writes=frozenset({"db"}),
        after=("ruff",),
        cpus=0,
        timeout=5.0,
        group="g",
        alone=True,
        retries=2,
    )


def test_the_kind_may_be_named(item_of: Callable[[str], pytest.Item]) -> None:
    mark, told = parse_mark(item_of(marked('agent(kind="profile")')), KINDS)
    assert (mark.kind, told) == ("profile", [])


def test_the_closest_mark_wins(pytester: pytest.Pytester) -> None:
    items, _ = pytester.inline_genitems(
        pytester.makepyfile(
            """
            import pytest
            pytestmark = pytest.mark.agent("review", reads="src/")

            def test_of_the_module(): pass

            @pytest.mark.agent("profile")
            class TestIt:
                def test_of_the_class(self): pass

                @pytest.mark.agent("test", alone=True)
                def test_of_its_own(self): pass

                @pytest.mark.parametrize("n", [1, pytest.param(2, marks=pytest.mark.agent("review"))])
                def test_of_the_set(self, n): pass
            """
        )
    )
    assert {item.name: agent_mark(item).kind for item in items} == {
        "test_of_the_module": "review",
        "test_of_the_class": "profile",
        "test_of_its_own": "test",
        "test_of_the_set[1]": "profile",
        "test_of_the_set[2]": "review",
    }
    assert agent_mark(items[1]).reads == frozenset()


@pytest.mark.parametrize(
    ("mark", "fault"),
    [
        ("agent('reviw')", "names the unknown kind 'reviw' (did you mean 'review'?)"),
        ("agent('x')", "names the unknown kind 'x' (known kinds are profile, review, test)"),
        ("agent()", 'takes one positional argument, the kind (write @pytest.mark.agent("review", ...))'),
        ("agent('test', 'db')", "takes one positional argument, the kind"),
        ("agent('test', kind='review')", "takes one positional argument, the kind"),
        ("agent(3)", "has kind=3 (give a text)"),
        ("agent('test', write=['db'])", "has no argument 'write' (did you mean 'writes'?)"),
        ("agent('test', colour=1)", "has no argument 'colour' (it takes kind, reads, writes"),
        ("agent('test', reads=3)", "has reads=3 (give a list of texts)"),
        ("agent('test', writes=[3])", "has writes=[3] (give a list of texts)"),
        ("agent('test', writes=[''])", "has writes=[''] (give a list of texts)"),
        ("agent('test', after=[None])", "has after=[None] (give a list of texts)"),
        ("agent('test', cpus='2')", "has cpus='2' (give a whole number, 0 or more)"),
        ("agent('test', cpus=-1)", "has cpus=-1 (give a whole number, 0 or more)"),
        ("agent('test', retries=True)", "has retries=True (give a whole number, 0 or more)"),
        ("agent('test', timeout=0)", "has timeout=0 (give seconds, more than 0, or None)"),
        ("agent('test', group=1)", "has group=1 (give a text)"),
        ("agent('test', alone='yes')", "has alone='yes' (give True or False)"),
    ],
)
def test_a_faulty_argument(item_of: Callable[[str], pytest.Item], mark: str, fault: str) -> None:
    item = item_of(marked(mark))
    _, (told,) = parse_mark(item, KINDS)
    assert str(told).startswith(f"{item.location[0]}:2: the agent mark of test_it {fault}")


def test_all_faults_of_a_mark_at_once_and_the_rest_counts(item_of: Callable[[str], pytest.Item]) -> None:
    mark, told = parse_mark(item_of(marked("agent('no', cpus=None, wirtes=1, after='ruff')")), KINDS)
    assert len(told) == 3
    assert mark == AgentMark(after=("ruff",))
