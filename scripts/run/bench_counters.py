# SPDX-License-Identifier: MIT
"""What cases of the benchmark do otherwise, as counted by the model and by the kernel."""

import json
import statistics

from . import lists, ui

WORSE = "bench-worse.txt"

REGISTER_ACCESSES = ("register reads", "register writes")
INVALIDATION = "TLB_INVALIDATION ("
BY_ENGINE = "immediate bytes of batches"
# A difference that is smaller than this share, or than one event in many samples, is none.
TOLERANCE = 0.005

# In the order of the table; less of each is better.
NAMES = ("page-table bytes, processor", "page-table bytes, copy engine", "TLB invalidations",
         "GuC messages to it", "GuC messages from it", "register accesses", "interrupts",
         "slab objects", "slab bytes", "page blocks", "page bytes")


def parse_stores(lines):
    """[{page: bytes}] of the plugin's output: a map for each stretch that was observed."""
    out = []
    for line in lines:
        first, second = line.split()
        if first == "=":
            if int(second) != len(out):
                raise ui.HarnessError(f"stores: stretch {second} comes after {len(out)} others")
            out.append({})
        else:
            out[-1][int(first, 16)] = int(second)
    return out


def _reply(reply):
    """The result of a reply of the model."""
    if not reply.get("ok"):
        raise ui.HarnessError(f"the model refused: {reply.get('error')}")
    return reply["result"]


def _tables(sample):
    """Addresses of all pages that were a page table before or after."""
    # An address space may go between the question for its root and the one for its tables.
    replies = [r["result"] for r in sample["tables before"] + sample["tables after"] if r["ok"]]
    if any("cut at" in reply or "given up" in reply for reply in replies):
        raise ui.HarnessError("an address space has more page tables than the model lists")
    return {int(table, 16) for reply in replies for table in reply["tables"]}


def _sample(sample, stores):
    """{name: number} of one sample."""
    before, after = _reply(sample["before"]), _reply(sample["after"])

    def grown(counter):
        return after["counters"][counter] - before["counters"][counter]

    def invalidations(reply):
        return sum(n for name, n in reply["requests"].items() if name.startswith(INVALIDATION))

    memory = sample["memory"]
    values = (sum(stores.get(table, 0) for table in _tables(sample)), grown(BY_ENGINE),
              invalidations(after) - invalidations(before), grown("GuC messages in"),
              grown("GuC messages out"), sum(grown(name) for name in REGISTER_ACCESSES),
              grown("interrupt messages"), memory["objects"], memory["object bytes"],
              memory["blocks"], memory["block bytes"])
    return dict(zip(NAMES, values))


def parse(text, stores):
    """{case: {name: [number of one operation, sample by sample]}} of the program's output.

    @stores: of parse_stores(), in the order of the samples
    """
    out, at = {}, 0
    for line in text.splitlines():
        try:
            row = json.loads(line)
        except ValueError as error:
            raise ui.HarnessError(f"counters: '{line[:80]}' is not JSON: {error}") from error
        samples = row["samples"]
        if at + len(samples) > len(stores):
            raise ui.HarnessError(f"counters: {len(stores)} stretches of stores are too few")
        found = [_sample(s, stores[at + i]) for i, s in enumerate(samples)]
        out[row["case"]] = {name: [one[name] / row["per"] for one in found] for name in NAMES}
        at += len(samples)
    return out


def number(value):
    """@value as text: with two digits behind the point if it is small and not whole."""
    return f"{value:,.0f}" if value == int(value) or value >= 1000 else f"{value:,.2f}"


def is_worse(ours, stock):
    """Whether our driver needs more than the stock driver."""
    return ours > stock * (1 + TOLERANCE)


def parse_known(text):
    """{(case, counter): (most, reason)} of lines "CASE: COUNTER: MOST: REASON"."""
    out = {}
    for line in lists.parse(text):
        parts = [part.strip() for part in line.split(":", 3)]
        try:
            case, counter, most, reason = parts
            if counter not in NAMES or not reason:
                raise ValueError
            out[case, counter] = float(most.replace(",", "")), reason
        except ValueError as error:
            raise ui.HarnessError(
                f"{WORSE}: '{line}': CASE: COUNTER: MOST: REASON expected") from error
    return out


def rows(runs):
    """(case, counter, [medians of one operation, a number or None for each driver]).

    What no driver needs is left out.
    """
    for case in dict.fromkeys(case for run in runs.values() for case in run):
        for name in NAMES:
            values = [statistics.median(run[case][name]) if case in run else None
                      for run in runs.values()]
            if any(values):
                yield case, name, values


def verdict(case, name, values, known):
    """A word about a row of rows(): "", "worse", or "known" if it is worse for a reason.

    What was known of it must not have grown.
    """
    if len(values) < 2 or None in values or not is_worse(values[1], values[0]):
        return ""
    most, _ = known.get((case, name), (0, ""))
    return "worse" if is_worse(values[1], most) else "known"


def table(runs, known):
    """Lines: case, counter, one operation with each driver."""
    cases = list(dict.fromkeys(case for run in runs.values() for case in run))
    width = max([len(case) for case in cases] + [4])
    lines = [f"{'case':<{width}}  {'counter':<29}" + "".join(f"{d:>12}" for d in runs)]
    last = None
    for case, name, values in rows(runs):
        line = f"{'' if case == last else case:<{width}}  {name:<29}"
        line += "".join(f"{'-' if v is None else number(v):>12}" for v in values)
        lines.append(f"{line}  {verdict(case, name, values, known)}".rstrip())
        last = case
    return lines


def judge(runs, known):
    """(compared, complaints, remarks) about a run with both drivers, stock first.

    A case that only one of them has is a complaint: it has not been compared.
    """
    bad, remarks = [], []
    cases = {case for run in runs.values() for case in run}
    bad += [f"counters: {case} was counted with one driver only" for case in sorted(cases)
            if not all(case in run for run in runs.values())]
    idle = set(known)
    for case, name, values in rows(runs):
        word = verdict(case, name, values, known)
        if not word:
            continue
        idle.discard((case, name))
        text = f"{case}: {name}: {number(values[1])}, the stock driver needs {number(values[0])}"
        if word == "worse":
            bad.append(text)
        else:
            remarks.append(f"{text}: {known[case, name][1]}")
    remarks += [f"{case}: {name} is no worse any more: {WORSE} need not list it"
                for case, name in sorted(idle) if case in cases]
    return len(NAMES) * len(cases), bad, remarks
