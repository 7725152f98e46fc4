# SPDX-License-Identifier: MIT
"""Where the instructions of a case are: from blocks that ran to functions, and their purpose."""

import bisect
import collections
import fnmatch

from . import lists, ui

GROUPS = "bench-groups.txt"
# What the processor polls with when there is nothing to do is no work, but the profiler sees it.
IDLE = "idle"
# Functions that no group names: of the driver, and of the rest of the kernel.
REST_DRIVER = "rest of the driver"
REST = "rest of the kernel"
# What no implementation gets around. The entries' own stores come from the counters.
FLOOR = ("entry and copy", "tree", "tables: walk and record")


def parse_symbols(text):
    """[(address, name, whether it is in the driver)] of kallsyms, sorted: kernel code only."""
    out = []
    for line in text.splitlines():
        address, kind, name, *module = line.split()
        if kind in "tTwW":
            out.append((int(address, 16), name, module == ["[xe]"]))
    return sorted(out)


def parse_blocks(lines, symbols):
    """[{function: instructions}] of what the plugin has written: one for each case.

    A function of the driver has " [xe]" behind its name, as in kallsyms.
    """
    starts = [address for address, *_ in symbols]
    out = []
    for line in lines:
        if line.startswith("="):
            out.append(collections.Counter())
            continue
        address, length, count = line.split()
        at = bisect.bisect_right(starts, int(address, 16)) - 1
        _, name, ours = symbols[at] if at >= 0 else (0, "?", False)
        out[-1][f"{name} [xe]" if ours else name] += int(length) * int(count)
    return out


def parse_groups(text):
    """[(group, [pattern])] of sections "[GROUP]" with patterns of function names."""
    out = []
    for line in lists.parse(text):
        if line.startswith("[") and line.endswith("]"):
            out.append((line[1:-1], []))
        elif not out:
            raise ui.HarnessError(f"{GROUPS}: '{line}' comes before the first group")
        else:
            out[-1][1].extend(line.split())
    missing = [name for name in (IDLE, *FLOOR) if name not in dict(out)]
    if missing:
        raise ui.HarnessError(f"{GROUPS}: there is no group '{missing[0]}'")
    return out


def group_of(function, groups):
    """The first group with a pattern that fits @function; what the compiler made of it counts."""
    name, _, module = function.partition(" ")
    # foo.isra.0, foo.cold: parts and clones of foo
    name = name.partition(".")[0]
    for group, patterns in groups:
        if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns):
            return group
    return REST_DRIVER if module else REST


def grouped(profile, groups):
    """{group: {function: instructions of one operation}} in the order of @groups; no idling."""
    out = {name: {} for name, _ in (*groups, (REST_DRIVER, []), (REST, []))}
    for function, count in profile.items():
        out[group_of(function, groups)][function] = count
    del out[IDLE]
    return {name: functions for name, functions in out.items() if functions}


def table(profile, groups, most):
    """Lines: group, instructions of one operation, share, and the @most largest functions."""
    found = grouped(profile, groups)
    total = sum(sum(functions.values()) for functions in found.values())
    lines = []
    for name, functions in found.items():
        count = sum(functions.values())
        lines.append(f"{count:>10,.0f}  {count / total:>6.1%}  {name}")
        largest = sorted(functions.items(), key=lambda item: -item[1])[:most]
        lines += [f"{'':>20}{part:>10,.0f}  {function}" for function, part in largest
                  if part >= total / 200]
    return lines
