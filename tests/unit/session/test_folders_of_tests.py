from __future__ import annotations

import pytest

from pytest_parallel_agents.session.folders_of_tests import folders_of_tests


@pytest.mark.parametrize(
    ("named", "files", "expected"),
    [
        ("checks", ["checks/test_a.py", "checks/test_b.py", "checks/support.py", "checks/__init__.py"], ("checks",)),
        ("shop", ["shop/cart.py", "shop/tax.py", "shop/tests/test_cart.py"], ()),
        (".", ["test_a.py", "shop.py"], ()),
        ("gone", ["test_a.py"], ()),
    ],
)
def test_a_test_path_is_a_root_if_most_of_its_files_are_tests(
    pytester: pytest.Pytester, named: str, files: list[str], expected: tuple[str, ...]
) -> None:
    pytester.makeini(f"[pytest]\ntestpaths = {named}\n")
    for file in files:
        path = pytester.path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()

    assert folders_of_tests(pytester.parseconfig("-p", "no:parallel_agents")) == expected
