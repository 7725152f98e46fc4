# SPDX-License-Identifier: MIT
"""Why a subtest may skip or fail on the model: scripts/lists/needs.txt, read and applied.

Pure but for load(). The file has sections, one for each thing that is not there, and lines
"WORD GLOB", where the word is skip, fail, or luck: may fail, may pass, and is asked of nobody. With a
driver in front, "WORD of DRIVER GLOB", it excuses that one alone:

    [VRAM]
    skip xe_evict@*
    fail of stock xe_debugfs@root-dir
"""

import dataclasses
import fnmatch
import re

from . import lists, paths, ui

# What DEBUG=1 gives our driver.
DEBUG_BUILD = "a debug build"
WORDS = ("skip", "fail", "luck")
DRIVERS = ("stock", "ours")
FAILING = ("fail", "dmesg-fail", "dmesg-warn", "warn", "timeout", "incomplete", "crash", "abort")


_RULE = re.compile(rf"(?P<word>{'|'.join(WORDS)}) +(of (?P<driver>{'|'.join(DRIVERS)}) +)?"
                   r"(?P<pattern>\S+@\S+)")


@dataclasses.dataclass(frozen=True)
class Row:
    """One line: what is needed, one of WORDS, the pattern of the subtests, and whom it excuses:
    one of DRIVERS, or "" for each."""

    need: str
    word: str
    pattern: str
    driver: str = ""

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
        match = _RULE.fullmatch(line)
        if not need or not match:
            raise ui.HarnessError(f"needs: '{line}' is neither a section nor "
                                  f"'{'|'.join(WORDS)} [of {'|'.join(DRIVERS)}] GLOB'")
        rows.append(Row(need, match["word"], match["pattern"], match["driver"] or ""))
    return rows


def excusing(rows, driver, met=()):
    """Those of @rows that may excuse @driver; @met: needs that are there in this run."""
    return [row for row in rows if row.need not in met and row.driver in ("", driver)]


def lucky(name, rows):
    """Does it take luck to pass the subtest @name?"""
    return any(row.word == "luck" and fnmatch.fnmatchcase(name, row.pattern) for row in rows)


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
