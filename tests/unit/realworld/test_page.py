from __future__ import annotations

from pathlib import Path

from tests.realworld.plugins.case import Case, Difference
from tests.realworld.plugins.cases import all_cases
from tests.realworld.plugins.page import BEGIN, END, renewed, versions_of

DOCS = Path(__file__).parents[3] / "docs" / "plugins.md"
PAGE = f"# Title\n\n{BEGIN}\nold\n{END}\n\nThe end.\n"
KNOWN = Difference(shows={"exit code": "here 3"}, why="it counts workers.")


def case(name: str, **differs: Difference) -> Case:
    return Case(name=name, load=(), uses="something", files={}, differs=differs)


def test_the_table_and_the_reasons() -> None:
    page = renewed(PAGE, [case("One"), case("two", fork=KNOWN, popen=KNOWN)], {"one": "1.0", "two": "2.0"})

    assert page.startswith("# Title\n")
    assert page.endswith(f"{END}\n\nThe end.\n")
    assert "old" not in page
    assert "| [One](https://pypi.org/project/One/) | 1.0 | something | as serial | as serial |" in page
    assert "| 2.0 | something | differs, see below | differs, see below |" in page
    assert "- **two** (fork, popen): it counts workers." in page
    assert versions_of(page) == {"one": "1.0", "two": "2.0"}


def test_the_page_says_what_the_cases_declare() -> None:
    """Its versions alone are those of the day when everything was compared."""
    page = DOCS.read_text("utf-8")
    cases = all_cases()

    assert versions_of(page).keys() == {case.name.lower() for case in cases}
    assert page == renewed(page, cases, versions_of(page))


def test_names_are_told_apart() -> None:
    names = [case.name.lower() for case in all_cases()]
    assert len(names) == len(set(names)) >= 40
