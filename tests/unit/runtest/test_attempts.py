from __future__ import annotations

import pytest

from tests.functional.runs import run_pytest

FLAKY = """
    import pathlib
    import pytest

    @pytest.mark.agent("test", retries=2)
    def test_flaky():
        counter = pathlib.Path("count")
        count = len(counter.read_text()) if counter.exists() else 0
        counter.write_text("x" * (count + 1))
        assert count == {passes_at}
"""


@pytest.mark.parametrize("place", ["-n0", "-n1"])
def test_a_check_is_tried_again_until_it_passes(pytester: pytest.Pytester, place: str) -> None:
    pytester.makepyfile(FLAKY.format(passes_at=2))

    result = run_pytest(pytester, "--agents", place, "-x")

    assert result.parseoutcomes() == {"passed": 1, "rerun": 2}
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*FLAKY 3/3*test_flaky"])


@pytest.mark.parametrize("place", ["-n0", "-n1"])
def test_the_last_failure_counts(pytester: pytest.Pytester, place: str) -> None:
    pytester.makepyfile(FLAKY.format(passes_at=7))

    result = run_pytest(pytester, "--agents", place, "--agents-root-cause=off")

    assert result.parseoutcomes() == {"failed": 1, "rerun": 2}
    assert result.ret == 1
    assert (pytester.path / "count").read_text() == "xxx"


@pytest.mark.parametrize("place", ["-n0", "-n1"])
def test_a_failed_setup_is_tried_again_too(pytester: pytest.Pytester, place: str) -> None:
    pytester.makepyfile("""
        import pytest
        TRIES = []

        @pytest.fixture
        def shaky():
            TRIES.append(1)
            assert len(TRIES) > 1

        @pytest.mark.agent("test", retries=1)
        def test_it(shaky): pass
    """)

    result = run_pytest(pytester, "--agents", place)

    assert result.parseoutcomes() == {"passed": 1, "rerun": 1}
