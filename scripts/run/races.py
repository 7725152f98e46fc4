# SPDX-License-Identifier: MIT
"""Reports of KCSAN, the kernel's detector of data races (KERNEL=kcsan): whose is a race?

The core kernel has races of its own, which its authors know and mostly mean. They are counted, and
taken out of the log before anything else judges it. A race is the driver's if one of its functions is
in one of the two stacks; who has been interrupted by one of them does not count. Pure: text in, values
out.
"""

import collections
import dataclasses
import re

# Name of the module in the kernel's stacks, whichever driver it is.
MODULE = "[xe]"

_STAMPED = re.compile(r"^(?:<\d+>)?\s*\[\s*(\d+\.\d+)\] ?(.*)$")
_BAR = "=" * 66
# Lines of others that may stand between it and the title.
_NEAR = 20
_TITLE = re.compile(r"^BUG: KCSAN: (.*)$")
_ACCESS = re.compile(r"^\S.* to 0x[0-9a-f]+ of \d+ bytes by ")
_FRAME = re.compile(r"^ +(\S+\+0x[0-9a-f]+/0x[0-9a-f]+|0x[0-9a-f]+)( \[\S+\])?$")
_END = re.compile(r"^Reported by Kernel Concurrency Sanitizer on:$")
# What else such a report consists of. Lines of other processors may come in between.
_REST = re.compile(r"^( +\||  \+-> reordered to: .*|value changed: .*|  ?bits changed: .*|"
                   r"CPU: \d+ .*|Tainted: .*|Hardware name: .*|Workqueue: .*|Stopper: .*)?$")
# The frame of an entry from hardware; those after it belong to whoever was interrupted.
_ENTRY = re.compile(r"^ +asm_(sysvec|common_interrupt|spurious_interrupt|exc)")


@dataclasses.dataclass(frozen=True)
class Race:
    """
    One report.

    @title: what it is and the functions, as the report has them
    @lines: [(time stamp, text)] of all its lines
    @whole: its last line is there
    """

    title: str
    lines: tuple
    whole: bool

    def text(self):
        return "\n".join(text for _, text in self.lines)

    def stacks(self):
        """The frames of each of the accesses, innermost first, up to an entry from hardware."""
        out, cut = [], False
        for _, line in self.lines:
            if _ACCESS.match(line):
                out.append([])
                cut = False
            elif out and _FRAME.match(line) and not cut:
                cut = bool(_ENTRY.match(line))
                out[-1].append(line.strip())
        return out

    def of_module(self):
        """The frames of the driver's functions."""
        return [frame for stack in self.stacks() for frame in stack if frame.endswith(MODULE)]

    def is_ours(self):
        """Is it the driver's? A report that is not whole, or of a function without a name, may be."""
        unknown = any(frame.startswith("0x") for stack in self.stacks() for frame in stack)
        return not self.whole or unknown or MODULE in self.title or bool(self.of_module())

    def is_known(self, known):
        return any(re.search(pattern, self.text()) for pattern in known)

    def sentence(self):
        """A line for people, with a function of the driver in it if there is any."""
        below = "" if MODULE in self.title or not self.of_module() else f", in {self.of_module()[0]}"
        return f"BUG: KCSAN: {self.title}{below}{'' if self.whole else ' (the report breaks off)'}"


def _parts(line):
    """(time stamp, text) of a line of a kernel log, whoever has printed it."""
    match = _STAMPED.match(line)
    return (match[1], match[2].rstrip()) if match else ("", line.rstrip())


def _belongs(text):
    return any(pattern.match(text) for pattern in (_ACCESS, _FRAME, _END, _REST))


class _Splitter:
    """Tells reports from the rest of a log, line by line."""

    def __init__(self):
        self.races, self.rest, self.open = [], [], None

    def close(self, whole):
        if self.open:
            title = _TITLE.match(self.open[0][1])[1]
            complete = whole and any(_END.match(text) for _, text in self.open)
            self.races.append(Race(title, tuple(self.open), complete))
        self.open = None

    def _take_bar(self):
        """The line before the title, unless other processors have printed much since."""
        for index in range(len(self.rest) - 1, max(-1, len(self.rest) - 1 - _NEAR), -1):
            if _parts(self.rest[index])[1] == _BAR:
                self.open.append(_parts(self.rest.pop(index)))
                return

    def line(self, line):
        stamp, text = _parts(line)
        if _TITLE.match(text):
            self.close(False)
            self.open = [(stamp, text)]
            self._take_bar()
        elif self.open and text == _BAR:
            self.open.append((stamp, text))
            self.close(True)
        elif self.open and _belongs(text):
            self.open.append((stamp, text))
        else:
            self.rest.append(line)


def split(text):
    """(reports in the kernel log @text in order, @text without their lines)"""
    splitter = _Splitter()
    for line in text.splitlines():
        splitter.line(line)
    splitter.close(False)
    return splitter.races, "\n".join(splitter.rest)


def without_others(text):
    """The kernel log @text without the reports that are not the driver's."""
    excused = excused_lines(text)
    return "\n".join(line for line in text.splitlines() if _parts(line) not in excused)


def excused_lines(text, known=()):
    """Lines, as is_excused() compares them, of the reports that are no complaints.

    @known: regular expressions of reports that are explained elsewhere
    """
    return {line for race in split(text)[0] if not race.is_ours() or race.is_known(known)
            for line in race.lines}


def is_excused(line, excused):
    """Is @line of a part of the log, wherever that begins, one of excused_lines()?"""
    return _parts(line) in excused


def complaints(found, known=()):
    """A line for each of the races @found that is the driver's, and not explained elsewhere."""
    return [race.sentence() for race in found if race.is_ours() and not race.is_known(known)]


def summary(found, known=()):
    """What the races @found are, for people: a line with their number, and how often which."""
    ours = complaints(found, known)
    others = collections.Counter(race.title for race in found if not race.is_ours())
    elsewhere = sum(others.values())
    excused = len(found) - len(ours) - elsewhere
    head = (f"data races: {len(ours)} of the driver, {elsewhere} of the kernel alone "
            f"({len(others)} pairs of functions)" + (f", {excused} known" if excused else ""))
    return head, [f"{count:5}  {title}" for title, count in others.most_common()]


def table(found, known=()):
    """The text of races.txt: the driver's reports in full, then how often the kernel has which."""
    head, others = summary(found, known)
    reports = [race.text() + "\n" for race in found if race.is_ours()]
    return "\n".join([head, "", *reports, "of the kernel alone:", *others]) + "\n"
