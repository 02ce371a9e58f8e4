from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="pytest-mock",
    load=("pytest_mock",),
    uses="patches that end with the test or the module, also of `time.sleep`, spies, stubs",
    files={
        "shop.py": """
            import os

            def remove(path):
                os.remove(path)

            def twice(number):
                return number * 2
        """,
        "test_mock.py": """
            import os, time
            import pytest
            import shop

            def test_patch(mocker):
                remove = mocker.patch("os.remove")
                shop.remove("x")
                remove.assert_called_once_with("x")

            def test_patch_is_gone():
                with pytest.raises(FileNotFoundError):
                    shop.remove("no-such-file")

            def test_sleep(mocker):
                sleep = mocker.patch("time.sleep")
                time.sleep(3)
                sleep.assert_called_once_with(3)

            def test_spy(mocker):
                spy = mocker.spy(shop, "twice")
                assert shop.twice(2) == 4
                assert spy.spy_return == 4

            def test_not_called(mocker):
                stub = mocker.stub(name="listener")
                stub("a", 1)
                stub.assert_called_once_with("b", 1)

            @pytest.mark.skip(reason="no")
            def test_skipped(): ...
        """,
        "test_wide.py": """
            import pytest
            import shop

            @pytest.fixture(scope="module")
            def fixed(module_mocker):
                return module_mocker.patch("shop.twice", return_value=1)

            def test_module(fixed):
                assert shop.twice(8) == 1

            def test_still(fixed):
                assert shop.twice(8) == 1
                assert fixed.call_count == 2
        """,
    },
)
