# SPDX-License-Identifier: MIT
"""What the last runs have left below the results, read back for 'make report'.

Functions return None, or nothing, where there is nothing.
"""

import gzip
import json
import re
import time

from . import (bench_figures, coverage, inject, kunit, needs, paths, report_space, results,
               suite)

DRIVERS = ("ours", "stock")
# Lists whose runs the page shows, with what it calls them.
IGT = {"all": "everything integrated hardware can run", "tier1": "tier 1",
       "tier2-first": "tier 2, first part"}


def _read(path):
    try:
        return path.read_text(errors="replace")
    except OSError:
        return None


def age(*found):
    """'from build/results/x, 2026-01-31 17:00' of the files that are there."""
    there = [path for path in found if path.exists()]
    if not there:
        return ""
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(max(p.stat().st_mtime for p in there)))
    try:
        names = [str(path.relative_to(paths.BUILD.parent)) for path in there]
    except ValueError:
        names = [path.name for path in there]
    return f"From {', '.join(names)}; last written {when}."


_ROW = re.compile(r"^(\S+@\S+) +([a-z-]+) +(\d+\.\d+)s *(.*)$", re.M)


def parse_table(text):
    """Results of a table that results.table() has written."""
    return [results.Result(name, word, float(seconds), reason)
            for name, word, seconds, reason in _ROW.findall(text)]


def igt_files(label):
    """{driver: file with the table of the run of @label}."""
    if label == "all":
        return {driver: paths.RESULTS / label / f"{driver}.txt" for driver in DRIVERS}
    return {driver: paths.RESULTS / label / driver / "summary.txt" for driver in DRIVERS}


def igt(label):
    """{driver: [results.Result]} of the drivers that have run @label."""
    runs = {driver: parse_table(_read(path) or "") for driver, path in igt_files(label).items()}
    return {driver: found for driver, found in runs.items() if found}


def explained(found):
    """{test: what it needs} of results that scripts/lists/needs.txt explains."""
    return needs.explain(found, needs.load())


def kunit_suites():
    """(suites, complaints) of the last 'make kunit', or None."""
    text = _read(paths.RESULTS / "kunit" / "console.log")
    if text is None:
        return None
    return kunit.parse_ktap(text), kunit.complaints(text)


def injected():
    """(driver, {case: inject.Outcome}, complaints) of the last 'make inject', or None."""
    for driver in DRIVERS:
        text = _read(paths.RESULTS / inject.LABEL / driver / "inject.txt")
        if text is not None:
            report = inject.parse(text)
            return driver, report.cases, report.bad
    return None


_FUZZ_FILES = ("corpus.txt", "xe_fuzz_vm.txt", "xe_fuzz_ioctl.txt")


def fuzz_files():
    """Reports of fuzzers: [(run, driver, program, file)]."""
    return [(label, driver, name.partition(".")[0], paths.RESULTS / label / driver / name)
            for label in ("fuzz", "fuzz-test") for driver in DRIVERS for name in _FUZZ_FILES
            if (paths.RESULTS / label / driver / name).exists()]


def fuzzed():
    """[(run, driver, program, last line, good)] of the fuzzers."""
    out = []
    for label, driver, program, path in fuzz_files():
        lines = (_read(path) or "").strip().splitlines()
        failure = next((line for line in lines if line.startswith("FAILED")), None)
        said = _read(path.parent / "said.txt") or ""
        good = failure is None and f"{program}=0" in said.splitlines()
        last = lines[-1] if lines else "no verdict"
        out.append((label, driver, program, failure or last, good))
    return out


# Verdicts of scenarios with faults that are failures.
LOST = ("NOT GOOD", "not run")


def faults():
    """[(scenario, {driver: verdict})] of the last 'make faults'."""
    lines = (_read(paths.RESULTS / "faults" / "table.txt") or "").splitlines()
    head = lines[0].split()[1:] if lines else []
    rows = [re.split(r"  +", line.strip()) for line in lines[1:] if line.strip()]
    return [(row[0], dict(zip(head, row[1:]))) for row in rows]


def totals():
    """Lines of the last 'make test'."""
    return (_read(suite.TOTALS) or "").splitlines()


def bench():
    """(runs as of bench_figures.parse(), counters, targets) of the last 'make bench', or None."""
    text = _read(paths.RESULTS / "bench" / "samples.json")
    if text is None:
        return None
    raw = json.loads(text)
    runs = {driver: {case: (row["per"], row["ticks"], 0) for case, row in cases.items()}
            for driver, cases in raw["instructions"].items()}
    targets = bench_figures.parse_targets(_read(paths.LISTS / bench_figures.TARGETS) or "")
    return runs, raw.get("counters", {}), targets


COVERED = paths.RESULTS / coverage.LABEL / "coverage.json"


def covered():
    """(files, {part: what ran}, state of the source) of the last 'make coverage', or None."""
    text = _read(COVERED)
    return None if text is None else coverage.load(text)


SAMPLE = paths.RESULTS / "sample" / "ours"


def space():
    """(mappings, rows of the model's map) of the sample, or None."""
    vms, reply = _read(SAMPLE / "vms.txt"), _read(SAMPLE / "map.json")
    if vms is None or reply is None:
        return None
    return report_space.read(vms, reply)


def driver_events():
    """The driver's events of the sample, as text, or None."""
    return _read(SAMPLE / "events.txt")


def model_trace():
    """The model's trace of the sample, as text, or None."""
    packed = SAMPLE / "trace.json.gz"
    if packed.exists():
        with gzip.open(packed, "rt") as file:
            return file.read()
    return _read(SAMPLE / "trace.json")
