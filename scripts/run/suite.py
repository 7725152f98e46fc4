# SPDX-License-Identifier: MIT
"""'make test': every check in one go, one verdict a line, totals at the end."""

import argparse
import os
import re
import sys
import time

from . import (bench_guard, build, faults, fuzz, host, lists, paths, programs, results, revision,
               roots, session, ui)

CMOCKA_OK = re.compile(r"^\[ +OK +\] (\S+)", re.M)
CMOCKA_BAD = re.compile(r"^\[ +(?:FAILED|ERROR) +\] ([A-Za-z_]\w*)(?!.*test\(s\))", re.M)
CMOCKA_SKIP = re.compile(r"^\[ +SKIPPED +\] ([A-Za-z_]\w*)(?!.*test\(s\))", re.M)


class Tally:
    """Counts verdicts; a failure keeps a line for the end of the report."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.lines = []
        self.notes = []

    def ok(self, count=1):
        self.passed += count

    def skip(self, count=1):
        self.skipped += count

    def bad(self, line):
        self.failed += 1
        self.lines.append(line)

    def note(self, line):
        """Says what has come out of one part, and keeps it for write()."""
        self.notes.append(line)
        ui.say(f"   {line}")

    def total(self):
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{skipped}"

    def write(self, path, title):
        """Writes what was noted and the total to @path, for the cover letter of the series."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join([title, *(f"  {line}" for line in self.notes), self.total(), ""]))

    def finish(self):
        for line in self.lines:
            ui.say(f"FAILED  {line}")
        ui.say(self.total())
        return 1 if self.failed or not self.passed else 0


def parse_cmocka(text):
    """(passed, failed names, skipped) of cmocka's standard output."""
    bad = sorted(set(CMOCKA_BAD.findall(text)))
    return len(CMOCKA_OK.findall(text)), bad, len(set(CMOCKA_SKIP.findall(text)))


# What the last complete run had to say.
TOTALS = paths.RESULTS / "test" / "totals.txt"
# Seconds for one step; the longest takes 180 on two quiet processors.
COMMAND_LIMIT = 1500


def _command(tally, name, command, parse, show=None):
    """Runs @command; counts what @parse finds in its output; an exit code counts too.

    Lines that match @show are printed.
    """
    log = paths.LOG / f"test-{name.replace(' ', '-')}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with ui.Step(name):
        code = ui.run_limited(command, log, COMMAND_LIMIT)
    text = log.read_text(errors="replace")
    good, bad, skipped = parse(text)
    tally.ok(good)
    tally.skip(skipped)
    for line in bad:
        tally.bad(f"{name}: {line} (see {log})")
    if code is None:
        tally.bad(f"{name}: not done after {COMMAND_LIMIT} s\n{ui.tail(log, 15)}")
    elif code and not bad:
        tally.bad(f"{name}: exit code {code}\n{ui.tail(log, 15)}")
    elif not good and not bad and not skipped:
        tally.bad(f"{name}: it ran no test (see {log})")
    for line in re.findall(show, text, re.M) if show else []:
        ui.say(f"   {line}")
    tally.note(f"{name}: {good} passed, {len(bad)} failed, {skipped} skipped")


def _parse_unittest(text):
    match = re.search(r"^Ran (\d+) tests?", text, re.M)
    count = int(match.group(1)) if match else 0
    bad = re.findall(r"^(?:FAIL|ERROR): (.*)", text, re.M)
    return count - len(bad), bad, 0


def _parse_exit(text):
    lines = [line for line in text.splitlines() if line.strip()]
    bad = [line for line in lines if re.match(r"(error|BAD)\b", line)]
    return (0 if bad else 1), bad, 0


COVERAGE_LINE = r"^(?:error: )?coverage .*"


def parse_coverage(text):
    """(parts that are covered, complaints about others, 0) of 'make coverage' of the model."""
    lines = re.findall(COVERAGE_LINE, text, re.M)
    bad = [line for line in lines if line.startswith("error")]
    return len(lines) - len(bad), bad, 0


def parse_tsan(text):
    """As parse_cmocka(), and every report of the thread sanitizer is a failure."""
    good, bad, skipped = parse_cmocka(text)
    races = re.findall(r"^SUMMARY: ThreadSanitizer: (.*)", text, re.M)
    return good, bad + sorted(set(races)), skipped


def _model_make(target):
    return ["make", "-s", f"-j{os.cpu_count()}", "-C", str(paths.TOP / "tools/xe-model"),
            f"O={paths.BUILD / 'xe-model'}", target]


def unit_tests(tally):
    _command(tally, "harness unit tests",
             [sys.executable, "-B", "-m", "unittest", "discover", "-q", "-s",
              str(paths.SCRIPTS / "tests"), "-t", str(paths.SCRIPTS)], _parse_unittest)
    _command(tally, "model unit tests and fuzzers", _model_make("check"), parse_cmocka,
             r"fuzz_\w+: Done.*")
    _command(tally, "model unit tests with the thread sanitizer", _model_make("check-tsan"),
             parse_tsan)
    _command(tally, "model coverage", _model_make("coverage"), parse_coverage, COVERAGE_LINE)
    _command(tally, "page-table unit tests",
             ["make", "-s", "-C", str(paths.TOP / "tools/testing/xe-pt"),
              f"O={paths.BUILD / 'unit/xe-pt'}", "check"], parse_cmocka)
    _command(tally, "fuzzer unit tests",
             ["make", "-s", "-C", str(paths.TOP / "tools/testing/xe"),
              f"O={paths.BUILD / 'unit/xe-check'}", "check"], parse_cmocka)


def static_checks(tally):
    for script in ("check-layers", "check-size", "check-docs"):
        _command(tally, script, [str(paths.SCRIPTS / script)], _parse_exit)


def uapi_checks(tally):
    _command(tally, "uAPI against the distribution's header", build.uapi_make("abi"), _parse_exit)


def guest_tests(tally, driver, names, limit, after=""):
    """Lists @names in one guest with @driver, then @after; each subtest counts."""
    tests, required = [], []
    for name in names:
        found = lists.load(name)
        tests += [test for test in found if test not in tests]
        required += session.required_tests(name, driver)
    try:
        found, complaints = session.run_tests(driver, tests, "test", limit, after=after,
                                             control_port=bool(after))
    except ui.HarnessError as error:
        tally.bad(f"{driver}: {error}")
        return
    tally.ok(sum(r.result == "pass" for r in found))
    tally.skip(sum(r.result == "skip" for r in found))
    for line in results.verdict(found, results.required_of(required, tests), complaints):
        tally.bad(f"{driver}: {line}")
    tally.note(f"{driver}: {results.counts_line(found)}")


def program_verdicts(tally):
    for name, good, wrong, skipped in programs.verdicts(paths.RESULTS / "test/ours"):
        tally.ok(good)
        tally.skip(skipped)
        for line in wrong:
            tally.bad(line)
        tally.note(f"{name}: {good} passed, {len(wrong)} failed, {skipped} skipped")


# Where the fuzzers begin in 'make test': the same each time, so that a tree that passed passes again
TEST_SEED = 1
# Seconds of fuzzing in 'make test-long'
LONG_FUZZ = 600


def fuzz_tests(tally, seed, seconds=0):
    """The fuzzers alone."""
    roots.ensure()
    build.everything(["ours"])
    fuzz.check(tally, "ours", seed, seconds)


def main():
    parser = argparse.ArgumentParser(prog="scripts/run-tests", description=__doc__)
    parser.add_argument("--no-guest", action="store_true", help="only what needs no guest")
    parser.add_argument("--only", choices=["unit", "fuzz", "long"],
                        help="only this group; long, ten minutes of fuzzing, is no part of all")
    parser.add_argument("--seed", type=lambda text: int(text, 0),
                        help="random numbers of the fuzzers begin here (default: the same each "
                             "time; with --only long from the clock)")
    args = parser.parse_args()
    if args.seed is None:
        args.seed = time.time_ns() // 1000 if args.only == "long" else TEST_SEED
    tally = Tally()
    ui.end_cleanly()
    begin = time.monotonic()
    try:
        host.check()
        host.install_packages()
        if args.only in ("fuzz", "long"):
            fuzz_tests(tally, args.seed, LONG_FUZZ if args.only == "long" else 0)
            return tally.finish()
        unit_tests(tally)
        static_checks(tally)
        if args.only:
            return tally.finish()
        roots.ensure()
        uapi_checks(tally)
        if not args.no_guest:
            build.everything(["stock", "ours"])
            guest_tests(tally, "ours", ["tier1", "tier2-first"], 1500, programs.script())
            program_verdicts(tally)
            faults.short(tally, "ours")
            fuzz.check(tally, "ours", args.seed)
            guest_tests(tally, "stock", ["smoke"], 600)
            bench_guard.check(tally)
    except ui.HarnessError as error:
        tally.bad(str(error))
    except KeyboardInterrupt:
        tally.bad("interrupted")
    ui.say(f"-- all of it took {time.monotonic() - begin:.0f} s")
    if not args.no_guest:
        tally.write(TOTALS, revision.title("make test"))
    return tally.finish()
