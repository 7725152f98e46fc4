# SPDX-License-Identifier: MIT
"""What cases of the benchmark do otherwise, as counted by the model and by the kernel."""

import json
import statistics

from . import ui

REGISTER_ACCESSES = ("register reads", "register writes")
INVALIDATION = "TLB_INVALIDATION ("
BY_ENGINE = "immediate bytes of batches"
# A difference that is smaller than this share, or than one event in many samples, is none.
TOLERANCE = 0.005

# In the order of the table: what is counted, and whether less of it is better (all of them).
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


def _number(value):
    return f"{value:,.0f}" if value == int(value) or value >= 1000 else f"{value:,.2f}"


def is_worse(ours, stock):
    """Whether our driver needs more than the stock driver."""
    return ours > stock * (1 + TOLERANCE)


def table(runs):
    """Lines: case, counter, one operation with each driver; what neither needs is left out."""
    cases = list(dict.fromkeys(case for run in runs.values() for case in run))
    width = max([len(case) for case in cases] + [4])
    lines = [f"{'case':<{width}}  {'counter':<29}" + "".join(f"{d:>12}" for d in runs)]
    for case in cases:
        shown = case
        for name in NAMES:
            values = [statistics.median(run[case][name]) if case in run else None
                      for run in runs.values()]
            if not any(values):
                continue
            line = f"{shown:<{width}}  {name:<29}"
            line += "".join(f"{'-' if v is None else _number(v):>12}" for v in values)
            if len(values) == 2 and None not in values and is_worse(values[1], values[0]):
                line += "  worse"
            lines.append(line)
            shown = ""
    return lines


def count_worse(runs):
    """(compared, worse) pairs of case and counter in a run with both drivers."""
    compared = worse = 0
    for case in runs["stock"]:
        for name in NAMES if case in runs["ours"] else ():
            compared += 1
            worse += is_worse(*(statistics.median(runs[d][case][name]) for d in ("ours", "stock")))
    return compared, worse
