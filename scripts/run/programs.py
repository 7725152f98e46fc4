# SPDX-License-Identifier: MIT
"""'make programs': our own test programs of tools/testing/xe in one guest, each with its verdicts.

'make test' runs the same after IGT, on the distribution's kernel. Some of what they look for, a mapping
for devices that is left behind for instance, only a kernel that checks itself can tell: KERNEL=debug.
"""

import re
import time

from . import build, guest, paths, session, ui

LABEL = "programs"
NAMES = ("xe_uapi_test", "xe_uapi_exec_test", "xe_uapi_lr_test", "xe_uapi_bind_test",
         "xe_trace_test", "xe_debugfs_test", "xe_coredump_test",
         "xe_madvise_test", "xe_evict_test", "xe_userptr_test",
         "xe_scale_test", "xe_unplug_test", "xe_reset_test")
# Seconds for the guest, and those without a word, before a slow kernel gets its factor.
LIMIT, SILENCE = 1500, 600

# Why a test may be left out: its fixture has no such case, or the kernel does not offer it. What the harness
# itself brings along (sw_sync, the model's control port, ...) is no reason.
HARMLESS = re.compile(
    r"a private object has one address space|the same for all objects|"
    r"there would be nothing at the address|nothing faults in a VM with scratch page|"
    r"kernel without fault injection|no 2 MiB of contiguous memory")

KTAP = re.compile(r"^(not ok|ok) \d+ ?-? ?([^#\n]*?)\s*(# SKIP.*)?$", re.M)
STATUS = re.compile(r"^(\w+)=(\d+)$", re.M)
PLAN = re.compile(r"^1\.\.(\d+)$", re.M)


def parse_ktap(text):
    """(passed, failed names, skipped) of TAP as the kselftest harness prints it. Who skips without a
    HARMLESS reason has failed."""
    good, bad, skipped = 0, [], 0
    for word, name, skip in KTAP.findall(text):
        if word == "not ok":
            bad.append(name.strip() or "unnamed")
        elif skip and not HARMLESS.search(skip):
            bad.append(f"{name.strip()}: skipped ({skip.removeprefix('# SKIP').strip()})")
        elif skip:
            skipped += 1
        else:
            good += 1
    return good, bad, skipped


def chosen(part=""):
    """The programs with @part in their name. Raises HarnessError if there is none."""
    names = tuple(name for name in NAMES if part in name)
    if not names:
        raise ui.HarnessError(f"no program has '{part}' in its name: {', '.join(NAMES)}")
    return names


def script(names=NAMES):
    """Builds all programs; returns the shell text that runs those with @names in a guest."""
    ui.run_logged("test programs: build", build.uapi_make("uapi"), paths.LOG / "uapi-test.log")
    lines = []
    for name in names:
        program = paths.in_root(paths.BUILD / "unit/xe" / name)
        lines.append(f'{program} >/out/{name}.tap 2>&1; say "{name}=$?"')
    return "\n".join(lines)


def verdicts(out, names=NAMES):
    """Yields (name, passed, [sentences about what is wrong], skipped) of what a guest left in @out."""
    said = out / "said.txt"
    said = dict(STATUS.findall(said.read_text(errors="replace"))) if said.exists() else {}
    for name in names:
        path = out / f"{name}.tap"
        text = path.read_text(errors="replace") if path.exists() else ""
        good, bad, skipped = parse_ktap(text)
        wrong = [f"{name}: {test} (see {path})" for test in bad]
        plan = PLAN.search(text)
        if not good and not bad:
            wrong.append(f"{name}: no verdict from the guest (see {path})")
        elif not plan or int(plan.group(1)) != good + len(bad) + skipped:
            wrong.append(f"{name}: did not come to its end (see {path})")
        if not wrong and said.get(name) != "0":
            wrong.append(f"{name}: ended with status {said.get(name, 'unknown')} (see {path})")
        yield name, good, wrong, skipped


def run(part=""):
    """The programs with @part in their name, with our driver; sentences about what is not good."""
    names = chosen(part)
    begin = time.monotonic()
    out = paths.RESULTS / LABEL / "ours"
    session.empty(out)
    machine = guest.Guest(out, "ours", script(names) + "\nleave\n", control_port=True)
    machine.on_remark = guest.show_remark
    machine.silence_limit = SILENCE
    ui.say(f"-- guest: ours driver, {len(names)} programs, accelerator {guest.accelerator()}")
    status = machine.run(LIMIT)
    complaints = session.end_complaints(machine, status, session.known_complaints("ours", LABEL))
    complaints = [f"complaint: {line}" for line in complaints]
    for name, good, wrong, skipped in verdicts(out, names):
        ui.say(f"   {name}: {good} passed, {len(wrong)} failed, {skipped} skipped")
        complaints += wrong
    ui.say(f"results: {out}  ({time.monotonic() - begin:.0f} s)")
    return complaints
