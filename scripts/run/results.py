# SPDX-License-Identifier: MIT
"""What a run's output means. Pure: text and parsed JSON in, values out.

Tested on saved logs by tests/test_results.py; nothing here starts a process.
"""

import dataclasses
import re

from . import races

PASSING = ("pass",)


@dataclasses.dataclass(frozen=True)
class Result:
    """One subtest: its name without the 'igt@' prefix, igt_runner's word for the
    outcome, run time in seconds, and why it was skipped or what went wrong."""

    test: str
    result: str
    seconds: float
    reason: str = ""


_REASONS = (
    re.compile(r"Test requirement not met in [^:]*:?\s*(.*)"),
    re.compile(r"Test requirement: (.*)"),
    re.compile(r"Test assertion failure function (\S+)"),
    re.compile(r"Failed assertion: (.*)"),
)


def reason_of(entry):
    """The most telling line of a result's output: a requirement or an assertion."""
    text = entry.get("out", "") + "\n" + entry.get("err", "")
    word = entry.get("result")
    if word == "pass":
        return ""
    found = {}
    for line in text.splitlines():
        for rank, pattern in enumerate(_REASONS):
            match = pattern.search(line)
            if match and match.group(1).strip():
                found.setdefault(rank, match.group(1).strip())
    order = (1, 0) if word == "skip" else (3, 2, 1, 0)
    for rank in order:
        if rank in found:
            return found[rank]
    if word in ("dmesg-warn", "dmesg-fail"):
        return first_line(entry.get("dmesg", ""), kernel_complaints) or "message in the kernel log"
    if word in ("notrun",):
        return "not run: an earlier test ended the run"
    if word in ("timeout", "incomplete", "abort"):
        return f"{word}: the test did not come to an end"
    return ""


def first_line(text, extract):
    lines = extract(text)
    return lines[0] if lines else ""


_LEVEL = re.compile(r"^<(\d)>")
# The runner marks a test for messages up to this level: --dmesg-warn-level of session.py
WARN_LEVEL = 4


def _loud(dmesg):
    """Messages of WARN_LEVEL or worse; of a warning with registers and stack its first line."""
    out, in_trace = [], False
    for line in dmesg.splitlines():
        match = _LEVEL.match(line)
        if "[ cut here ]" in line:
            in_trace = True
        elif "[ end trace " in line:
            in_trace = False
        elif match and int(match.group(1)) <= WARN_LEVEL and (not in_trace or "WARNING: " in line):
            out.append(line)
    return out


def _all_known(dmesg, known, excused):
    """Has the kernel log of a test messages of WARN_LEVEL or worse, and is each of them known?"""
    loud = _loud(dmesg)
    return bool(loud) and all(races.is_excused(line, excused)
                              or is_known(line, known) for line in loud)


def parse_results(document, known=(), excused=frozenset()):
    """Results of igt_runner's results.json (already parsed), in order of execution.

    @known: as for kernel_complaints(). A test that passed but for known messages has passed.
    @excused: races.excused_lines() of the whole log; a report may begin in one test and end in another.
    """
    out = []
    for name, entry in document.get("tests", {}).items():
        time = entry.get("time", {})
        seconds = max(0.0, time.get("end", 0.0) - time.get("start", 0.0))
        short = name[4:] if name.startswith("igt@") else name
        word, reason = entry.get("result", "notrun"), reason_of(entry)
        if word == "dmesg-warn" and _all_known(entry.get("dmesg", ""), known, excused):
            word, reason = "pass", ""
        out.append(Result(short, word, seconds, reason))
    return out


_COMPLAINTS = re.compile(
    r"WARNING: |BUG: |Oops[: ]|general protection fault|kernel NULL pointer|"
    r"INFO: possible |possible (circular|recursive) locking|INFO: task .* blocked|"
    r"refcount_t: |list_(add|del) corruption|KASAN|UBSAN|kmemleak: \d|"
    r"sleeping function called|scheduling while atomic|rcu.*stall|"
    r"soft lockup|Kernel panic|RIP: 0010|Memory manager not clean|"
    r"ODEBUG: |turning off the locking|INFO: trying to register|DEBUG_LOCKS_WARN_ON|double free|"
    r"unreferenced object|kmemleak: .*(disabled|pool empty)|"
    r"DMA-API: .*(device driver|exceeded|cacheline tracking)|"
    r"allocated at module unload|xe [0-9a-f:.]+: .*\*ERROR\*|leaked")
_TIMESTAMP = re.compile(r"^(<\d+>)?\[\s*\d+\.\d+\]\s*")


_FINISHED = re.compile(r"\[IGT\] (\S+): finished subtest (\S+), (SUCCESS|SKIP|FAIL)")
_WORDS = {"SUCCESS": "pass", "SKIP": "skip", "FAIL": "fail"}


def parse_log(text):
    """Results read from a kernel log alone, for a guest that did not live to report them."""
    return [Result(f"{binary}@{subtest}", _WORDS[word], 0.0, "as the kernel log has it")
            for binary, subtest, word in _FINISHED.findall(text)]


_IGNORE = re.compile(r"\[IGT\] add ignored dmesg regex: (.*)$")
_BINARY = re.compile(r"\[IGT\] \S+: (executing|exiting)")


def _compile(pattern):
    """A test's own regular expression, written for another library; None if Python has no such."""
    try:
        return re.compile(pattern)
    except re.error:
        return None


_GRAVE = re.compile(r"\bBUG: |\bKASAN: ")


def is_known(line, known):
    """Does one of the patterns @known match a line of a kernel log? What names a function that is known
    for a lesser complaint does not excuse memory that was corrupted there: only a pattern for just that."""
    return any(re.search(pattern, line) and (not _GRAVE.search(line) or re.search("BUG|KASAN", pattern))
               for pattern in known)


def kernel_complaints(text, known=()):
    """Lines of a kernel log that no clean run has.

    @known: regular expressions of complaints that are explained elsewhere.

    A test that provokes a complaint announces it in the log; that holds until its binary ends.
    Data races of the kernel alone are none.
    """
    found, text = races.split(text)
    out, announced = races.complaints(found, known), []
    for line in text.splitlines():
        match = _IGNORE.search(line)
        if match:
            announced.append(_compile(match.group(1).strip()))
        elif _BINARY.search(line):
            announced = []
        if not _COMPLAINTS.search(line):
            continue
        if any(pattern and pattern.search(line) for pattern in announced):
            continue
        if is_known(line, known):
            continue
        out.append(_TIMESTAMP.sub("", line.strip()))
    return out


_REMARK = re.compile(r"^(\S+)=(\d+)$", re.M)
# What a kernel that checks itself has to say at the end; without it, its silence means nothing.
CHECKS = {"debug_locks": ("1", "the lock checker had given up"),
          "scan": ("0", "kmemleak did not scan"),
          "kcsan": ("1", "the detector of data races was not switched on"),
          "watchpoints": ("[1-9][0-9]*", "the detector of data races has watched nothing")}


def check_complaints(remarks, checks, unchecked=()):
    """What the checks of a kernel found at the end of a run, or that they did not look.

    @checks: names of CHECKS that the kernel has; @unchecked: those that were switched off.
    """
    said = dict(_REMARK.findall(remarks))
    return [f"{CHECKS[name][1]} ({name}={said.get(name, 'not said')})"
            for name in checks
            if name not in unchecked and not re.fullmatch(CHECKS[name][0], said.get(name, ""))]


_OBJECT = re.compile(r"^unreferenced object (0x[0-9a-f]+)", re.M)
# Frames that say how it was allocated, not by whom.
_ALLOCATION = re.compile(r"kmemleak_|kmalloc|kzalloc|kmem_cache_alloc|slab_|krealloc|kmemdup|kvmalloc")


def _objects(text):
    """{address: report} of what kmemleak has printed."""
    starts = [match.start() for match in _OBJECT.finditer(text)] + [len(text)]
    reports = [text[begin:end].rstrip() for begin, end in zip(starts, starts[1:])]
    return {_OBJECT.match(report)[1]: report for report in reports}


def leaks(loaded, end, known=()):
    """A line for each leaked object of kmemleak's report @end, after the driver was unloaded.

    @loaded: its report from before that, which names the driver's functions.
    @known: regular expressions of reports that are explained elsewhere.
    """
    out, before = [], _objects(loaded)
    for address, report in _objects(end).items():
        report = before.get(address, report)
        if any(re.search(pattern, report) for pattern in known):
            continue
        size = re.search(r"\(size \d+\)", report)
        frames = [line.strip() for line in report.partition("backtrace")[2].splitlines()[1:]]
        frames = [frame for frame in frames if not _ALLOCATION.search(frame)]
        out.append(f"leaked memory {size[0] if size else ''}: {' < '.join(frames[:4])}")
    return list(dict.fromkeys(out))


_LOADED = re.compile(r"^driver=\S+ modprobe=(\d+)", re.M)
_NOT_BOUND = re.compile(r"^no DRM device: .*$", re.M)


def guest_complaints(remarks, checks=(), unchecked=()):
    """What the guest's own scripts found wrong, from the text of their remarks.

    Each run begins by loading the module, and ends by unloading it and by a look whether the kernel log is
    whole; each must have been reached and have worked.
    @checks, @unchecked: as for check_complaints().
    """
    said = dict(_REMARK.findall(remarks))
    if "unload" not in said:
        return ["the guest did not come to unloading the module"]
    out = check_complaints(remarks, checks, unchecked)
    loaded = _LOADED.search(remarks)
    if not loaded or loaded[1] != "0":
        out.append(f"the module could not be loaded (modprobe: {loaded[1] if loaded else 'not said'})")
    out += _NOT_BOUND.findall(remarks)
    if said.get("log") != "0":
        out.append(f"the kernel log ends early (log={said.get('log', 'not said')})")
    if said["unload"] != "0":
        out.append(f"the module could not be unloaded (modprobe -r: {said['unload']})")
    return out


def model_time(log):
    """What the summary in the model's log says about its use of a processor."""
    match = re.search(r"^  (processor time: .*)$", log, re.M)
    return match.group(1) if match else "no processor time in its log"


def gaps(results, tests):
    """Sentences about what a run of @tests has no result of; subtests of subtests have longer names."""
    done = {result.test.lower() for result in results}
    done |= {"@".join(name.split("@")[:2]) for name in done}
    lost = [name for name in tests if name.lower() not in done]
    out = [f"{len(lost)} of {len(tests)} tests have no result: {', '.join(lost[:5])}"
           + (", ..." if len(lost) > 5 else "")] if lost else []
    if not any(result.result in PASSING for result in results):
        out.append("none of the tests has passed")
    return out


def verdict(results, required, complaints):
    """Sentences that say why a run is not good; empty for a good one.

    @required: names of tests that must pass (a skip does not count as passing).
    Letter case does not count: IGT lists some names in one and reports them in another.
    """
    by_name = {result.test.lower(): result for result in results}
    wanted = {name.lower() for name in required}
    out = []
    for name in required:
        result = by_name.get(name.lower())
        if result is None:
            out.append(f"{name}: required, but it did not run")
        elif result.result not in PASSING:
            why = f" ({result.reason})" if result.reason else ""
            out.append(f"{name}: required, but {result.result}{why}")
    for result in results:
        if result.test.lower() not in wanted and result.result not in PASSING + ("skip",):
            out.append(f"{result.test}: {result.result} ({result.reason or 'no reason given'})")
    out += [f"complaint: {line}" for line in complaints]
    return out


def required_of(required, tests):
    """Those of the names @required that @tests ask for, whatever their letter case."""
    asked = {name.lower() for name in tests}
    return [name for name in required if name.lower() in asked]


def counts(results):
    out = {}
    for result in results:
        out[result.result] = out.get(result.result, 0) + 1
    return out


def counts_line(results):
    have = counts(results)
    return ", ".join(f"{have[word]} {word}" for word in sorted(have, key=lambda w: (w != "pass", w)))


def table(results):
    """A readable table of one run: test, result, time, reason."""
    width = max([len(r.test) for r in results] + [4])
    lines = [f"{'test':<{width}}  result      time  reason"]
    for r in results:
        lines.append(f"{r.test:<{width}}  {r.result:<8} {r.seconds:6.2f}s  {r.reason}".rstrip())
    return "\n".join(lines)


def side_by_side(runs):
    """One table for several runs: {driver: results}; a '*' marks rows that differ."""
    names, seen = [], set()
    for results in runs.values():
        for r in results:
            if r.test not in seen:
                seen.add(r.test)
                names.append(r.test)
    maps = {driver: {r.test: r for r in results} for driver, results in runs.items()}
    width = max([len(n) for n in names] + [4])
    head = "".join(f"  {driver:<19}" for driver in runs)
    lines = [f"  {'test':<{width}}{head}  reason"]
    for name in names:
        row = [maps[driver].get(name) for driver in runs]
        words = [r.result if r else "notrun" for r in row]
        cells = "".join(f"  {w:<10} {r.seconds if r else 0:7.2f}s" for w, r in zip(words, row))
        reason = next((r.reason for r in row if r and r.reason), "")
        mark = "*" if len(set(words)) > 1 else " "
        lines.append(f"{mark} {name:<{width}}{cells}  {reason}".rstrip())
    return "\n".join(lines)
