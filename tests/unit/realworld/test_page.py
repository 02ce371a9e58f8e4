from __future__ import annotations

from pathlib import Path

from tests.realworld.plugins.case import Case, Difference
from tests.realworld.plugins.cases import all_cases
from tests.realworld.plugins.page import BEGIN, END, renewed, versions_of
from tests.realworld.suites import SUITES, Suite

DOCS = Path(__file__).parents[3] / "docs" / "plugins.md"
PAGE = f"# Title\n\n{BEGIN}\nwhat it said before\n{END}\n\nThe end.\n"
KNOWN = Difference(shows={"exit code": "here 3"}, why="it counts workers.")


def case(name: str, **differs: Difference) -> Case:
    return Case(name=name, load=(), uses="something", files={}, differs=differs)


def test_the_table_and_the_reasons() -> None:
    page = renewed(PAGE, [case("One"), case("two", fork=KNOWN, popen=KNOWN)], [], {"one": "1.0", "two": "2.0"})

    assert page.startswith("# Title\n")
    assert page.endswith(f"{END}\n\nThe end.\n")
    assert "what it said before" not in page
    assert "| [One](https://pypi.org/project/One/) | 1.0 | something | as serial | as serial |" in page
    assert "| 2.0 | something | differs, see below | differs, see below |" in page
    assert "- **two** (fork, popen): it counts workers." in page
    assert versions_of(page) == {"one": "1.0", "two": "2.0"}


def test_what_of_a_suite_is_not_compared_has_its_reason() -> None:
    suites = [
        Suite(name="equal"),
        Suite(name="part", left_out="its slow tests."),
        Suite(name="single", set_aside={"tests.test_x::test_a": "it draws lots."}, texts_differ="they hold stacks."),
        Suite(name="whole", differs={"fork": "it has one database."}),
    ]
    page = renewed(PAGE, [], suites, {})

    assert "4 public projects were compared too, in their newest versions: equal, part, single, whole." in page
    assert "- **part**: compared without its slow tests." in page
    assert "- **single**: `tests.test_x::test_a` is not compared: it draws lots." in page
    assert "- **single**: messages and output are not compared: they hold stacks." in page
    assert "- **whole**: differs with `--tx fork`: it has one database." in page


def test_the_page_has_what_the_cases_declare() -> None:
    """Its versions alone are those of the day when everything was compared."""
    page = DOCS.read_text("utf-8")
    cases = all_cases()

    assert versions_of(page).keys() == {case.name.lower() for case in cases}
    assert page == renewed(page, cases, SUITES, versions_of(page))


def test_names_are_distinguished() -> None:
    names = [case.name.lower() for case in all_cases()]
    assert len(names) == len(set(names)) >= 40
    suites = [suite.name for suite in SUITES]
    assert len(suites) == len(set(suites)) >= 25
