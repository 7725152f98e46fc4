# SPDX-License-Identifier: MIT
"""'make igt-all': every subtest that integrated hardware can run, one guest a group, one table.

Groups are the lists scripts/lists/all-*.txt, in order of their names. A guest that hangs or dies
ends its group, not the run: what it did not come to is reported as "notrun".
"""

import time

from . import lists, needs, paths, results, revision, session, ui

LABEL = "all"
# What the last complete run had to say, for the cover letter of the series.
TOTALS = paths.RESULTS / LABEL / "totals.txt"
# Seconds. xe_userptr_pressure@rebind-under-compaction takes four minutes without KVM on a quiet host.
PER_TEST = 600


def groups(only=()):
    """Names of the group lists, in order; @only: parts of names, empty for all of them."""
    names = sorted(path.stem for path in paths.LISTS.glob("all-*.txt"))
    wanted = [name for name in names if not only or any(part in name for part in only)]
    if not wanted:
        raise ui.HarnessError(f"no group matches (known: {', '.join(names)})")
    return wanted


def _run_group(driver, name, limit):
    """(results, complaints) of one group; a dead guest leaves what its kernel log shows."""
    tests = lists.load(name)
    label = f"{LABEL}/{name}"
    try:
        return session.run_tests(driver, tests, label, limit, PER_TEST)
    except ui.HarnessError as error:
        log = paths.RESULTS / label / driver / "dmesg.txt"
        found = results.parse_log(log.read_text(errors="replace")) if log.exists() else []
        done = {r.test for r in found}
        lost = [results.Result(test, "notrun", 0.0, "the guest ended before")
                for test in tests if test not in done]
        return found + lost, [f"{name}: {error}"]


def _by_binary(found):
    """Lines that count the outcomes of each binary."""
    binaries = {}
    for result in found:
        binaries.setdefault(result.test.split("@")[0], []).append(result)
    width = max(len(name) for name in binaries)
    return [f"{name:<{width}}  {results.counts_line(list_)}" for name, list_ in binaries.items()]


def _summary(driver, found, explained):
    """The readable summary of one driver: totals, by binary, what did not pass and why."""
    lines = [f"{driver}: {results.counts_line(found)}", ""] + _by_binary(found)
    by_need = {}
    for result in found:
        if result.test in explained:
            by_need.setdefault(explained[result.test], []).append(result)
    for need in sorted(by_need):
        lines += ["", f"needs {need}: {len(by_need[need])}"]
        lines += [f"  {r.result:<10} {r.test}  {r.reason}".rstrip() for r in by_need[need]]
    rest = needs.unexplained(found, explained)
    if rest:
        lines += ["", f"not explained: {len(rest)}"]
        lines += [f"  {r.result:<10} {r.test}  {r.reason}".rstrip() for r in rest]
    return "\n".join(lines)


def _judge(driver, found, explained, complaints, required):
    """Sentences that say why a driver's run is not good."""
    bad = [f"{r.test}: {r.result} ({r.reason or 'no reason given'}), and no need explains it"
           for r in needs.unexplained(found, explained)]
    bad += [line for line in results.verdict(found, required, complaints)
            if "required" in line or line.startswith("complaint")]
    return [f"{driver}: {line}" for line in bad]


def required(driver, runs, rows):
    """Ours must pass what stock passes: in this run if both run, else as recorded. Luck is not asked for."""
    if driver != "ours":
        return []
    if "stock" in runs:
        wanted = [r.test for r in runs["stock"] if r.result == "pass"]
    else:
        wanted = session.required_tests(LABEL, driver)
    return [name for name in wanted if not needs.lucky(name, rows)]


def rows_of(rows, driver, debug):
    """Those of the needs' @rows that may excuse @driver; @debug: ours is a debug build."""
    return needs.excusing(rows, driver, [needs.DEBUG_BUILD] if debug and driver == "ours" else [])


def run(drivers, only, limit, record, debug=False):
    """Runs the groups on each driver. Returns 0 if all is well or explained, else 1."""
    rows, runs, bad = needs.load(), {}, []
    begin = time.monotonic()
    for driver in drivers:
        runs[driver], complaints = [], []
        for name in groups(only):
            found, heard = _run_group(driver, name, limit)
            runs[driver] += found
            complaints += heard
            ui.say(f"   {driver}: {name}: {results.counts_line(found)}")
        excuses = rows_of(rows, driver, debug)
        explained = needs.explain(runs[driver], excuses)
        summary = _summary(driver, runs[driver], explained)
        (paths.RESULTS / LABEL / f"{driver}.txt").write_text(
            f"{summary}\n\n{results.table(runs[driver])}\n")
        asked = [r.test for r in runs[driver]]
        wanted = results.required_of(required(driver, runs, excuses), asked)
        bad += _judge(driver, runs[driver], explained, complaints, wanted)
        ui.say()
        ui.say(summary)
    if len(drivers) > 1:
        table = results.side_by_side(runs)
        (paths.RESULTS / LABEL / "both.txt").write_text(table + "\n")
        ui.say()
        ui.say("\n".join(line for line in table.splitlines() if line.startswith(("*", "  test"))))
    if not only:
        lines = [f"  {driver}: {results.counts_line(found)}" for driver, found in runs.items()]
        TOTALS.write_text("\n".join([revision.title("make igt-all"), *lines, ""]))
    if record and "stock" in runs:
        session.record(LABEL, runs["stock"])
    ui.say(f"tables: {paths.RESULTS / LABEL}  ({time.monotonic() - begin:.0f} s)")
    for line in bad:
        ui.say(f"NOT GOOD  {line}")
    return 1 if bad else 0
