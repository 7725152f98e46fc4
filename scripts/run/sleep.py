# SPDX-License-Identifier: MIT
"""'make sleep': jobs, binds and mappings go on after system sleep, in which the device loses all state.

The guest's root is a file system of the host, which does not survive the sleep of its transport. So the
test program runs from memory, reports on the console, and switches the machine off when it is done.
"""

from . import build, guest, paths, programs, results, session, ui

LABEL = "sleep"
PROGRAM = "xe_sleep_test"
# Seconds a guest may take.
LIMIT = 600
MODEL_OPTIONS = ("--forget-in-d3",)

SCRIPT = """
cp {program} /run/
sync
# What waits for the root of the guest cannot be frozen a second time.
kill $(jobs -p)
echo "xe-sleep: begin" >/dev/console
XE_POWER_OFF=1 exec /run/{name} >/dev/console 2>&1
"""


def report(console):
    """(passed, failed names, skipped, complaints) from the text of the console."""
    text = guest.ANSI.sub("", console.replace("\r", ""))
    _, begin, text = text.rpartition("xe-sleep: begin")
    if not begin:
        return 0, [], 0, ["the guest did not come to the test"]
    good, bad, skipped = programs.parse_ktap(text)
    complaints = results.kernel_complaints(text)
    plan = programs.PLAN.search(text)
    if not plan or good + len(bad) + skipped != int(plan.group(1)):
        complaints.append("the test did not come to its end")
    return good, bad, skipped, complaints


def run_driver(driver, program):
    """(line for people, [sentences about what is wrong]) of one guest."""
    out = paths.RESULTS / LABEL / driver
    session.empty(out)
    ui.say(f"-- guest: {driver} driver, system sleep, accelerator {guest.accelerator()}")
    machine = guest.Guest(out, driver, SCRIPT.format(program=program, name=PROGRAM),
                          model_options=MODEL_OPTIONS)
    wrong = []
    try:
        status = machine.run(LIMIT)
        if status != 0:
            wrong.append(f"the device model ended with status {status}: see {out / 'model.log'}")
    except guest.GuestHang as error:
        wrong.append(str(error).splitlines()[0])
    console = (out / "console.log").read_text(errors="replace")
    good, bad, skipped, complaints = report(console)
    wrong += [f"{name}: failed (see {out / 'console.log'})" for name in bad]
    wrong += [f"complaint: {line}" for line in complaints]
    return f"{driver}: {good} passed, {len(bad)} failed, {skipped} skipped", wrong


def run(drivers):
    """Runs the drivers; returns sentences about what is not good."""
    ui.run_logged("test programs: build", build.uapi_make("uapi"), paths.LOG / "uapi-test.log")
    program = paths.in_root(paths.BUILD / "unit/xe" / PROGRAM)
    bad = []
    for driver in drivers:
        line, wrong = run_driver(driver, program)
        ui.say(f"   {line}")
        bad += [f"{driver}: {sentence}" for sentence in wrong]
    return bad
