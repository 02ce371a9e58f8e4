"""Test suites of public projects, and whatever of them cannot end as it does serially.

    python -m tests.realworld.suites              # all, half an hour
    python -m tests.realworld.suites arrow h11

`benchmarks.compare_serial` compares them. The page docs/plugins.md says what is declared here.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from benchmarks.compare_serial import main as compare_serial

TRANSPORTS: Final = ("fork", "popen")


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """The tests in the newest source distribution of `name`, run with pytest's `arguments`.

    `everyday` suites are quick and differ from each other: CI runs these. What cannot equal the serial run is not
    compared, and has a reason for users: what `arguments` leave out in `left_out`, single tests in `set_aside` by their
    JUnit names (or how these begin, and a `*`), messages and output of all tests in `texts_differ`, whole transports in
    `differs`.
    """

    name: str
    everyday: bool = False
    arguments: str = ""
    left_out: str = ""
    set_aside: Mapping[str, str] = field(default_factory=dict)
    texts_differ: str = ""
    differs: Mapping[str, str] = field(default_factory=dict)

    def ends_as_serially(self) -> bool:
        """Run and compare it; prints what differs. Raises what `benchmarks.compare_serial` raises."""
        return compare_serial(list(self._options())) == 0

    def reasons(self) -> Iterator[str]:
        """Why some of it is not compared, a line of Markdown for each reason."""
        if self.left_out:
            yield f"compared without {self.left_out}"
        for test, why in self.set_aside.items():
            yield f"`{test}` is not compared: {why}"
        if self.texts_differ:
            yield f"messages and output are not compared: {self.texts_differ}"
        for transport, why in self.differs.items():
            yield f"differs with `--tx {transport}`: {why}"

    def _options(self) -> Iterator[str]:
        yield from (self.name, "--workers=2", f"--arguments={self.arguments}")
        yield from (f"--transport={transport}" for transport in TRANSPORTS if transport not in self.differs)
        yield from (f"--set-aside={test}" for test in self.set_aside)
        if self.texts_differ:
            yield "--outcomes-only"


SUITES: Final = (
    Suite(name="arrow"),
    Suite(name="attrs", everyday=True),
    Suite(
        name="boltons",
        everyday=True,
        set_aside={
            "tests.test_gcutils::test_get_all": "it prints what the garbage collector has not come to yet, which "
            "depends on what ran in the same process before."
        },
    ),
    Suite(name="cachetools", everyday=True),
    Suite(name="djangorestframework", everyday=True),
    Suite(name="freezegun", everyday=True),
    Suite(name="h11"),
    Suite(name="itsdangerous", everyday=True),
    Suite(name="jinja2", everyday=True),
    Suite(
        name="jsonpickle",
        arguments="-p no:enabler --deselect tests/pandas_test.py::test_pre_v3_4_df_decoding",
        left_out="pytest-enabler, which runs its tests with xdist and linters beside them, and without a test that "
        "warns of a backend unless a test of another file has registered it in the same process before.",
    ),
    Suite(
        name="lark",
        texts_differ="serially pytest writes a letter for each sub-test that passes into the test's captured output.",
    ),
    Suite(
        name="markupsafe",
        set_aside={
            "tests.test_leak::test_markup_leaks*": "it counts all objects of its process, and a worker makes some when "
            "it sends and receives meanwhile: the mark `agent(alone=True)` is for such tests."
        },
    ),
    Suite(
        name="marshmallow",
        set_aside={
            "tests.test_deserialization.TestFieldDeserialization::test_invalid_datetime_deserialization*": "two of its "
            "ids hold the time at which they were collected."
        },
        differs={
            "popen": "for the same reason each worker collects other ids than the controller does. The run "
            "reports it, and these two are errors."
        },
    ),
    Suite(
        name="mistune",
        arguments="--ignore-glob=*/test_security_* --ignore=tests/test_inline_limits.py --ignore=tests/test_misc.py",
        left_out="the files that measure how its time grows with the input, which depends on what else runs: the mark "
        "`agent(alone=True)` is for such tests.",
    ),
    Suite(name="more-itertools"),
    Suite(name="parso"),
    Suite(name="pluggy", everyday=True),
    Suite(name="pycparser"),
    Suite(name="python-dateutil"),
    Suite(name="simplejson"),
    Suite(
        name="sqlalchemy",
        arguments="test/base test/engine",
        left_out="tests other than those in `test/base` and `test/engine`.",
        texts_differ="they hold stacks, and reasons in the order of sets whose hashes are addresses.",
        differs={
            "fork": "its plugin asks at configure time whether it is in a worker, and gives each worker a database of "
            "its own then. Forked workers share one. The run reports it, and what to write: `--tx popen`."
        },
    ),
    Suite(name="sqlparse"),
    Suite(name="structlog", everyday=True),
    Suite(name="tabulate"),
    Suite(name="tenacity"),
    Suite(name="tinydb"),
    Suite(name="toolz"),
    Suite(name="uncertainties"),
    Suite(name="voluptuous"),
    Suite(name="wcwidth"),
    Suite(name="webob"),
    Suite(name="wtforms"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 1 when something differs that is not declared."""
    by_name = {suite.name: suite for suite in SUITES}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="of a suite")
    names = parser.parse_args(arguments).names or list(by_name)
    if unknown := [name for name in names if name not in by_name]:
        parser.error(f"no such suite: {', '.join(unknown)}; there are {', '.join(by_name)}")
    chosen = [by_name[name] for name in names]
    different = sum(not suite.ends_as_serially() for suite in chosen)
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
