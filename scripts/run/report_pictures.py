# SPDX-License-Identifier: MIT
"""Sections of the page of 'make report' with drawings: the benchmark."""

import statistics

from . import bench_counters, bench_figures, bench_page, paths, report_data, report_html
from .report_html import card, cell, missing, picture, section, table


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
