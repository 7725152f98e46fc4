# SPDX-License-Identifier: MIT
"""One HTML page with the benchmark's figures: drawings, tables, nothing from elsewhere."""

import html
import math

from . import bench_counters, bench_figures

LEFT, RIGHT, ROW, TOP, BOTTOM = 150, 90, 26, 26, 34
WIDTH = 960
STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem;
       color: #1b1f24; background: #fff; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
td, th { padding: .15rem .7rem; text-align: right; border-bottom: 1px solid #e3e6ea; }
td:first-child, th:first-child, .name { text-align: left; }
.bad { color: #b3261e; font-weight: 600; }
svg { width: 100%; height: auto; font: 13px system-ui, sans-serif; }
svg text { fill: currentColor; }
.grid { stroke: #d8dce1; }
.stock { fill: #8a929c; }
.ours { fill: #1769aa; }
.missed { fill: #b3261e; }
.target { stroke: #1b1f24; stroke-width: 2; }
.key { display: inline-block; width: .8em; height: .8em; border-radius: 50%; margin: 0 .3em 0 1em; }
@media (prefers-color-scheme: dark) {
  body { color: #e4e7eb; background: #15181c; } td, th { border-color: #31363d; }
  .grid { stroke: #31363d; } .target { stroke: #e4e7eb; } .ours { fill: #58a6e0; }
  .bad { color: #ff8a80; } .missed { fill: #ff8a80; } }
"""


def _text(x, y, text, anchor="start"):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{html.escape(text)}</text>'


def _line(x1, y1, x2, y2, kind):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def _drawing(rows, label, body):
    height = TOP + rows * ROW + BOTTOM
    return (f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{html.escape(label)}">'
            + "".join(body) + "</svg>")


def ratio_chart(ratios, targets):
    """Bars of {case: ours / stock}, from 0 to 1 or the largest of them; a mark at each target."""
    most = max([1, *ratios.values()])

    def at(value):
        return LEFT + value / most * (WIDTH - LEFT - RIGHT)

    bottom = TOP + len(ratios) * ROW
    body = []
    for tick in (0, 0.25, 0.5, 0.75, 1):
        body += [_line(at(tick), TOP, at(tick), bottom, "grid"),
                 _text(at(tick), bottom + 18, f"{tick:g}", "middle")]
    for i, (case, ratio) in enumerate(ratios.items()):
        y = TOP + i * ROW
        missed = case in targets and ratio > targets[case]
        body += [_text(LEFT - 8, y + 17, case, "end"),
                 f'<rect x="{at(0):.1f}" y="{y + 4}" width="{at(ratio) - at(0):.1f}" '
                 f'height="{ROW - 8}" class="{"missed" if missed else "ours"}"/>',
                 _text(at(ratio) + 6, y + 17, f"{ratio:.3f}")]
        if case in targets:
            body.append(_line(at(targets[case]), y + 1, at(targets[case]), y + ROW - 1, "target"))
    return _drawing(len(ratios), "instructions of our driver by those of the stock driver", body)


def sample_chart(runs, cases):
    """Every sample as a dot, a row for each case, on a logarithmic axis of instructions."""
    values = [tick / row[0] for run in runs.values() for row in run.values() for tick in row[1]
              if tick > 0]
    first = math.floor(math.log10(min(values)))
    last = max(math.ceil(math.log10(max(values))), first + 1)

    def at(value):
        return LEFT + (math.log10(value) - first) / (last - first) * (WIDTH - LEFT - RIGHT)

    bottom = TOP + len(cases) * ROW
    body = []
    for power in range(first, last + 1):
        body += [_line(at(10 ** power), TOP, at(10 ** power), bottom, "grid"),
                 _text(at(10 ** power), bottom + 18, f"{10 ** power:,}", "middle")]
    for i, case in enumerate(cases):
        y = TOP + i * ROW + ROW / 2
        body.append(_text(LEFT - 8, y + 4, case, "end"))
        for driver, run in runs.items():
            per, ticks = run[case][:2] if case in run else (1, [])
            body += [f'<circle cx="{at(t / per):.1f}" cy="{y:.1f}" r="4" fill-opacity="0.5" '
                     f'class="{driver}"/>' for t in ticks if t > 0]
    return _drawing(len(cases), "instructions of one operation, every sample", body)


def _rows(head, rows):
    lines = ["<table><tr>" + "".join(f"<th>{html.escape(word)}</th>" for word in head) + "</tr>"]
    for row in rows:
        bad = row[-1] in ("missed", "worse")
        cells = "".join(f'<td{" class=bad" if bad and i == len(row) - 1 else ""}>'
                        f"{html.escape(str(cell))}</td>" for i, cell in enumerate(row))
        lines.append(f"<tr>{cells}</tr>")
    return "\n".join(lines) + "</table>"


def _instruction_rows(runs, cases, ratios, targets):
    for case in cases:
        row = [case]
        for run in runs.values():
            row += bench_figures.cells(run[case]) if case in run else ["-", ""]
        if len(runs) > 1:
            row += [f"{ratios[case]:.3f}" if case in ratios else "-",
                    f"{targets[case]:.3f}" if case in targets else "",
                    "missed" if ratios.get(case, 0) > targets.get(case, math.inf) else ""]
        yield row


def _counter_rows(counters, known):
    for case, name, values in bench_counters.rows(counters):
        row = [case, name] + ["-" if v is None else bench_counters.number(v) for v in values]
        if len(counters) > 1:
            row.append(bench_counters.verdict(case, name, values, known))
        yield row


def page(runs, counters, targets, known):
    """The page: @runs of bench_figures.parse(), @counters of bench_counters.parse().

    @targets of bench_figures.parse_targets(), @known of bench_counters.parse_known()
    """
    cases = list(dict.fromkeys(case for run in runs.values() for case in run))
    ratios = {}
    if len(runs) > 1:
        ratios = {case: bench_figures.ratio(runs, case) for case in cases
                  if all(case in run for run in runs.values())}
    parts = ["<!DOCTYPE html><html lang=en><meta charset=utf-8>"
             "<meta name=viewport content='width=device-width'>"
             f"<title>Instructions of memory management</title><style>{STYLE}</style>",
             "<h1>Instructions of memory management</h1>",
             "<p>Instructions of one operation, medians. How they are measured stands in "
             "<code>Documentation/gpu/xe/performance.rst</code>.</p>"]
    if ratios:
        parts += ["<h2>Ours by stock</h2><p>Shorter is better; the mark is the target.</p>",
                  ratio_chart(ratios, targets)]
    if cases:
        key = "".join(f'<svg class=key viewBox="0 0 2 2"><circle cx=1 cy=1 r=1 class="{driver}"/>'
                      f"</svg>{driver}" for driver in runs)
        head = ["case"]
        for driver in runs:
            head += [driver, "middle half"]
        head += ["ratio", "target", ""] if len(runs) > 1 else []
        parts += [f"<h2>Every sample</h2><p>{key}</p>", sample_chart(runs, cases),
                  _rows(head, _instruction_rows(runs, cases, ratios, targets))]
    if counters:
        head = ["case", "counter", *counters] + ([""] if len(counters) > 1 else [])
        parts += ["<h2>What else one operation takes</h2>",
                  _rows(head, _counter_rows(counters, known))]
    return "\n".join(parts) + "\n"
