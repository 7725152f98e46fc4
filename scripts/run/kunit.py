# SPDX-License-Identifier: MIT
"""'make kunit': the driver built into a kernel that checks itself, its unit tests run in QEMU.

The KUnit wrapper of the kernel's source (tools/testing/kunit/kunit.py) configures, builds and
starts. Compiler and emulator live in different roots, so that it is called once in each. What it
prints is kept, but the verdict is made here, from the console of the kernel: results, complaints,
and what tools/testing/kunit/xe_init.c says about leaks and locks.

ARCH=um: the same suites in a user-mode kernel, which is a program of the host. It is there in seconds,
but has less to say.
"""

import dataclasses
import os
import re
import shutil
import subprocess

from . import guest, paths, results, revision, roots, ui

WORK = paths.BUILD / "kunit"
SOURCE = WORK / "linux"
CONFIGS = "tools/testing/kunit"
DRIVER = "drivers/gpu/drm/xe"
# Architectures and their configurations. A user-mode kernel runs without an emulator.
ARCHS = {"x86_64": "xe_kunit.config", "um": "xe_uml.config"}
UML = "um"
# What the last complete run had to say, for the cover letter of the series.
TOTALS = paths.RESULTS / "kunit" / "totals.txt"
# Glob of the names of all suites.
ALL = "xe_*"
# Seconds the kernel may take from start to end; a hundred under TCG on two quiet processors.
LIMIT = 1800


@dataclasses.dataclass
class Suite:
    """Outcome of one suite; parameters of a test count one by one."""

    name: str
    passed: int = 0
    skipped: int = 0
    failed: list = dataclasses.field(default_factory=list)

    def total(self):
        return self.passed + self.skipped + len(self.failed)


@dataclasses.dataclass
class _Result:
    """A result line of KTAP and what was nested in it."""

    ok: bool
    name: str
    skip: bool
    nested: list
    plan: int


_STAMP = re.compile(r"^\[\s*\d+\.\d+\] ?")
_RESULT = re.compile(r"^(not ok|ok) \d+ ?-? ?(.*?)(?: # (SKIP)?.*)?$")
_PLAN = re.compile(r"^1\.\.(\d+)$")
_SUBTEST = re.compile(r"^# Subtest: (.*)$")
_INDENT = 4


class _Parser:
    """Builds the tree of results: nested results come before the line that sums them up."""

    def __init__(self):
        self.open = {0: []}
        self.plans = {}
        self.names = {}

    def line(self, text):
        text = _STAMP.sub("", text.rstrip())
        body = text.lstrip(" ")
        depth = (len(text) - len(body)) // _INDENT
        if match := _RESULT.match(body):
            nested = self.open.pop(depth + 1, [])
            self.names.pop(depth + 1, None)
            self.open.setdefault(depth, []).append(
                _Result(match[1] == "ok", match[2], bool(match[3]), nested,
                        self.plans.pop(depth + 1, len(nested))))
        elif match := _PLAN.match(body):
            self.plans[depth] = int(match[1])
        elif match := _SUBTEST.match(body):
            self.names[depth] = match[1]

    def finish(self):
        """Results of the outermost level. Tests that were never summed up have failed."""
        for depth in sorted((d for d in {*self.open, *self.names} if d), reverse=True):
            nested = self.open.pop(depth, [])
            self.open.setdefault(depth - 1, []).append(
                _Result(False, self.names.get(depth, "?"), False, nested, len(nested) + 1))
        return self.open[0]


def _count(suite, result, prefix=""):
    """Adds the leaves below @result; returns whether one of them has failed."""
    before = len(suite.failed)
    for nested in result.nested:
        name = f"{prefix}{nested.name}"
        if nested.nested or nested.plan:
            _count(suite, nested, f"{name}: ")
        elif nested.skip:
            suite.skipped += 1
        elif nested.ok:
            suite.passed += 1
        else:
            suite.failed.append(name)
    where = prefix.rstrip(": ") or "the suite"
    if len(result.nested) < result.plan:
        suite.failed.append(f"{where}: {len(result.nested)} results, not all that were planned")
    elif not result.ok and len(suite.failed) == before:
        suite.failed.append(f"{where} failed as a whole")
    elif not result.nested and result.ok and not result.skip:
        suite.failed.append(f"{where} ran no test")


def parse_ktap(text):
    """The suites whose results a kernel's console shows, in order of execution."""
    parser = _Parser()
    for line in text.splitlines():
        parser.line(line)
    suites = []
    for result in parser.finish():
        suite = Suite(result.name)
        _count(suite, result)
        suites.append(suite)
    return suites


_COMPLAINTS = re.compile(r"\*ERROR\*")
_REMARK = re.compile(r"^xe-kunit: (\w+)=(\w+)$", re.M)
# What has to be said at the end; without it the silence of the kernel's checks means nothing.
_WANTED = {"debug_locks": ("1", "the lock checker had given up"),
           "leaks": ("0", "kmemleak found memory that nobody points to"),
           "end": ("1", "the kernel did not come to its end")}


_PROVOKES = re.compile(r"# \w+: provokes: (.*)$")
_ENDED = re.compile(r"^\s*(not )?ok \d")


def _unprovoked(text):
    """(the lines of a console that no test provoked, sentences about what did not come of it).

    A test says before what error it will make the driver log: once, and until it ends.
    """
    lines, missing, expected = [], [], []
    for line in text.splitlines():
        match = _PROVOKES.search(line)
        come = [words for words in expected if words in line and _COMPLAINTS.search(line)]
        if match:
            expected.append(match[1].strip())
        elif come:
            expected.remove(come[0])
        else:
            lines.append(line)
        if expected and _ENDED.match(_STAMP.sub("", line)):
            missing += expected
            expected = []
    return "\n".join(lines), [f"a test provoked, but the kernel did not log: {words}"
                              for words in missing + expected]


def complaints(text, arch="x86_64"):
    """What is wrong with a console, results of tests left aside."""
    text, found = _unprovoked(text)
    found += list(dict.fromkeys(results.kernel_complaints(text)))
    found += [line.strip() for line in text.splitlines()
              if _COMPLAINTS.search(line) and line.strip() not in found]
    remarks = dict(_REMARK.findall(text.replace("\r", "")))
    for name, (value, meaning) in _WANTED.items() if arch != UML else ():
        if remarks.get(name) != value:
            found.append(f"{meaning} ({name}={remarks.get(name, 'not said')})")
    return found


_DEFINED = re.compile(r"static struct kunit_suite \w+ = \{\s*\.name = \"(\w+)\"")


def defined_suites(tree):
    """Names of the suites in the sources below @tree."""
    found = []
    for path in sorted(tree.glob("*_kunit.c")):
        names = _DEFINED.findall(path.read_text())
        if not names:
            raise ui.HarnessError(f"{path} defines no suite")
        found += names
    return found


def verdict(text, wanted, arch="x86_64"):
    """(suites, reasons why the run is bad) of a console. @wanted: suites that have to be there."""
    suites = parse_ktap(text)
    names = [suite.name for suite in suites]
    bad = [f"{suite.name}: {name}" for suite in suites for name in suite.failed]
    bad += [f"{name}: did not run" for name in wanted if name not in names]
    return suites, bad + complaints(text, arch)


def table(suites):
    width = max((len(suite.name) for suite in suites), default=5)
    lines = [f"{'suite':{width}}  tests  passed  failed  skipped"]
    for suite in suites:
        lines.append(f"{suite.name:{width}}  {suite.total():5}  {suite.passed:6}  "
                     f"{len(suite.failed):6}  {suite.skipped:7}")
    return "\n".join(lines)


def _unpack():
    """Unpacks the kernel's source. Its own drivers/gpu/drm/xe stays packed."""
    archives = sorted((paths.KERNEL_ROOT / "usr/src").glob("linux-source-*.tar.xz"))
    if not archives:
        raise ui.HarnessError(f"{paths.KERNEL_ROOT} holds no kernel source; remove it and run again")
    stamp = WORK / "unpacked"
    want = f"{roots.kernel_version()} {archives[-1].name}\n"
    if stamp.exists() and stamp.read_text() == want:
        return
    shutil.rmtree(WORK, ignore_errors=True)
    SOURCE.mkdir(parents=True)
    ui.run_logged("kunit: unpack the kernel's source",
                  ["tar", "-C", str(SOURCE), "--strip-components=1", f"--exclude=*/{DRIVER}",
                   "-xf", str(archives[-1])], paths.LOG / "kunit-unpack.log")
    stamp.write_text(want)


def _overlay():
    """Lays driver, uAPI and KUnit configurations over the kernel's source.

    Compared by content, and stamped with the time of the copy: only what changed is built again.
    """
    lay = ["rsync", "-rlp", "--checksum"]
    for options, tree in ((["--delete"], DRIVER), ([], "include"), ([], CONFIGS)):
        subprocess.run(lay + options + [f"{paths.TOP}/{tree}/", f"{SOURCE}/{tree}/"], check=True)


def _wrapper(root, arch, command, *options):
    """The command line of the KUnit wrapper inside @root."""
    tree = paths.in_root(SOURCE)
    line = [f"{CONFIGS}/kunit.py", command, f"--arch={arch}",
            f"--build_dir={paths.in_root(WORK / arch)}", f"--kunitconfig={CONFIGS}/{ARCHS[arch]}",
            *options]
    if arch != UML:
        line.append(f"--qemu_config={tree / CONFIGS / 'xe_qemu.py'}")
    return paths.enter(root, "sh", "-c", 'cd "$0" && exec python3 "$@"', tree, *line)


def build(arch):
    """Brings kernel and initial RAM disk up to date."""
    _unpack()
    _overlay()
    how_long = "five minutes" if arch == UML else "a quarter of an hour"
    ui.run_logged(f"kunit: build the kernel ({how_long} the first time)",
                  _wrapper(paths.KERNEL_ROOT, arch, "build", f"--jobs={os.cpu_count()}"),
                  paths.LOG / "kunit-build.log")
    if arch == UML:
        return
    script = ('gcc -static -Os -Wall -Wextra -Werror -o "$1/init" "$0" && '
              'cd "$1" && echo init | cpio --quiet -o -H newc >init.cpio')
    ui.run_logged("kunit: build what looks for leaks",
                  paths.enter(paths.KERNEL_ROOT, "sh", "-c", script,
                              paths.in_root(SOURCE / CONFIGS / "xe_init.c"), paths.in_root(WORK)),
                  paths.LOG / "kunit-init.log")


def _machine(arch):
    """(root that runs the kernel, more options of the wrapper, words for people)"""
    if arch == UML:
        return paths.KERNEL_ROOT, [], "user mode"
    accelerator = guest.accelerator()
    machine = (f"-accel {'tcg,thread=multi' if accelerator == 'tcg' else accelerator} -smp 2 "
               f"-initrd {paths.in_root(WORK / 'init.cpio')}")
    return paths.MACHINE_ROOT, [f"--qemu_args={machine}"], f"accelerator {accelerator}"


def execute(glob, arch):
    """Runs the suites that match @glob; returns the console of the kernel."""
    console = WORK / arch / "test.log"
    console.unlink(missing_ok=True)
    root, options, words = _machine(arch)
    log = paths.LOG / "kunit-run.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with ui.Step(f"kunit: run, {words}"):
        code = ui.run_limited(
            _wrapper(root, arch, "exec", f"--timeout={LIMIT}", *options, glob), log, LIMIT + 60)
    if not console.exists():
        raise ui.HarnessError(f"kunit: the kernel was not started (exit code {code}), the end of "
                              f"{log}:\n{ui.tail(log)}")
    return console.read_text(errors="replace")


def run(glob, arch="x86_64"):
    """All of it; prints a table and returns the reasons why the run is bad."""
    build(arch)
    text = execute(glob, arch)
    out = paths.RESULTS / ("kunit-um" if arch == UML else "kunit")
    out.mkdir(parents=True, exist_ok=True)
    (out / "console.log").write_text(text)
    wanted = [] if glob != ALL else defined_suites(paths.TOP / DRIVER / "tests")
    suites, bad = verdict(text, wanted, arch)
    passed = sum(suite.passed for suite in suites)
    if not passed:
        bad.append("no test has passed")
    summary = table(suites) + f"\n{passed} passed, {sum(len(s.failed) for s in suites)} failed\n"
    (out / "summary.txt").write_text(summary)
    if glob == ALL and arch != UML:
        TOTALS.parent.mkdir(parents=True, exist_ok=True)
        TOTALS.write_text(f"{revision.title('make kunit')}\n{summary}")
    ui.say()
    ui.say(summary.rstrip())
    ui.say(f"results: {out}")
    return bad
