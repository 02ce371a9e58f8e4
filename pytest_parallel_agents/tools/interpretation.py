"""A finished command's output becomes findings, or an error."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from pytest_parallel_agents.early_bound import os
from pytest_parallel_agents.excerpts import cut
from pytest_parallel_agents.model.results import Evidence, Finding
from pytest_parallel_agents.project_paths import place
from pytest_parallel_agents.tool_formats.output import MOST_MEBIBYTES, NothingJudged, Output, broken
from pytest_parallel_agents.tools.asking import lacks_account, not_logged_in, own_words
from pytest_parallel_agents.tools.command import CommandSpec
from pytest_parallel_agents.tools.pauses import named_pause
from pytest_parallel_agents.tools.preparation import run_folder
from pytest_parallel_agents.tools.targets import nothing_judged

_NOTHING: Final = re.compile(
    r"""^[^\w\n]*(?:(?:warn|warning|error|info):?\s+)?(?P<message>
        no \s (?:python\s|source\s|input\s)? files? \s (?:(?:were|are)\s)?
            (?:found|present|matched|matching|checked|to\s(?:be\s)?(?:check|lint|scan|format|analy[sz]e))\b.*
        | nothing \s to \s (?:check|lint|scan)\b.*
        | (?:success:?\s|all\sclean:?\s|checked\s)? 0 \s (?:source\s)?files? \s
            (?:(?:were|was)\s)?(?:checked|scanned|analy[sz]ed|processed|linted)\b.*
        | "filesAnalyzed":\s*0\b
    )""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
"""Output of tools that pass when they have found no file to judge, such as ruff, black, ty and pyright."""

_LONGEST: Final = 2000
"""Characters that are reported of an unreadable output, which may quote a line of it."""


def interpret(spec: CommandSpec, output: Output, *, root: Path, chosen: str | None = None) -> Evidence:
    """The findings and measurements of the command.

    Raises BrokenTool, with the command's output, when it did not do its work. Skips the check when there was nothing to
    do and the command is optional.
    """
    if output.exit_code < 0:
        raise broken(spec.name, output, output.ended)
    try:
        evidence = _evidence(spec, output, run_folder(spec, chosen, root))
    except NothingJudged as error:
        raise nothing_judged(spec, str(error)) from error
    except ValueError as error:  # Unreadable, or what a parser raised
        failed_review = spec.review is not None and output.exit_code != 0  # which the error quotes already
        reason = "" if output.stdout.strip() or failed_review else output.reason()
        is_empty = spec.output_file and not output.stdout.strip()
        problem = f"{spec.output_file} is empty" if is_empty else cut(str(error), _LONGEST)
        raise _unusable(spec, output, problem, reason) from error
    if output.exit_code != 0 and not evidence.findings:
        raise broken(spec.name, output, f"{output.ended}, yet it names no finding", reason=output.reason())
    if spec.folder(chosen):
        evidence = _seen_from(root, spec.folder(chosen), evidence)
    return replace(evidence, findings=tuple(replace(f, rule=f.rule or spec.rule) for f in evidence.findings))


def _unusable(spec: CommandSpec, output: Output, problem: str, reason: str) -> BaseException:
    """The outcome of a check whose output cannot be read."""
    if spec.review is not None and lacks_account(spec.review, output):
        return not_logged_in(spec, spec.review)
    error = broken(spec.name, output, f"{problem}, {output.ended}", reason=reason)
    error.pause = named_pause(own_words(output, problem)) if spec.reports_usage else None
    return error


def overrules(spec: CommandSpec, output: Output, evidence: Evidence) -> bool:
    """Whether the tool itself has failed, though none of its findings is as grave as those that fail the check."""
    exit_fails = spec.adapter is None or spec.adapter.exit_fails
    grave = any(finding.level.severity >= spec.fail_on.severity for finding in evidence.findings)
    return output.exit_code != 0 and exit_fails and not grave


def _evidence(spec: CommandSpec, output: Output, folder: Path) -> Evidence:
    """The evidence of a command that was not killed, paths relative to its folder."""
    adapter = spec.adapter
    if adapter is not None and adapter.nothing is not None:
        nothing = adapter.nothing.search(f"{output.stderr}\n{output.other_text}\n{output.stdout[:_LONGEST]}")
        if nothing:
            raise NothingJudged(nothing.group())
    if adapter is not None and output.exit_code not in adapter.codes:
        raise broken(spec.name, output, f"broke off with exit code {output.exit_code}", reason=output.reason())
    if output.cut and spec.reports_findings:
        raise broken(
            spec.name, output, f"more than {MOST_MEBIBYTES} MiB on {' and '.join(output.cut)}, too much to read"
        )
    evidence = spec.read(output, folder)
    if (
        adapter is None
        and spec.review is None
        and output.exit_code == 0
        and not evidence.findings
        and not evidence.measurements
    ):
        _refuse_empty_run(output)
    return evidence


def _refuse_empty_run(output: Output) -> None:
    """Raises NothingJudged when a command passes and reports that there was no file for it."""
    nothing = _NOTHING.search(f"{output.stderr}\n{output.other_text}\n{output.stdout}")
    if nothing:
        raise NothingJudged(f"it judged nothing: {nothing['message']}")


def _seen_from(root: Path, folder: str, evidence: Evidence) -> Evidence:
    """The evidence of a command that ran in a folder of the root."""

    def moved(path: str) -> str:
        inside = os.path.join(folder, path)
        names_it_from_root = not os.path.exists(os.path.join(root, inside)) and os.path.exists(os.path.join(root, path))
        return place(path if names_it_from_root else inside, root)

    def found(finding: Finding) -> Finding:
        return finding if finding.path is None else replace(finding, path=moved(finding.path))

    measured = tuple(
        replace(one, hot_spots=tuple(replace(spot, path=moved(spot.path)) for spot in one.hot_spots))
        for one in evidence.measurements
    )
    return replace(evidence, findings=tuple(map(found, evidence.findings)), measurements=measured)
