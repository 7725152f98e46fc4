# SPDX-License-Identifier: MIT
"""The Debian roots: made by mmdebstrap, kept until their package list changes.

Guests need two of them, the check of the report's page a third; each further kernel of 'make matrix'
has one of its own, with its compiler.

What only some commands need is in lists of its own, which are added to a root that is there already.
"""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from . import paths, ui

STAMP = ".xe-stamp"
# An expired release file is as good later as it was when the root was made.
APT = "apt-get -q -y -o Acquire::Check-Valid-Until=false"


def as_root(*command):
    """A command line that may write files owned by the root's users."""
    if os.getuid() == 0:
        return list(command)
    return [str(paths.SCRIPTS / "user-root"), *command]


def parse_list(text):
    """Reads a package list: '# key: value' settings and one package a line."""
    settings, packages = {}, []
    for line in text.splitlines():
        line = line.strip()
        if line.startswith("#"):
            key, colon, value = line[1:].strip().partition(": ")
            if colon and " " not in key:
                settings[key] = value.strip()
        elif line:
            packages.append(line)
    return settings, packages


def kernel_version(root=paths.KERNEL_ROOT):
    """The version of the distribution kernel of a root, '6.12.…-amd64' for the kernel root."""
    found = sorted(path.name for path in (root / "usr/lib/modules").glob("*"))
    if not found:
        raise ui.HarnessError(f"{root} holds no kernel; remove it and run again")
    return found[-1]


def _is_current(root, stamp):
    try:
        return (root / STAMP).read_text() == stamp
    except OSError:
        return False


def _explain(log):
    text = Path(log).read_text(errors="replace")
    hints = {
        "Could not resolve": "no network, or no name service",
        "Failed to fetch": "the package mirror cannot be reached",
        "Unable to connect": "the package mirror cannot be reached",
        "No space left": f"the disk that holds {paths.ROOTS} is full",
        "is not valid yet": "the host's clock is wrong",
        "Unable to locate package": "a package of the list no longer exists in this suite",
    }
    for needle, hint in hints.items():
        if needle in text:
            return f"\n  likely cause: {hint}"
    return ""


def _remove(path):
    if path.exists():
        subprocess.run(as_root("rm", "-rf", "--one-file-system", str(path)), check=True)


def _build(name, root, settings, packages, finish):
    aside = root.with_name(root.name + ".new")
    log = paths.LOG / f"root-{name}.log"
    _remove(aside)
    paths.ROOTS.mkdir(parents=True, exist_ok=True)
    # An ordinary user is root here before mmdebstrap asks: the root that it makes of such a user owns
    # nothing of the user's, and may not enter a home directory that is closed to others.
    command = as_root("mmdebstrap", *([] if os.getuid() == 0 else ["--mode=unshare"]),
                      "--variant=apt", f"--include={','.join(packages)}")
    if settings.get("expired-release") == "ok":
        command.append('--aptopt=Acquire::Check-Valid-Until "false"')
    try:
        ui.run_logged(f"{name} root: {settings['suite']}, {len(packages)} packages and what they need",
                      command + [settings["suite"], str(aside)], log)
    except ui.HarnessError as error:
        _remove(aside)
        raise ui.HarnessError(f"{error}{_explain(log)}") from error
    finish(aside)
    _remove(root)
    os.rename(aside, root)


def _ensure(name, root, extra, finish):
    text = (paths.SCRIPTS / "roots" / f"{name}.list").read_text()
    stamp = hashlib.sha256((text + extra).encode()).hexdigest()
    if _is_current(root, stamp):
        return
    settings, packages = parse_list(text)

    def finish_and_stamp(aside):
        finish(aside)
        subprocess.run(as_root("sh", "-c", f"printf %s {stamp} > '{aside / STAMP}'"), check=True)

    _build(name, root, settings, packages, finish_and_stamp)


# What the checks borrow from the kernel source; the rest of it stays packed.
SOURCE_PARTS = ("scripts/checkpatch.pl", "scripts/spelling.txt", "scripts/const_structs.checkpatch",
                "scripts/kernel-doc", "tools/testing/selftests/kselftest_harness.h",
                "tools/testing/selftests/kselftest.h", "drivers/dma-buf/sw_sync.c",
                "drivers/dma-buf/sync_debug.c", "drivers/dma-buf/sync_debug.h",
                "drivers/dma-buf/sync_trace.h")
# All that is wanted of the source of another kernel: what its sw_sync is made of.
SW_SYNC_PARTS = tuple(part for part in SOURCE_PARTS if part.startswith("drivers/"))
SOURCE_DIR = "usr/src/linux-parts"


def _unpack_source_parts(aside, parts=SOURCE_PARTS):
    """Takes a few files out of the kernel source package's archive."""
    names = " ".join(f"'*/{part}'" for part in parts)
    script = (f"set -e; mkdir -p '{aside}/{SOURCE_DIR}';"
              f"tar -C '{aside}/{SOURCE_DIR}' --strip-components=1 --wildcards -xf "
              f"'{aside}'/usr/src/linux-source-*.tar.xz {names}")
    with ui.Step("root: unpack what the checks borrow of the kernel's source"):
        subprocess.run(as_root("sh", "-c", script), check=True)


def _finish_other(aside):
    """
    Adds the kernel whose headers are there: image and modules without the package that would make
    an initial RAM disk of them. Of the source nothing else is needed.
    """
    _unpack_source_parts(aside, SW_SYNC_PARTS)
    version = kernel_version(aside)
    script = (f"export DEBIAN_FRONTEND=noninteractive; rm /usr/src/linux-source-* && {APT} update && "
              f"{APT} install --no-install-recommends linux-binary-{version} linux-modules-{version} && "
              f"depmod {version} && apt-get clean")
    ui.run_logged(f"root: add Linux {version}", paths.enter(aside, "sh", "-c", script),
                  paths.LOG / "root-kernel.log")


def _give_kernel(aside):
    """The machine root boots the kernel root's kernel, so it gets image and modules."""
    version = kernel_version()
    source = paths.KERNEL_ROOT
    script = (f"set -e; mkdir -p '{aside}/usr/lib/modules' '{aside}/boot';"
              f"cp -a '{source}/usr/lib/modules/{version}' '{aside}/usr/lib/modules/';"
              f"rm -f '{aside}/usr/lib/modules/{version}/build' '{aside}/usr/lib/modules/{version}/source';"
              f"cp '{source}/boot/vmlinuz-{version}' '{aside}/boot/'")
    subprocess.run(as_root("sh", "-c", script), check=True)
    qemu = subprocess.run(paths.enter(aside, "qemu-system-x86_64", "-device", "help"),
                          capture_output=True, text=True).stdout
    if "vfio-user-pci" not in qemu:
        raise ui.HarnessError("the machine root's QEMU has no device vfio-user-pci "
                              "(needs QEMU 10.1 or newer)")


def ensure():
    """Makes both roots current. Half-built roots are never left under their final name."""
    _ensure("kernel", paths.KERNEL_ROOT, " ".join(SOURCE_PARTS), _unpack_source_parts)
    _ensure("machine", paths.MACHINE_ROOT, kernel_version(), _give_kernel)


def ensure_browser():
    """Makes the root with a browser, which only 'make report-check' needs."""
    _ensure("browser", paths.BROWSER_ROOT, "", lambda aside: None)


def ensure_other(name):
    """Makes the root of another kernel current: the one of the list @name."""
    _ensure(name, paths.ROOTS / name, " ".join(SW_SYNC_PARTS), _finish_other)


def forget_other(name):
    """Has ensure_other() make the root anew; the old one stays until that has worked."""
    subprocess.run(as_root("rm", "-f", str(paths.ROOTS / name / STAMP)), check=True)


def add(name):
    """Installs the packages of the list 'ROOT-WHAT' into the kernel or machine root, once."""
    root = {"kernel": paths.KERNEL_ROOT, "machine": paths.MACHINE_ROOT}[name.partition("-")[0]]
    text = (paths.SCRIPTS / "roots" / f"{name}.list").read_text()
    stamp = root / f"{STAMP}-{name}"
    if stamp.exists() and stamp.read_text() == text:
        return
    packages = parse_list(text)[1]
    log = paths.LOG / f"root-{name}.log"
    script = (f"export DEBIAN_FRONTEND=noninteractive; {APT} update && "
              f"{APT} install --no-install-recommends {' '.join(packages)} && apt-get clean")
    try:
        ui.run_logged(f"{root.name} root: add {' '.join(packages)}",
                      paths.enter(root, "sh", "-c", script), log)
    except ui.HarnessError as error:
        raise ui.HarnessError(f"{error}{_explain(log)}") from error
    subprocess.run(as_root("tee", str(stamp)), input=text, text=True, check=True,
                   stdout=subprocess.DEVNULL)


def remove():
    for root in paths.ROOTS.glob("*"):
        _remove(root)
    shutil.rmtree(paths.ROOTS, ignore_errors=True)
