# SPDX-License-Identifier: MIT
"""What memory management costs, in instructions: the same program with both drivers, side by side.

The guest has one processor whose clock counts instructions. A sample is what the machine executed
from a call to its end, without what it spent idle, so figures repeat on a busy host, too. What is
counted otherwise is counted in a second guest, so that counting costs nothing in the first.
"""

import json
import time

from . import (bench_counters, bench_figures, bench_page, bench_profile, build, guest, paths,
               revision, roots, session, ui)

LABEL = "bench"
PROGRAM = "xe_bench"
LIMIT = 3600
# A case may take minutes and says nothing meanwhile.
SILENCE = 1200
COUNTER_SAMPLES = 5
# What the documentation shows profiles of
FREQUENT = ("map-64k", "unmap-64k", "map-512", "sparse", "exec")
# Functions of each group that the profile names
PROFILE_FUNCTIONS = 4
# Nothing is late by chance, and the host waits for the model: whoever waits for the GPU in the guest
# would sleep or not, by how busy the host is.
STEADY = ("--seed", "0", "--prompt")
PROFILE_SAMPLES = 21
SAMPLES = "samples.json"


def _read_profiles(machine, found):
    """{case: {function: instructions of one operation}} of the cases @found, in their order."""
    out = machine.directory
    symbols = bench_profile.parse_symbols((out / "kallsyms.txt").read_text())
    with open(out / "profile.txt") as blocks:
        profiles = bench_profile.parse_blocks(blocks, symbols)
    if len(profiles) != len(found):
        raise ui.HarnessError(f"{len(profiles)} profiles of {len(found)} cases")
    return {case: {name: count / (per * len(ticks)) for name, count in one.items()}
            for (case, (per, ticks, _)), one in zip(found.items(), profiles)}


def _prepare_guest(driver, label, script, plugin="", control_port=False):
    """A counting guest of @driver with an empty directory below the results of @label."""
    out = paths.RESULTS / label / driver
    session.empty(out)
    machine = guest.Guest(out, driver, script, model_options=STEADY, counting=True, plugin=plugin,
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


def count_instructions(driver, cases, samples, label=LABEL):
    """({case: row}, complaints) of one guest."""
    machine = _prepare_guest(driver, label, _program("--samples", samples, cases))
    with ui.Step(f"guest: {driver} driver, counting instructions"):
        status = machine.run(LIMIT)
    text, complaints = _finish(machine, status, label)
    return bench_figures.parse(text), complaints


def count_functions(driver, cases, samples):
    """({case: {function: instructions of one operation}}, complaints) of one guest."""
    plugin = f"{build_plugin('insn_profile')},out=/out/profile.txt"
    label = f"{LABEL}-profile"
    machine = _prepare_guest(driver, label, _program("--samples", samples, cases), plugin)
    with ui.Step(f"guest: {driver} driver, profiles"):
        status = machine.run(LIMIT)
    text, complaints = _finish(machine, status, label)
    return {} if complaints else _read_profiles(machine, bench_figures.parse(text)), complaints


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


def _profile_text(driver, profiles, targets, runs):
    """Tables of profiles; a case that misses its target says so."""
    groups = bench_profile.parse_groups((paths.LISTS / bench_profile.GROUPS).read_text())
    lines = []
    for case, one in profiles.items():
        missed = case in bench_figures.missed(runs, targets)
        lines.append(f"{driver}, {case}: instructions of the kernel per operation, by purpose"
                     f"{'; misses its target' if missed else ''}")
        lines += [*bench_profile.table(one, groups, PROFILE_FUNCTIONS), ""]
    return "\n".join(lines)


def _raw(runs, counters, profiles):
    """All samples, for a file."""
    return {"commit": revision.name(), "kernel": roots.kernel_version(),
            "instructions": {driver: {case: {"per": row[0], "ticks": row[1]}
                                      for case, row in run.items()}
                             for driver, run in runs.items()},
            "counters": counters, "profiles": profiles}


def _report(runs, counters, profiles, targets):
    """Prints the tables; leaves them, the raw samples and a page below the results.

    Returns what is not good about the counters.
    """
    where = paths.RESULTS / LABEL
    known = bench_counters.parse_known((paths.LISTS / bench_counters.WORSE).read_text())
    text = "\n".join(bench_figures.table(runs, targets))
    ui.say(f"\ninstructions per operation: median, and between what the middle half of the samples "
           f"is\n\n{text}\n")
    bad = []
    if counters:
        others = "\n".join(bench_counters.table(counters, known))
        text += "\n\n" + others
        ui.say(f"what else one operation takes, median\n\n{others}\n")
    if profiles:
        functions = _profile_text("ours", profiles, targets, runs)
        text += "\n\n" + functions
        ui.say(functions)
    if len(counters) > 1:
        compared, bad, remarks = bench_counters.judge(counters, known)
        ui.say("\n".join([f"counters worse than the stock driver's: {len(bad)} of {compared}",
                          *(f"   {line}" for line in bad),
                          *(f"   known: {line}" for line in remarks)]))
    (where / "table.txt").write_text(text + "\n")
    (where / SAMPLES).write_text(json.dumps(_raw(runs, counters, profiles), indent=1) + "\n")
    (where / "report.html").write_text(bench_page.page(runs, counters, targets, known))
    return [f"worse than stock: {line}" for line in bad]


def _worth_a_profile(run, runs, targets):
    """Cases of @run whose profile is of interest: the frequent, and those that miss targets."""
    return [case for case in run
            if case in FREQUENT or case in bench_figures.missed(runs, targets)]


def run(drivers, cases, samples, counted=True):
    """Returns sentences about what is not good; a missed target is none of them."""
    build_program()
    targets = bench_figures.parse_targets((paths.LISTS / bench_figures.TARGETS).read_text())
    runs, counters, profiles, bad = {}, {}, {}, []
    begin = time.monotonic()
    for driver in drivers:
        runs[driver], complaints = count_instructions(driver, cases, samples)
        bad += [f"{driver}: {line}" for line in complaints]
    for driver in drivers if counted else ():
        counters[driver], complaints = count_others(driver, cases)
        bad += [f"{driver}: {line}" for line in complaints]
    wanted = _worth_a_profile(runs.get("ours", {}), runs, targets) if counted else []
    if wanted:
        profiles, complaints = count_functions("ours", wanted, PROFILE_SAMPLES)
        bad += [f"ours: {line}" for line in complaints]
    bad += _report(runs, counters, profiles, targets)
    ui.say(f"results: {paths.RESULTS / LABEL}, the page for people is report.html  "
           f"({time.monotonic() - begin:.0f} s)")
    return bad


def run_profile(drivers, cases, samples):
    """Profiles of cases, of the frequent ones if none is named; returns what is not good."""
    build_program()
    bad = []
    for driver in drivers:
        profiles, complaints = count_functions(driver, cases or FREQUENT, samples)
        ui.say(_profile_text(driver, profiles, {}, {}))
        bad += [f"{driver}: {line}" for line in complaints]
    return bad
