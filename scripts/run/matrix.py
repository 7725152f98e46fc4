# SPDX-License-Identifier: MIT
"""'make matrix': the driver on several kernels, from the same source.

For each kernel: is it the newest its suite offers, does the module build without a warning, does it
load, does tier 1 pass as it does on the base kernel. One that fails at a step does not keep the others
from being tried.
"""

import dataclasses
import re
import subprocess
import time

from . import build, kernel, lists, paths, results, roots, session, ui

LIST = "tier1"
# The base first: what it passes is the measure.
ROWS = ("distribution", *kernel.OTHERS)
OUT = paths.RESULTS / "matrix"
# Words of the table.
YES, NO = "yes", "no"
# Problems of one kernel that are told at the end; the rest is in the results.
SHOWN = 10


@dataclasses.dataclass
class Row:
    """
    One kernel.

    @name: as on the command line
    @release: what uname -r says
    @compiler: what the module was built with
    @newest: is it the newest its suite offers? "?" if the suite could not be asked
    @built: was the module built without a warning?
    @loaded: seconds it took to load, or NO
    @passed: subtests that passed, of @required that have to
    @skipped: subtests that skipped
    @bad: sentences about what is not good
    """

    name: str
    release: str = "-"
    compiler: str = "-"
    newest: str = "?"
    built: str = NO
    loaded: str = NO
    passed: int = 0
    required: int = 0
    skipped: int = 0
    bad: list = dataclasses.field(default_factory=list)


_POLICY = re.compile(r"^  (Installed|Candidate): (\S+)$", re.M)


def parse_policy(text):
    """(installed, candidate) from what 'apt-cache policy' prints; None for what it does not say."""
    said = dict(_POLICY.findall(text))
    return said.get("Installed"), said.get("Candidate")


def is_newest(root):
    """Has the suite of @root nothing newer than its kernel? None if it cannot be asked."""
    script = f"{roots.APT} update >/dev/null 2>&1 && apt-cache policy linux-headers-amd64"
    done = subprocess.run(paths.enter(root, "sh", "-c", script), capture_output=True, text=True,
                          stdin=subprocess.DEVNULL)
    installed, candidate = parse_policy(done.stdout)
    if done.returncode or not installed or not candidate:
        return None
    return installed == candidate


_COMPILER = re.compile(r"^CONFIG_CC_VERSION_TEXT=\"\S+ (?:\([^)]*\) )?(\S+)[^\"]*\"$", re.M)


def parse_compiler(config):
    """'gcc 14.2.0' from a kernel's configuration."""
    match = _COMPILER.search(config)
    return f"gcc {match.group(1)}" if match else "-"


_PROBE = re.compile(r"^driver=ours modprobe=(\d+) seconds=(\S+)$", re.M)


def parse_load(remarks):
    """Seconds of the first loading of the module in the text of the guest's remarks, or NO."""
    match = _PROBE.search(remarks)
    return f"{match.group(2)} s" if match and match.group(1) == "0" else NO


def fill(row, found, required, complaints):
    """Puts the results of tier 1 into @row."""
    wanted = {name.lower() for name in required}
    row.required = len(required)
    row.passed = sum(r.result in results.PASSING and r.test.lower() in wanted for r in found)
    row.skipped = sum(r.result == "skip" for r in found)
    row.bad += results.verdict(found, required, complaints)


_HEAD = ("kernel", "release", "compiler", "newest", "built", "loads", f"{LIST}", "skips", "problems")


def table(rows):
    """The table kernel by result."""
    lines = [_HEAD]
    for row in rows:
        lines.append((row.name, row.release, row.compiler, row.newest, row.built, row.loaded,
                      f"{row.passed} of {row.required}", str(row.skipped),
                      str(len(row.bad)) if row.bad else "none"))
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEAD))]
    return "\n".join("  ".join(f"{word:<{width}}" for word, width in zip(line, widths)).rstrip()
                     for line in lines)


def verdict(rows):
    """Sentences about what is not good, by kernel."""
    out = []
    for row in rows:
        out += [f"{row.name}: {sentence}" for sentence in row.bad[:SHOWN]]
        if len(row.bad) > SHOWN:
            out.append(f"{row.name}: {len(row.bad) - SHOWN} more, see {OUT / row.name}")
    return out


def _prepare(row, ask):
    """Root and module of the selected kernel; the root anew if its suite has a newer kernel."""
    target = kernel.current()
    newest = None
    if not target.root.exists():
        newest = True
    elif ask:
        newest = is_newest(target.root)
    if newest is False and target.name in kernel.OTHERS:
        roots.forget_other(target.name)
        newest = True
    kernel.ensure()
    row.newest = {True: YES, False: NO, None: "?"}[newest]
    row.release = target.release()
    config = target.root / "usr/src" / f"linux-headers-{row.release}" / ".config"
    row.compiler = parse_compiler(config.read_text())
    build.everything(["ours"])
    row.built = YES


def _try(name, tests, limit, ask):
    row = Row(name)
    kernel.select(name)
    label = f"matrix/{name}/{LIST}"
    try:
        _prepare(row, ask)
        found, complaints = session.run_tests("ours", tests, label, limit)
    except ui.HarnessError as error:
        ui.say(str(error))
        row.bad.append(str(error).splitlines()[0])
        found = None
    said = paths.RESULTS / label / "ours/said.txt"
    if row.built == YES and said.exists():
        row.loaded = parse_load(said.read_text(errors="replace"))
        if row.loaded == NO:
            row.bad.insert(0, "the module does not load")
    if found is not None:
        fill(row, found, results.required_of(session.required_tests(LIST, "ours"), tests), complaints)
    return row


def run(names, limit, ask):
    """Tries the kernels @names, all of ROWS if there are none; returns what is not good.

    @limit: seconds a guest may take
    @ask: find out whether the suites have newer kernels, and take those
    """
    begin = time.monotonic()
    tests = lists.load(LIST)
    rows = [_try(name, tests, limit, ask) for name in names or ROWS]
    text = table(rows)
    bad = verdict(rows)
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "table.txt").write_text("\n".join([text, *bad]) + "\n")
    ui.say(f"\n{text}")
    ui.say(f"results: {OUT}  ({time.monotonic() - begin:.0f} s)")
    return bad
