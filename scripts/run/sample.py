# SPDX-License-Identifier: MIT
"""'make sample': an address space with a mapping of each kind, jobs and binds, for 'make report'.

tools/testing/xe/xe_sample.c runs in a guest, and keeps what the driver tells by debugfs and trace
events, and the model by its page walk and its trace.
"""

from . import build, guest, paths, report_space, session, trace, ui

LABEL = "sample"
DRIVER = "ours"
PROGRAM = "xe_sample"
LIMIT = 1800
# What a complete run leaves; the trace may get packed.
FILES = ("vms.txt", "events.txt", "map.json")


def _script(trace_file):
    program = paths.in_root(paths.BUILD / "unit/xe" / PROGRAM)
    return f"""
mountpoint -q /sys/kernel/tracing || mount -t tracefs tracefs /sys/kernel/tracing
{program} /out {guest.quote([trace_file])} 2>/out/sample.err
say "sample=$?"
leave
"""


def judge(out):
    """Sentences about what is not good with the files of a run that came to its end."""
    missing = [f"{out / name} is missing" for name in FILES if not (out / name).exists()]
    if missing:
        return missing
    mappings, rows = report_space.read((out / "vms.txt").read_text(), (out / "map.json").read_text())
    return [f"driver and device differ at {at:#x} of the sample"
            for at in report_space.disagree(mappings, rows)]


def run():
    """Returns sentences about what is not good."""
    ui.run_logged("sample: build", build.uapi_make("sample"), paths.LOG / "sample.log")
    out = paths.RESULTS / LABEL / DRIVER
    session.empty(out)
    trace_file = session.trace_path(LABEL, DRIVER)
    machine = guest.Guest(out, DRIVER, _script(trace_file), control_port=True)
    machine.on_remark = guest.show_remark
    with ui.Step("guest: a sample of jobs and binds"):
        status = machine.run(LIMIT)
    if "sample=0" in machine.remarks().splitlines():
        bad = judge(out)
    else:
        bad = [f"{PROGRAM} failed\n{ui.tail(out / 'sample.err')}"]
    bad += session.end_complaints(machine, status, session.known_complaints(DRIVER, LABEL))
    trace.report(trace_file)
    ui.say(f"results: {out}; 'make report' draws them")
    return bad
