# SPDX-License-Identifier: MIT
"""The time line of the sample: binds and jobs by the driver's events, the device by the model's trace.

Pure: text of files in, spans and a drawing out. Driver and model have clocks of their own. What both
tell of is TLB invalidations: the model carries one out after the driver has issued it, and before
it gets the answer. All of them together leave little room for the difference of the clocks.

Most of the time nothing happens: somebody waits. So the axis leaves time out.
"""

import bisect
import dataclasses
import itertools
import json
import math
import re

from . import report_html

LEFT, RIGHT, WIDTH, ROW, TOP = 220, 20, 1100, 22, 40
# Of the width, a stretch without any event gets this much at most.
LONGEST = 1 / 40
# Pixels between two labels of the axis
APART = 62


@dataclasses.dataclass
class Span:
    """Something that takes time in the row @row; seconds. @look: class of its colour."""

    row: str
    begin: float
    end: float
    look: str
    about: str


@dataclasses.dataclass
class Event:
    time: float
    name: str
    fields: dict


_LINE = re.compile(r"\s(\d+\.\d+): (xe_\w+): (.*)$")
_FIELD = re.compile(r"(\w+)=(\S+)")


def events(text):
    """The events of a trace of the kernel, in its order."""
    found = []
    for line in text.splitlines():
        match = _LINE.search(line)
        if match and not line.startswith("#"):
            found.append(Event(float(match[1]), match[2], dict(_FIELD.findall(match[3]))))
    return found


# --- the driver -----------------------------------------------------------------------------------

def _bind_name(number, ops):
    """'bind 2: unmap 0x1000', 'bind 2: 7 operations', 'bind 3: rebind'."""
    if not ops:
        return f"bind {number}: rebind"
    if len(ops) > 1:
        return f"bind {number}: {len(ops)} operations"
    return f"bind {number}: {ops[0].get('op', '?')} {ops[0].get('addr', '')}"


def _bind_spans(number, at, ops, plan):
    """Spans of one bind from {event: time}, its operations, and what was planned."""
    row = _bind_name(number, ops)
    begin = min(at.values())
    commit = at.get("xe_bind_commit", at.get("xe_bind_parse", begin))
    finish = at.get("xe_bind_finish", at.get("xe_rebind_execute", commit))
    more = " by the copy engine" if plan.get("deferred") == "1" else ""
    yield Span(row, begin, commit, "c1",
               f"{row}: planned and prepared, {plan.get('entries', '?')} entries{more}")
    yield Span(row, commit, finish, "c5", f"{row}: committed, executed")
    if at.get("xe_bind_done", finish) > finish:
        yield Span(row, finish, at["xe_bind_done"], "c5 wait", f"{row}: until it is complete")
    if "xe_bind_write" in at:
        yield Span(row, at["xe_bind_write"], at["xe_bind_write"], "mark",
                   f"{row}: its entries are in memory")


def bind_spans(found):
    """Spans of every bind and rebind among the events @found."""
    binds = {}
    for event in found:
        if "bind" not in event.fields:
            continue
        at, ops, plan = binds.setdefault((event.fields["vm"], event.fields["bind"]), ({}, [], {}))
        # The first of several, so that the bind begins where it began.
        at.setdefault(event.name, event.time)
        if event.name == "xe_bind_create":
            ops.append(event.fields)
        elif event.name == "xe_bind_parse":
            plan.update(event.fields)
    return [span for (_, number), (at, ops, plan) in binds.items()
            for span in _bind_spans(number, at, ops, plan)]


def job_spans(found):
    """Spans of every job: waiting until it is in its ring, then until it is done."""
    jobs, queues = {}, {}
    for event in found:
        if event.name in ("xe_job_push", "xe_job_run", "xe_job_done"):
            at = jobs.setdefault(event.fields["fence"], {"queue": event.fields.get("queue", "?")})
            at[event.name] = event.time
    spans = []
    for fence, at in jobs.items():
        if "xe_job_push" not in at:
            continue
        context, _, number = fence.partition(":")
        # Queues of one engine have the same name.
        name = queues.setdefault(context, f"{at['queue']} {chr(ord('A') + len(queues) % 26)}")
        row = f"job {number} of queue {name}"
        run = at.get("xe_job_run", at["xe_job_push"])
        spans.append(Span(row, at["xe_job_push"], run, "c2 wait", f"{row}: waits for others"))
        spans.append(Span(row, run, at.get("xe_job_done", run), "c2",
                          f"{row}: in its ring, until released"))
    return spans


def _extent(fields):
    """What a TLB invalidation is of; the event says 0 to 0 for everything."""
    if int(fields["start"], 16) == int(fields["end"], 16):
        return "everything"
    return f"{fields['start']} to {fields['end']}"


def invalidation_spans(found):
    """Spans of TLB invalidations, and of userptrs that are being taken away."""
    spans, sent, taken = [], {}, None
    for event in found:
        if event.name == "xe_tlb_inval_issue":
            sent[event.fields["fence"]] = event.time
        elif event.name == "xe_tlb_inval_ack" and event.fields["fence"] in sent:
            begin = sent.pop(event.fields["fence"])
            spans.append(Span("TLB invalidations", begin, event.time, "c3",
                              f"TLB invalidation of {_extent(event.fields)}"))
        elif event.name == "xe_userptr_invalidate":
            taken = event.time
        elif event.name == "xe_userptr_invalidate_done" and taken is not None:
            spans.append(Span("memory taken away", taken, event.time, "c4",
                              "the kernel takes the memory of a userptr"))
            taken = None
    return spans


def driver_spans(found):
    """All spans of the driver's events, rows in the order in which they begin."""
    spans = bind_spans(found) + job_spans(found) + invalidation_spans(found)
    first = {}
    for span in spans:
        first[span.row] = min(first.get(span.row, math.inf), span.begin)
    return sorted(spans, key=lambda span: (first[span.row], span.row, span.begin))


# --- the device -----------------------------------------------------------------------------------

# Tracks of the model that tell little here, or what others tell, too
LEFT_OUT = ("host", "GuC to host")


def trace_rows(text):
    """The events of the model's trace, which may have been cut off."""
    text = text.rstrip()
    return json.loads(text if text.endswith("]") else text.rstrip(",") + "]")


def _about(event):
    more = ", ".join(f"{name} {value}" for name, value in event.get("args", {}).items()
                     if name not in ("dwords", "address", "result"))
    return f"{event.get('name', '?')}{': ' if more else ''}{more}"


def model_spans(rows):
    """Spans of the model's events by track: the outermost ones, and waits in them."""
    names, nested, spans = {}, {}, []
    for event in rows:
        track, kind = event.get("tid"), event.get("ph")
        row = names.get(track, f"track {track}")
        if kind == "M" and event.get("name") == "thread_name":
            names[track] = event["args"]["name"]
        elif row in LEFT_OUT:
            continue
        elif kind == "B":
            nested.setdefault(track, []).append(event)
        elif kind == "E" and nested.get(track):
            begin = nested[track].pop()
            waits = begin.get("name") == "wait"
            if waits or not nested[track]:
                spans.append(Span(row, begin["ts"] / 1e6, event["ts"] / 1e6,
                                  "stall" if waits else "", _about(begin)))
        elif kind == "i":
            spans.append(Span(row, event["ts"] / 1e6, event["ts"] / 1e6, "mark", _about(event)))
    looks = {row: f"c{1 + i % 5}" for i, row in enumerate(dict.fromkeys(s.row for s in spans))}
    for span in spans:
        span.look = span.look or looks[span.row]
    # A span is told when it ends: what is in it must be drawn over it.
    return sorted(spans, key=lambda span: (list(looks).index(span.row), span.begin, -span.end))


def shift(found, rows):
    """(seconds from the model's clock to the driver's, how far off that may be), or None."""
    begun = {str(event["args"]["seqno"]): event["ts"] / 1e6 for event in rows
             if event.get("ph") == "B" and "seqno" in event.get("args", {})}
    low, high, issued = -math.inf, math.inf, {}
    for event in found:
        fence, number = event.fields.get("fence"), event.fields.get("number")
        if event.name == "xe_tlb_inval_issue":
            issued[fence] = event.time
        elif event.name == "xe_tlb_inval_ack" and fence in issued and number in begun:
            low = max(low, issued[fence] - begun[number])
            high = min(high, event.time - begun[number])
    if math.inf in (-low, high) or low > high:
        return None
    return (low + high) / 2, (high - low) / 2


# --- both -----------------------------------------------------------------------------------------

def merge(events_text, trace_text):
    """(spans of the driver, spans of the device on the same clock, uncertainty in seconds).

    The device has no spans if there is no trace, or none that can be related to the driver's events.
    """
    found = events(events_text)
    rows = trace_rows(trace_text) if trace_text else []
    by = shift(found, rows)
    if by is None:
        return driver_spans(found), [], 0
    device = [dataclasses.replace(span, begin=span.begin + by[0], end=span.end + by[0])
              for span in model_spans(rows)]
    return driver_spans(found), device, by[1]


class Axis:
    """Seconds to pixels. Stretches in which nothing begins or ends are cut short."""

    def __init__(self, spans):
        points = sorted({time for span in spans for time in (span.begin, span.end)})
        gaps = [b - a for a, b in itertools.pairwise(points)]
        limit = self._limit(gaps)
        shown = [min(gap, limit) for gap in gaps]
        scale = (WIDTH - LEFT - RIGHT) / (sum(shown) or 1)
        self.points = points
        self.at = [LEFT + scale * sum_ for sum_ in itertools.accumulate(shown, initial=0)]
        # Index of the point behind each stretch that was cut
        self.cuts = [i + 1 for i, gap in enumerate(gaps) if gap > limit]

    @staticmethod
    def _limit(gaps):
        """The length to which gaps are cut so that none has more than LONGEST of the whole.

        Few gaps cannot be that short; they are left as they are.
        """
        gaps = sorted(gaps)
        for i, total in enumerate(itertools.accumulate(gaps[:-1]), start=1):
            # What it would be if just the gaps from this one on were cut
            room = 1 - (len(gaps) - i) * LONGEST
            if room > 0 and gaps[i - 1] <= LONGEST * total / room <= gaps[i]:
                return LONGEST * total / room
        return gaps[-1] if gaps else 0

    def x(self, time):
        """Pixels from the left; @time is one of the points."""
        return self.at[bisect.bisect_left(self.points, time)]

    def marks(self):
        """[(x, seconds since the beginning, whether time was left out before)] to be labelled."""
        out, last = [], -math.inf
        for i, (time, x) in enumerate(zip(self.points, self.at)):
            if x - last >= APART and (i == 0 or i in self.cuts or x - last >= 2 * APART):
                out.append((x, time - self.points[0], i in self.cuts))
                last = x
        return out


def _axis(axis, bottom):
    for i in axis.cuts:
        x, width = axis.at[i - 1], axis.at[i] - axis.at[i - 1]
        yield (f'<rect x="{x:.1f}" y="{TOP}" width="{width:.1f}" height="{bottom - TOP}" '
               f'class="cut"><title>{(axis.points[i] - axis.points[i - 1]) * 1e3:.3f} ms in which '
               'nothing begins or ends, shortened</title></rect>')
    for x, time, _ in axis.marks():
        yield f'<line x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{bottom}" class="grid"/>'
        yield (f'<text x="{x:.1f}" y="{TOP - 6}" text-anchor="middle" class="soft">'
               f'{time * 1e3:.2f}</text>')


def _bar(span, axis, y, begin):
    x = axis.x(span.begin)
    title = report_html.text(f"{span.about}: at {(span.begin - begin) * 1e3:.3f} ms"
                             + (f", for {(span.end - span.begin) * 1e3:.3f} ms"
                                if span.end > span.begin else ""))
    if span.look == "mark":
        return (f'<line x1="{x:.1f}" y1="{y - 2}" x2="{x:.1f}" y2="{y + ROW - 5}" class="mark">'
                f"<title>{title}</title></line>")
    return (f'<rect x="{x:.1f}" y="{y}" width="{max(1.5, axis.x(span.end) - x):.1f}" '
            f'height="{ROW - 7}" class="{span.look}"><title>{title}</title></rect>')


def drawing(parts, label):
    """The SVG. @parts: [(heading, spans)], of which each has rows of its own."""
    spans = [span for _, part in parts for span in part]
    axis = Axis(spans)
    body, y = [], TOP
    for heading, part in parts:
        body.append(f'<text x="{LEFT - 10}" y="{y + 16}" text-anchor="end" class="soft">'
                    f"{report_html.text(heading)}</text>")
        y += ROW
        lines = {row: y + ROW * i for i, row in enumerate(dict.fromkeys(s.row for s in part))}
        body += [f'<text x="{LEFT - 10}" y="{at + 15}" text-anchor="end">{report_html.text(row)}'
                 "</text>" for row, at in lines.items()]
        body += [_bar(span, axis, lines[span.row] + 3, axis.points[0]) for span in part]
        y += ROW * len(lines)
    return (f'<svg viewBox="0 0 {WIDTH} {y + 8}" role="img" aria-label="{report_html.text(label)}">'
            f'<text x="{LEFT - 26}" y="{TOP - 6}" text-anchor="end" class="soft">ms</text>'
            + "".join(_axis(axis, y)) + "".join(body) + "</svg>")


def table_rows(spans, begin):
    """Cells for a table that says the same: what, beginning and duration in milliseconds."""
    for span in spans:
        yield (span.row, span.about, f"{(span.begin - begin) * 1e3:.3f}",
               f"{(span.end - span.begin) * 1e3:.3f}")
