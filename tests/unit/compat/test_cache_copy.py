from __future__ import annotations

from pathlib import Path

import pytest

from pytest_parallel_agents.compat.cache_copy import CopiedCache, copy_cache


def test_caches_answer_from_the_copy_until_the_end(pytester: pytest.Pytester, tmp_path: Path) -> None:
    config = pytester.parseconfigure()
    cache = config.cache
    assert cache is not None
    cache.set("of/plugin", 1)
    cache.set("broken", 1)
    copy_cache(config, tmp_path / "copy")
    (tmp_path / "copy" / "broken").write_text("{", "utf-8")
    cache.set("of/plugin", 2)
    cache.set("later", 3)
    copied = CopiedCache(tmp_path / "copy")

    copied.begin()
    try:
        during = [cache.get(key, None) for key in ("of/plugin", "broken", "later")]
    finally:
        copied.end()

    assert during == [1, None, None]
    assert [cache.get(key, None) for key in ("of/plugin", "later")] == [2, 3]


def test_there_may_be_no_cache(pytester: pytest.Pytester, tmp_path: Path) -> None:
    copy_cache(pytester.parseconfigure("-pno:cacheprovider"), tmp_path / "copy")
    copy_cache(pytester.parseconfigure(), tmp_path / "copy")

    assert not (tmp_path / "copy").exists()
