from __future__ import annotations

from typing import Literal

import pytest

from pytest_parallel_agents.collection.fixtures import WideFixtures
from pytest_parallel_agents.model.plan import SharedFixture

WIDE = """
import pytest
@pytest.fixture(scope="session")
def app(): ...
@pytest.fixture(scope="package")
def pack(): ...
@pytest.fixture(scope="module")
def db(app): ...
@pytest.fixture
def client(db): ...
"""


def fixtures(
    pytester: pytest.Pytester, source: str, *replicate: str, marked: bool = True
) -> dict[str, dict[str, SharedFixture]]:
    """The wide fixtures of each test by their names."""
    items, _ = pytester.inline_genitems(pytester.makepyfile(test_it=source))
    wide = WideFixtures(replicate)
    return {item.name: {one.name: one for one in wide.of(item, marked=marked)} for item in items}


def test_the_whole_closure_counts_and_function_scope_does_not(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(WIDE)
    found = fixtures(pytester, "def test_a(client): ...\ndef test_b(): ...")
    assert {name: one.scope for name, one in found["test_a"].items()} == {"app": "session", "db": "module"}
    assert found["test_b"] == {}


def test_one_instance_has_one_key(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(WIDE)
    found = fixtures(pytester, "def test_a(db): ...\nclass TestIt:\n    def test_b(self, db): ...")
    assert found["test_a"]["db"].key == found["test_b"]["db"].key


def test_classes_have_instances_of_their_own(pytester: pytest.Pytester) -> None:
    found = fixtures(
        pytester,
        """
        import pytest
        @pytest.fixture(scope="class")
        def own(): ...
        class TestA:
            def test_a(self, own): ...
            def test_b(self, own): ...
        class TestB:
            def test_c(self, own): ...
        def test_d(own): ...
        """,
    )
    keys = [found[name]["own"].key for name in ("test_a", "test_b", "test_c", "test_d")]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3


def test_an_override_is_another_fixture(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(WIDE)
    items, _ = pytester.inline_genitems(
        pytester.makepyfile(
            test_a="def test_a(app): ...",
            test_b="import pytest\n@pytest.fixture(scope='session')\ndef app(): ...\ndef test_b(app): ...",
        ).parent
    )
    (first,), (second,) = (WideFixtures(()).of(item, marked=True) for item in items)
    assert first.key != second.key


def test_an_override_that_asks_for_the_original_uses_both(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(WIDE)
    items, _ = pytester.inline_genitems(
        pytester.makepyfile("import pytest\n@pytest.fixture\ndef app(app): ...\ndef test_b(app): ...")
    )
    (original,) = WideFixtures(()).of(items[0], marked=True)
    assert (original.name, original.scope) == ("app", "session")


def test_parameters_make_instances(pytester: pytest.Pytester) -> None:
    found = fixtures(
        pytester,
        """
        import pytest
        @pytest.fixture(scope="module", params="xy")
        def app(request): ...
        def test_a(app): ...
        def test_b(app): ...
        """,
    )
    assert found["test_a[x]"]["app"].key == found["test_b[x]"]["app"].key
    assert found["test_a[x]"]["app"].key != found["test_a[y]"]["app"].key


@pytest.mark.parametrize(
    ("patterns", "replicable"), [((), set()), (("app",), {"app"}), (("a*", "d?"), {"app", "db"}), (("ap",), set())]
)
def test_replicate(pytester: pytest.Pytester, patterns: tuple[str, ...], replicable: set[str]) -> None:
    pytester.makeconftest(WIDE)
    found = fixtures(pytester, "def test_a(db): ...", *patterns)["test_a"]
    assert {name for name, one in found.items() if one.replicable} == replicable


def test_plain_tests_build_session_and_package_fixtures_per_worker(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(WIDE)
    found = fixtures(pytester, "def test_a(app, pack, db): ...", marked=False)["test_a"]
    assert {name: one.replicable for name, one in found.items()} == {"app": True, "pack": True, "db": False}


@pytest.mark.parametrize(
    "name",
    ["tmp_path_factory", "pytestconfig", "worker_id", "testrun_uid", "doctest_namespace", "record_testsuite_property"],
)
def test_pytests_own_are_harmless(pytester: pytest.Pytester, name: str) -> None:
    found = fixtures(pytester, f"def test_a({name}): ...")["test_a"]
    assert found[name].replicable


@pytest.mark.parametrize("function", ["setup_module", "setup_class"])
def test_set_up_functions_are_the_users_own(
    pytester: pytest.Pytester, function: Literal["setup_module", "setup_class"]
) -> None:
    source = {
        "setup_module": "def setup_module(): ...\ndef test_a(): ...",
        "setup_class": "class TestIt:\n    @classmethod\n    def setup_class(cls): ...\n    def test_a(self): ...",
    }
    (fixture,) = fixtures(pytester, source[function])["test_a"].values()
    assert not fixture.replicable


@pytest.mark.parametrize(("body", "replicable"), [("", True), ("@classmethod\n    def setUpClass(cls): ...", False)])
def test_only_a_written_set_up_of_a_test_case_is_shared(
    pytester: pytest.Pytester, body: str, *, replicable: bool
) -> None:
    source = f"import unittest\nclass TestIt(unittest.TestCase):\n    {body or 'x = 1'}\n    def test_a(self): ...\n"
    found = fixtures(pytester, source)["test_a"].values()
    assert all(fixture.replicable is replicable for fixture in found)
    assert replicable or found
