# SPDX-License-Identifier: MIT
"""Runs with ordered faults: the device misbehaves, and the driver has to survive it.

Each scenario of scripts/lists/faults.txt is one fault, a workload that meets it, an unload, a load and
a workload that must pass then. All of them run in one guest, as long as it can go on.
"""

import contextlib
import dataclasses
import json
import re
import socket
import subprocess
import time

from . import guest, kernel, lists, paths, races, results, roots, session, ui

WHENS = ("load", "work", "gone")
# Exit status of IGT: all subtests skipped.
IGT_SKIP = 77
TIMED_OUT = (124, 137)
# Exit status of the model after violations.
VIOLATIONS = 3
# Seconds for one scenario: four limits of the guest's script, and what the harness answers.
SCENARIO_LIMIT = 240
BOOT_LIMIT = 180
# Scenarios of one guest. Each loads the module at least once, the stock driver takes a new number
# for its device node each time, and IGT looks at the first 16 only.
PER_GUEST = 10


@dataclasses.dataclass(frozen=True)
class Scenario:
    """One row of the list: orders for the model, and IGT subtests that meet them."""

    name: str
    when: str
    orders: tuple
    work: tuple
    short: bool


@dataclasses.dataclass
class Report:
    """What became of a scenario: remarks of the guest, answers of the model, kernel log."""

    said: dict
    hits: int = 0
    violations: int = 0
    log: str = ""


def parse(text):
    """The scenarios of a list. Raises HarnessError with the line that is wrong."""
    out = []
    for line in lists.parse(text):
        fields = [field.strip() for field in line.split(";")]
        if len(fields) != 4 or fields[1] not in WHENS or not all(fields):
            raise ui.HarnessError(f"faults list: '{line}': NAME; WHEN; ORDERS; WORKLOAD expected")
        name = fields[0].rstrip("*")
        if name in [scenario.name for scenario in out]:
            raise ui.HarnessError(f"faults list: there are two scenarios '{name}'")
        out.append(Scenario(name, fields[1], tuple(fields[2].split()), tuple(fields[3].split()),
                            fields[0].endswith("*")))
    return out


def load():
    return parse((paths.LISTS / "faults.txt").read_text())


def expected_complaints(driver):
    """Regular expressions of kernel messages that are the right reaction to a fault."""
    out = lists.parse((paths.LISTS / "faults-known.log").read_text())
    own = paths.LISTS / f"faults-known-{driver}.log"
    return out + (lists.parse(own.read_text()) if own.exists() else [])


def weaknesses(driver):
    """{scenario: [regular expressions]} of what @driver is known not to survive."""
    own = paths.LISTS / f"faults-weak-{driver}.txt"
    return parse_weaknesses(own.read_text(), [s.name for s in load()]) if own.exists() else {}


def parse_weaknesses(text, names):
    """The same from a list's @text; @names: scenarios there are. Raises HarnessError."""
    out = {}
    for line in lists.parse(text):
        name, _, sentence = [part.strip() for part in line.partition(";")]
        if name not in names or not sentence:
            raise ui.HarnessError(f"weaknesses: '{line}': NAME OF A SCENARIO; SENTENCE expected")
        out.setdefault(name, []).append(sentence)
    return out


def guest_script(scenarios):
    calls = "\n".join(f"scenario {guest.quote([s.name, s.when, *s.work])} || stuck"
                      for s in scenarios)
    return f"""
{(paths.SCRIPTS / "guest" / "faults.sh").read_text()}
stuck() {{
	say "this guest cannot go on"
	sleep 1
	sync
	# powering off would wait for a device whose removal hangs; the emulator ends with a reset as well
	echo b >/proc/sysrq-trigger
}}
echo $((20 * slowness)) >/proc/sys/kernel/hung_task_timeout_secs
{calls}
unload
say "last unload=$?"
sleep 1
"""


REMARK = re.compile(r"^(\S+) (before|load|work|remove|unload|reload|plain)=(\d+)$")


def statuses(remarks):
    """{scenario: {key: [statuses]}} from the text of the guest's remarks."""
    out = {}
    for line in remarks.splitlines():
        match = REMARK.match(line)
        if match:
            name, key, status = match.groups()
            out.setdefault(name, {}).setdefault(key, []).append(int(status))
    return out


def sections(log):
    """{scenario: its part of the kernel log}. A part without an end reaches to the next one."""
    out, name = {}, None
    for line in log.splitlines(keepends=True):
        match = re.search(r"xe-faults: (\S+) (begin|end)", line)
        if match:
            name = match.group(1) if match.group(2) == "begin" else None
        elif name:
            out[name] = out.get(name, "") + line
    return out


def judge(scenario, report, known):
    """(verdict, sentences that say why it is not good)."""
    said, bad = report.said, []
    for key in ("unload", "reload", "plain"):
        status = said.get(key, [None])[-1]
        if status is None:
            bad.append(f"did not come to '{key}'")
            break
        if status:
            bad.append(f"{key} failed ({status})")
            break
    if said.get("remove", [0])[-1]:
        bad.append("the device could not be removed")
    if any(status in TIMED_OUT for status in said.get("work", []) + said.get("load", [])):
        bad.append("the workload or the load did not come to an end")
    if not report.hits:
        bad.append("the fault was never injected")
    if report.violations:
        bad.append(f"{report.violations} violations that the fault does not excuse")
    bad += [f"kernel: {line}" for line in results.kernel_complaints(report.log, known)]
    if bad:
        return "NOT GOOD", bad
    if any(status for status in said.get("load", []) if scenario.when == "load"):
        return "recovered, load failed", []
    if any(status not in (0, IGT_SKIP) for status in said.get("work", [])):
        return "recovered, work failed", []
    return "recovered", []


def excuse(verdict, weak):
    """@verdict of a scenario, a known weakness if each sentence matches one of @weak."""
    why = verdict[1]
    if why and all(any(re.search(known, line) for known in weak) for line in why):
        return "known weakness", []
    return verdict


class Control:
    """The model's control socket."""

    def __init__(self, path):
        self.path = str(path)

    def ask(self, *words):
        """Sends one request; returns the result, raises HarnessError if it was refused."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(20)
            connection.connect(self.path)
            connection.sendall((" ".join(words) + "\n").encode())
            with connection.makefile() as reply:
                answer = json.loads(reply.readline())
        if not answer["ok"]:
            raise ui.HarnessError(f"model: {' '.join(words)}: {answer['error']}")
        return answer["result"]


class Director:
    """Does what the guest asks for between two of its remarks."""

    def __init__(self, scenarios, directory, control):
        self.by_name = {s.name: s for s in scenarios}
        self.directory = directory
        self.control = control
        self.hits = {}
        self.violations = {}
        self.counted = 0
        self.current = None
        self.errors = []

    def on_remark(self, remark):
        if not remark.startswith("ask="):
            guest.show_remark(remark)
            return
        try:
            self._answer(remark.removeprefix("ask="))
        except (OSError, ValueError, KeyError, ui.HarnessError) as error:
            self.errors.append(f"{remark}: {error}")

    def _count_violations(self):
        """Those since the last call belong to the scenario that ran meanwhile."""
        count = self.control.ask("violations")["violations"]
        if self.current:
            self.violations[self.current] = (self.violations.get(self.current, 0)
                                             + count - self.counted)
        self.counted = count

    def _answer(self, what):
        name, _, action = what.rpartition(".")
        self._count_violations()
        if action == "order":
            self.current = name
            for spec in self.by_name[name].orders:
                self.control.ask("fault", spec)
        else:
            faults = self.control.ask("faults")["faults"]
            self.hits[name] = min((row["hits"] for row in faults), default=0)
            self.control.ask("faults", "clear")
        (self.directory / f"done.{what}").write_text("")


def run_guest(driver, scenarios, out, known):
    """Runs @scenarios until the guest cannot go on. Returns {name: (verdict, why)} of those begun."""
    subprocess.run(roots.as_root("rm", "-rf", str(out)), check=True)
    out.mkdir(parents=True)
    machine = guest.Guest(out, driver, guest_script(scenarios))
    director = Director(scenarios, out, Control(machine.model.control))
    machine.on_remark = director.on_remark
    problems = []
    try:
        status = machine.run(BOOT_LIMIT + SCENARIO_LIMIT * len(scenarios))
        if status not in (0, VIOLATIONS):
            problems.append(f"the device model ended with status {status}: see {out / 'model.log'}")
        elif status == VIOLATIONS and not any(director.violations.values()):
            problems.append(f"violations after the last scenario: see {out / 'model.log'}")
    except guest.GuestHang as error:
        problems.append(str(error).splitlines()[0])
    said = statuses(machine.remarks())
    log = ((out / "dmesg.txt").read_text(errors="replace") if (out / "dmesg.txt").exists() else "")
    session.tell_races(out, log, known)
    # A report of the kernel's own races may lie across the end of a section.
    parts = sections(races.without_others(log))
    verdicts = {}
    for s in scenarios:
        if s.name in said or s.name in parts:
            report = Report(said.get(s.name, {}), director.hits.get(s.name, 0),
                            director.violations.get(s.name, 0), parts.get(s.name, ""))
            verdicts[s.name] = judge(s, report, known)
    problems += director.errors
    if kernel.current().checks and "last" in said:
        problems += results.check_complaints(machine.remarks(), kernel.current().checks)
        problems += session.leak_complaints(out)
    if said.get("last", {}).get("unload", [0])[-1]:
        problems.append("the module could not be unloaded at the end")
    if verdicts and problems:
        last = list(verdicts)[-1]
        verdicts[last] = ("NOT GOOD", verdicts[last][1] + problems)
    weak = weaknesses(driver)
    return {name: excuse(found, weak.get(name, [])) for name, found in verdicts.items()}


def run_driver(driver, scenarios, label="faults"):
    """Runs @scenarios, in as many guests as it takes. Returns {name: (verdict, why)}."""
    known = expected_complaints(driver)
    left, done, number = list(scenarios), {}, 1
    while left:
        ui.say(f"-- guest {number}: {driver} driver, {len(left)} scenarios with faults to go, "
               f"accelerator {guest.accelerator()}")
        found = run_guest(driver, left[:PER_GUEST], paths.RESULTS / label / driver / str(number),
                          known)
        if not found:
            raise ui.HarnessError(f"the guest came to no scenario: see "
                                  f"{paths.RESULTS / label / driver / str(number)}")
        done.update(found)
        left = [s for s in left if s.name not in done]
        number += 1
    return done


def table(scenarios, runs):
    """Scenario by driver."""
    width = max(len(s.name) for s in scenarios)
    lines = [f"{'scenario':<{width}}" + "".join(f"  {driver:<24}" for driver in runs)]
    for s in scenarios:
        cells = "".join(f"  {runs[driver].get(s.name, ('not run',))[0]:<24}" for driver in runs)
        lines.append(f"{s.name:<{width}}{cells}".rstrip())
    return "\n".join(lines)


def run(drivers, pattern="", label="faults"):
    """All scenarios whose name matches @pattern. Returns sentences about what is not good."""
    scenarios = [s for s in load() if re.search(pattern, s.name)]
    if not scenarios:
        raise ui.HarnessError(f"no scenario matches '{pattern}'")
    begin = time.monotonic()
    runs = {driver: run_driver(driver, scenarios, label) for driver in drivers}
    text = table(scenarios, runs)
    with contextlib.suppress(OSError):
        (paths.RESULTS / label / "table.txt").write_text(text + "\n")
    ui.say()
    ui.say(text)
    ui.say(f"results: {paths.RESULTS / label}  ({time.monotonic() - begin:.0f} s)")
    return [f"{driver}: {name}: {line}" for driver, found in runs.items()
            for name, (_, why) in found.items() for line in why]


def short(tally, driver):
    """The short run of 'make test': each scenario with a star counts as one check."""
    scenarios = [s for s in load() if s.short]
    try:
        found = run_driver(driver, scenarios, "faults-short")
    except ui.HarnessError as error:
        tally.bad(f"{driver} with faults: {error}")
        return
    for name, (_, why) in found.items():
        if why:
            tally.bad(f"{driver} with fault {name}: {'; '.join(why)}")
        else:
            tally.ok()
    good = sum(not why for _, why in found.values())
    tally.note(f"{driver} with faults: {good} of {len(scenarios)} scenarios survived")
