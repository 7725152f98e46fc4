# SPDX-License-Identifier: MIT
"""Instruction counts may not rise: what cases of the benchmark need against what was recorded."""

from . import bench, lists, paths, roots, ui

LABEL = "bench-guard"
RECORD = "bench-recorded.txt"
# Share by which a case that repeats may need more
TOLERANCE = 0.03
SAMPLES = 41
# What is recorded was measured with a model that answers when it can.
OPTIONS = ()
# Cases whose preparation or run takes longer than all others together.
SLOW = ("sparse", "map-64k-of-100k", "exec-1000", "load")
# Two runs in one guest have differed by more than the guard allows.
UNSTEADY = ("userptr-1m",)
# Cases that wait for the model. On a busy host it is late every time, and the caller sleeps: 3,000
# instructions, up to a quarter of the case, and twice that of "exec".
WAITING = ("unmap-64k", "unmap-512", "punch-64k", "replace-64m", "exec")
WAITING_TOLERANCE = 0.30
HEAD = """\
# What one operation of each case of the benchmark needs at least with our driver, in instructions.
# 'make test' fails if a case needs more than 3 % more, 30 % if it waits for the model. Written by
# 'scripts/xe bench --record', to be committed together with the change that makes a case dearer, or
# cheaper.
"""


def parse(text):
    """{case: instructions} of lines "CASE NUMBER"."""
    out = {}
    for line in lists.parse(text):
        try:
            case, number = line.split()
            out[case] = float(number)
        except ValueError as error:
            raise ui.HarnessError(f"{RECORD}: '{line}': CASE NUMBER expected") from error
        if out[case] <= 0:
            raise ui.HarnessError(f"{RECORD}: '{line}': a case needs instructions")
    return out


def least(row):
    """Instructions of one operation in the cheapest samples: one in twenty may be cheaper.

    The median of some cases is one of two values: whoever waits for the model sleeps, or does not
    because the answer is there already. A busy host shifts that, but not what is least.
    """
    per, ticks, _ = row
    return sorted(ticks)[len(ticks) // 20] / per


def render(found, kernel):
    """Text of the record of rows @found, measured with a version of the kernel."""
    width = max(len(case) for case in found)
    return HEAD + f"# Kernel: {kernel}\n" + "".join(
        f"{case:<{width}} {least(row):.0f}\n" for case, row in found.items())


def tolerance(case):
    """Share by which @case may need more, or less without a remark."""
    return WAITING_TOLERANCE if case in WAITING else TOLERANCE


def compare(found, recorded, cases):
    """(complaints, remarks) about what @cases need; a case that did not come is a complaint."""
    bad, remarks = [], []
    for case in cases:
        if case not in found:
            bad.append(f"{case} was not measured")
            continue
        now, then = least(found[case]), recorded[case]
        change = f"{case} needs {now:,.0f} instructions, {now / then - 1:+.1%} of the {then:,.0f}"
        if now > then * (1 + tolerance(case)):
            bad.append(f"{change} that are recorded in scripts/lists/{RECORD}")
        elif now < then * (1 - tolerance(case)):
            remarks.append(f"{change} recorded: 'scripts/xe bench --record' would guard the gain")
    return bad, remarks


def recorded():
    """What the record says."""
    return parse((paths.LISTS / RECORD).read_text())


def quick(cases):
    """Those of @cases that take little time and repeat."""
    return [case for case in cases if case not in SLOW + UNSTEADY]


def run():
    """One guest with the quick cases; returns sentences about what is not good."""
    then = recorded()
    cases = quick(then)
    bench.build_program()
    found, complaints = bench.count_instructions("ours", cases, SAMPLES, LABEL, OPTIONS)
    bad, remarks = compare(found, then, cases)
    for line in remarks:
        ui.say(f"   {line}")
    if bad:
        ui.say(f"   the record was made with kernel {_recorded_kernel()}, this is "
               f"{roots.kernel_version()}")
    return complaints + bad


def _recorded_kernel():
    for line in (paths.LISTS / RECORD).read_text().splitlines():
        if line.startswith("# Kernel: "):
            return line.removeprefix("# Kernel: ")
    return "unknown"


def check(tally):
    """The guard as a part of 'make test': every case counts."""
    bad = run()
    for line in bad:
        tally.bad(f"instruction counts: {line}")
    good = max(0, len(quick(recorded())) - len(bad))
    tally.ok(good)
    ui.say(f"   instruction counts: {good} passed, {len(bad)} failed")


def record():
    """Measures every case and writes the record; returns sentences about what is not good."""
    bench.build_program()
    found, complaints = bench.count_instructions("ours", [], SAMPLES, LABEL, OPTIONS)
    if complaints:
        return complaints + ["nothing was recorded"]
    (paths.LISTS / RECORD).write_text(render(found, roots.kernel_version()))
    ui.say(f"recorded: scripts/lists/{RECORD}")
    return []
