# SPDX-License-Identifier: MIT
"""What a mapping costs in kernel memory, from the types that pahole finds in our module.

pahole comes into the kernel root with the kernel's headers, which need it for their own builds.
"""

import re
import subprocess

from . import build, paths, ui

# Bytes. A mapping of a BO, with what only it needs.
LIMIT = 320
# The smallest cache of the kernel that holds so many bytes is what is really taken.
CACHES = (8, 16, 32, 64, 96, 128, 192, 256, 512, 1024, 2048, 4096, 8192)
TABLE_ENTRIES = 512

# Struct: how many mappings share one. A table describes as many pages as it has entries.
PER_MAPPING = {"xe_vma": 1, "drm_gpuvm_bo": 1, "xe_pt": TABLE_ENTRIES}
# Printed for orientation.
OTHERS = ("xe_userptr", "xe_vma_op", "xe_vm_bind_req", "xe_range_node", "xe_pt_stage", "xe_vm_update",
          "xe_bo", "xe_vm")


def parse(text):
    """{struct: bytes} of the output of 'pahole --sizes'."""
    return {name: int(size) for name, size in re.findall(r"^(\w+)\t(\d+)\t\d+$", text, re.M)}


def taken(size):
    """Bytes that kmalloc() takes for @size bytes."""
    return next((cache for cache in CACHES if cache >= size), size)


def per_mapping(sizes):
    """Bytes one mapping costs, what it shares with others counted by its share."""
    return sum(-(-sizes[name] // share) for name, share in PER_MAPPING.items())


def report(sizes):
    """(good, text) for the {struct: bytes} of a module."""
    missing = [name for name in PER_MAPPING if name not in sizes]
    if missing:
        return False, f"no struct {', '.join(missing)} in the module"
    lines = [f"  {name:<16}{sizes[name]:>5} bytes, {taken(sizes[name])} taken"
             for name in (*PER_MAPPING, *OTHERS) if name in sizes]
    total = per_mapping(sizes)
    lines.append(f"  a mapping: {total} bytes of {LIMIT}")
    return total <= LIMIT, "\n".join(lines)


def check():
    """(good, text) of the module as it is now, which is built if it has to be."""
    module = paths.in_root(build.driver())
    done = subprocess.run(paths.enter(paths.KERNEL_ROOT, "pahole", "--sizes", module),
                          capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise ui.HarnessError(f"pahole: {done.stderr.strip()[:300]}")
    return report(parse(done.stdout))
