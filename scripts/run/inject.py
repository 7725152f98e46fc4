# SPDX-License-Identifier: MIT
"""'make inject': each allocation of a call fails once; after each failure nothing may have changed.

The program tools/testing/xe/xe_inject.c runs in a guest with the debug kernel, which can make
allocations fail and counts them. Page tables as the device reads them come from the model, which
this side asks on the program's behalf (class Answerer).
"""

import dataclasses
import threading
import time

from . import build, faults, guest, paths, session, ui

LABEL = "inject"
PROGRAM = "xe_inject"
# Seconds, before a slow kernel gets its factor.
LIMIT = 600
# Where the program maps its batch: what tells its address space from those of the driver.
MARK = 0x100000


@dataclasses.dataclass
class Outcome:
    """Of one case: steps that were made to fail, calls that failed, calls that got by without."""

    points: int
    failed: int
    survived: int
    bad: int


def parse(text):
    """({case: Outcome}, [complaints]) of the program's output."""
    cases, bad, total = {}, [], None
    for line in text.splitlines():
        kind, *words = line.split("\t")
        if kind == "case" and len(words) == 5:
            cases[words[0]] = Outcome(*(int(word) for word in words[1:]))
        elif kind == "bad" and len(words) == 3:
            bad.append(f"{words[0]}, failure {words[1]}: {words[2]}")
        elif kind == "sum" and len(words) == 3:
            total = int(words[0])
        else:
            bad.append(f"its report has a line '{line}'")
    if total is None:
        bad.append("it did not come to its end")
    elif total != len(cases):
        bad.append(f"{total} cases, and {len(cases)} reports")
    bad += [f"{name}: nothing was made to fail" for name, case in cases.items() if not case.points]
    return cases, bad


def table(cases):
    """Lines: case, injection points, what became of the calls."""
    width = max((len(name) for name in cases), default=4)
    lines = [f"{'call':<{width}}  points  failed  got by  bad"]
    for name, case in cases.items():
        lines.append(f"{name:<{width}}  {case.points:6}  {case.failed:6}  {case.survived:6}  "
                     f"{case.bad:3}")
    total = [sum(getattr(case, field.name) for case in cases.values())
             for field in dataclasses.fields(Outcome)]
    lines.append(f"{f'{len(cases)} calls':<{width}}  {total[0]:6}  {total[1]:6}  {total[2]:6}  "
                 f"{total[3]:3}")
    return lines


def describe(rows):
    """An address space as text that is the same if and only if the translations are."""
    keys = ("first", "last", "page", "access", "pat", "leads to")
    return "\n".join(" ".join(str(row[key]) for key in keys) for row in rows) + "\n"


def has_mark(rows):
    return any(int(row["first"], 16) == MARK for row in rows)


class Answerer(threading.Thread):
    """Answers files ask.N of the guest with files done.N, until stop()."""

    def __init__(self, directory, control):
        super().__init__(daemon=True)
        self.directory = directory
        self.control = control
        self.root = None
        self._end = threading.Event()

    def stop(self):
        self._end.set()
        self.join()

    def run(self):
        number = 0
        while not self._end.wait(0.004):
            while (self.directory / f"ask.{number}").exists():
                self._answer(number)
                number += 1

    def _answer(self, number):
        try:
            text = self._space()
        except (OSError, ValueError, KeyError, ui.HarnessError) as error:
            text = f"no answer: {error!r}\n"
        aside = self.directory / f"done.{number}.part"
        aside.write_text(text)
        aside.rename(self.directory / f"done.{number}")

    def _space(self):
        """The program's address space. Its clients come one after the other."""
        found = []
        for row in self.control.ask("spaces")["spaces"]:
            reply = self.control.ask("map", row["root"])
            if has_mark(reply["map"]):
                found.append((reply.get("broken", []), reply["map"]))
        if len(found) != 1:
            raise ValueError(f"{len(found)} address spaces have the mark")
        broken, rows = found[0]
        return describe(rows) + "".join(f"broken: {entry}\n" for entry in broken)


def _script(cases):
    program = paths.in_root(paths.BUILD / "unit/xe" / PROGRAM)
    return (f'{program} /out {guest.quote(cases)} >/out/inject.txt 2>/out/inject.err\n'
            'say "inject=$?"\nleave\n')


def run(driver, cases):
    """Returns sentences about what is not good."""
    begin = time.monotonic()
    ui.run_logged("failure injection: build", build.uapi_make("inject"), paths.LOG / "inject.log")
    out = paths.RESULTS / LABEL / driver
    session.empty(out)
    machine = guest.Guest(out, driver, _script(cases))
    machine.on_remark = guest.show_remark
    machine.silence_limit = LIMIT
    answerer = Answerer(out, faults.Control(machine.model.control))
    answerer.start()
    try:
        with ui.Step("guest: failure injection", lambda: _progress(out)):
            status = machine.run(LIMIT)
    finally:
        answerer.stop()
    text = (out / "inject.txt").read_text(errors="replace") if (out / "inject.txt").exists() else ""
    found, bad = parse(text)
    bad += session.end_complaints(machine, status, session.known_complaints(driver, LABEL))
    lines = table(found)
    (paths.RESULTS / LABEL / "table.txt").write_text("\n".join(lines) + "\n")
    ui.say()
    ui.say("\n".join(lines))
    ui.say(f"results: {out}  ({time.monotonic() - begin:.0f} s)")
    return bad


def _progress(out):
    try:
        text = (out / "inject.txt").read_text(errors="replace")
    except OSError:
        return "no report yet"
    return f"{text.count('case')} calls done"
