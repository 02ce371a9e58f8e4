"""Lets pytest-benchmark measure on our workers, and brings its measurements to the controller.

It turns itself off on workers that look like xdist's, because there others run beside it. Here nothing does while a
benchmark runs. Its measurements go into the report of the check, and into the session of the controller's
pytest-benchmark, which prints, saves and compares as usual.
"""

from __future__ import annotations

from array import array
from collections.abc import Generator
from types import SimpleNamespace
from typing import Any, Final

import pytest

from pytest_parallel_agents.agents.evidence import record_measurement
from pytest_parallel_agents.benchmarks import benchmark_session
from pytest_parallel_agents.early_bound import builtins
from pytest_parallel_agents.hidden_frames import hidden
from pytest_parallel_agents.measurements import Measurement, Rounds

__builtins__ = builtins

BENCHMARKS: Final = "parallel_agents_benchmarks"
"""Name of the attribute that carries a worker's benchmarks on its reports."""


class Benchmarks:
    """The plugin, in the controller and in every worker. It must be registered before pytest is configured."""

    def __init__(self, config: pytest.Config) -> None:
        self._only = config.option.benchmark_only
        self._seen = 0
        config.option.benchmark_only = False  # refused in a distributed run, which turns benchmarks off

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        session, option = benchmark_session(config), config.option
        option.benchmark_only = self._only
        session.disabled = option.benchmark_disable and not option.benchmark_enable
        session.xdist_warning = False
        session.only = self._only
        session.skip = session.skip and not self._only

    @pytest.hookimpl(wrapper=True)
    @hidden
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None]:
        __tracebackhide__ = True
        try:
            yield
        finally:
            for measured in self._new(item.config):
                record_measurement(item, _measurement(measured))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if call.when == "call":
            new = self._new(item.config)
            if new and hasattr(item.config, "workerinput"):
                setattr(report, BENCHMARKS, [_packed(measured) for measured in new])
            self._seen = len(benchmark_session(item.config).benchmarks)
        return report

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        benchmarks: list[dict[str, Any]] = getattr(report, BENCHMARKS, [])
        node = getattr(report, "node", None)
        if benchmarks and node is not None:
            session = benchmark_session(node.config)
            session.benchmarks.extend(map(_unpacked, benchmarks))
            self._seen = len(session.benchmarks)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None]:
        if hasattr(session.config, "workerinput"):  # the controller prints and saves
            own = benchmark_session(session.config)
            own.benchmarks.clear()
            own.disabled = True
        yield

    def _new(self, config: pytest.Config) -> list[Any]:
        """The measurements since the last report."""
        return [measured for measured in benchmark_session(config).benchmarks[self._seen :] if measured]


def _measurement(measured: Any) -> Measurement:
    stats = measured.stats
    rounds = Rounds(
        count=stats.rounds,
        iterations=measured.iterations,
        min=float(stats.min),
        max=float(stats.max),
        mean=float(stats.mean),
        median=float(stats.median),
        stddev=float(stats.stddev),
    )
    return Measurement(
        name=measured.name,
        calls=None,
        cpu_seconds=None,
        wall_seconds=rounds.median,
        peak_bytes=None,
        rounds=rounds,
    )


def _packed(measured: Any) -> dict[str, Any]:
    """pytest-benchmark's data of one benchmark, its profile (`--benchmark-cprofile`) included."""
    fields = measured.as_dict(include_data=False, stats=False)
    fields.pop("cprofile", None)
    profile = measured.cprofile_stats
    return {
        **fields,
        "iterations": measured.iterations,
        "has_error": measured.has_error,
        "data": array("d", measured.stats.data).tobytes(),
        "profile": None if profile is None else {place: entry[:4] for place, entry in profile.stats.items()},
    }


def _unpacked(fields: dict[str, Any]) -> Any:
    from pytest_benchmark import stats

    profile = fields["profile"]
    fixture = SimpleNamespace(
        **{name: fields[name] for name in ("name", "fullname", "group", "param", "params", "extra_info", "has_error")},
        cprofile_stats=None if profile is None else SimpleNamespace(stats=profile),
    )
    measured: Any = stats.Metadata(fixture, iterations=fields["iterations"], options=fields["options"])
    data = array("d")
    data.frombytes(fields["data"])
    measured.stats.data = data.tolist()
    return measured
