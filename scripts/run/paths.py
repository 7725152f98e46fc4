# SPDX-License-Identifier: MIT
"""Where things live. XE_BUILD, XE_ROOTS and XE_DEBUG_KERNEL move the larger ones."""

import os
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
SCRIPTS = TOP / "scripts"
BUILD = Path(os.environ.get("XE_BUILD") or TOP / "build").resolve()
ROOTS = Path(os.environ.get("XE_ROOTS") or BUILD / "roots").resolve()
# The kernels that check themselves. Beside the roots: they belong to their source and compiler.
DEBUG_KERNEL = Path(os.environ.get("XE_DEBUG_KERNEL") or ROOTS.parent / "debug-kernel").resolve()
LOG = BUILD / "log"
RESULTS = BUILD / "results"
LISTS = SCRIPTS / "lists"
KERNEL_ROOT = ROOTS / "kernel"
MACHINE_ROOT = ROOTS / "machine"
BROWSER_ROOT = ROOTS / "browser"
MODEL = BUILD / "xe-model" / "xe-model"
MODELCTL = BUILD / "xe-model" / "xe-modelctl"
FIRMWARE = BUILD / "firmware"
MODULES = BUILD / "modules"

# The build tree as seen inside a root and inside a guest.
IN_ROOT = Path("/xe")
# The same as seen there. Makefiles remember it, so it never changes.
IN_ROOT_KERNEL = Path("/xe-kernel")


def in_root(path):
    """Translates a path below the build tree to its name inside a root."""
    return IN_ROOT / Path(path).resolve().relative_to(BUILD)


def enter(root, *command, binds=(), over=()):
    """The command line that runs @command inside @root with the build tree bound.

    @over: directories of layers that take the changes, the last of them; @root is not changed.
    """
    line = [str(SCRIPTS / "enter-root"), str(root)]
    for layer in over:
        line += ["--over", str(layer)]
    line += ["--bind", f"{BUILD}:{IN_ROOT}"]
    for source, target in binds:
        line += ["--bind", f"{source}:{target}"]
    return line + ["--"] + [str(word) for word in command]
