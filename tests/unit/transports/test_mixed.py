"""How workers are divided among transports."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from pytest_parallel_agents.transports.base import Link, Transport
from pytest_parallel_agents.transports.mixed import MixedTransport, Share


class Recording:
    """Starts workers whose processes live until the test ends them."""

    def __init__(self, *, clean: bool = False, lost: str = "") -> None:
        self.starts_clean = clean
        self.lost = lost
        self.started: list[str] = []
        self.alive: dict[str, bool] = {}
        self.closed = False

    def at(self, host: str) -> Transport:
        raise AssertionError(host)

    def start(self, workers: Sequence[str], *, aside: bool = False) -> list[Link]:  # noqa: ARG002
        self.started += workers
        self.alive.update(dict.fromkeys(workers, True))
        return [self._link(worker) for worker in workers]

    def _link(self, worker: str) -> Link:
        node: Any = SimpleNamespace(name=worker)
        process: Any = SimpleNamespace(pid=lambda: 1 if self.alive[worker] else None)
        return Link(node, None, process)

    def close(self) -> None:
        self.closed = True


def names(links: Sequence[Link]) -> list[str]:
    return [link.node.name for link in links]  # type: ignore[attr-defined]


def test_in_proportion_and_in_the_order_asked_for() -> None:
    forks, fresh = Recording(), Recording()
    mixed = MixedTransport([Share(forks, 2), Share(fresh, 1)])

    assert names(mixed.start(["gw0", "gw1", "gw2"])) == ["gw0", "gw1", "gw2"]
    assert (forks.started, fresh.started) == (["gw0", "gw1"], ["gw2"])


def test_a_replacement_is_of_the_kind_of_the_lost_one() -> None:
    forks, fresh = Recording(), Recording()
    mixed = MixedTransport([Share(forks, 2), Share(fresh, 1)])
    mixed.start(["gw0", "gw1", "gw2"])
    fresh.alive["gw2"] = False
    mixed.start(["gw3"])
    forks.alive["gw0"] = False
    mixed.start(["gw4"])

    assert (forks.started, fresh.started) == (["gw0", "gw1", "gw4"], ["gw2", "gw3"])


def test_each_host_has_its_own() -> None:
    here, there = Recording(), Recording()
    mixed = MixedTransport([Share(here, 1), Share(there, 1, "box")])

    mixed.at("box").start(["gw0"])
    mixed.at("").start(["gw1"])

    assert (here.started, there.started) == (["gw1"], ["gw0"])


def test_aside_are_forks_here_if_there_are_any() -> None:
    forks, fresh, there = Recording(clean=True), Recording(), Recording()

    MixedTransport([Share(fresh, 1), Share(forks, 1), Share(there, 1, "box")]).start(["gw0", "gw1"], aside=True)
    MixedTransport([Share(fresh, 1), Share(there, 1, "box")]).start(["gw2"], aside=True)
    MixedTransport([Share(there, 1, "box")]).start(["gw3"], aside=True)

    assert (forks.started, fresh.started, there.started) == (["gw0", "gw1"], ["gw2"], ["gw3"])


def test_it_is_lost_with_all_hosts() -> None:
    one, other = Recording(lost="box is gone"), Recording()
    mixed = MixedTransport([Share(one, 1, "box"), Share(other, 1, "bay")])

    before, other.lost = mixed.lost, "bay hangs"
    assert (before, mixed.lost) == ("", "box is gone; bay hangs")
    mixed.close()
    assert one.closed
    assert other.closed
