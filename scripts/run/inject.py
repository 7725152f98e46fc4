# SPDX-License-Identifier: MIT
"""'make inject': each step of a call that can fail does so once, and nothing may have changed.

The program tools/testing/xe/xe_inject.c runs in a guest with the debug kernel, which can make
allocations fail and counts them, and with a debug build of the driver, which lets its other steps
fail. The program itself asks the model for the page tables as the device reads them.
"""

import dataclasses
import re
import time

from . import build, guest, lists, paths, session, ui

LABEL = "inject"
PROGRAM = "xe_inject"
DRIVER = "ours"
# Seconds, before a slow kernel gets its factor.
LIMIT = 1500
RECORD = paths.LISTS / "inject.recorded"
# Of what is recorded. What the kernel allocates for itself differs a little from run to run.
SHARE = 0.9
# Each line of source counts what it allocates, which is enough; this would make every allocation two.
PARAMETERS = "kmemleak=off"
STEP = re.compile(r'\bxe_inject\("([^"]+)"')


@dataclasses.dataclass
class Outcome:
    """Of one case: steps that were made to fail, those with a name, calls that failed, calls that
    got by without, differences found, milliseconds."""

    points: int
    named: int
    failed: int
    survived: int
    bad: int
    ms: int


@dataclasses.dataclass
class Report:
    """What the program has to say: {case: Outcome}, {step: how often it failed}, complaints."""

    cases: dict
    steps: dict
    bad: list


def parse(text):
    """The Report of the program's output."""
    report, total = Report({}, {}, []), None
    for line in text.splitlines():
        kind, *words = line.split("\t")
        if kind == "case" and len(words) == 7:
            report.cases[words[0]] = Outcome(*(int(word) for word in words[1:]))
        elif kind == "bad" and len(words) == 3:
            report.bad.append(f"{words[0]}, failure {words[1]}: {words[2]}")
        elif kind == "step" and len(words) == 2:
            report.steps[words[0]] = int(words[1])
        elif kind == "sum" and len(words) == 3:
            total = int(words[0])
        elif kind != "begin":
            report.bad.append(f"its report has a line '{line}'")
    if total is None:
        report.bad.append("it did not come to its end")
    elif total != len(report.cases):
        report.bad.append(f"{total} cases, and {len(report.cases)} reports")
    report.bad += [f"{name}: nothing was made to fail"
                   for name, case in report.cases.items() if not case.points]
    return report


def table(report):
    """Lines: case, injection points, what became of the calls; then the named steps."""
    cases = report.cases
    total = [sum(getattr(case, field.name) for case in cases.values())
             for field in dataclasses.fields(Outcome)]
    rows = [*((name, *dataclasses.astuple(case)) for name, case in cases.items()),
            (f"{len(cases)} calls", *total)]
    width = max(len(row[0]) for row in rows)
    lines = [f"{'call':<{width}}  points  named  failed  got by  bad  seconds"]
    for name, points, named, failed, survived, bad, ms in rows:
        lines.append(f"{name:<{width}}  {points:6}  {named:5}  {failed:6}  {survived:6}  {bad:3}  "
                     f"{ms / 1000:7.1f}")
    lines += ["", f"{len(report.steps)} named steps:"]
    lines += [f"  {name} {count}" for name, count in sorted(report.steps.items())]
    return lines


def named_steps():
    """Names of all steps that the driver can make fail."""
    text = "".join(path.read_text() for path in (paths.TOP / "drivers/gpu/drm/xe").rglob("*.c"))
    return set(STEP.findall(text))


def shrinkage(report, recorded, steps):
    """Sentences about what fails less often than it should.

    @recorded: lines "case points", of which SHARE must be reached
    @steps: names of steps of which each must have failed
    """
    bad = [f"step {name} was never made to fail" for name in sorted(steps - report.steps.keys())]
    for line in recorded:
        name, points = line.split()
        got = report.cases[name].points if name in report.cases else 0
        if got < int(points) * SHARE:
            bad.append(f"{name}: {got} steps were made to fail, {points} are recorded")
    missing = report.cases.keys() - {line.split()[0] for line in recorded}
    return bad + [f"{name}: no number is recorded" for name in sorted(missing)]


def _record(report):
    head = ("# How many steps of each call were made to fail: make inject demands nine tenths of it.\n"
            "# Recorded by scripts/xe inject --record.\n")
    RECORD.write_text(head + "".join(f"{name} {case.points}\n" for name, case in report.cases.items()))


def _script(cases):
    program = paths.in_root(paths.BUILD / "unit/xe" / PROGRAM)
    return (f'{program} {guest.quote(cases)} >/out/inject.txt 2>/out/inject.err\n'
            'say "inject=$?"\nleave\n')


def _text(out):
    path = out / "inject.txt"
    return path.read_text(errors="replace") if path.exists() else ""


def run(cases, record=False):
    """Returns sentences about what is not good.

    @cases: parts of names of calls; empty for all
    @record: remember how many steps each call has
    """
    begin = time.monotonic()
    ui.run_logged("failure injection: build", build.uapi_make("inject"), paths.LOG / "inject.log")
    out = paths.RESULTS / LABEL / DRIVER
    session.empty(out)
    machine = guest.Guest(out, DRIVER, _script(cases), control_port=True, parameters=PARAMETERS)
    machine.on_remark = guest.show_remark
    machine.silence_limit = LIMIT
    with ui.Step("guest: failure injection", lambda: _progress(out)):
        status = machine.run(LIMIT)
    report = parse(_text(out))
    bad = report.bad + session.end_complaints(machine, status,
                                              session.known_complaints(DRIVER, LABEL))
    if not cases and record and not bad:
        _record(report)
    elif not cases:
        recorded = lists.parse(RECORD.read_text()) if RECORD.exists() else []
        bad += shrinkage(report, recorded, named_steps())
    lines = table(report)
    (paths.RESULTS / LABEL / "table.txt").write_text("\n".join(lines) + "\n")
    ui.say()
    ui.say("\n".join(lines))
    ui.say(f"results: {out}  ({time.monotonic() - begin:.0f} s)")
    return bad


def _progress(out):
    words = [line.split("\t") for line in _text(out).splitlines()]
    done = [row for row in words if row[0] == "case" and len(row) > 2]
    begun = [row[1] for row in words if row[0] == "begin" and len(row) > 1]
    bad = sum(row[0] == "bad" for row in words)
    return (f"{len(done)} calls done, {sum(int(row[2]) for row in done)} failures, {bad} bad; now "
            f"{begun[-1] if begun else 'booting'}")
