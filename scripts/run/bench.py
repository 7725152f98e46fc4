# SPDX-License-Identifier: MIT
"""What memory management costs, in instructions: the same program with both drivers, side by side.

The guest has one processor whose clock counts instructions. A sample is what the machine executed
from a call to its end, without what it spent idle, so figures repeat on a busy host, too.
"""

import bisect
import collections
import json
import statistics
import time

from . import guest, lists, paths, session, suite, ui

LABEL = "bench"
PROGRAM = "xe_bench"
LIMIT = 3600
# A case may take minutes and says nothing meanwhile.
SILENCE = 1200
# Functions that need less of a profile are not shown.
PROFILE_SHARE = 0.003
TARGETS = "bench-targets.txt"


def parse(text):
    """{case: (operations of a sample, [ticks], samples before these)} of the program's output."""
    out = {}
    for line in text.splitlines():
        try:
            row = json.loads(line)
        except ValueError as error:
            raise ui.HarnessError(f"{PROGRAM}: '{line}' is not JSON: {error}") from error
        out[row["case"]] = (row["per"], row["ticks"], row["uncounted"])
    return out


def parse_targets(text):
    """{case: greatest share of the stock driver's cost} of lines "CASE 1/N"."""
    out = {}
    for line in lists.parse(text):
        try:
            case, share = line.split()
            above, below = share.split("/")
            out[case] = int(above) / int(below)
        except (ValueError, ZeroDivisionError) as error:
            raise ui.HarnessError(f"{TARGETS}: '{line}': CASE N/M expected") from error
    return out


def cost(row):
    """Instructions of one operation: the median."""
    per, ticks, _ = row
    return statistics.median(ticks) / per


def spread(row):
    """Half of the samples are within this share of the median."""
    _, ticks, _ = row
    middle = statistics.median(ticks)
    return statistics.median(abs(t - middle) for t in ticks) / middle if middle else 0


def table(runs, targets):
    """Lines: case, what each driver needs, the ratio and the target."""
    cases = list(dict.fromkeys(case for run in runs.values() for case in run))
    width = max([len(case) for case in cases] + [4])
    lines = [f"{'case':<{width}}" + "".join(f"{driver:>14} {'':>6}" for driver in runs) +
             ("   ratio  target" if len(runs) > 1 else "")]
    for case in cases:
        line = f"{case:<{width}}"
        for run in runs.values():
            line += (f"{cost(run[case]):>14,.0f} ±{spread(run[case]):>4.1%}" if case in run
                     else f"{'-':>14} {'':>6}")
        if len(runs) > 1 and all(case in run for run in runs.values()):
            ratio = cost(runs["ours"][case]) / cost(runs["stock"][case])
            line += f"  {ratio:>6.3f}"
            if case in targets:
                line += f"  {targets[case]:>6.3f}{'' if ratio <= targets[case] else '  missed'}"
        lines.append(line.rstrip())
    return lines


def parse_symbols(text):
    """[(address, name)] of kallsyms, sorted: kernel code only."""
    out = []
    for line in text.splitlines():
        address, kind, name = line.split()[:3]
        if kind in "tTwW":
            out.append((int(address, 16), name))
    return sorted(out)


def profile(blocks, symbols):
    """{function: instructions} of the lines that the plugin has written."""
    starts = [address for address, _ in symbols]
    out = collections.Counter()
    for line in blocks.splitlines():
        address, length, count = line.split()
        at = bisect.bisect_right(starts, int(address, 16)) - 1
        out[symbols[at][1] if at >= 0 else "?"] += int(length) * int(count)
    return out


def _show_profile(driver, out, operations):
    found = profile((out / "profile.txt").read_text(),
                    parse_symbols((out / "kallsyms.txt").read_text()))
    total = sum(found.values())
    lines = [f"{driver}: instructions of the kernel per operation, with idling: "
             f"{total / operations:,.0f}"]
    lines += [f"{count / operations:>12,.0f}  {count / total:>6.1%}  {name}"
              for name, count in found.most_common() if count / total >= PROFILE_SHARE]
    (out / "profile-functions.txt").write_text("\n".join(lines) + "\n")
    ui.say("\n".join(lines))


def _script(program, cases, samples):
    command = f"{program} --samples {samples} {guest.quote(cases)}"
    return (f'{command} >/out/bench.jsonl 2>/out/bench.err; say "bench=$?"\n'
            "cat /proc/kallsyms >/out/kallsyms.txt\n"
            'modprobe -r xe; say "unload=$?"\n')


def _build_plugin():
    path = paths.BUILD / "unit/insn_profile.so"
    ui.run_logged("profiler: build", [
        "gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-std=gnu11", "-fPIC", "-shared",
        "-fvisibility=hidden", "-o", str(path),
        str(paths.TOP / "tools/testing/profile/insn_profile.c")], paths.LOG / "profile.log")
    return path


def _run(driver, cases, samples, plugin):
    """({case: row}, complaints) of one guest."""
    out = paths.RESULTS / LABEL / driver
    session.empty(out)
    program = paths.in_root(paths.BUILD / "unit/xe" / PROGRAM)
    machine = guest.Guest(out, driver, _script(program, cases, samples), counting=True,
                          plugin=f"{paths.in_root(plugin)},out=/out/profile.txt" if plugin else "")
    machine.on_remark = guest.show_remark
    machine.silence_limit = SILENCE
    with ui.Step(f"guest: {driver} driver, counting instructions"):
        status = machine.run(LIMIT)
    found = parse((out / "bench.jsonl").read_text()) if (out / "bench.jsonl").exists() else {}
    complaints = []
    if "bench=0" not in machine.remarks():
        complaints.append(f"{PROGRAM} failed\n{ui.tail(out / 'bench.err')}")
    complaints += session.end_complaints(machine, status, session.known_complaints(driver, LABEL))
    return found, complaints


def run(drivers, cases, samples, profiled=False):
    """Returns sentences about what is not good; a missed target is none of them."""
    if profiled and len(cases) != 1:
        raise ui.HarnessError("a profile is of one case: --case NAME")
    ui.run_logged("benchmark: build", suite.uapi_make("bench"), paths.LOG / "bench.log")
    plugin = _build_plugin() if profiled else None
    targets = parse_targets((paths.LISTS / TARGETS).read_text())
    runs, bad = {}, []
    begin = time.monotonic()
    for driver in drivers:
        runs[driver], complaints = _run(driver, cases, samples, plugin)
        bad += [f"{driver}: {line}" for line in complaints]
        if profiled and cases[0] in runs[driver]:
            per, ticks, uncounted = runs[driver][cases[0]]
            _show_profile(driver, paths.RESULTS / LABEL / driver, per * (len(ticks) + uncounted))
    text = "\n".join(table(runs, targets))
    where = paths.RESULTS / LABEL
    (where / "table.txt").write_text(text + "\n")
    (where / "samples.json").write_text(json.dumps(runs, indent=1) + "\n")
    ui.say(f"\ninstructions per operation, median, and how far half of the samples are from it\n\n"
           f"{text}\n\nresults: {where}  ({time.monotonic() - begin:.0f} s)")
    return bad
