"""What was found before: a simulation of all cases can be broken off and taken up again."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from benchmarks.scale.simulated import Case, Figures, simulate_case


class Kept:
    """Figures in a file of JSON lines, each a case and what came of it; in none if `path` is None."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        text = path.read_bytes() if path is not None and path.exists() else b""
        lines = msgspec.json.Decoder(tuple[Case, Figures]).decode_lines(text)
        self._found = {msgspec.json.encode(case): figures for case, figures in lines}

    def __contains__(self, case: Case) -> bool:
        return msgspec.json.encode(case) in self._found

    def figures(self, case: Case, seed: int) -> Figures:
        """Those that are kept, or else of a simulation, which takes up to minutes."""
        key = msgspec.json.encode(case)
        if key not in self._found:
            self._found[key] = simulate_case(case, seed)
            print(case, self._found[key], file=sys.stderr, flush=True)
            if self._path is not None:
                with self._path.open("ab") as file:
                    file.write(msgspec.json.encode((case, self._found[key])) + b"\n")
        return self._found[key]
