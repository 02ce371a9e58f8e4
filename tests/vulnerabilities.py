"""A database of vulnerabilities on this machine, which pip-audit asks instead of one on the internet."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

Known = Callable[[str, str], Mapping[str, object] | None]
"""Takes the name of a package and its version; returns a vulnerability in OSV's format."""

_JINJA = {
    "id": "PYSEC-2014-8",
    "aliases": ["GHSA-fqh9-2qgg-h84h", "CVE-2014-1402"],
    "summary": "The default configuration of the bytecode cache creates temporary files with known names.",
    "affected": [
        {
            "package": {"name": "jinja2", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.7.2"}]}],
        }
    ],
}


def in_old_jinja(name: str, version: str) -> Mapping[str, object] | None:
    return _JINJA if (name, version) == ("jinja2", "2.4.1") else None


def everywhere(name: str, version: str) -> Mapping[str, object] | None:
    """One in every package, which is not fixed."""
    return {"id": f"PYSEC-0-{name}", "summary": version, "affected": []}


class _Osv(BaseHTTPRequestHandler):
    """The one question of OSV's API that pip-audit asks: https://google.github.io/osv.dev/post-v1-query/."""

    def __init__(self, *args: Any, known: Known) -> None:
        self._known = known
        super().__init__(*args)

    def do_POST(self) -> None:
        query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        found = self._known(query["package"]["name"], query["version"])
        answer = json.dumps({"vulns": [found]} if found else {}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base's
        """Say nothing."""


@contextmanager
def served(monkeypatch: pytest.MonkeyPatch, known: Known = in_old_jinja) -> Iterator[None]:
    """Let pip-audit ask a server of this process."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Osv, known=known)) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        monkeypatch.setenv("PIP_AUDIT_VULNERABILITY_SERVICE", "osv")
        monkeypatch.setenv("PIP_AUDIT_OSV_URL", f"http://127.0.0.1:{server.server_address[1]}")
        yield
        server.shutdown()
        thread.join()
