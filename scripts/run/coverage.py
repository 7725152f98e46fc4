# SPDX-License-Identifier: MIT
"""'make coverage': which lines of the driver IGT, our own programs and unit tests execute.

Our driver is compiled with counters and with its checks (CONFIG_DRM_XE_DEBUG). The kernel's gcov,
which scripts/guest/gcov makes a module of, collects them; gcov of the kernel root reads what each
guest has gathered, and here it is added up. The tests of page tables in user space count, too.

Each part is kept in a file of its own, so that one can be run again without the others. What was
counted of another state of the driver's source does not count.
"""

import dataclasses
import functools
import hashlib
import json
import shutil
import subprocess
import time

from . import build, fuzz, lists, paths, programs, results, session, suite, ui

LABEL = "coverage"
WORK = paths.BUILD / LABEL
LISTS = ("tier1", "tier2-first", "inject")
SOURCE = paths.TOP / "drivers/gpu/drm/xe"
# What is asked of these directories; of the others the page only tells.
LEAST = 0.85
WANTED = ("vm", "pt", "migrate")
# Seconds a guest may take
LIMIT = 3600
# In the guest, after the driver has gone: what has been counted, a copy for each object.
GATHER = """
gather() {
	cd /sys/kernel/debug/gcov || return
	find . -name '*.gcda' | while read -r file; do
		mkdir -p "/out/gcda/${file%/*}"
		cat "$file" >"/out/gcda/$file" || return
	done
}
gather
say "gathered=$?"
"""


@dataclasses.dataclass
class File:
    """@lines: {number: how often it was executed}; @functions: {name: (first line, last line)}"""

    lines: dict = dataclasses.field(default_factory=dict)
    functions: dict = dataclasses.field(default_factory=dict)

    def covered(self):
        return sum(count > 0 for count in self.lines.values())

    def uncovered(self):
        return sorted(number for number, count in self.lines.items() if not count)


def parse(text, files=None):
    """{name: File} of gcov's output in JSON, a document a line, added to @files.

    Names begin at the directory of the driver; what is not below it is left out, and its tests are.
    """
    files = {} if files is None else files
    for line in text.splitlines():
        for entry in json.loads(line)["files"] if line.strip() else ():
            name = entry["file"].rpartition("drivers/gpu/drm/xe/")
            if not name[1] or name[2].startswith("tests/"):
                continue
            found = files.setdefault(name[2], File())
            for row in entry["lines"]:
                number = row["line_number"]
                found.lines[number] = found.lines.get(number, 0) + row["count"]
            for row in entry["functions"]:
                found.functions[row["name"]] = (row["start_line"], row["end_line"])
    return files


def by_directory(files):
    """{directory: (lines, lines executed)}, in order of their names."""
    out = {}
    for name in sorted(files):
        directory = name.partition("/")[0]
        lines, covered = out.get(directory, (0, 0))
        out[directory] = (lines + len(files[name].lines), covered + files[name].covered())
    return out


def functions(files, directories=WANTED):
    """[(lines not executed, lines, file, function)], those with most of them first."""
    out = []
    for name, found in files.items():
        if name.partition("/")[0] not in directories:
            continue
        for function, (first, last) in found.functions.items():
            counts = [count for number, count in found.lines.items() if first <= number <= last]
            missed = sum(not count for count in counts)
            if missed:
                out.append((missed, len(counts), name, function))
    return sorted(out, key=lambda row: (-row[0], row[2:]))


def table(files):
    """Lines: directory, lines, executed, share."""
    out = [f"{'directory':<14} {'lines':>6} {'executed':>9} {'share':>7}"]
    for directory, (lines, covered) in by_directory(files).items():
        short = "" if directory not in WANTED or covered >= LEAST * lines else "  too little"
        out.append(f"{directory:<14} {lines:>6} {covered:>9} {covered / lines:>7.1%}{short}")
    return out


def short_of(files):
    """Sentences about directories of WANTED of which too little was executed."""
    found = by_directory(files)
    return [f"{name}: {found.get(name, (0, 0))[1]} of {found.get(name, (0, 0))[0]} lines executed, "
            f"{LEAST:.0%} are wanted" for name in WANTED
            if name not in found or found[name][1] < LEAST * found[name][0]]


def dump(files, runs, state):
    """What load() reads. @runs: {part: what ran}; @state: identity() of the source"""
    return json.dumps({"state": state, "runs": runs, "files": {
        name: {"lines": found.lines, "functions": found.functions}
        for name, found in sorted(files.items())}}) + "\n"


def load(text):
    """(files, runs, state) of dump(); JSON has made words of the numbers of lines."""
    document = json.loads(text)
    return {name: File({int(number): count for number, count in row["lines"].items()},
                       {function: tuple(span) for function, span in row["functions"].items()})
            for name, row in document["files"].items()}, document["runs"], document["state"]


def add(files, more):
    """Adds the counts @more to @files."""
    for name, found in more.items():
        into = files.setdefault(name, File())
        for number, count in found.lines.items():
            into.lines[number] = into.lines.get(number, 0) + count
        into.functions.update(found.functions)


def identity(source=SOURCE):
    """Tells states of the driver's source apart."""
    digest = hashlib.sha256()
    for path in sorted(source.rglob("*.[ch]")):
        digest.update(f"{path.relative_to(source)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


@functools.cache
def _prepare():
    """Builds all that the guests need; what they load counts lines."""
    build.model()
    build.write_firmware()
    counter = build.line_counter()
    build.module_tree("ours", build.driver(True, counter=counter), [counter])


def _notes():
    """Where the compiler has put what gcov needs beside the counters."""
    return build.driver_directory(True, True)


def _gcov(command, what, **more):
    """What gcov says in JSON; @command runs it."""
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, **more)
    # gcov goes on, with counts of 0, if notes and counters are not of the same build.
    if done.returncode or "cannot open" in done.stderr or "mismatch" in done.stderr:
        raise ui.HarnessError(f"gcov failed on {what}: {done.stderr.strip()[-500:]}")
    return parse(done.stdout)


def read(name, directory):
    """{name: File} of what a guest has gathered below @directory.

    Counters and notes meet in a directory of their own, @name: what a guest has written may belong
    to a user of the root.
    """
    work = WORK / name
    shutil.rmtree(work, ignore_errors=True)
    tree = directory / paths.in_root(_notes()).relative_to("/")
    data = []
    for path in sorted(tree.rglob("*.gcda")):
        below = path.relative_to(tree)
        target = work / below
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
        shutil.copyfile(_notes() / below.with_suffix(".gcno"), target.with_suffix(".gcno"))
        data.append(str(below))
    if not data:
        raise ui.HarnessError(f"the guest has gathered no counters below {directory}")
    script = 'cd "$0" && exec gcov --json-format --stdout "$@"'
    return _gcov(paths.enter(paths.KERNEL_ROOT, "sh", "-c", script, paths.in_root(work), *data), name)


def _guest(name, tests, after=""):
    """Runs @tests, then @after, in a guest; (files, results, complaints)."""
    _prepare()
    label = f"{LABEL}/{name}"
    found, complaints = session.run_tests("ours", tests, label, LIMIT, after=after, last=GATHER,
                                          control_port=bool(after))
    files = read(name, paths.RESULTS / label / "ours/gcda")
    return files, found, results.verdict(found, [], complaints)


def _igt(names):
    """(files, what ran, sentences about what is not good), as for every part."""
    tests = list(dict.fromkeys(test for name in names for test in lists.load(name)))
    files, found, bad = _guest("igt", tests)
    return files, f"IGT {', '.join(names)}: {results.counts_line(found)}", bad


def _programs(_names):
    """Our own programs, after a test of IGT: the runner wants one."""
    files, _, bad = _guest("programs", lists.load("tier1")[:1], programs.script())
    good = 0
    for _, passed, wrong, _ in programs.verdicts(paths.RESULTS / LABEL / "programs/ours"):
        good += passed
        bad += wrong
    return files, f"our own programs: {good} tests passed", bad


def _fuzz(_names):
    _prepare()
    fuzz.build_programs()
    label = f"{LABEL}/fuzz"
    facts, bad = fuzz.run_driver("ours", suite.TEST_SEED, label=label, last=GATHER)
    return read("fuzz", paths.RESULTS / label / "ours/gcda"), "fuzzers: " + "; ".join(facts), bad


def _tables(_names):
    """The tests of pt/ in user space. Compiler and gcov are the host's."""
    work = WORK / "tables"
    shutil.rmtree(work, ignore_errors=True)
    log = paths.LOG / "coverage-tables.log"
    ui.run_logged("page-table tests, counting lines",
                  ["make", "-s", "-C", str(paths.TOP / "tools/testing/xe-pt"), f"O={work}",
                   "check"],
                  log, env={"CFLAGS": "--coverage"})
    good, failed, _ = suite.parse_cmocka(log.read_text(errors="replace"))
    files = _gcov(["gcov", "--json-format", "--stdout",
                   *(path.name for path in sorted(work.glob("*.gcda")))], "tables", cwd=work)
    return files, f"page-table tests in user space: {good} passed", failed


# What runs. Those before the last run the driver as it is loaded.
PARTS = {"igt": _igt, "programs": _programs, "fuzz": _fuzz, "tables": _tables}


def shares(files):
    """'vm 91.0 %, pt 88.2 %, ...' of the wanted directories."""
    found = by_directory(files)
    return ", ".join(f"{name} {found[name][1] / found[name][0]:.1%}"
                     for name in WANTED if name in found)


def _kept(part):
    return paths.RESULTS / LABEL / f"{part}.json"


def collect(state):
    """(files, {part: what ran}) of all parts that have counted the source @state."""
    files, runs = {}, {}
    for part in PARTS:
        if not _kept(part).exists():
            continue
        more, words, of = load(_kept(part).read_text())
        if of == state:
            add(files, more)
            runs.update({name: f"{said} (alone: {shares(more)})" for name, said in words.items()})
    return files, runs


def _report(files, runs):
    lines = table(files) + ["", f"functions of {', '.join(WANTED)} with most lines not executed:"]
    lines += [f"  {missed:4} of {of:4}  {name}: {function}"
              for missed, of, name, function in functions(files)[:20]]
    lines += ["", *runs.values()]
    lines += [f"{part}: not counted" for part in PARTS if part not in runs]
    return lines


def run(parts, names):
    """Runs @parts, the tests of the lists @names if 'igt' is among them.

    Returns sentences about what is not good.
    """
    begin, bad, state = time.monotonic(), [], identity()
    out = paths.RESULTS / LABEL
    for part in parts:
        _kept(part).unlink(missing_ok=True)
        files, words, wrong = PARTS[part](names)
        out.mkdir(parents=True, exist_ok=True)
        _kept(part).write_text(dump(files, {part: words}, state))
        bad += wrong
    files, runs = collect(state)
    (out / "coverage.json").write_text(dump(files, runs, state))
    lines = _report(files, runs)
    (out / "table.txt").write_text("\n".join(lines) + "\n")
    ui.say()
    ui.say("\n".join(lines))
    ui.say(f"results: {out}; 'make report' shows the lines  ({time.monotonic() - begin:.0f} s)")
    # What is missing may be what the other parts execute.
    return bad + (short_of(files) if len(runs) == len(PARTS) else [])
