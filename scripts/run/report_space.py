# SPDX-License-Identifier: MIT
"""The address space of the sample as a drawing: what the driver maps, what the device walks. Pure."""

import dataclasses
import json
import math
import re

from . import report_html, vulkan

PAGE = 4096
SIZES = {PAGE: "4K", PAGE << 9: "2M", PAGE << 18: "1G"}
LEFT, MAPPED, WALKED, RIGHT, WIDTH = 130, 150, 400, 630, 900
GAP = 20
# Classes of colours, in the order of the legend.
KINDS = {"private": ("c1", "private BO"), "shared": ("c2", "shared BO"),
         "userptr": ("c3", "userptr"), "null": ("c4", "NULL")}
# Length of a block that stands for pages of a size.
LENGTHS = {"4K": 150, "2M": 190, "1G": 230}
# Least height of a block
BLOCK = 20


@dataclasses.dataclass
class Mapping:
    """A line of the file vms in debugfs. @last is included; @pages: {size: number}."""

    first: int
    last: int
    kind: str
    about: str
    flags: list
    pages: dict
    state: list

    def size(self):
        return self.last + 1 - self.first


_MAPPING = re.compile(r"^  \[([0-9a-f]{12})-([0-9a-f]{12})\] ((private|shared|userptr|null)\b.*)$")
_PAGES = re.compile(r"(\d+)x(4K|2M|1G)")


def _mapping(match):
    words = match[3].split(", ")
    out = Mapping(int(match[1], 16), int(match[2], 16), match[4], words[0], [], {}, [])
    for word in words[1:]:
        if word.startswith("pages"):
            out.pages = {size: int(number) for number, size in _PAGES.findall(word)}
        elif word in ("read-only", "dumpable"):
            out.flags.append(word)
        elif word.startswith("offset"):
            out.about += f", {word}"
        elif not word.startswith("pat"):
            out.state.append(word)
    return out


def parse(text):
    """The mappings of the VM that has most of them, in ascending order."""
    spaces = [[]]
    for line in text.splitlines():
        match = _MAPPING.match(line)
        if line.startswith("client "):
            spaces.append([])
        elif match:
            spaces[-1].append(_mapping(match))
    return max(spaces, key=len)


def read(vms, reply):
    """(mappings, rows) of the file vms and of the model's reply to 'map'. ValueError if cut short."""
    result = json.loads(reply)["result"]
    for word in ("cut at", "given up", "broken", "broken rule"):
        if word in result:
            raise ValueError(f"the model's list: {word}: {result[word]}")
    return parse(vms), result["map"]


def _extent(row):
    return int(row["first"], 16), int(row["last"], 16)


def walked(rows, mapping):
    """[(size of a page, number, access)] of what the device finds in @mapping, from its map."""
    out = []
    for row in rows:
        first, last = _extent(row)
        first, last = max(first, mapping.first), min(last, mapping.last)
        if first <= last:
            unit = vulkan.size(row["page"])
            size, number = SIZES[unit], (last + 1 - first) // unit
            if out and out[-1][0] == size and out[-1][2] == row["access"]:
                number += out.pop()[1]
            out.append((size, number, row["access"]))
    return out


def _told_otherwise(one, rows):
    """Is what the device finds in the mapping @one not what the driver tells of it?"""
    found = {}
    for size, number, _ in walked(rows, one):
        found[size] = found.get(size, 0) + number
    inside = [row for row in rows if _extent(row)[0] <= one.last and _extent(row)[1] >= one.first]
    access = "ro" if "read-only" in one.flags else "rw"
    return (found != one.pages or any(row["access"] != access for row in inside)
            or any((row["leads to"] == vulkan.NULL) != (one.kind == "null") for row in inside))


def _unmapped(mappings, row):
    """Is a part of the @row in none of the @mappings, which are in ascending order?"""
    at, last = _extent(row)
    for one in mappings:
        if one.first <= at <= one.last:
            at = one.last + 1
    return at <= last


def disagree(mappings, rows):
    """Addresses at which the device finds something else than the driver tells of.

    Compared are number and size of pages, access, and whether they are NULL pages; outside of all
    mappings the device must find nothing.
    """
    return sorted({one.first for one in mappings if _told_otherwise(one, rows)}
                  | {_extent(row)[0] for row in rows if _unmapped(mappings, row)})


def bytes_text(size):
    """A number of bytes for people: '64 KiB'."""
    for shift, unit in ((40, "TiB"), (30, "GiB"), (20, "MiB"), (10, "KiB")):
        if size >> shift:
            return f"{size / (1 << shift):.4g} {unit}"
    return f"{size} B"


def _rect(x, y, width, height, look, title):
    return (f'<rect x="{x}" y="{y:.1f}" width="{width}" height="{height:.1f}" class="{look}">'
            f"<title>{report_html.text(title)}</title></rect>")


def _label(x, y, words, look=""):
    kind = f' class="{look}"' if look else ""
    return f'<text x="{x}" y="{y:.1f}"{kind}>{report_html.text(words)}</text>'


def _walk(body, runs, y, height):
    """The blocks of the device's column; what is left of the height goes to those with many pages."""
    weights = [1 + math.log2(number) for _, number, _ in runs]
    for (size, number, access), weight in zip(runs, weights):
        part = BLOCK + (height - BLOCK * len(runs)) * weight / sum(weights)
        words = f"{number} × {size}{', read-only' if access == 'ro' else ''}"
        body.append(_rect(WALKED, y, LENGTHS[size], part - 1, "c5", words))
        body.append(_label(WALKED + 8, y + part / 2 + 4, words, "on"))
        y += part


def _row(body, mapping, runs, y, height):
    look, name = KINDS[mapping.kind]
    body.append(_label(LEFT - 122, y + 14, f"{mapping.first:012x}", "mono"))
    body.append(_rect(MAPPED, y, WALKED - MAPPED - 12, height - 1, look,
                      f"{mapping.first:#x} to {mapping.last:#x}: {mapping.about}"))
    body.append(_label(MAPPED + 8, y + height / 2 + 4,
                       f"{name}, {bytes_text(mapping.size())}", "on"))
    _walk(body, runs, y, height)
    notes = ", ".join(mapping.flags + mapping.state)
    body.append(_label(RIGHT + 12, y + height / 2 + 4, notes))


def drawing(mappings, rows):
    """The SVG: a row for each mapping, higher the larger it is; gaps are told, not drawn."""
    body, y, end = [], 30, 0
    body += [_label(LEFT - 122, 16, "address", "soft"),
             _label(MAPPED, 16, "mapped by the driver", "soft"),
             _label(WALKED, 16, "walked by the device", "soft")]
    for one in mappings:
        if one.first > end:
            body.append(_label(MAPPED + 8, y + 14, f"{bytes_text(one.first - end)} unmapped",
                               "soft"))
            y += GAP
        runs = walked(rows, one)
        height = max(26, BLOCK * len(runs), 14 + 2.5 * math.log2(one.size() / PAGE))
        _row(body, one, runs, y, height)
        y += height
        end = one.last + 1
    return (f'<svg viewBox="0 0 {WIDTH} {y + 8:.0f}" role="img" aria-label="address space, '
            f'{len(mappings)} mappings">' + "".join(body) + "</svg>")


def legend():
    return report_html.key(list(KINDS.values()) + [("c5", "pages; the longer the larger")])


def table_rows(mappings, rows):
    """Cells for the table that says the same in words."""
    for one in mappings:
        pages = ", ".join(f"{number} × {size}" for size, number, _ in walked(rows, one)) or "-"
        told = " + ".join(f"{number} × {size}" for size, number in one.pages.items()) or "-"
        yield (f"{one.first:012x}", f"{one.last:012x}", bytes_text(one.size()), KINDS[one.kind][1],
               one.about, told, pages, ", ".join(one.flags + one.state))
