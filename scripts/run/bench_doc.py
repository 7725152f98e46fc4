# SPDX-License-Identifier: MIT
"""The page of figures in the documentation, from the samples of the last run of the benchmark."""

import json

from . import bench_counters, bench_figures, bench_profile, paths, ui

PAGE = "Documentation/gpu/xe/performance-figures.rst"
SOURCES = "build/results/bench/samples.json"
# Functions of each group that are named, and the share of the case they need at least
FUNCTIONS = 4
SHARE = 0.01
HEAD = """\
.. SPDX-License-Identifier: MIT

===================
Performance figures
===================

Written by ``scripts/xe bench --page`` from the samples of the last ``make bench DRIVER=both``: to
be written again, not to be edited. Describes what ``scripts/run/bench_doc.py`` makes of them;
:doc:`performance` says what they mean. {stand}
"""


def _table(head, rows, right=()):
    """Lines of a simple table; columns @right are numbers. Rows are lists of texts."""
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    rule = "  ".join("=" * max(width, 1) for width in widths)

    def line(row):
        cells = [cell.rjust(width) if i in right else cell.ljust(width)
                 for i, (cell, width) in enumerate(zip(row, widths))]
        # An empty first cell would continue the row above.
        if not row[0]:
            cells[0] = "\\".ljust(widths[0])
        return "  ".join(cells).rstrip()

    return [rule, line(head), rule, *(line(row) for row in rows), rule, ""]


def _title(text):
    return ["", text, "=" * len(text), ""]


def instructions(runs, targets):
    """Lines of the section about instructions."""
    rows = []
    for case in dict.fromkeys(case for run in runs.values() for case in run):
        row = [f"``{case}``"]
        for run in runs.values():
            row += bench_figures.cells(run[case]) if case in run else ["", ""]
        if all(case in run for run in runs.values()):
            share = bench_figures.ratio(runs, case)
            target = targets.get(case)
            row += [f"{share:.3f}", f"1/{1 / target:.0f}" if target else ""]
            row[-1] += ", missed" if case in bench_figures.missed(runs, targets) else ""
        else:
            row += ["", ""]
        rows.append(row)
    counts = sorted({len(row[1]) for run in runs.values() for row in run.values()}, reverse=True)
    return [*_title("Instructions of one operation"),
            "The median of the samples, and between what the middle half of them lies; of three",
            f"the lowest and the highest. Numbers of samples: {', '.join(map(str, counts))}.", "",
            *_table(["case", "stock", "its samples", "ours", "its samples", "ratio", "target"],
                    rows, (1, 3))]


def counters(runs, known):
    """Lines of the section about what else is counted."""
    rows, last = [], None
    for case, name, values in bench_counters.rows(runs):
        rows.append(["" if case == last else f"``{case}``", name,
                     *("" if v is None else bench_counters.number(v) for v in values),
                     bench_counters.verdict(case, name, values, known)])
        last = case
    compared, bad, _ = bench_counters.judge(runs, known)
    lines = [*_title("What else one operation takes"),
             f"Medians; what is 0 with both drivers is left out. {len(bad)} of {compared}",
             "counters are worse than the stock driver's without a reason that is known.", "",
             *_table(["case", "counter", "stock", "ours", ""], rows, (2, 3))]
    reasons = [(case, name, *known[case, name]) for case, name in known]
    if reasons:
        lines += ["Known:", ""]
        lines += [f"* ``{case}``, {name}, at most {bench_counters.number(most)}: {reason}"
                  for case, name, most, reason in reasons] + [""]
    return lines


def _stores(all_counters, case):
    """Entries that one operation of @case stores into page tables, by the processor."""
    samples = all_counters.get("ours", {}).get(case)
    if not samples:
        return None
    values = sorted(samples[bench_counters.NAMES[0]])
    return values[len(values) // 2] / 8


def floor(profiles, groups, runs, all_counters):
    """Lines of the section about what no driver gets around."""
    rows = []
    for case, profile in profiles.items():
        found = bench_profile.grouped(profile, groups)
        parts = [sum(found.get(name, {}).values()) for name in bench_profile.FLOOR]
        stores = _stores(all_counters, case)
        parts.append(stores or 0)
        total = sum(sum(functions.values()) for functions in found.values())
        rows.append([f"``{case}``", *(f"{part:,.0f}" for part in parts), f"{sum(parts):,.0f}",
                     f"{total:,.0f}", f"{total / sum(parts):.1f}" if sum(parts) else ""])
    refused = runs.get("ours", {}).get("refused")
    call = runs.get("ours", {}).get("call")
    text = (f"A call of DRM that does nothing takes {bench_figures.cost(call):,.0f} instructions, "
            f"a bind that is refused at once {bench_figures.cost(refused):,.0f}."
            if refused and call else "")
    return [*_title("The floor"),
            "What no driver gets around: entry and copying of arguments, the tree of mappings, the",
            "walk through the tables with its record of what changes, and a store for each entry.",
            text, "",
            *_table(["case", *bench_profile.FLOOR, "entries", "floor", "all", "times"], rows,
                    range(1, 8))]


def profiles(found, groups, missed):
    """Lines of the section about where the instructions are."""
    lines = [*_title("Where they go"),
             "Instructions of the kernel in one operation of our driver, without idling, as a mean of",
             f"the samples: by purpose (``scripts/lists/{bench_profile.GROUPS}``), with the",
             "largest functions. What is inlined belongs to the caller.", ""]
    for case, profile in found.items():
        name = f"``{case}``" + (", which misses its target" if case in missed else "")
        parts = bench_profile.grouped(profile, groups)
        total = sum(sum(functions.values()) for functions in parts.values())
        rows = []
        for group, functions in sorted(parts.items(), key=lambda item: -sum(item[1].values())):
            count = sum(functions.values())
            if count < total * SHARE / 2:
                continue
            largest = sorted(functions.items(), key=lambda item: -item[1])[:FUNCTIONS]
            named = [f"{function.partition(' ')[0]} {part:,.0f}" for function, part in largest
                     if part >= total * SHARE]
            rows.append([group, f"{count:,.0f}", f"{count / total:.0%}", ", ".join(named)])
        rows.append(["all", f"{total:,.0f}", "", ""])
        lines += ["", name, "-" * len(name), "",
                  *_table(["purpose", "instructions", "share", "functions"], rows, (1, 2))]
    return lines


def page(raw, targets, known, groups):
    """Text of the page; @raw: what the benchmark left."""
    runs = {driver: {case: (row["per"], row["ticks"], 0) for case, row in run.items()}
            for driver, run in raw["instructions"].items()}
    if len(runs) != 2 or not raw["counters"] or not raw["profiles"]:
        raise ui.HarnessError(f"{SOURCES} is not of a whole 'make bench DRIVER=both'")
    stand = f"Measured at commit {raw['commit']}, kernel {raw['kernel']}."
    lines = [HEAD.format(stand=stand).rstrip(),
             *instructions(runs, targets), *counters(raw["counters"], known),
             *floor(raw["profiles"], groups, runs, raw["counters"]),
             *profiles(raw["profiles"], groups, bench_figures.missed(runs, targets))]
    return "\n".join(lines).rstrip() + "\n"


def write():
    """Writes the page; raises HarnessError without samples."""
    try:
        raw = json.loads((paths.BUILD / "results/bench/samples.json").read_text())
    except OSError as error:
        raise ui.HarnessError(f"{SOURCES}: run 'make bench DRIVER=both' first") from error
    text = page(raw, *(parse((paths.LISTS / name).read_text()) for name, parse in (
        (bench_figures.TARGETS, bench_figures.parse_targets),
        (bench_counters.WORSE, bench_counters.parse_known),
        (bench_profile.GROUPS, bench_profile.parse_groups))))
    (paths.TOP / PAGE).write_text(text)
    ui.say(f"written: {PAGE}")
