# SPDX-License-Identifier: MIT
"""From what the benchmark and the profiler have written to figures and tables."""

import bisect
import collections
import json
import statistics

from . import lists, ui

TARGETS = "bench-targets.txt"


def parse(text):
    """{case: (operations of a sample, [ticks], samples before these)} of the program's output."""
    out = {}
    for line in text.splitlines():
        try:
            row = json.loads(line)
        except ValueError as error:
            raise ui.HarnessError(f"benchmark: '{line}' is not JSON: {error}") from error
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


def ratio(runs, case):
    """What our driver needs for @case, by what the stock driver needs."""
    return cost(runs["ours"][case]) / cost(runs["stock"][case])


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
            share = ratio(runs, case)
            line += f"  {share:>6.3f}"
            if case in targets:
                line += f"  {targets[case]:>6.3f}{'' if share <= targets[case] else '  missed'}"
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


def profiles(lines, symbols):
    """[{function: instructions}] of what the plugin has written: one for each case."""
    starts = [address for address, _ in symbols]
    out = []
    for line in lines:
        if line.startswith("="):
            out.append(collections.Counter())
            continue
        address, length, count = line.split()
        at = bisect.bisect_right(starts, int(address, 16)) - 1
        out[-1][symbols[at][1] if at >= 0 else "?"] += int(length) * int(count)
    return out


def profile_table(found, operations, least):
    """Lines: instructions of one operation, share, function; not those below the share @least."""
    total = sum(found.values())
    return [f"{count / operations:>12,.0f}  {count / total:>6.1%}  {name}"
            for name, count in found.most_common() if count / total >= least]
