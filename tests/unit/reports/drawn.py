"""Results with any text in them, for properties that hold of all reports."""

from __future__ import annotations

from hypothesis import strategies as st

from pytest_parallel_agents.model.results import (
    Attempt,
    Evidence,
    Failure,
    Finding,
    Frame,
    Level,
    Outcome,
    Result,
    Section,
)

from .samples import attempt, check

ENCODABLE = st.text(max_size=8)
HOSTILE = st.text(st.characters(), max_size=8) | st.sampled_from(["\ud800", "\0", "\x1b[2J", "\u202e", "```\n", "</x>"])
"""Lone surrogates too: names of files with stray bytes have them."""


@st.composite
def any_results(draw: st.DrawFn, text: st.SearchStrategy[str] = ENCODABLE) -> list[Result]:
    instants = st.floats(0, 1000, allow_nan=False)
    places = st.none() | text
    findings = st.builds(
        Finding,
        rule=text,
        level=st.sampled_from(Level),
        message=text,
        path=places,
        line=st.none() | st.integers(1, 9),
        fingerprint=text,
    )
    failures = st.builds(Failure, text=text, sections=st.tuples(st.builds(Section, name=text, text=text)))

    def attempts() -> tuple[Attempt, ...]:
        times = draw(st.lists(st.tuples(instants, instants), max_size=2))
        return tuple(attempt(min(pair), max(pair), draw(text)) for pair in times)

    return [
        Result(
            check=check(index, f"t.py::t{index}{draw(text)}", draw(text), group=draw(places)),
            outcome=draw(st.sampled_from(Outcome)),
            attempts=attempts(),
            message=draw(text),
            failure=draw(st.none() | failures),
            evidence=Evidence(
                frames=tuple(Frame(draw(text), line) for line in draw(st.lists(st.integers(1, 9), max_size=3))),
                findings=tuple(draw(st.lists(findings, max_size=2))),
                notes=tuple(draw(st.lists(text, max_size=2))),
            ),
        )
        for index in range(draw(st.integers(0, 4)))
    ]
