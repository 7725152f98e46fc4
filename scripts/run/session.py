# SPDX-License-Identifier: MIT
"""One guest that runs a list of IGT tests, from boot to verdict-ready results."""

import json
import re
import subprocess
import sys
import threading

from . import contention, guest, kernel, lists, paths, races, results, roots, ui

STARTED = re.compile(r"\[IGT\] (\S+): starting subtest (\S+)")


def known_complaints(driver, label):
    """Expressions that hold for every list, and those of the list that @label ends with."""
    names = (f"known-{driver}.log", f"{label.rpartition('/')[2]}.known-{driver}")
    known = []
    for path in (paths.LISTS / name for name in names):
        known += lists.parse(path.read_text()) if path.exists() else []
    return known


def _guest_script(per_test, after, last):
    # The socket between runner and tests is off: with it, igt_results of IGT 2.5 reports
    # left-over bytes of other tests as error output and so turns passes into warnings.
    return f"""
cd /tmp
# The first test of a list may be the one that loads the module.
head -1 /out/tests.txt | grep -q '@xe_module_load@load$' && modprobe -r xe
export IGT_RUNNER_DISABLE_SOCKET_COMMUNICATION=1
igt_runner --test-list /out/tests.txt --overwrite --multiple-mode --piglit-style-dmesg --dmesg-warn-level {results.WARN_LEVEL} \\
	--prune-mode keep-subtests --per-test-timeout {per_test} --inactivity-timeout {per_test} \\
	-e IGT_FORCE_DRIVER=xe {lists.TEST_DIR} /tmp/igt
say "runner=$?"
cp -r /tmp/igt /out/igt
{after}
leave
{last}
"""


class Progress:
    """Says every few seconds how far the guest has come, from its kernel log."""

    def __init__(self, log, total):
        self.log = log
        self.total = total
        self.period = 2 if sys.stdout.isatty() else 15
        self._stop = threading.Event()

    def __enter__(self):
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()

    def _watch(self):
        shown = 0
        while not self._stop.wait(self.period):
            if not self.log.exists():
                continue
            started = STARTED.findall(self.log.read_text(errors="replace"))
            if len(started) != shown:
                shown = len(started)
                ui.say(f"   … {shown} of {self.total} tests, now {'@'.join(started[-1])}")


def trace_path(label, driver):
    """Where a run of the list @label with @driver puts its trace."""
    return paths.RESULTS / label / driver / "trace.json"


def empty(out):
    """Makes @out an empty directory; files of an earlier guest must not be taken for this one's."""
    subprocess.run(roots.as_root("rm", "-rf", str(out)), check=True)
    out.mkdir(parents=True)


def _text(path):
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""


def leak_complaints(out, known=()):
    """What the leak detector of a debug kernel has found; nothing for other kernels."""
    return results.leaks(_text(out / "leaks-loaded.txt"), _text(out / "leaks.txt"), known)


def tell_races(out, log, known=()):
    """Says how many data races the kernel @log of a run tells of; which, is in a file in @out."""
    found, _ = races.split(log)
    if found or "kcsan" in kernel.current().checks:
        ui.say(f"   {races.summary(found, known)[0]}")
        (out / "races.txt").write_text(races.table(found, known))


def end_complaints(machine, status, known):
    """What the kernel log, the guest's scripts and the model (@status) complain of, after a run."""
    out = machine.directory
    try:
        log = (out / "dmesg.txt").read_text(errors="replace")
    except OSError as error:
        raise ui.HarnessError(f"the guest never came to run tests; the end of its console:\n"
                              f"{ui.tail(out / 'console.log', 40)}") from error
    complaints = results.kernel_complaints(log, known)
    tell_races(out, log, known)
    unchecked = ("scan",) if "kmemleak=off" in machine.parameters else ()
    complaints += results.guest_complaints(machine.remarks(), kernel.current().checks, unchecked)
    complaints += leak_complaints(out, known)
    if status != 0:
        how = "had to be killed" if status is None else f"ended with status {status}"
        complaints.append(f"the device model {how}: see {out / 'model.log'}")
    return complaints


def run_tests(driver, tests, label, limit, per_test=120, after="", last="", model_options=(),
              control_port=False):
    """Runs @tests in one guest, then the shell text @after; @last when the driver has gone.

    Returns (results, complaints of the kernel log and of the model).
    """
    out = paths.RESULTS / label / driver
    empty(out)
    (out / "tests.txt").write_text("".join(f"igt@{name}\n" for name in tests))
    script = _guest_script(per_test * kernel.current().slowness, after, last)
    machine = guest.Guest(out, driver, script, model_options=model_options,
                          control_port=control_port)
    machine.on_remark = guest.show_remark
    # a test may be silent until its own limit
    machine.silence_limit = max(guest.SILENCE_LIMIT, 2 * per_test)
    ui.say(f"-- guest: {driver} driver, {len(tests)} tests, accelerator {guest.accelerator()}")
    with Progress(out / "dmesg.txt", len(tests)):
        status = machine.run(limit)
    complaints = end_complaints(machine, status, known_complaints(driver, label))
    try:
        document = json.loads((out / "igt/results.json").read_text())
    except (OSError, ValueError) as error:
        raise ui.HarnessError(f"no results from the guest ({error}); the end of its console:\n"
                              f"{ui.tail(out / 'console.log', 40)}") from error
    ui.say(f"   model: {results.model_time((out / 'model.log').read_text(errors='replace'))}")
    ui.say(f"   {contention.sentence(machine.waited)}")
    known = known_complaints(driver, label)
    excused = races.excused_lines(_text(out / "dmesg.txt"), known)
    found = results.parse_results(document, known, excused)
    complaints += results.gaps(found, tests)
    (out / "summary.txt").write_text(results.table(found) + "\n" + results.counts_line(found) + "\n")
    return found, complaints


def required_tests(name, driver):
    path = paths.LISTS / f"{name}.required"
    if driver == "ours" and path.exists():
        return lists.parse(path.read_text())
    return []


def record(name, found):
    """Remembers what @found passed as the bar for our driver."""
    head = "# What the stock driver passes on the model; ours must pass it too.\n"
    text = "".join(f"{r.test}\n" for r in found if r.result == "pass")
    (paths.LISTS / f"{name}.required").write_text(head + text)
