# SPDX-License-Identifier: MIT
"""The model's trace of a run: packed if it is big, and told in a few lines."""

import gzip
import re
import shutil

from . import ui

# A browser reads both; past this many bytes packing is worth the time.
PACK_FROM = 8 << 20
EVENT = re.compile(r'"ph":"(\w)","pid":1,"tid":(\d+)')
TRACK = re.compile(r'"tid":(\d+),"name":"thread_name","args":\{"name":"([^"]*)"')
# Types of events that are counted, and the column they are counted in.
COLUMNS = {"B": "spans", "i": "instants", "s": "arrows"}


def count(lines):
    """{track: {column: number}} of a trace, which has one event a line."""
    names, found = {}, {}
    for line in lines:
        match = TRACK.search(line)
        if match:
            names[match.group(1)] = match.group(2)
            continue
        match = EVENT.search(line)
        if match and match.group(1) in COLUMNS:
            track = found.setdefault(match.group(2), dict.fromkeys(COLUMNS.values(), 0))
            track[COLUMNS[match.group(1)]] += 1
    return {names.get(tid, f"track {tid}"): numbers for tid, numbers in found.items()}


def is_complete(path):
    """Has the document its closing bracket?"""
    with open(path, "rb") as file:
        file.seek(max(0, path.stat().st_size - 16))
        return file.read().rstrip().endswith(b"]")


def table(counts):
    """A readable table of what count() found."""
    width = max([len(name) for name in counts] + [5])
    lines = [f"{'track':<{width}}" + "".join(f"  {column:>9}" for column in COLUMNS.values())]
    for name in sorted(counts):
        lines.append(f"{name:<{width}}"
                     + "".join(f"  {counts[name][column]:>9}" for column in COLUMNS.values()))
    return "\n".join(lines)


def pack(path):
    """Packs a big trace; returns the path of the file that is there afterwards."""
    if path.stat().st_size < PACK_FROM:
        return path
    packed = path.with_suffix(path.suffix + ".gz")
    with open(path, "rb") as source, gzip.open(packed, "wb", compresslevel=5) as target:
        shutil.copyfileobj(source, target, 1 << 20)
    path.unlink()
    return packed


def report(path):
    """Says what a run left at @path, and how to look at it; a run without trace has none."""
    if not path.exists():
        return
    with open(path, errors="replace") as file:
        counts = count(file)
    whole = is_complete(path)
    size = path.stat().st_size
    packed = pack(path)
    ui.say()
    ui.say(table(counts))
    ui.say(f"trace: {packed}  ({packed.stat().st_size / 1e6:.1f} MB"
           + (f", {size / 1e6:.1f} MB unpacked)" if packed != path else ")")
           + ("" if whole else ", cut off: the model was killed"))
    ui.say('   to look at it: https://ui.perfetto.dev or chrome://tracing, "Open trace file"')
