# SPDX-License-Identifier: MIT
"""The section of the page of 'make report' about the lines that tests execute."""

from . import coverage, report_data, report_html
from .report_html import card, missing, picture, section, table

# A stretch of lines that were not executed is cut there.
EXCERPT = 60
# Rows of the table of functions
MOST_FUNCTIONS = 25
# Where the bars begin, and how long they are at most.
LEFT, LENGTH, ROW = 120, 600, 26


def _bar(name, lines, covered, y):
    """The share of a directory, with the mark if something is asked of it."""
    share = covered / lines if lines else 0
    wanted = name in coverage.WANTED
    look = "stock" if not wanted else "missed" if share < coverage.LEAST else "ours"
    mark = LEFT + LENGTH * coverage.LEAST
    yield (f'<text x="{LEFT - 10}" y="{y + 16}" text-anchor="end">{report_html.text(name)}/</text>'
           f'<rect x="{LEFT}" y="{y + 3}" width="{share * LENGTH:.1f}" height="18" class="{look}"/>'
           f'<text x="{LEFT + LENGTH + 12}" y="{y + 16}">{share:.1%} of {lines} lines</text>')
    if wanted:
        yield f'<line x1="{mark}" y1="{y}" x2="{mark}" y2="{y + 24}" class="target"/>'


def _chart(found):
    body = [part for i, (name, (lines, covered)) in enumerate(found.items())
            for part in _bar(name, lines, covered, 8 + ROW * i)]
    return (f'<svg viewBox="0 0 900 {16 + ROW * len(found)}" role="img" '
            f'aria-label="lines executed, by directory">{"".join(body)}</svg>')


def stretches(numbers):
    """[(first, last)] of ascending numbers; a single one that is left out in between does not part."""
    out = []
    for number in numbers:
        if out and number <= out[-1][1] + 2:
            out[-1] = (out[-1][0], number)
        else:
            out.append((number, number))
    return out


def excerpt(text, missed):
    """The lines @missed of @text with a mark and their numbers, a line more at both ends."""
    parts = []
    for first, last in stretches(sorted(missed)):
        end = min(len(text), last + 1, first + EXCERPT)
        for number in range(max(1, first - 1), end + 1):
            mark = "✗" if number in missed else " "
            parts.append(f"{number:5} {mark} {text[number - 1].expandtabs(8)}".rstrip())
        if end < last:
            parts.append(f"      … up to line {last}")
        parts.append("")
    return "\n".join(parts).rstrip("\n")


def _missed_lines(files):
    """A part to be opened for each file of the wanted directories."""
    for name in sorted(files):
        found = files[name]
        if name.partition("/")[0] not in coverage.WANTED or not found.uncovered():
            continue
        text = (coverage.SOURCE / name).read_text().splitlines()
        yield (f"<details><summary>{report_html.text(name)}: {len(found.uncovered())} of "
               f"{len(found.lines)} lines were not executed</summary><pre tabindex=\"0\">"
               f"{report_html.text(excerpt(text, set(found.uncovered())))}</pre></details>")


def _body(files, runs, state):
    names = ", ".join(f"{name}/" for name in coverage.WANTED)
    rows = [(name, len(one.lines), one.covered(), f"{one.covered() / len(one.lines):.1%}")
            for name, one in sorted(files.items()) if one.lines]
    worst = [(function, name, missed, of) for missed, of, name, function
             in coverage.functions(files)[:MOST_FUNCTIONS]]
    ran = "".join(f"<li>{report_html.text(words)}</li>" for words in runs.values())
    yield f"<p>What ran:</p><ul>{ran}</ul>"
    left_out = [part for part in coverage.PARTS if part not in runs]
    if left_out:
        yield f"<p>Not counted: {', '.join(left_out)}.</p>"
    yield picture(_chart(coverage.by_directory(files)), "Share of lines executed, by directory.")
    yield table("coverage-files", f"{len(rows)} files", ["file", "lines", "executed", "share"], rows,
                numbers=(1, 2, 3))
    yield "<h3>Functions with most lines that were not executed</h3>"
    yield table("coverage-functions", f"Functions of {names}",
                ["function", "file", "not executed", "of"], worst, numbers=(2, 3))
    yield f"<h3>Lines of {names} that were not executed</h3>"
    if state == coverage.identity():
        yield from _missed_lines(files)
    else:
        yield "<p>The source has changed since. Count again to see them.</p>"


def covered():
    """(card, HTML) of the section."""
    about = (f"Lines of the driver that gcov has seen executed. Of {', '.join(coverage.WANTED)} "
             f"{coverage.LEAST:.0%} are wanted: the mark.")
    data = report_data.covered()
    if data is None:
        return (card("coverage", "–", "coverage: no data"),
                section("coverage", "Coverage", about,
                        missing("make coverage", "lines have not been counted.")))
    files, runs, state = data
    found = coverage.by_directory(files)
    least = min((found[name][1] / found[name][0] if name in found else 0
                 for name in coverage.WANTED))
    good = not coverage.short_of(files)
    # What is missing may be what the parts that did not run execute.
    if not good and len(runs) < len(coverage.PARTS):
        good = None
    return (card("coverage", f"{least:.1%}",
                 f"of lines executed, in the least covered of {', '.join(coverage.WANTED)}", good),
            section("coverage", "Coverage", about, "".join(_body(files, runs, state)),
                    report_data.age(report_data.COVERED)))
