# SPDX-License-Identifier: MIT
"""How long a guest had to wait for the host's processors: what a failed time limit is worth."""

from pathlib import Path

PROC = Path("/proc")
# Seconds between two looks at the processes
PERIOD = 5


def _session_of(process):
    """Session number of the process directory @process; None once it is gone."""
    try:
        text = (process / "stat").read_text()
    except OSError:
        return None
    # The name, in parentheses, may contain anything.
    return int(text.rpartition(")")[2].split()[3])


def _times(process):
    """(ns on a processor, ns waiting for one) of all threads of @process."""
    ran = waited = 0
    for thread in (process / "task").glob("[0-9]*"):
        try:
            fields = (thread / "schedstat").read_text().split()
        except OSError:
            continue
        ran += int(fields[0])
        waited += int(fields[1])
    return ran, waited


class Contention:
    """Follows the processes of a session, by the scheduler's own account.

    Each process counts as it was seen last: what it did in its last seconds is lost.
    """

    def __init__(self, session, proc=PROC):
        self.session = session
        self.proc = proc
        self.seen = {}
        self.next = 0.0

    def look(self, now):
        """Looks at the processes unless it did so within PERIOD; @now: seconds."""
        if now < self.next:
            return
        self.next = now + PERIOD
        for process in self.proc.glob("[0-9]*"):
            if _session_of(process) == self.session:
                self.seen[process.name] = _times(process)

    def share(self):
        """Percent of the time the session could have run that it waited; None if it never ran."""
        ran = sum(times[0] for times in self.seen.values())
        waited = sum(times[1] for times in self.seen.values())
        return 100.0 * waited / (ran + waited) if ran + waited else None


def sentence(share):
    """The share for a person, or "" if there is none."""
    if share is None:
        return ""
    return f"host: the guest waited for a processor in {share:.0f} % of the time it could have run"
