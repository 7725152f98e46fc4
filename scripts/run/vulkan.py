# SPDX-License-Identifier: MIT
"""'make vulkan': sparse binding through Mesa, every page compared with the model's translations.

The program of tools/testing/xe/vulkan runs in the guest. It keeps a book of what each page ought to
lead to; this side finds its address space in the model, compares, and answers (class Answerer).
"""

import contextlib
import dataclasses
import re
import statistics
import threading
import time

from . import faults, guest, kernel, paths, results, roots, session, ui

LABEL = "vulkan"
PROCESSES = ("one", "left", "right")
# The one that runs before the others.
ALONE = "one"
# Seconds a guest may take.
LIMIT = 900
PAGE = 4096
BLOCK = 0x10000
NULL = "null"
UNITS = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}

# Mesa offers one queue per engine, but takes an order for more.
SCRIPT = """
export VK_DRIVER_FILES=/usr/share/vulkan/icd.d/intel_icd.json
export ANV_QUEUE_OVERRIDE=gc=2
{program} /out 2>&1 | tee /out/vks.log
say "vks=${{PIPESTATUS[0]}}"
leave
"""


# --- the book of a process ------------------------------------------------------------------------

@dataclasses.dataclass
class Book:
    """What a process expects. A place is None for the null page, or (memory, offset)."""

    memories: dict = dataclasses.field(default_factory=dict)
    ranges: list = dataclasses.field(default_factory=list)
    images: dict = dataclasses.field(default_factory=dict)


def _place(words):
    return None if words == [NULL] else (words[0], int(words[1], 0))


def parse_book(text):
    """The Book in the text of an ask file. Raises ValueError for a line that is none."""
    book = Book()
    for line in text.splitlines():
        kind, name, *rest = line.split()
        if kind == "memory":
            book.memories[name] = (int(rest[0], 0), int(rest[1], 0))
        elif kind == "range":
            book.ranges.append((int(name, 0), int(rest[0], 0), _place(rest[1:])))
        elif kind == "tile":
            book.images.setdefault(name, {})[int(rest[0])] = _place(rest[1:])
        else:
            raise ValueError(f"a book has no '{line}'")
    return book


def expected(book, bases):
    """{page address: place} of all sparse resources; @bases: {image: address}."""
    ranges = list(book.ranges)
    for name, tiles in book.images.items():
        ranges += [(bases[name] + i * BLOCK, BLOCK, place) for i, place in tiles.items()]
    out = {}
    for start, length, place in ranges:
        for at in range(0, length, PAGE):
            out[start + at] = place and (place[0], place[1] + at)
    return out


# --- the model's view -----------------------------------------------------------------------------

def size(text):
    """Bytes of a size as the model writes it, '64 KiB'."""
    number, unit = text.split()
    return int(number) * UNITS[unit]


def pages_of(rows, extents):
    """{page address: memory address or NULL} of the runs in @rows, within @extents [(first, end)]."""
    out = {}
    for row in rows:
        first, end = int(row["first"], 16), int(row["last"], 16) + 1
        to = row["leads to"]
        for begin, stop in extents:
            for va in range(max(first, begin), min(end, stop), PAGE):
                out[va] = NULL if to == NULL else int(to, 16) + va - first
    return out


def extents_of(book, bases):
    """All addresses that a book speaks of, joined to [(first, end)]."""
    parts = list(book.memories.values()) + [(va, length) for va, length, _ in book.ranges]
    parts += [(bases[name], len(tiles) * BLOCK) for name, tiles in book.images.items()]
    out = []
    for va, length in sorted(parts):
        if out and va <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], va + length))
        else:
            out.append((va, va + length))
    return out


def base_of_image(book, name, rows):
    """Where an image is: all of it is bound, and its first block is nowhere else but in its memory.

    Returns None if that is not one place.
    """
    place = book.images[name].get(0)
    if not place:
        return None
    known = [(va, va + length) for va, length in book.memories.values()]
    known += [(va, va + length) for va, length, _ in book.ranges]
    memory = book.memories[place[0]][0] + place[1]
    wanted = pages_of(rows, [(memory, memory + PAGE)]).get(memory)
    found = []
    for row in rows:
        first, last = int(row["first"], 16), int(row["last"], 16)
        if wanted is None or row["leads to"] == NULL:
            continue
        va = first + wanted - int(row["leads to"], 16)
        if first <= va <= last and not any(begin <= va < end for begin, end in known):
            found.append(va)
    return found[0] if len(found) == 1 else None


def _hex(to):
    return f"{to:#x}" if isinstance(to, int) else (to or "nothing")


def compare(book, pages, bases):
    """(number of pages compared, [sentences about wrong ones])."""
    wrong, count = [], 0
    seen = {}
    for name, (va, length) in book.memories.items():
        for at in range(0, length, PAGE):
            to, count = pages.get(va + at), count + 1
            if not isinstance(to, int) or seen.setdefault(to, (name, at)) != (name, at):
                wrong.append(f"{va + at:#x} leads to {_hex(to)}, which is no page of {name} alone")
    for va, place in expected(book, bases).items():
        want = pages.get(book.memories[place[0]][0] + place[1]) if place else NULL
        count += 1
        if want is None or pages.get(va) != want:
            wrong.append(f"{va:#x} leads to {_hex(pages.get(va))} instead of {_hex(want)}")
    return count, wrong


def stale(entries, pages):
    """(number of cached pages looked at, [sentences about those that contradict @pages])."""
    wrong, count = [], 0
    for entry in entries:
        if entry["what"] != "page":
            continue
        first, to = int(entry["va"], 16), entry["leads to"]
        for at in range(0, size(entry["covers"]), PAGE):
            if first + at not in pages:
                continue
            count += 1
            want = NULL if to == NULL else int(to, 16) + at
            if pages[first + at] != want:
                wrong.append(f"{first + at:#x} is cached as {_hex(want)}, the tables say "
                             f"{_hex(pages[first + at])}")
    return count, wrong


class Answerer(threading.Thread):
    """Answers ask files with done files, until stop().

    A process belongs to the address space that fits its first book best; from then on to no other.
    """

    def __init__(self, directory, control):
        super().__init__(daemon=True)
        self.directory = directory
        self.control = control
        self.roots = {}
        self.bases = {}
        self._end = threading.Event()

    def stop(self):
        self._end.set()
        self.join()

    def run(self):
        while not self._end.wait(0.05):
            for path in sorted(self.directory.glob("ask.*")):
                done = path.with_name("done" + path.name[3:])
                if path.suffix != ".part" and not done.exists():
                    self._answer(path, done)

    def _answer(self, path, done):
        process = path.name.split(".")[1]
        try:
            text = self.verdict(process, parse_book(path.read_text()))
        except (OSError, ValueError, KeyError, ui.HarnessError) as error:
            text = f"BAD the harness cannot tell: {error!r}"
        aside = done.with_name(done.name + ".part")
        aside.write_text(text[:250] + "\n")
        aside.rename(done)

    def _map(self, root):
        """All runs of an address space; the model cuts long lists."""
        rows, first = [], "0x0"
        while first:
            reply = self.control.ask("map", root, first)
            rows += reply["map"]
            first = reply.get("cut at")
        return rows

    def _look(self, process, book, root):
        """(pages that do not fit, text of the verdict, bases) of one address space."""
        rows = self._map(root)
        bases = dict(self.bases.get(process, {}))
        for name in book.images:
            if name not in bases:
                bases[name] = base_of_image(book, name, rows)
            if bases[name] is None:
                return 1 << 32, f"BAD the image {name} is not at one place", {}
        pages = pages_of(rows, extents_of(book, bases))
        count, wrong = compare(book, pages, bases)
        cached, old = self._cached(root, pages)
        text = f"ok {count} pages, {cached} of them cached"
        if wrong:
            text = f"BAD {len(wrong)} of {count} pages: {wrong[0]}"
        elif old:
            text = f"BAD {len(old)} of {cached} cached pages: {old[0]}"
        return len(wrong) + len(old), text, bases

    def _cached(self, root, pages):
        entries = []
        for engine in sorted({row["engine"] for row in self.control.ask("tlb")["tlb"]}):
            entries += self.control.ask("tlb", engine, root)["tlb"]
        return stale(entries, pages)

    def verdict(self, process, book):
        if process != ALONE:
            # It has ended, and its root table may be another's by now.
            self.roots.pop(ALONE, None)
        if process in self.roots:
            candidates = [self.roots[process]]
        else:
            candidates = [row["root"] for row in self.control.ask("spaces")["spaces"]]
            candidates = [root for root in candidates if root not in self.roots.values()]
        if not candidates:
            return "BAD there is no address space"
        views = sorted(((*self._look(process, book, root), root) for root in candidates),
                       key=lambda view: view[0])
        bad, text, bases, root = views[0]
        if len(views) > 1 and not views[1][0]:
            return "BAD two address spaces fit"
        if not bad:
            self.roots[process] = root
            self.bases[process] = bases
        return text


# --- reports --------------------------------------------------------------------------------------

@dataclasses.dataclass
class Outcome:
    """What one driver did. checks: {name: (good, why)}, times: {(op, batch): [(submit, complete)]}"""

    checks: dict = dataclasses.field(default_factory=dict)
    facts: dict = dataclasses.field(default_factory=dict)
    times: dict = dataclasses.field(default_factory=dict)

    def check(self, name, good, why=""):
        """A check that comes several times is good if it is good every time."""
        if self.checks.get(name, (True,))[0]:
            self.checks[name] = (good, why)


def read_report(outcome, process, text):
    """Adds the report of a process to @outcome."""
    for line in text.splitlines():
        kind, *words = line.split("\t")
        if kind == "check" and len(words) == 3:
            outcome.check(f"{process}: {words[0]}", words[1] == "pass", words[2])
        elif kind == "fact" and len(words) == 2:
            outcome.facts[words[0]] = words[1]
        elif kind == "time" and len(words) == 4:
            key = (words[0], int(words[1]))
            outcome.times.setdefault(key, []).append((int(words[2]), int(words[3])))
        else:
            outcome.check(f"{process}: report is readable", False, f"'{line}'")
    if f"{process}: came to the end" not in outcome.checks:
        outcome.check(f"{process}: came to the end", False, "its report ends before")


def judge(out, status, remarks):
    """The Outcome of a run, from what is in its directory."""
    outcome = Outcome()
    for process in PROCESSES:
        path = out / f"report.{process}"
        read_report(outcome, process, path.read_text() if path.exists() else "")
    said = dict(re.findall(r"^(\S+)=(\d+)$", remarks, re.M))
    outcome.check("program ends well", said.get("vks") == "0", f"status {said.get('vks')}")
    log = out / "dmesg.txt"
    complaints = results.kernel_complaints(log.read_text(errors="replace") if log.exists() else "")
    complaints += results.guest_complaints(remarks, kernel.current().checks)
    complaints += session.leak_complaints(out)
    outcome.check("kernel log and unload", not complaints, "; ".join(complaints)[:300])
    outcome.check("model saw no violation", status == 0, f"its status is {status}")
    return outcome


def table(outcomes):
    """Check by driver, and why a check failed."""
    names = list(dict.fromkeys(name for o in outcomes.values() for name in o.checks))
    width = max(len(name) for name in names)
    lines = [(f"{'check':<{width}}" + "".join(f"  {driver:<7}" for driver in outcomes)).rstrip()]
    for name in names:
        found = [o.checks.get(name) for o in outcomes.values()]
        words = ["not run" if f is None else "pass" if f[0] else "FAIL" for f in found]
        lines.append((f"{name:<{width}}" + "".join(f"  {w:<7}" for w in words)).rstrip())
        lines += [f"    {driver}: {f[1]}" for driver, f in zip(outcomes, found) if f and not f[0]]
    return "\n".join(lines)


def differences(outcomes):
    """Lines about what the drivers differ in: checks and facts."""
    lines = []
    for word, of in (("check", lambda o: {k: "pass" if v[0] else "FAIL" for k, v in o.checks.items()}),
                     ("fact", lambda o: o.facts)):
        views = {driver: of(o) for driver, o in outcomes.items()}
        for name in dict.fromkeys(name for view in views.values() for name in view):
            values = {driver: view.get(name, "nothing") for driver, view in views.items()}
            if len(set(values.values())) > 1:
                lines.append(f"{word} '{name}': "
                             + ", ".join(f"{driver}: {value}" for driver, value in values.items()))
    return lines


def spread(samples):
    """'median (lower to upper quartile)' of nanoseconds, in milliseconds."""
    if len(samples) < 2:
        return "-"
    low, middle, high = (q / 1e6 for q in statistics.quantiles(samples, n=4, method="inclusive"))
    return f"{middle:.2f} ({low:.2f} to {high:.2f})"


def times_table(outcomes):
    """Submit and completion times side by side."""
    keys = list(dict.fromkeys(key for o in outcomes.values() for key in o.times))
    head = "".join(f"  {driver + ' ' + what:<24}" for what in ("submit", "complete")
                   for driver in outcomes)
    lines = [f"{'ms, median (quartiles)':<22}{head}".rstrip()]
    for key in keys:
        cells = [spread([sample[i] for sample in o.times.get(key, [])])
                 for i in (0, 1) for o in outcomes.values()]
        label = f"{key[0]} {key[1]}"
        lines.append(f"{label:<22}" + "".join(f"  {cell:<24}" for cell in cells).rstrip())
    return "\n".join(lines)


# --- runs -----------------------------------------------------------------------------------------

def build_program():
    """Compiles in the kernel root, which has the older C library. Returns the name in a guest."""
    roots.add("kernel-vulkan")
    out = paths.BUILD / "vulkan"
    out.mkdir(parents=True, exist_ok=True)
    source = paths.TOP / "tools/testing/xe/vulkan"
    ui.run_logged("vulkan program: build",
                  paths.enter(paths.KERNEL_ROOT, "make", "-C", "/src", f"O={paths.in_root(out)}",
                              binds=((source, "/src"),)), paths.LOG / "vulkan.log")
    return paths.in_root(out / "vks")


def run_driver(driver, program):
    """The Outcome of one guest."""
    out = paths.RESULTS / LABEL / driver
    session.empty(out)
    ui.say(f"-- guest: {driver} driver, sparse binding, accelerator {guest.accelerator()}")
    machine = guest.Guest(out, driver, SCRIPT.format(program=program))
    machine.on_remark = guest.show_remark
    answerer = Answerer(out, faults.Control(machine.model.control))
    answerer.start()
    why, status = None, None
    try:
        status = machine.run(LIMIT)
    except guest.GuestHang as error:
        why = str(error)
    finally:
        answerer.stop()
    outcome = judge(out, status, machine.remarks())
    if why:
        outcome.check("guest ends", False, why.splitlines()[0])
    return outcome


def run(drivers):
    """Runs all drivers, prints the tables. Returns 0 if every check of every driver passed."""
    begin = time.monotonic()
    program = build_program()
    outcomes = {driver: run_driver(driver, program) for driver in drivers}
    parts = [table(outcomes), times_table(outcomes)]
    if len(outcomes) > 1:
        differ = differences(outcomes) or ["the drivers differ in no check and no fact"]
        parts.insert(1, "\n".join(differ))
    text = "\n\n".join(parts)
    with contextlib.suppress(OSError):
        (paths.RESULTS / LABEL / "table.txt").write_text(text + "\n")
    ui.say()
    ui.say(text)
    ui.say()
    bad = 0
    for driver, outcome in outcomes.items():
        failed = sum(not good for good, _ in outcome.checks.values())
        ui.say(f"{driver}: {len(outcome.checks) - failed} checks passed, {failed} failed")
        bad += failed
    ui.say(f"results: {paths.RESULTS / LABEL}  ({time.monotonic() - begin:.0f} s)")
    return 1 if bad else 0
