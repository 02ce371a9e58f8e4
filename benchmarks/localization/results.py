"""All that is shown of one fault, from its run's report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.localization import reading, weights
from benchmarks.localization.evaluation import Confidence, Hits, both_first, confidence, hits_by_method
from benchmarks.localization.faults import Fault
from benchmarks.localization.rankings import OURS, Scene, methods
from benchmarks.localization.trials import Trial, Tried


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """`hits` by way to rank, `choices` by factors of weights. `explained`: whether there is a cause or a word on why
    there is none.
    """

    fault: Fault
    hits: Mapping[str, Hits]
    choices: Mapping[weights.Factors, Hits]
    confidence: Confidence | None
    second_pass: reading.SecondPass
    hung: bool


def result(trial: Trial, tried: Tried) -> Result:
    """Of a trial that failed. Raises msgspec.DecodeError when its report is not of today's form."""
    scene = Scene(reading.evidence(tried.report, trial.failing))
    return Result(
        fault=trial.fault,
        hits=hits_by_method(trial.fault, scene, methods()),
        choices=weights.hits_by_choice(trial.fault, scene),
        confidence=confidence(trial.fault, scene),
        second_pass=reading.second_pass(tried.report),
        hung=reading.hung(tried.report),
    )


def both_found(trial: Trial, tried: Tried) -> float:
    """The chance that the first two causes of a run with two faults are these."""
    scene = Scene(reading.evidence(tried.report, trial.failing))
    return both_first(trial.fault, methods()[OURS](scene))
