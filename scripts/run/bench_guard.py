# SPDX-License-Identifier: MIT
"""Instruction counts may not rise: what cases of the benchmark need against what was recorded."""

from . import bench, bench_figures, lists, paths, roots, ui

LABEL = "bench-guard"
RECORD = "bench-recorded.txt"
# Share by which a case that repeats may need more
TOLERANCE = 0.03
SAMPLES = 41
HEAD = """\
# What one operation of each case of the benchmark needs with our driver, in instructions.
# 'make test' fails if a case needs more than 3 % more. Written by 'scripts/xe bench --record', to be
# committed together with the change that makes a case dearer, or cheaper.
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


def cheap(row):
    """Instructions of one operation in a cheap sample: one in ten is cheaper.

    What is recorded is the median, with the interrupt and its worker where there is one. On a busy
    host they come late, behind the sample, or so that a worker runs where there was none.
    """
    per, ticks, _ = row
    return sorted(ticks)[len(ticks) // 10] / per


def render(found, kernel):
    """Text of the record of rows @found, measured with a version of the kernel."""
    width = max(len(case) for case in found)
    return HEAD + f"# Kernel: {kernel}\n" + "".join(
        f"{case:<{width}} {bench_figures.cost(row):.0f}\n" for case, row in found.items())


def _change(case, now, then):
    return f"{case} needs {now:,.0f} instructions, {now / then - 1:+.1%} of the {then:,.0f}"


def compare(found, recorded, cases):
    """(complaints, remarks) about what @cases need; a case that did not come is a complaint."""
    bad, remarks = [], []
    for case in cases:
        if case not in found:
            bad.append(f"{case} was not measured")
            continue
        now, usual, then = cheap(found[case]), bench_figures.cost(found[case]), recorded[case]
        if now > then * (1 + TOLERANCE):
            bad.append(f"{_change(case, now, then)} that are recorded in scripts/lists/{RECORD}")
        elif usual < then * (1 - TOLERANCE):
            remarks.append(f"{_change(case, usual, then)} recorded: 'scripts/xe bench --record' would "
                           "guard the gain")
    return bad, remarks


def recorded():
    """What the record says."""
    return parse((paths.LISTS / RECORD).read_text())


def run():
    """One guest with all that is recorded; returns sentences about what is not good."""
    then = recorded()
    cases = list(then)
    bench.build_program()
    found, complaints = bench.count_instructions("ours", cases, SAMPLES, LABEL)
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
    good = max(0, len(recorded()) - len(bad))
    tally.ok(good)
    ui.say(f"   instruction counts: {good} passed, {len(bad)} failed")


def record():
    """Measures every case and writes the record; returns sentences about what is not good."""
    bench.build_program()
    found, complaints = bench.count_instructions("ours", [], SAMPLES, LABEL)
    if complaints:
        return complaints + ["nothing was recorded"]
    (paths.LISTS / RECORD).write_text(render(found, roots.kernel_version()))
    ui.say(f"recorded: scripts/lists/{RECORD}")
    return []
