# SPDX-License-Identifier: MIT
"""What memory management costs, in instructions: the same program with both drivers, side by side.

The guest has one processor whose clock counts instructions. A sample is what the machine executed
from a call to its end, without what it spent idle, so figures repeat on a busy host, too.
"""

import json
import statistics
import time

from . import guest, lists, paths, results, session, suite, ui

LABEL = "bench"
PROGRAM = "xe_bench"
LIMIT = 3600
# A case may take minutes and says nothing meanwhile.
SILENCE = 1200
TARGETS = "bench-targets.txt"


def parse(text):
    """{case: (operations of a sample, [ticks])} of the program's output."""
    out = {}
    for line in text.splitlines():
        try:
            row = json.loads(line)
        except ValueError as error:
            raise ui.HarnessError(f"{PROGRAM}: '{line}' is not JSON: {error}") from error
        out[row["case"]] = (row["per"], row["ticks"])
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
    per, ticks = row
    return statistics.median(ticks) / per


def spread(row):
    """Half of the samples are within this share of the median."""
    _, ticks = row
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


def _script(program, cases, samples):
    command = f"{program} --samples {samples} {guest.quote(cases)}"
    return f'{command} >/out/bench.jsonl 2>/out/bench.err; say "bench=$?"\n'


def _run(driver, cases, samples):
    """({case: row}, complaints) of one guest."""
    out = paths.RESULTS / LABEL / driver
    for name in ("bench.jsonl", "bench.err"):
        (out / name).unlink(missing_ok=True)
    program = paths.in_root(paths.BUILD / "unit/xe" / PROGRAM)
    machine = guest.Guest(out, driver, _script(program, cases, samples), counting=True)
    machine.on_remark = guest.show_remark
    machine.silence_limit = SILENCE
    with ui.Step(f"guest: {driver} driver, counting instructions"):
        status = machine.run(LIMIT)
    found = parse((out / "bench.jsonl").read_text()) if (out / "bench.jsonl").exists() else {}
    complaints = []
    if "bench=0" not in machine.remarks():
        complaints.append(f"{driver}: {PROGRAM} failed\n{ui.tail(out / 'bench.err')}")
    log = (out / "dmesg.txt").read_text(errors="replace")
    complaints += [f"{driver}: {line}" for line in
                   results.kernel_complaints(log, session.known_complaints(driver, LABEL))]
    if status != 0:
        complaints.append(f"{driver}: the model ended with status {status} (see {out}/model.log)")
    return found, complaints


def run(drivers, cases, samples):
    """Returns sentences about what is not good; a missed target is none of them."""
    ui.run_logged("benchmark: build", suite.uapi_make("bench"), paths.LOG / "bench.log")
    targets = parse_targets((paths.LISTS / TARGETS).read_text())
    runs, bad = {}, []
    begin = time.monotonic()
    for driver in drivers:
        runs[driver], complaints = _run(driver, cases, samples)
        bad += complaints
    text = "\n".join(table(runs, targets))
    where = paths.RESULTS / LABEL
    (where / "table.txt").write_text(text + "\n")
    (where / "samples.json").write_text(json.dumps(runs, indent=1) + "\n")
    ui.say(f"\ninstructions per operation, median, and how far half of the samples are from it\n\n"
           f"{text}\n\nresults: {where}  ({time.monotonic() - begin:.0f} s)")
    return bad
