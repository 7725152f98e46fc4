# SPDX-License-Identifier: MIT
"""Sections of the page of 'make report' with drawings: benchmark, address space, time."""

import statistics

from . import (bench_counters, bench_figures, bench_page, paths, report_data, report_html,
               report_space, report_time)
from .report_html import card, cell, missing, picture, section, table

# Rows of a table about a time line
MOST_SPANS = 400


def _bench_rows(runs, cases, ratios, targets):
    for case in cases:
        row = [case] + [f"{bench_figures.cost(run[case]):,.0f}" if case in run else "-"
                        for run in runs.values()]
        if len(runs) > 1:
            target = targets.get(case)
            row += [f"{ratios[case]:.3f}" if case in ratios else "-",
                    f"{target:.3f}" if target else ""]
            if not target or case not in ratios:
                row.append("")
            else:
                met = ratios[case] <= target
                row.append(cell("met" if met else "missed", "good" if met else "bad"))
        yield row


def _counter_rows(counters, cases):
    for case in cases:
        for name in bench_counters.NAMES:
            values = [statistics.median(run[case][name]) if name in run.get(case, {}) else None
                      for run in counters.values()]
            if not any(values):
                continue
            row = [case, name] + ["-" if v is None else f"{v:,.2f}" for v in values]
            worse = (len(values) == 2 and None not in values
                     and bench_counters.is_worse(values[1], values[0]))
            yield row + [cell("worse", "bad") if worse else ""]


def _bench_card(cases, ratios, targets):
    if not ratios:
        return card("bench", len(cases), "cases of the benchmark have run on one driver")
    aimed = [case for case in targets if case in ratios]
    met = sum(ratios[case] <= targets[case] for case in aimed)
    return card("bench", f"{met} / {len(aimed)}", "targets of the benchmark are met",
                met == len(aimed))


def bench():
    about = ("What memory management costs, counted in instructions of the guest’s processor, so "
             "that figures repeat on a busy host. Shorter is better; the mark is the target.")
    data = report_data.bench()
    if data is None:
        return (card("bench", "–", "benchmark: no data"),
                section("bench", "Benchmark", about,
                        missing("make bench DRIVER=both", "it has not run.")))
    runs, counters, targets = data
    cases = list(dict.fromkeys(case for run in runs.values() for case in run))
    ratios = {case: bench_figures.ratio(runs, case) for case in cases
              if len(runs) > 1 and all(case in run for run in runs.values())}
    body = [picture(bench_page.ratio_chart(ratios, targets),
                    "Instructions of ours by those of stock.")] if ratios else []
    head = ["case", *runs] + (["ratio", "target", "verdict"] if len(runs) > 1 else [])
    body += [table("bench-table", "Instructions of one operation, medians", head,
                   list(_bench_rows(runs, cases, ratios, targets)),
                   numbers=range(1, len(head) - (len(runs) > 1))),
             "<h3>Every sample</h3>", report_html.key([(driver, driver) for driver in runs]),
             picture(bench_page.sample_chart(runs, cases),
                     "Instructions of one operation, every sample a dot.")]
    if any(counters.values()):
        body += ["<h3>What is counted otherwise</h3>",
                 table("bench-counters", "What else one operation takes, medians",
                       ["case", "counter", *counters, "verdict"],
                       list(_counter_rows(counters, cases)),
                       numbers=range(2, 2 + len(counters)))]
    return (_bench_card(cases, ratios, targets),
            section("bench", "Benchmark", about, "".join(body),
                    report_data.age(paths.RESULTS / "bench" / "samples.json")))


def _as_table(made):
    return f"<details><summary>The same as a table</summary>{made}</details>"


def space():
    about = ("A VM with one mapping of each kind. On the left what the driver has mapped, as its "
             "debugfs tells; on the right what the device finds when it walks the page tables, as "
             "the model tells.")
    data = report_data.space()
    if data is None:
        return None, section("space", "Address space", about,
                             missing("make sample", "no VM has been recorded."))
    mappings, rows = data
    bad = report_space.disagree(mappings, rows)
    said = (f"They differ at {', '.join(hex(at) for at in bad)}." if bad
            else "Driver and device agree on every page.")
    head = ["first", "last", "size", "kind", "backing", "pages, driver", "pages, device", "notes"]
    body = (report_space.legend()
            + picture(report_space.drawing(mappings, rows), f"{len(mappings)} mappings. {said}")
            + _as_table(table("space-table", said, head,
                              list(report_space.table_rows(mappings, rows)))))
    return (card("space", len(mappings), "mappings of a sample: driver and device "
                 + ("differ" if bad else "agree"), not bad),
            section("space", "Address space", about, body,
                    report_data.age(report_data.SAMPLE / "vms.txt",
                                    report_data.SAMPLE / "map.json")))


TIME_KEY = (("c1", "bind: plan, allocate"), ("c5", "bind: commit, execute; pale until complete"),
            ("c2", "job; pale while it waits for others"), ("c3", "TLB invalidation"),
            ("c4", "memory taken away"), ("mark", "an event; of a bind: entries are in memory"),
            ("stall", "batch that waits for memory"),
            ("cut", "nothing begins or ends: shortened"))


def timeline():
    """(None, HTML): it is no result, so it has no card."""
    about = ("Binds and jobs of the same sample. A job waits for user space, a bind for the job, "
             "another job for the bind; meanwhile a hole is cut into a large page. Later a userptr "
             "loses its memory.")
    events, trace = report_data.driver_events(), report_data.model_trace()
    driver, device, error = report_time.merge(events, trace) if events else ([], [], 0)
    if not driver:
        body = missing("make sample", "nothing has been recorded.")
    else:
        parts = [("the driver’s events", driver), ("the model’s trace", device)][:1 + bool(device)]
        begin = min(span.begin for span in driver + device)
        told = (f"the device to within {error * 1e3:.2f} ms" if device
                else "no trace of the model that belongs to it")
        body = (report_html.key(TIME_KEY)
                + picture(report_time.drawing(parts, "binds and jobs in the order of time"),
                          f"{len(driver) + len(device)} spans, milliseconds of an emulated machine; "
                          f"{told}.")
                + _as_table(table("time-table", "Binds, jobs, and what the device did",
                                  ["row", "what", "begins, ms", "takes, ms"],
                                  list(report_time.table_rows(driver + device, begin))[:MOST_SPANS],
                                  numbers=(2, 3))))
    return None, section("timeline", "Time line", about, body,
                         report_data.age(report_data.SAMPLE / "events.txt",
                                         report_data.SAMPLE / "trace.json",
                                         report_data.SAMPLE / "trace.json.gz"))
