"""Fixtures that are requested by name while a test runs."""

from __future__ import annotations

import pytest

from pytest_parallel_agents.collection.fixtures import WideFixtures

CONFTEST = """
import pytest
@pytest.fixture(scope="session")
def app(): ...
@pytest.fixture(scope="module")
def db(app): ...
@pytest.fixture(scope="module")
def cache(): ...
@pytest.fixture
def client(db): ...
@pytest.fixture
def lazy(request):
    return request.getfixturevalue("client")
@pytest.fixture
def chosen(request):
    return request.getfixturevalue(request.param)
@pytest.fixture
def factory(request):
    def make(name):
        return request.getfixturevalue(name)
    return make
def fetch(any_request, name):
    return any_request.getfixturevalue(name)
"""


@pytest.fixture(autouse=True)
def no_fixtures_of_others(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other plugins of these tests' environment have wide fixtures, too. `pytester` has unset the variable before."""
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:anyio")


def wide(pytester: pytest.Pytester, source: str) -> dict[str, dict[str, bool]]:
    """Names of the wide fixtures of each test, and whether it is certain that they are used."""
    pytester.makeconftest(CONFTEST)
    items, _ = pytester.inline_genitems(pytester.makepyfile(test_it=f"import pytest\n{source}"))
    found = WideFixtures(())
    return {item.name: {one.name: one.certain for one in found.of(item, marked=True)} for item in items}


DB = {"app": True, "db": True}
ANY = {"db": False, "cache": False}


DECORATED = """
import functools
def wrap(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs): return function(*args, **kwargs)
    return wrapper
@wrap
def test_a(request): request.getfixturevalue("db")
"""
INJECTED = """
class TestIt:
    @pytest.fixture(autouse=True)
    def keep(self, request): self.request = request
    def get(self, name): return self.request.getfixturevalue(name)
    def test_a(self): self.get("db")
"""
CASES: list[tuple[str, dict[str, bool]]] = [
    ("def test_a(request): request.getfixturevalue('db')", DB),
    ("def test_a(request): request.getfixturevalue(argname='db')", DB),
    ("def test_a(request): (lambda: request.getfixturevalue('client'))()", DB),
    ("def test_a(request): [request.getfixturevalue(name) for name in ('client',)]", DB),
    ("def test_a(request): get = request.getfixturevalue; get('db')", DB),
    ("def test_a(request): getattr(request, 'getfixturevalue')('db')", DB),
    ("NAME = 'db'\ndef test_a(request): request.getfixturevalue(NAME)", DB),
    ("NAMES = {'one': ['db']}\ndef test_a(request): [request.getfixturevalue(n) for n in NAMES['one']]", DB),
    ("def test_a(lazy): ...", DB),
    ("def test_a(factory): factory('db')", DB),
    ("def help(request): request.getfixturevalue('db')\ndef test_a(request): help(request)", DB),
    ("def help(it, name): it.getfixturevalue(name)\ndef test_a(request): help(request, 'db')", DB),
    ("from conftest import fetch\ndef test_a(request): fetch(request, 'db')", DB),
    (DECORATED, DB),
    ("import functools\ndef _t(request, n): request.getfixturevalue(n)\ntest_a = functools.partial(_t, n='db')", DB),
    (INJECTED, DB),
    ("def test_a(request): request.getfixturevalue('d' + str('b'))", ANY),
    ("def test_a(request): request.getfixturevalue(f'{request.node.name}_db')", ANY),
    ("def test_a(request): request.getfixturevalue('{}'.format('db'))", ANY),
    ("import os\ndef test_a(request): request.getfixturevalue(os.environ['WHICH'])", ANY),
    ("@pytest.fixture\ndef get(request): return request.getfixturevalue\ndef test_a(get): get('x')", ANY),
    ("def test_a(request): request.node; text = 'db'", {}),
    ("def test_a(request): request.getfixturevalue('tmp_path')", {"tmp_path_factory": True}),
    ("def test_a(): 'getfixturevalue'", {}),
]


def test_requests_that_code_mentions(pytester: pytest.Pytester) -> None:
    sources = {f"test_{number}": f"import pytest\n{source}" for number, (source, _) in enumerate(CASES)}
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(**sources)
    items, _ = pytester.inline_genitems()
    found = WideFixtures(())
    told = {item.path.stem: {one.name: one.certain for one in found.of(item, marked=True)} for item in items}
    assert {source: told[f"test_{number}"] for number, (source, _) in enumerate(CASES)} == dict(CASES)


def test_parameters_name_fixtures(pytester: pytest.Pytester) -> None:
    found = wide(
        pytester,
        """
class LazyFixtureWrapper:
    def __init__(self, name): self.name = name
@pytest.mark.parametrize("name", ["db", "cache", "tmp_path"])
def test_a(request, name): request.getfixturevalue(name)
@pytest.mark.parametrize("chosen", ["db"], indirect=True)
def test_b(chosen): ...
@pytest.mark.parametrize("value", [{"one": [LazyFixtureWrapper("client")]}, "db"], ids=["lazy", "text"])
def test_c(value): ...
""",
    )
    assert found == {
        "test_a[db]": DB,
        "test_a[cache]": {"cache": True},
        "test_a[tmp_path]": {"tmp_path_factory": True},
        "test_b[db]": DB,
        "test_c[lazy]": DB,
        "test_c[text]": {},
    }


def test_hooks_of_a_conftest_request_for_its_tests(pytester: pytest.Pytester) -> None:
    hook = "import pytest\ndef pytest_runtest_setup(item):\n    item._request.getfixturevalue('db')\n"
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(**{"inner/conftest": hook, "inner/test_a": "def test_a(): ...", "test_b": "def test_b(): ..."})
    items, _ = pytester.inline_genitems()
    found = WideFixtures(())
    told = {item.name: {one.name: one.certain for one in found.of(item, marked=True)} for item in items}
    assert told == {"test_a": DB, "test_b": {}}


def test_doctests_have_a_name_of_their_own_for_it(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(CONFTEST)
    path = pytester.makepyfile(module='def f():\n    """\n    >>> db = getfixture("db")\n    >>> db\n    """\n')
    items, _ = pytester.inline_genitems("--doctest-modules", path)
    (item,) = items
    assert DB.items() <= {one.name: one.certain for one in WideFixtures(()).of(item, marked=True)}.items()


def test_objects_that_cannot_be_read_are_skipped(pytester: pytest.Pytester) -> None:
    found = wide(
        pytester,
        """
class Proxy:
    def __getattribute__(self, name): raise RuntimeError("outside of its context")
proxy = Proxy()
endless = []
endless.append(endless)
def test_a(request):
    proxy, endless
    request.getfixturevalue("db")
""",
    )
    assert found == {"test_a": DB}
