# SPDX-License-Identifier: MIT
"""The harness's command line; the Makefile's targets call it."""

import argparse
import json
import re
import subprocess
import sys
import threading
import time

from . import build, guest, host, lists, paths, results, roots, ui

DRIVERS = {"ours": ["ours"], "stock": ["stock"], "both": ["stock", "ours"]}
STARTED = re.compile(r"\[IGT\] (\S+): starting subtest (\S+)")


def prepare(drivers):
    """All set-up a guest needs; does nothing that is already done."""
    host.check()
    host.install_packages()
    roots.ensure()
    build.everything(drivers)


def _known_complaints(driver):
    path = paths.LISTS / f"known-{driver}.log"
    return lists.parse(path.read_text()) if path.exists() else []


def _guest_script(per_test, after):
    # The socket between runner and tests is off: with it, igt_results of IGT 2.5 reports
    # left-over bytes of other tests as error output and so turns passes into warnings.
    return f"""
cd /tmp
# The first test of a list may be the one that loads the module.
head -1 /out/tests.txt | grep -q '@xe_module_load@load$' && modprobe -r xe
export IGT_RUNNER_DISABLE_SOCKET_COMMUNICATION=1
igt_runner --test-list /out/tests.txt --overwrite --multiple-mode --piglit-style-dmesg \\
	--prune-mode keep-subtests --per-test-timeout {per_test} --inactivity-timeout {per_test} \\
	-e IGT_FORCE_DRIVER=xe {lists.TEST_DIR} /tmp/igt
echo "xe-guest: runner=$?"
cp -r /tmp/igt /out/igt
{after}
modprobe -r xe
echo "xe-guest: unload=$?"
sleep 1
"""


def show_remark(line):
    """Passes on what the guest's own scripts say."""
    if line.startswith("xe-guest:"):
        ui.say(f"   {line}")


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


def run_tests(driver, tests, label, limit, per_test=120, after=""):
    """Runs @tests in one guest, then the shell text @after.

    Returns (results, complaints of the kernel log and of the model).
    """
    out = paths.RESULTS / label / driver
    subprocess.run(roots.as_root("rm", "-rf", str(out)), check=True)
    out.mkdir(parents=True)
    (out / "tests.txt").write_text("".join(f"igt@{name}\n" for name in tests))
    machine = guest.Guest(out, driver, _guest_script(per_test, after))
    machine.on_line = show_remark
    ui.say(f"-- guest: {driver} driver, {len(tests)} tests, accelerator {guest.accelerator()}")
    with Progress(out / "dmesg.txt", len(tests)):
        status = machine.run(limit)
    try:
        log = (out / "dmesg.txt").read_text(errors="replace")
    except OSError as error:
        raise ui.HarnessError(f"the guest never came to run tests; the end of its console:\n"
                              f"{ui.tail(out / 'console.log', 40)}") from error
    complaints = results.kernel_complaints(log, _known_complaints(driver))
    complaints += results.guest_complaints((out / "console.log").read_text(errors="replace"))
    if status != 0:
        how = "had to be killed" if status is None else f"ended with status {status}"
        complaints.append(f"the device model {how}: see {out / 'model.log'}")
    try:
        document = json.loads((out / "igt/results.json").read_text())
    except (OSError, ValueError) as error:
        raise ui.HarnessError(f"no results from the guest ({error}); the end of its console:\n"
                              f"{ui.tail(out / 'console.log', 40)}") from error
    found = results.parse_results(document)
    (out / "summary.txt").write_text(results.table(found) + "\n" + results.counts_line(found) + "\n")
    return found, complaints


def required_tests(name, driver):
    path = paths.LISTS / f"{name}.required"
    if driver == "ours" and path.exists():
        return lists.parse(path.read_text())
    return []


def command_run(args):
    drivers = DRIVERS[args.driver]
    prepare(drivers)
    tests = lists.load(args.list)
    label = args.list.replace("/", "_")
    runs, bad = {}, []
    begin = time.monotonic()
    for driver in drivers:
        runs[driver], complaints = run_tests(driver, tests, label, args.limit)
        required = results.required_of(required_tests(label, driver), tests)
        bad += [f"{driver}: {line}" for line in results.verdict(runs[driver], required, complaints)]
    text = (results.table(runs[drivers[0]]) if len(drivers) == 1 else results.side_by_side(runs))
    (paths.RESULTS / label / f"{args.driver}.txt").write_text(text + "\n")
    ui.say()
    ui.say(text)
    for driver in drivers:
        ui.say(f"{driver}: {results.counts_line(runs[driver])}")
    ui.say(f"results: {paths.RESULTS / label}  ({time.monotonic() - begin:.0f} s)")
    for line in bad:
        ui.say(f"NOT GOOD  {line}")
    if args.record and "stock" in runs:
        path = paths.LISTS / f"{label}.required"
        head = "# What the stock driver passes on the model; ours must pass it too.\n"
        path.write_text(head + "".join(f"{r.test}\n" for r in runs["stock"] if r.result == "pass"))
    return 1 if bad else 0


def command_guest(args):
    """A guest that runs one shell command; for development."""
    if not args.no_build:
        prepare(DRIVERS[args.driver])
    out = paths.RESULTS / "command" / args.driver
    out.mkdir(parents=True, exist_ok=True)
    machine = guest.Guest(out, args.driver, args.command + "\n")
    machine.on_line = ui.say
    machine.run(args.limit)
    return 0


def command_shell(args):
    prepare([args.driver])
    out = paths.RESULTS / "shell" / args.driver
    out.mkdir(parents=True, exist_ok=True)
    ui.say("-- interactive guest: leave with 'poweroff -f'; IGT is in " + lists.TEST_DIR)
    guest.Guest(out, args.driver, None).interact()
    return 0


def command_setup(args):
    prepare(DRIVERS[args.driver])
    return 0


def command_remove_roots(_args):
    roots.remove()
    return 0


def parser():
    top = argparse.ArgumentParser(prog="scripts/xe", description=__doc__)
    commands = top.add_subparsers(dest="name", required=True)

    one = commands.add_parser("run", help="run a test list in a guest and print a table")
    one.add_argument("--driver", choices=DRIVERS, default="ours")
    one.add_argument("--list", default="tier1", help="name in scripts/lists, or a file")
    one.add_argument("--limit", type=int, default=1800, help="seconds a guest may take")
    one.add_argument("--record", action="store_true",
                     help="write what stock passes to scripts/lists/LIST.required")
    one.set_defaults(function=command_run)

    one = commands.add_parser("guest", help="run one shell command in a guest")
    one.add_argument("--driver", choices=["ours", "stock"], default="ours")
    one.add_argument("--limit", type=int, default=600)
    one.add_argument("--no-build", action="store_true", help="use what is built already")
    one.add_argument("command")
    one.set_defaults(function=command_guest)

    one = commands.add_parser("shell", help="interactive guest")
    one.add_argument("--driver", choices=["ours", "stock"], default="ours")
    one.set_defaults(function=command_shell)

    one = commands.add_parser("remove-roots", help="remove both Debian roots")
    one.set_defaults(function=command_remove_roots)

    one = commands.add_parser("setup", help="build everything a guest needs")
    one.add_argument("--driver", choices=DRIVERS, default="ours")
    one.set_defaults(function=command_setup)
    return top


def main():
    args = parser().parse_args()
    try:
        return args.function(args)
    except ui.HarnessError as error:
        print(f"error: {error}", file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        return 130
