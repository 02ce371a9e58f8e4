from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="pytest-dependency",
    load=("dependency",),
    uses="tests that are skipped when one failed that they depend on, in a class, a module and the session",
    files={
        "test_one.py": """
            import pytest

            @pytest.mark.dependency
            def test_fails(): assert 0

            @pytest.mark.dependency(depends=["test_fails"])
            def test_needs_failed(): ...

            @pytest.mark.dependency(name="base")
            def test_base(): ...

            @pytest.mark.dependency(depends=["base"])
            def test_needs_base(): ...

            class TestIt:
                @pytest.mark.dependency
                def test_inner(self): ...

                @pytest.mark.dependency(depends=["TestIt::test_inner"])
                def test_needs_inner(self): ...

            @pytest.mark.skip(reason="no")
            @pytest.mark.dependency
            def test_skipped(): ...

            @pytest.mark.dependency(depends=["test_skipped"])
            def test_needs_skipped(): ...
        """,
        "test_two.py": """
            import pytest

            @pytest.mark.dependency(depends=["test_one.py::test_base"], scope="session")
            def test_other_file(): ...

            @pytest.mark.dependency(depends=["test_one.py::test_fails"], scope="session")
            def test_other_file_failed(): ...
        """,
    },
)
