# SPDX-License-Identifier: MIT
"""'make fuzz': random programs against a reference, malformed ioctls, and what the model thinks of it.

The programs of tools/testing/xe (xe_fuzz_vm, xe_fuzz_ioctl) run in the guest. xe_fuzz_vm asks, by files
in the shared directory, whether an address space is what its reference says; this side finds the
space in the model by its signature, compares, and answers (class Referee).
"""

import contextlib
import dataclasses
import re
import threading
import time

from . import build, faults, guest, kernel, paths, results, session, ui
from .vulkan import NULL, PAGE, size

LABEL = "fuzz"
CORPUS = paths.TOP / "tools/testing/xe/fuzz/corpus"
PROGRAMS = ("xe_fuzz_vm", "xe_fuzz_ioctl")
# Steps of a run that takes about a minute under TCG on two quiet processors; the default.
SHORT_STEPS = {"xe_fuzz_vm": 4000, "xe_fuzz_ioctl": 20000}
# What a program gets of a time that is given for all.
SHARE = {"xe_fuzz_vm": 0.7, "xe_fuzz_ioctl": 0.3}
# Seconds that booting, shrinking and unloading may take beside the fuzzing itself.
SPARE = 600
# The question that is none, at the beginning of a program.
BEGIN = "begin"
# Pages of an address space with scratch that are translated one by one for a question.
SAMPLES = 48


# --- questions ------------------------------------------------------------------------------------

@dataclasses.dataclass
class Question:
    """What xe_fuzz_vm believes of an address space.

    pages: {address: ("bo", (object, page), access, pat) | ("null", access) | ("user", access)};
    open: addresses about which nothing is said; purgeable: there or not, and TLBs know which
    """

    serial: int = 0
    signature: tuple = (0, 0)
    scratch: bool = False
    window: tuple = (0, 0)
    pages: dict = dataclasses.field(default_factory=dict)
    open: set = dataclasses.field(default_factory=set)
    purgeable: set = dataclasses.field(default_factory=set)


def parse(text):
    """The Question in a file. Raises ValueError for a line that is none."""
    q = Question()
    for line in text.splitlines():
        kind, *words = line.split()
        if kind == "serial":
            q.serial = int(words[0])
        elif kind == "signature":
            q.signature = (int(words[0], 0), int(words[1]))
        elif kind == "scratch":
            q.scratch = words[0] == "1"
        elif kind == "window":
            q.window = (int(words[0], 0), int(words[1], 0))
        elif kind in ("bo", "null", "user", "open", "purgeable"):
            _add_pages(q, kind, int(words[0], 0), int(words[1]), words[2:])
        else:
            raise ValueError(f"a question has no '{line}'")
    return q


def _add_pages(q, kind, first, count, words):
    for i in range(count):
        va = first + i * PAGE
        if kind == "bo":
            q.pages[va] = (kind, (words[0], int(words[1]) + i), words[2], int(words[3]))
        elif kind == "open":
            q.open.add(va)
        elif kind == "purgeable":
            q.purgeable.add(va)
        else:
            q.pages[va] = (kind, words[0])


def serial_of(rows, signature):
    """The number in the null pages at @signature (address, bits), or None if there is none."""
    first, bits = signature
    access = {}
    for row in rows:
        if row["leads to"] == NULL:
            for va in range(int(row["first"], 16), int(row["last"], 16), PAGE):
                if first <= va <= first + (bits + 1) * PAGE:
                    access[va] = row["access"]
    found = [access.get(first + i * PAGE) for i in range(bits + 2)]
    # A read-only page begins it, a writable one ends it.
    if None in found or found[0] != "ro" or found[-1] != "rw":
        return None
    return sum(1 << i for i, word in enumerate(found[1:-1]) if word == "ro")


def pages_of(rows, window):
    """{address: (memory address or NULL, access, pat)} of the pages in the runs @rows."""
    out = {}
    for row in rows:
        first, to = int(row["first"], 16), row["leads to"]
        for va in range(max(first, window[0]), min(int(row["last"], 16) + 1, window[1]), PAGE):
            out[va] = (NULL if to == NULL else int(to, 16) + va - first, row["access"], row["pat"])
    return out


def _text(page):
    if page is None:
        return "nothing"
    return page[0] if page[0] == NULL else f"{page[0]:#x}"


class Judge:
    """Compares what is found with a question, page by page; collects sentences."""

    def __init__(self, question):
        self.q = question
        self.wrong = []
        self.count = 0
        self.places = {}
        self.owners = {}

    def page(self, va, found):
        """@found: (memory address or NULL, access, pat or None), or None for nothing."""
        want = self.q.pages.get(va)
        if va in self.q.open or va in self.q.purgeable:
            return
        self.count += 1
        if want is None:
            if self.q.scratch:
                self._own(va, found, "scratch")
            elif found:
                self.wrong.append(f"{va:#x} leads to {_text(found)} instead of nothing")
            return
        if found is None or (found[0] == NULL) != (want[0] == "null"):
            self.wrong.append(f"{va:#x} leads to {_text(found)}, it should be {want[0]}")
            return
        access = want[2] if want[0] == "bo" else want[1]
        if found[1] != access:
            self.wrong.append(f"{va:#x} is {found[1]}, it should be {access}")
        if want[0] == "bo":
            self._bo(va, found, want)
        elif want[0] == "user":
            self._own(va, found, "user")

    def _bo(self, va, found, want):
        if found[2] is not None and found[2] != want[3]:
            self.wrong.append(f"{va:#x} has PAT index {found[2]}, it should be {want[3]}")
        known = self.places.setdefault(want[1], found[0])
        if known != found[0]:
            self.wrong.append(f"{va:#x} leads to {_text(found)}, page {want[1][1]} of "
                              f"{want[1][0]} is also at {known:#x}")
        self._own(va, found, want[1])

    def _own(self, va, found, owner):
        """A page of memory belongs to one page of one BO, to scratch, or to the process."""
        if found is None or found[0] == NULL:
            return
        known = self.owners.setdefault(found[0], owner)
        if known != owner:
            self.wrong.append(f"{va:#x} leads to {_text(found)}, which belongs to {known}, "
                              f"not to {owner}")


def stale(entries, pages, question):
    """Sentences about cached translations of the window that contradict @pages."""
    wrong = []
    for entry in entries:
        if entry["what"] != "page":
            continue
        first, to = int(entry["va"], 16), entry["leads to"]
        begin, end = max(first, question.window[0]), min(first + size(entry["covers"]),
                                                         question.window[1])
        for va in range(begin, end, PAGE):
            if va in question.open or question.pages.get(va, ("",))[0] == "user":
                continue
            is_now = pages.get(va)
            was = NULL if to == NULL else int(to, 16) + va - first
            if is_now is None or is_now[:2] != (was, entry["access"]):
                wrong.append(f"{va:#x} is cached as {_text((was,))} {entry['access']}, the tables "
                             f"say {_text(is_now)}")
    return wrong


def sample(question):
    """Addresses to look at where looking at all is too much: borders of runs, then a few more."""
    first, end = question.window
    out, last = [], None
    for va in range(first, end, PAGE):
        kind = question.pages.get(va, (None,))[0]
        if kind != last:
            out += [va] if va == first else [va - PAGE, va]
        last = kind
    out = list(dict.fromkeys(out))[:SAMPLES]
    step = max(PAGE, (end - first) // SAMPLES // PAGE * PAGE)
    return list(dict.fromkeys(out + list(range(first, end, step))))[:2 * SAMPLES]


class Referee(threading.Thread):
    """Answers ask files with done files, until stop()."""

    def __init__(self, directory, control):
        super().__init__(daemon=True)
        self.directory = directory
        self.control = control
        self.violations = 0
        self.answers = 0
        self._end = threading.Event()

    def stop(self):
        self._end.set()
        self.join()

    def run(self):
        while not self._end.wait(0.02):
            for path in sorted(self.directory.glob("ask.*")):
                if path.suffix != ".part":
                    self._answer(path)

    def _answer(self, path):
        try:
            text = path.read_text()
            text = self.begin() if text.strip() == BEGIN else self.verdict(parse(text))
        except (OSError, ValueError, KeyError, IndexError, ui.HarnessError) as error:
            text = f"BAD the harness cannot tell: {error!r}"
        self.answers += 1
        done = path.with_name("done" + path.name[3:])
        aside = done.with_name(done.name + ".part")
        aside.write_text(text[:380] + "\n")
        path.unlink()
        aside.rename(done)

    def _root_of(self, q):
        last = q.signature[0] + (q.signature[1] + 2) * PAGE - 1
        for row in self.control.ask("spaces")["spaces"]:
            with contextlib.suppress(ui.HarnessError):
                rows = self.control.ask("map", row["root"], f"{q.signature[0]:#x}", f"{last:#x}")
                if serial_of(rows["map"], q.signature) == q.serial:
                    return row["root"]
        return None

    def _new_violations(self):
        reply = self.control.ask("violations")
        new, self.violations = reply["violations"] - self.violations, reply["violations"]
        if new <= 0:
            return None
        last = reply["last reports"][-1:] or [""]
        return f"BAD {new} violations, the last one: {' '.join(last[0].split())}"

    def begin(self):
        """A program begins: what there was before is not its fault."""
        self.violations = self.control.ask("violations")["violations"]
        return "ok"

    def _translated(self, root, va):
        reply = self.control.ask("translate", root, f"{va:#x}")
        if "access" not in reply:
            return None
        return (int(reply["address"], 16) if "address" in reply else NULL, reply["access"], None)

    def verdict(self, q):
        """The answer to a question."""
        bad = self._new_violations()
        if bad:
            return bad
        root = self._root_of(q)
        if not root:
            return f"BAD no address space has the signature {q.serial}"
        judge = Judge(q)
        if q.scratch:
            for va in sample(q):
                judge.page(va, self._translated(root, va))
            old = []
        else:
            rows = self.control.ask("map", root, f"{q.window[0]:#x}", f"{q.window[1] - 1:#x}")
            pages = pages_of(rows["map"], q.window)
            for va in range(*q.window, PAGE):
                judge.page(va, pages.get(va))
            old = stale(self._cached(root), pages, q)
        if judge.wrong:
            return f"BAD {len(judge.wrong)} of {judge.count} pages: {judge.wrong[0]}"
        if old:
            return f"BAD {len(old)} stale pages in a TLB: {old[0]}"
        return f"ok {judge.count} pages"

    def _cached(self, root):
        entries = []
        for engine in sorted({row["engine"] for row in self.control.ask("tlb")["tlb"]}):
            entries += self.control.ask("tlb", engine, root)["tlb"]
        return entries


# --- runs -----------------------------------------------------------------------------------------

def build_programs():
    ui.run_logged("fuzzers: build", build.uapi_make("fuzz"), paths.LOG / "fuzz.log")


def arguments(program, driver, seed, seconds, steps):
    """Command line of @program in a guest."""
    words = [str(paths.in_root(paths.BUILD / "unit/xe" / program)), "--seed", str(seed)]
    if seconds:
        words += ["--seconds", str(max(1, int(seconds * SHARE[program])))]
    else:
        words += ["--steps", str(steps or SHORT_STEPS[program])]
    if program == "xe_fuzz_vm":
        words += ["--ask", "/out", "--out", "/out"]
        words += ["--referee"] if driver != "ours" else []
    return words


def script(driver, seed, seconds, steps, corpus):
    """Shell text for the guest: the corpus first, then random programs, then malformed ioctls."""
    vm = paths.in_root(paths.BUILD / "unit/xe/xe_fuzz_vm")
    lines = []
    if corpus:
        replays = " ".join(f"--replay /out/corpus/{guest.quote([name])}" for name in corpus)
        referee = "" if driver == "ours" else "--referee "
        lines.append(f"{vm} --ask /out --out /out {referee}{replays} >/out/corpus.txt 2>&1; "
                     'say "corpus=$?"')
    for program in PROGRAMS:
        words = guest.quote(arguments(program, driver, seed, seconds, steps))
        lines.append(f'{words} >/out/{program}.txt 2>&1; say "{program}=$?"')
    lines += ["cat /out/*.txt | grep -v '^#'", "leave",
              "sleep 1"]
    return "\n".join(lines) + "\n"


SUMMARIES = {
    "xe_fuzz_vm": re.compile(r"(\d+) programs: (\d+) steps, (\d+) binds \((\d+) refused\), "
                             r"(\d+) pages read, (\d+) asked, \d+ purged"),
    "xe_fuzz_ioctl": re.compile(r"(\d+) calls, (\d+) of them accepted"),
}


def idleness(name, lines, corpus):
    """What the output @lines of a program that ended well does not tell to have been done."""
    if name == "corpus":
        replayed = sum(line.startswith("replay ") and line.endswith(": ok") for line in lines)
        return [] if replayed == len(corpus) else [f"{replayed} of {len(corpus)} replays are told of"]
    match = SUMMARIES[name].fullmatch(lines[-1]) if lines else None
    if not match:
        return ["no summary"]
    return [f"something was never done: {match[0]}"] if "0" in match.groups() else []


def judge(out, status, remarks, corpus, known=()):
    """(facts to print, sentences about what is not good) of a run, from its directory."""
    said = dict(re.findall(r"^(\S+)=(\d+)$", remarks, re.M))
    facts, bad = [], []
    for name in (["corpus"] if corpus else []) + list(PROGRAMS):
        path = out / f"{name}.txt"
        lines = path.read_text(errors="replace").splitlines() if path.exists() else []
        if said.get(name) != "0":
            tail = next((line for line in lines if line.startswith("FAILED")), "no verdict")
            bad.append(f"{name} ended with status {said.get(name)}: {tail} (see {path})")
        else:
            bad += [f"{name}: {line} (see {path})" for line in idleness(name, lines, corpus)]
            facts += [f"{name}: {lines[-1]}"] if lines else []
    path = out / "dmesg.txt"
    log = path.read_text(errors="replace") if path.exists() else ""
    bad += results.kernel_complaints(log, known)
    session.tell_races(out, log, known)
    bad += results.guest_complaints(remarks, kernel.current().checks)
    if status != 0:
        bad.append(f"the device model ended with status {status}: see {out / 'model.log'}")
    return facts, bad


def run_driver(driver, seed, seconds=0, steps=0, label=LABEL, last=""):
    """One guest with both fuzzers; the shell text @last when the driver has gone.

    Returns (facts, sentences about what is not good).
    """
    out = paths.RESULTS / label / driver
    session.empty(out)
    corpus = sorted(path.name for path in CORPUS.glob("*.txt"))
    if not corpus:
        raise ui.HarnessError(f"no programs in {CORPUS}")
    (out / "corpus").mkdir()
    for name in corpus:
        (out / "corpus" / name).write_text((CORPUS / name).read_text())
    machine = guest.Guest(out, driver, script(driver, seed, seconds, steps, corpus) + last)
    machine.on_remark = guest.show_remark
    machine.silence_limit = seconds + SPARE
    referee = Referee(out, faults.Control(machine.model.control))
    ui.say(f"-- guest: {driver} driver, fuzzers with seed {seed}, {len(corpus)} programs of the "
           f"corpus, accelerator {guest.accelerator()}")
    referee.start()
    why, status = [], None
    try:
        status = machine.run(seconds + 2 * SPARE)
    except guest.GuestHang as error:
        why = [str(error).splitlines()[0]]
    finally:
        referee.stop()
    facts, bad = judge(out, status, machine.remarks(), corpus,
                       session.known_complaints(driver, label))
    return facts, why + bad


def run(drivers, seed, seconds, steps):
    """Fuzzes all @drivers, prints what came of it. Returns sentences about what is not good."""
    build_programs()
    begin, bad = time.monotonic(), []
    for driver in drivers:
        facts, wrong = run_driver(driver, seed, seconds, steps)
        for line in facts:
            ui.say(f"   {driver}: {line}")
        bad += [f"{driver}: {line}" for line in wrong]
    ui.say(f"results: {paths.RESULTS / LABEL}  ({time.monotonic() - begin:.0f} s)")
    return bad


def check(tally, driver, seed, seconds=0):
    """A part of 'make test' and 'make test-long': each program, and the corpus, counts as one check.

    Without @seconds the number of steps is fixed, so that the seed alone says what will be done.
    """
    build_programs()
    tally.note(f"fuzzers: seed {seed}")
    try:
        facts, bad = run_driver(driver, seed, seconds, label="fuzz-test")
    except ui.HarnessError as error:
        tally.bad(f"{driver} with fuzzers: {error}")
        return
    tally.ok(len(facts))
    for line in facts:
        tally.note(f"{driver}: {line}")
    for line in bad:
        tally.bad(f"{driver} with fuzzers, seed {seed}: {line}")
