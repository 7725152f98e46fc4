# SPDX-License-Identifier: MIT
"""Why a subtest may skip or fail on the model: scripts/lists/needs.txt, read and applied.

Pure but for load(). The file has sections, one for each thing that is not there, and lines
"skip GLOB" or "fail GLOB":

    [VRAM]
    skip xe_evict@*
"""

import dataclasses
import fnmatch

from . import lists, paths, ui

# What DEBUG=1 gives our driver.
DEBUG_BUILD = "a debug build"
FAILING = ("fail", "dmesg-fail", "dmesg-warn", "warn", "timeout", "incomplete", "crash", "abort")


@dataclasses.dataclass(frozen=True)
class Row:
    """One line: what is needed, "skip" or "fail", and the pattern of the subtests."""

    need: str
    word: str
    pattern: str

    def covers(self, result):
        if not fnmatch.fnmatchcase(result.test, self.pattern):
            return False
        return result.result == "skip" if self.word == "skip" else result.result in FAILING


def parse(text):
    """The rows of a file. Raises HarnessError for a line that is neither section nor rule."""
    rows, need = [], None
    for line in lists.parse(text):
        if line.startswith("[") and line.endswith("]"):
            need = line[1:-1].strip()
            continue
        word, _, pattern = line.partition(" ")
        if not need or word not in ("skip", "fail") or "@" not in pattern:
            raise ui.HarnessError(f"needs: '{line}' is neither a section nor 'skip|fail GLOB'")
        rows.append(Row(need, word, pattern.strip()))
    return rows


def met(rows, names):
    """@rows without those of the needs @names, which are there in this run and excuse nothing."""
    return [row for row in rows if row.need not in names]


def explain(found, rows):
    """{test: need} for every result that is no pass and that a row covers."""
    out = {}
    for result in found:
        row = next((row for row in rows if row.covers(result)), None)
        if row:
            out[result.test] = row.need
    return out


def unexplained(found, explained):
    """The results that neither passed nor are explained."""
    return [r for r in found if r.result != "pass" and r.test not in explained]


def idle(found, rows):
    """The rows that cover none of the results: out of date, or written for another driver."""
    return [row for row in rows if not any(row.covers(result) for result in found)]


def load():
    return parse((paths.LISTS / "needs.txt").read_text())
