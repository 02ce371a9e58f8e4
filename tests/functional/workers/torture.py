"""A suite with one of everything that pytest can do, in which no test needs another."""

from __future__ import annotations

from typing import Final

FILES: Final[dict[str, str]] = {
    "conftest.py": """
import pytest

@pytest.fixture(scope="session")
def wide():
    return []

@pytest.fixture(autouse=True)
def around(request):
    print("before", request.node.name)
    yield
    print("after", request.node.name)

@pytest.fixture
def broken_elsewhere():
    raise OSError("set-up")

@pytest.fixture
def yields_nothing():
    if False:
        yield

@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    result = yield
    if item.name == "test_refused":
        raise OSError("refused")
    return result
""",
    "nested/conftest.py": """
import pytest

@pytest.fixture
def place():
    return "nested"
""",
    "nested/package/__init__.py": "",
    "nested/package/conftest.py": """
import pytest

@pytest.fixture(scope="package")
def package():
    return ["package"]

@pytest.fixture
def place(place):
    return place + " package"
""",
    "nested/package/test_package.py": """
def test_package(package, place):
    assert (package, place) == (["package"], "nested package")

def test_failed_package(package, place):
    assert place == "elsewhere"
""",
    "test_outcomes.py": """
import pytest
import warnings

@pytest.mark.parametrize("value", [1, "é", None, 1.5, "a/b", "[x]"])
def test_parametrized(value):
    assert value != 1.5

@pytest.mark.parametrize("left", [1, 2])
@pytest.mark.parametrize("right", [1, 2], ids=["one", "two"])
def test_crossed(left, right):
    assert left == right

@pytest.mark.xfail(reason="known")
def test_xfail():
    assert 0

@pytest.mark.xfail(reason="unknown")
def test_xpass():
    pass

@pytest.mark.xfail(strict=True, reason="strict")
def test_strict():
    pass

@pytest.mark.xfail(raises=ZeroDivisionError)
def test_xfail_other_error():
    raise OSError("other")

@pytest.mark.xfail(run=False, reason="not run")
def test_not_run():
    assert 0

def test_imperative_xfail():
    pytest.xfail("now")

@pytest.mark.skip(reason="by mark")
def test_skip():
    pass

@pytest.mark.skipif("True", reason="by condition")
def test_skipif():
    pass

def test_imperative_skip():
    pytest.skip("now")

def test_import():
    pytest.importorskip("no_such_module")

def test_diff():
    assert {"a": 1, "b": [1, 2, 3]} == {"a": 1, "b": [1, 2, 4], "c": 5}

def test_text_diff():
    assert "one\\ntwo\\nthree" == "one\\n2\\nthree", "the message"

def test_chain():
    try:
        {}["key"]
    except KeyError as error:
        raise ValueError("first") from error

def test_group():
    raise ExceptionGroup("group", [ValueError(1), TypeError(2)])

def test_words():
    pytest.fail("only words", pytrace=False)

def test_recursion():
    def again():
        again()
    again()

def test_exit_of_a_program():
    raise SystemExit(3)

def test_warns():
    warnings.warn("old", DeprecationWarning)

def test_properties(record_property, record_testsuite_property):
    record_property("key", "value")
    record_property("number", (1, "é"))
    record_testsuite_property("suite", "value")
""",
    "test_fixtures.py": """
import pytest

@pytest.fixture
def broken():
    raise OSError("set-up")

@pytest.fixture
def leaving():
    yield
    raise OSError("tear-down")

@pytest.fixture(params=["x", "y"])
def letter(request):
    return request.param

def test_setup(broken):
    pass

def test_setup_elsewhere(broken_elsewhere):
    pass

def test_yields_nothing(yields_nothing):
    pass

def test_refused():
    pass

def test_several_in_teardown(request):
    request.addfinalizer(lambda: 1 / 0)
    request.addfinalizer(lambda: [][0])

def test_teardown(leaving):
    print("called")

def test_both_fail(leaving):
    assert 0

def test_letter(letter):
    assert letter == "x"

@pytest.mark.xfail
def test_xfail_setup(broken):
    pass

def test_wide(wide, request):
    assert request.getfixturevalue("wide") is wide

def test_unknown(no_such_fixture):
    pass

class TestClass:
    @classmethod
    def setup_class(cls):
        print("class up")
        cls.log = []

    @classmethod
    def teardown_class(cls):
        print("class down", len(cls.log))

    def setup_method(self):
        print("method up")

    def teardown_method(self):
        print("method down")

    def test_one(self):
        self.log.append(1)

    def test_two(self):
        assert self.log.append(2)
""",
    "test_module.py": """
import pytest

def setup_module(module):
    print("module up")

def teardown_module(module):
    print("module down")

@pytest.fixture(scope="module")
def store():
    print("store up")
    yield []
    print("store down")
    raise OSError("store is gone")

def test_first(store):
    store.append(1)

def test_second(store):
    assert store == [1]
""",
    "test_unittest.py": """
import unittest

class TestUnit(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        print("class up")

    @classmethod
    def tearDownClass(cls):
        print("class down")

    def setUp(self):
        self.addCleanup(print, "cleaned")

    def test_passes(self):
        pass

    def test_fails(self):
        self.assertEqual([1], [2])

    def test_skips(self):
        self.skipTest("unittest's")

    @unittest.expectedFailure
    def test_expected(self):
        self.fail()
""",
    "test_subtests.py": """
import pytest

def test_subtests(subtests):
    for number in range(3):
        with subtests.test("part", number=number):
            print("part", number)
            if number == 2:
                pytest.skip("no two")
            assert number
""",
    "test_output.py": """
import logging
import os
import subprocess
import sys

import pytest

def test_streams():
    print("to stdout")
    print("to stderr", file=sys.stderr)
    logging.getLogger("logger").warning("to the log")
    assert 0

def test_descriptors():
    os.write(1, b"raw stdout\\n")
    os.write(2, b"raw stderr\\n")
    assert 0

def test_children():
    subprocess.run([sys.executable, "-c", "import os; os.write(1, b'child out\\\\n'); os.write(2, b'child err\\\\n')"])
    assert 0

def test_surrogates(pytestconfig):
    if pytestconfig.getoption("capture") != "no":
        print("a\\udcffb")
    assert "a\\udcff" == "b"

def test_controls():
    print("\\x1b[31mred\\x1b[0m \\x00 \\r\\n")
    assert 0

def test_huge():
    print("0123456789abcdef" * 8192)  # all that is kept whole
    assert 0

@pytest.mark.parametrize("number", range(20))
def test_own_output_only(number):
    print("line of", number)
    assert 0

def test_capsys(capsys):
    print("captured")
    assert capsys.readouterr().out == "captured\\n"
    print("left over")
    assert 0

def test_capfd(capfd):
    os.system("echo captured")
    assert capfd.readouterr().out == "captured\\n"

def test_disabled(capsys):
    with capsys.disabled():
        pass
    print("after")

def test_caplog(caplog):
    logging.getLogger("logger").error("logged")
    assert [record.message for record in caplog.records] == ["logged"]
    assert 0

def test_monkeypatch(monkeypatch):
    monkeypatch.setenv("SOME_NAME", "value")
    monkeypatch.setattr(os, "getcwd", lambda: "patched")
    assert os.getcwd() == "patched"

def test_temporary(tmp_path, tmp_path_factory):
    tmp_path.joinpath("file").write_text("text")
    assert tmp_path.parent == tmp_path_factory.getbasetemp()
    assert tmp_path.name == "test_temporary0"

def test_recwarn(recwarn):
    import warnings
    warnings.warn("seen")
    assert len(recwarn) == 1
""",
    "test_doctests.py": '''
def double(number):
    """
    >>> double(2)
    4
    >>> double(3)
    7
    """
    return number * 2

def half(number):
    """
    >>> half(4)
    2.0
    """
    return number / 2
''',
    "test_words.txt": ">>> 1 + 1\n2\n",
    "pyproject.toml": """
[tool.pytest.ini_options]
addopts = ["--doctest-modules", "--doctest-glob=*.txt"]
""",
}
