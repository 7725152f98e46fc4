# SPDX-License-Identifier: MIT
"""What memory management costs, in instructions: the same program with both drivers, side by side.

The guest has one processor whose clock counts instructions. A sample is what the machine executed
from a call to its end, without what it spent idle, so figures repeat on a busy host, too. What is
counted otherwise is counted in a second guest, so that counting costs nothing in the first.
"""

import json
import time

from . import bench_counters, bench_figures, bench_page, build, guest, paths, session, ui

LABEL = "bench"
PROGRAM = "xe_bench"
LIMIT = 3600
# A case may take minutes and says nothing meanwhile.
SILENCE = 1200
COUNTER_SAMPLES = 5
# Functions that need less of a profile are not shown.
PROFILE_SHARE = 0.003


def _show_profiles(machine, found):
    """Prints the profile of each case of @found, in the order in which they ran."""
    out = machine.directory
    symbols = bench_figures.parse_symbols((out / "kallsyms.txt").read_text())
    with open(out / "profile.txt") as blocks:
        profiles = bench_figures.profiles(blocks, symbols)
    if len(profiles) != len(found):
        raise ui.HarnessError(f"{len(profiles)} profiles of {len(found)} cases")
    lines = []
    for (case, (per, ticks, uncounted)), one in zip(found.items(), profiles):
        operations = per * (len(ticks) + uncounted)
        lines.append(f"\n{machine.driver}, {case}: instructions of the kernel per operation, with "
                     f"idling: {sum(one.values()) / operations:,.0f}")
        lines += bench_figures.profile_table(one, operations, PROFILE_SHARE)
    (out / "profile-functions.txt").write_text("\n".join(lines) + "\n")
    ui.say("\n".join(lines))


def _prepare_guest(driver, label, script, plugin="", control_port=False):
    """A counting guest of @driver with an empty directory below the results of @label."""
    out = paths.RESULTS / label / driver
    session.empty(out)
    machine = guest.Guest(out, driver, script, counting=True, plugin=plugin,
                          control_port=control_port)
    machine.on_remark = guest.show_remark
    machine.silence_limit = SILENCE
    return machine


def _program(option, number, cases):
    """Shell text that runs the program, and then unloads the driver.

    Unloading waits for grace periods, and while the processor polls because it has nothing to do,
    the clock hardly moves: so it gets something to do.
    """
    program = paths.in_root(paths.BUILD / "unit/xe" / PROGRAM)
    return (f"{program} {option} {number} {guest.quote(cases)} >/out/bench.jsonl 2>/out/bench.err; "
            'say "bench=$?"\ncat /proc/kallsyms >/out/kallsyms.txt\n'
            'chrt --idle 0 sh -c "while :; do :; done" & busy=$!\n'
            'leave\nkill $busy\n')


def _finish(machine, status, label):
    """(the program's output, complaints) of a guest that has ended."""
    out = machine.directory
    text = (out / "bench.jsonl").read_text() if (out / "bench.jsonl").exists() else ""
    complaints = []
    if "bench=0" not in machine.remarks():
        complaints.append(f"{PROGRAM} failed\n{ui.tail(out / 'bench.err')}")
    complaints += session.end_complaints(machine, status,
                                         session.known_complaints(machine.driver, label))
    return text, complaints


def build_program():
    """The benchmark itself, for the guest."""
    ui.run_logged("benchmark: build", build.uapi_make("bench"), paths.LOG / "bench.log")


def build_plugin(name):
    """A plugin of tools/testing/profile for QEMU; returns its path inside a root."""
    path = paths.BUILD / f"unit/{name}.so"
    ui.run_logged(f"{name}: build", [
        "gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-std=gnu11", "-fPIC", "-shared",
        "-fvisibility=hidden", "-o", str(path),
        str(paths.TOP / f"tools/testing/profile/{name}.c")], paths.LOG / f"{name}.log")
    return paths.in_root(path)


def count_instructions(driver, cases, samples, label=LABEL, profiled=False):
    """({case: row}, complaints) of one guest; with @profiled, profiles are shown, too."""
    plugin = f"{build_plugin('insn_profile')},out=/out/profile.txt" if profiled else ""
    machine = _prepare_guest(driver, label, _program("--samples", samples, cases), plugin)
    with ui.Step(f"guest: {driver} driver, counting instructions"):
        status = machine.run(LIMIT)
    text, complaints = _finish(machine, status, label)
    found = bench_figures.parse(text)
    if profiled and not complaints:
        _show_profiles(machine, found)
    return found, complaints


def count_others(driver, cases):
    """({case: {counter: [numbers]}}, complaints) of one guest."""
    plugin = f"{build_plugin('page_stores')},out=/out/stores.txt"
    label = f"{LABEL}-counters"
    machine = _prepare_guest(driver, label, _program("--count", COUNTER_SAMPLES, cases), plugin,
                             control_port=True)
    with ui.Step(f"guest: {driver} driver, other counters"):
        status = machine.run(LIMIT)
    text, complaints = _finish(machine, status, label)
    if complaints:
        # A case that has failed leaves stores without a line of its own.
        return {}, complaints
    with open(machine.directory / "stores.txt") as stores:
        return bench_counters.parse(text, bench_counters.parse_stores(stores)), complaints


def _report(runs, counters, targets):
    """Prints the tables; leaves them, the raw samples and a page below the results."""
    where = paths.RESULTS / LABEL
    text = "\n".join(bench_figures.table(runs, targets))
    ui.say(f"\ninstructions per operation, median, and how far half of the samples are from it\n\n"
           f"{text}\n")
    if counters:
        others = "\n".join(bench_counters.table(counters))
        text += "\n\n" + others
        ui.say(f"what else one operation takes, median\n\n{others}\n")
    if len(counters) > 1:
        compared, worse = bench_counters.count_worse(counters)
        ui.say(f"{worse} of {compared} counters are worse than the stock driver's\n")
    (where / "table.txt").write_text(text + "\n")
    raw = {"instructions": {driver: {case: {"per": row[0], "ticks": row[1]}
                                     for case, row in run.items()}
                            for driver, run in runs.items()},
           "counters": counters}
    (where / "samples.json").write_text(json.dumps(raw, indent=1) + "\n")
    (where / "report.html").write_text(bench_page.page(runs, counters, targets))
    return where


def run(drivers, cases, samples, counted=True):
    """Returns sentences about what is not good; a missed target is none of them."""
    build_program()
    targets = bench_figures.parse_targets((paths.LISTS / bench_figures.TARGETS).read_text())
    runs, counters, bad = {}, {}, []
    begin = time.monotonic()
    for driver in drivers:
        runs[driver], complaints = count_instructions(driver, cases, samples)
        bad += [f"{driver}: {line}" for line in complaints]
    for driver in drivers if counted else ():
        counters[driver], complaints = count_others(driver, cases)
        bad += [f"{driver}: {line}" for line in complaints]
    where = _report(runs, counters, targets)
    ui.say(f"results: {where}, the page for people is report.html  "
           f"({time.monotonic() - begin:.0f} s)")
    return bad


def run_profile(drivers, cases, samples):
    """Profiles of cases; returns sentences about what is not good."""
    build_program()
    bad = []
    for driver in drivers:
        _, complaints = count_instructions(driver, cases, samples, f"{LABEL}-profile", True)
        bad += [f"{driver}: {line}" for line in complaints]
    return bad
