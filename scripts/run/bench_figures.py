# SPDX-License-Identifier: MIT
"""From what the benchmark has written to figures and tables."""

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


def interval(row):
    """(low, high) instructions of one operation: the middle half of the samples lies between.

    Of fewer than five samples it is the cheapest and the dearest.
    """
    per, ticks, _ = row
    if len(ticks) < 5:
        return min(ticks) / per, max(ticks) / per
    low, _, high = statistics.quantiles(ticks, n=4, method="inclusive")
    return low / per, high / per


def interval_text(row):
    """The interval of @row in words."""
    low, high = (f"{value:,.0f}" for value in interval(row))
    return low if low == high else f"{low} - {high}"


def cells(row):
    """Median and interval of @row in words."""
    return [f"{cost(row):,.0f}", interval_text(row)]


def ratio(runs, case):
    """What our driver needs for @case, by what the stock driver needs."""
    return cost(runs["ours"][case]) / cost(runs["stock"][case])


def missed(runs, targets):
    """Cases of a run with both drivers that need more than their target."""
    if len(runs) < 2:
        return []
    return [case for case in runs["ours"] if case in runs["stock"] and case in targets
            and ratio(runs, case) > targets[case]]


def table(runs, targets):
    """Lines: case, what each driver needs, the ratio and the target."""
    cases = list(dict.fromkeys(case for run in runs.values() for case in run))
    width = max([len(case) for case in cases] + [4])
    head = "".join(f"{driver:>14}  {'middle half':<30}" for driver in runs)
    lines = [f"{'case':<{width}}{head}{' ratio  target' if len(runs) > 1 else ''}"]
    for case in cases:
        line = f"{case:<{width}}"
        for run in runs.values():
            line += (f"{cost(run[case]):>14,.0f}  {interval_text(run[case]):<30}" if case in run
                     else f"{'-':>14}  {'':<30}")
        if len(runs) > 1 and all(case in run for run in runs.values()):
            share = ratio(runs, case)
            line += f"  {share:>6.3f}"
            if case in targets:
                line += f"  {targets[case]:>6.3f}{'' if share <= targets[case] else '  missed'}"
        lines.append(line.rstrip())
    return lines
