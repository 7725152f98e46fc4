# SPDX-License-Identifier: MIT
"""Sections of the page of 'make report': each makes (card or None, HTML) of what report_data reads.

Those with drawings are in report_pictures and report_coverage.
"""

from . import paths, report_coverage, report_data, report_html, report_pictures, results
from .report_html import card, cell, missing, section, table, verdict

IGT_CHOICES = (("pass", "passed"), ("skip", "skipped"), ("bad", "failed"),
               ("differs", "ours and stock differ"),
               ("unexplained", "ours neither passed nor explained"))


def _igt_reason(test, maps, needs):
    """(need, words) about a test that did not pass."""
    need = next((f"needs {rows[test]}" for rows in needs.values() if test in rows), "")
    reason = next((found[test].reason for found in maps.values()
                   if test in found and found[test].reason), "")
    return need, "; ".join(text for text in (need, reason) if text)


def _igt_state(words, need):
    """Words by which a row may be chosen; @words: outcomes of ours and stock."""
    state = list(dict.fromkeys(words))
    if len(state) > 1 and "-" not in state:
        state.append("differs")
    if any(word not in ("pass", "skip", "-") for word in words):
        state.append("bad")
    if not need and words[0] not in ("pass", "-"):
        state.append("unexplained")
    return " ".join(state)


def igt_rows(runs, needs):
    """(rows, states) of the table. @needs: {driver: {test: need}}"""
    maps = {driver: {r.test: r for r in found} for driver, found in runs.items()}
    rows, states = [], []
    for test in dict.fromkeys(r.test for found in runs.values() for r in found):
        row, words = [test], []
        for driver in report_data.DRIVERS:
            one = maps.get(driver, {}).get(test)
            row += [verdict(one.result if one else "-"), f"{one.seconds:.2f}" if one else ""]
            words.append(one.result if one else "-")
        need, reason = _igt_reason(test, maps, needs)
        rows.append(row + [reason])
        states.append(_igt_state(words, need))
    return rows, states


def _igt_counts(runs):
    """A small table of how many subtests came to which end."""
    words = list(dict.fromkeys(word for found in runs.values() for word in results.counts(found)))
    rows = [[driver, len(found), *(results.counts(found).get(word, 0) for word in words)]
            for driver, found in runs.items()]
    return ["driver", "subtests", *words], rows


def igt():
    about = ("Subtests of IGT GPU Tools on the device model. The stock driver is the kernel’s own "
             "xe; ours must pass what it passes. A reason that begins with “needs” is one of "
             "scripts/lists/needs.txt.")
    body, sources, top = [], [], None
    for label, title in report_data.IGT.items():
        runs = report_data.igt(label)
        if not runs:
            continue
        needs = {driver: report_data.explained(found) for driver, found in runs.items()}
        rows, states = igt_rows(runs, needs)
        head, counts = _igt_counts(runs)
        body += [f"<h3>{report_html.text(title)}</h3>",
                 table(f"igt-{label}-counts", "Subtests by outcome", head, counts,
                       numbers=range(1, len(head))),
                 table(f"igt-{label}", f"Subtests, {title}",
                       ["test", "ours", "s", "stock", "s", "reason"], rows, numbers=(2, 4),
                       states=states, choices=IGT_CHOICES)]
        sources += report_data.igt_files(label).values()
        top = top or _igt_card(label, runs, states)
    if not body:
        top = card("igt", "–", "IGT: no data")
        body = [missing("make igt-all DRIVER=both", "no list has run.")]
    return top, section("igt", "IGT, ours and stock", about, "".join(body),
                        report_data.age(*sources))


def _igt_card(label, runs, states):
    lead = next(iter(runs))
    good = sum(r.result == "pass" for r in runs[lead])
    unexplained = sum("unexplained" in state for state in states)
    return card("igt", f"{good} / {len(runs[lead])}",
                f"IGT subtests pass on {lead}, {report_data.IGT[label]}; {unexplained} of the "
                "others are not explained", not unexplained)


def tests():
    about = ("The last make test: unit tests, static checks, uAPI tests, IGT in short, faults, "
             "benchmark guard.")
    lines = report_data.totals()
    if not lines:
        return None, section("tests", "make test", about,
                             missing("make test", "it has not come to its end."))
    rows = [line.strip().partition(": ")[::2] for line in lines[1:-1]]
    body = table("tests-table", f"{lines[0].rstrip(':')}: {lines[-1]}", ["part", "outcome"], rows)
    number, _, rest = lines[-1].partition(" ")
    return (card("tests", number, f"make test: {rest}", " 0 failed" in lines[-1]),
            section("tests", "make test", about, body,
                    report_data.age(report_data.suite.TOTALS)))


def _complaints(lines):
    if not lines:
        return ""
    rows = "".join(f'<li class="bad">{report_html.text(line)}</li>' for line in lines)
    return f"<ul>{rows}</ul>"


def _number(count):
    """A cell with how often something went wrong."""
    return cell(count, "bad" if count else "")


def kunit():
    about = ("Unit tests of the driver in a kernel with lockdep, KASAN, kmemleak, UBSAN and object "
             "debugging. A report of any of them fails the run.")
    data = report_data.kunit_suites()
    if data is None:
        return (card("kunit", "–", "KUnit: no data"),
                section("kunit", "KUnit", about, missing("make kunit", "no suite has run.")))
    suites, complaints = data
    rows = [(one.name, one.total(), one.passed, _number(len(one.failed)), one.skipped)
            for one in suites]
    passed = sum(one.passed for one in suites)
    failed = sum(len(one.failed) for one in suites)
    body = table("kunit-table", f"{len(suites)} suites, {passed} passed, {failed} failed; "
                 f"{len(complaints)} reports of the kernel’s checks",
                 ["suite", "tests", "passed", "failed", "skipped"], rows, numbers=(1, 2, 3, 4))
    return (card("kunit", passed, f"unit tests in {len(suites)} KUnit suites pass, {failed} fail",
                 bool(passed) and not failed and not complaints),
            section("kunit", "KUnit", about, body + _complaints(complaints),
                    report_data.age(paths.RESULTS / "kunit" / "console.log")))


def inject():
    about = ("Each allocation of a call fails once, and each copy of user memory. After each "
             "failure mappings, page tables as the device walks them, and memory must be as before.")
    data = report_data.injected()
    if data is None:
        return (card("inject", "–", "failure injection: no data"),
                section("inject", "Failure injection", about,
                        missing("make inject", "nothing has been made to fail.")))
    driver, cases, complaints = data
    rows = [(name, case.points, case.failed, case.survived, _number(case.bad))
            for name, case in cases.items()]
    points = sum(case.points for case in cases.values())
    bad = sum(case.bad for case in cases.values())
    body = table("inject-table",
                 f"{len(cases)} calls of {driver}, {points} injection points, {bad} bad",
                 ["call", "points", "failed", "got by", "bad"], rows, numbers=(1, 2, 3, 4))
    return (card("inject", points, f"injected failures in {len(cases)} calls, {bad} left a trace",
                 bool(points) and not bad and not complaints),
            section("inject", "Failure injection", about, body + _complaints(complaints),
                    report_data.age(paths.RESULTS / "inject" / driver / "inject.txt")))


def fuzz():
    about = ("xe_fuzz_vm runs random programs against a reference and asks the model for every "
             "page; xe_fuzz_ioctl throws malformed ioctls at every entry point.")
    rows = report_data.fuzzed()
    if not rows:
        return (card("fuzz", "–", "fuzzing: no data"),
                section("fuzz", "Fuzzing", about, missing("make fuzz", "no fuzzer has run.")))
    good = sum(row[-1] for row in rows)
    cells = [(program, driver, run, cell("clean" if fine else "FAILED", "good" if fine else "bad"),
              line) for run, driver, program, line, fine in rows]
    body = table("fuzz-table", f"{good} of {len(rows)} runs are clean",
                 ["program", "driver", "run", "verdict", "totals"], cells)
    return (card("fuzz", f"{good} / {len(rows)}", "runs of fuzzers are clean", good == len(rows)),
            section("fuzz", "Fuzzing", about, body,
                    report_data.age(*[row[3] for row in report_data.fuzz_files()])))


def faults():
    about = ("The device loses replies, hangs, fails resets, leaves the bus; the driver has to "
             "end as documented, and to unload.")
    found = report_data.faults()
    if not found:
        return None, section("faults", "Faults of the device", about,
                             missing("make faults", "no scenario has run."))
    drivers = list(dict.fromkeys(driver for _, verdicts in found for driver in verdicts))
    rows = [[name] + [cell(row.get(d, "-"), "bad" if row.get(d) in report_data.LOST else "")
                      for d in drivers] for name, row in found]
    bad = sum(words in report_data.LOST for _, row in found for words in row.values())
    body = table("faults-table", f"{len(found)} scenarios, {bad} not good",
                 ["scenario", *drivers], rows)
    return (card("faults", len(found), f"faults of the device, {bad} not survived", not bad),
            section("faults", "Faults of the device", about, body,
                    report_data.age(paths.RESULTS / "faults" / "table.txt")))


# In the order of the page: (name, word in the navigation, function).
ALL = (("igt", "IGT", igt), ("tests", "make test", tests), ("kunit", "KUnit", kunit),
       ("inject", "failure injection", inject), ("fuzz", "fuzzing", fuzz),
       ("faults", "faults", faults), ("bench", "benchmark", report_pictures.bench),
       ("coverage", "coverage", report_coverage.covered),
       ("space", "address space", report_pictures.space),
       ("timeline", "time line", report_pictures.timeline))
