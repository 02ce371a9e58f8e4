"""What happens when a worker cannot even start."""

from __future__ import annotations

import pytest

from tests.functional.runs import run_pytest


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        pytest.param(
            "raise RuntimeError('no session')",
            ["*exit code 3 in the worker before it ran a check*", "*no session*"],
            id="error",
        ),
        pytest.param(
            "pytest.exit('not here', 7)",
            ["*exit code 7 in the worker before it ran a check*", "*not here*"],
            id="exit",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            "raise pytest.UsageError('no use')",
            ["*exit code 4 in the worker before it ran a check*", "*no use*"],
            id="usage",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_a_session_that_fails_in_the_worker_only_ends_the_run_with_the_reason(
    pytester: pytest.Pytester, fault: str, told: list[str]
) -> None:
    pytester.makeconftest(f"""
        import os
        import pytest

        def pytest_configure():
            if "PYTEST_XDIST_WORKER" in os.environ:
                {fault}
    """)
    pytester.makepyfile("def test_one(): pass\ndef test_two(): pass")

    result = run_pytest(pytester, "--agents", "-n2", "--tx", "popen", "-p", "no:cacheprovider", timeout=60)

    assert result.ret == pytest.ExitCode.INTERNAL_ERROR
    result.stdout.fnmatch_lines(told)
