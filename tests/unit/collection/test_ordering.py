from __future__ import annotations

import pytest

from pytest_parallel_agents.collection.ordering import Requirement, requirements
from pytest_parallel_agents.options import Dist


def required(pytester: pytest.Pytester, source: str, *args: str) -> dict[str, Requirement]:
    """What is required of each test, by its name, before any plugin has put them in order."""
    items, _ = pytester.inline_genitems(pytester.makepyfile(test_it=source), "--collect-only", *args)
    return {item.name: requirement for item, requirement in requirements(items).items()}


def together(found: dict[str, Requirement]) -> dict[str, list[str]]:
    return {name: requirement.together for name, requirement in found.items()}


def test_nothing_is_required_of_plain_tests(pytester: pytest.Pytester) -> None:
    assert required(pytester, "def test_a(): ...\ndef test_b(): ...") == {}


@pytest.mark.parametrize("mark", ['xdist_group("db")', 'xdist_group(name="db")'])
def test_xdist_groups(pytester: pytest.Pytester, mark: str) -> None:
    found = required(pytester, f"import pytest\n@pytest.mark.{mark}\ndef test_a(): ...\ndef test_b(): ...")
    assert together(found) == {"test_a": ["xdist_group:db"]}


@pytest.mark.parametrize(
    ("dist", "keys"),
    [
        (Dist.LOADFILE, ["dist:test_it.py", "dist:test_it.py", "dist:test_it.py"]),
        (Dist.LOADSCOPE, ["dist:test_it.py", "dist:test_it.py::TestA", "dist:test_it.py::TestA::TestB"]),
        (Dist.LOADGROUP, []),
    ],
)
def test_files_and_scopes_stay_together_where_dist_requires_it(
    pytester: pytest.Pytester, dist: Dist, keys: list[str]
) -> None:
    source = """
    import pytest
    @pytest.mark.parametrize("x", ["a::b"])
    def test_plain(x): ...
    class TestA:
        def test_a(self): ...
        class TestB:
            def test_b(self): ...
    """
    items, _ = pytester.inline_genitems(pytester.makepyfile(test_it=source), "--collect-only")
    found = requirements(items, dist)
    assert [key for item in items if item in found for key in found[item].together] == keys


@pytest.mark.parametrize(
    ("argument", "stage"),
    [("0", -1), ("1", -1), ("index=3", -1), ("'second'", -1), ("-1", 1), ("'last'", 1), ("'second_to_last'", 1)],
)
def test_ordered_tests_come_before_or_after_all_others(pytester: pytest.Pytester, argument: str, stage: int) -> None:
    source = f"import pytest\n@pytest.mark.order({argument})\ndef test_a(): ...\ndef test_b(): ..."
    found = required(pytester, source)
    assert found["test_a"] == Requirement(together=["order:session"], stages=[("order:session", stage)])
    assert found["test_b"] == Requirement(stages=[("order:session", 0)])


def test_an_order_within_the_module(pytester: pytest.Pytester) -> None:
    source = "import pytest\n@pytest.mark.order(1)\ndef test_a(): ..."
    found = required(pytester, source, "--order-scope=module")
    assert together(found) == {"test_a": ["order:test_it.py"]}


def test_an_order_among_some(pytester: pytest.Pytester) -> None:
    source = """
    import pytest
    @pytest.mark.order(after=["test_b", "TestIt::test_c"])
    def test_a(): ...
    def test_b(): ...
    class TestIt:
        def test_c(self): ...
    def test_d(): ...
    """
    key = "order:test_it.py::test_a"
    found = together(required(pytester, source))
    assert {name: set(keys) for name, keys in found.items()} == {
        "test_a": {key},
        "test_b": {key},
        "test_c": {key},
    }


def test_dependencies_of_one_module(pytester: pytest.Pytester) -> None:
    source = """
    import pytest
    @pytest.mark.dependency()
    def test_a(): ...
    @pytest.mark.dependency(depends=["test_a"])
    def test_b(): ...
    def test_c(): ...
    """
    key = "dependency:test_it.py"
    assert together(required(pytester, source)) == {"test_a": [key], "test_b": [key]}


def test_dependencies_without_dependents(pytester: pytest.Pytester) -> None:
    source = "import pytest\n@pytest.mark.dependency()\ndef test_a(): ...\ndef test_b(): ..."
    assert required(pytester, source) == {}


def test_dependencies_across_modules(pytester: pytest.Pytester) -> None:
    source = """
    import pytest
    @pytest.mark.dependency(scope="session")
    def test_a(): ...
    @pytest.mark.dependency(depends=["test_it.py::test_a"], scope="session")
    def test_b(): ...
    """
    key = "dependency:session"
    assert together(required(pytester, source)) == {"test_a": [key], "test_b": [key]}


def test_every_test_may_be_depended_on_when_they_are_marked_by_themselves(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nautomark_dependency = true\n")
    source = """
    import pytest
    def test_a(): ...
    @pytest.mark.dependency(depends=["test_a"])
    def test_b(): ...
    """
    assert set(required(pytester, source)) == {"test_a", "test_b"}
