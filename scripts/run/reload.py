# SPDX-License-Identifier: MIT
"""'make reload': the driver is loaded and unloaded many times, each time with a job in between."""

import re
import time

from . import guest, lists, paths, session, ui

LABEL = "reload"
# Seconds for boot and end, and for a round, before a slow kernel gets its factor.
LIMIT, ROUND_LIMIT = 300, 20
TEST = ("xe_exec_basic", "once-basic")

SCRIPT = """
modprobe -r xe
say "first=$?"
for round in $(seq {rounds}); do
	modprobe xe
	loaded=$?
	IGT_FORCE_DRIVER=xe {test} --run-subtest {subtest} >>/out/work.log 2>&1
	worked=$?
	modprobe -r xe
	say "round $round: load=$loaded work=$worked unload=$?"
done
modprobe xe
leave
"""
_ROUND = re.compile(r"^round (\d+): load=(\d+) work=(\d+) unload=(\d+)$", re.M)


def judge(remarks, rounds):
    """Sentences about rounds that are missing or not good."""
    found = {int(n): tuple(int(s) for s in rest) for n, *rest in _ROUND.findall(remarks)}
    bad = [f"round {n}: load {s[0]}, job {s[1]}, unload {s[2]}" for n, s in found.items() if any(s)]
    if len(found) != rounds:
        bad.append(f"{len(found)} of {rounds} rounds have ended")
    return bad


def run(driver, rounds):
    """Returns sentences about what is not good."""
    begin = time.monotonic()
    out = paths.RESULTS / LABEL / driver
    session.empty(out)
    script = SCRIPT.format(rounds=rounds, test=f"{lists.TEST_DIR}/{TEST[0]}", subtest=TEST[1])
    machine = guest.Guest(out, driver, script)
    machine.on_remark = guest.show_remark
    ui.say(f"-- guest: {driver} driver, {rounds} rounds, accelerator {guest.accelerator()}")
    status = machine.run(LIMIT + ROUND_LIMIT * rounds)
    bad = judge(machine.remarks(), rounds)
    bad += session.end_complaints(machine, status, session.known_complaints(driver, LABEL))
    ui.say(f"{driver}: {rounds} rounds, {len(bad)} complaints; results: {out}  "
           f"({time.monotonic() - begin:.0f} s)")
    return bad
