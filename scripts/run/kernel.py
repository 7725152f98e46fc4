# SPDX-License-Identifier: MIT
"""The kernels that guests boot: the distribution's, one that checks itself (KERNEL=debug), or one of
another suite.

The debug kernel is built from the source package of the kernel root with
tools/testing/kunit/xe_debug.config. Its tree lies beside the roots, so that all build trees that
share the roots share it, and keeps until configuration or source change.

Kernels of other suites are in a root of their own each (roots.py), with headers and compiler. Guests
are on the machine root all the same; all they see of the other root is the kernel with its modules.
"""

import contextlib
import dataclasses
import fcntl
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
from pathlib import Path

from . import paths, roots, ui

CONFIG = paths.TOP / "tools/testing/kunit/xe_debug.config"
OTHERS = ("testing", "unstable")
NAMES = ("distribution", "debug", *OTHERS)
# Changes when trees that were built by an older version of this file are not good enough.
RECIPE = 1

SOURCE = paths.DEBUG_KERNEL / "linux"
OUT = paths.DEBUG_KERNEL / "out"
INSTALL = paths.DEBUG_KERNEL / "install"
IMAGE = paths.DEBUG_KERNEL / "vmlinuz"
STAMP = paths.DEBUG_KERNEL / "stamp"


@dataclasses.dataclass(frozen=True)
class Kernel:
    """
    @name: as on the command line
    @slowness: how much longer everything may take
    @checks: it looks for leaks and broken lock rules, and has to say at the end that it did
    @root: where modules for it are built
    """

    name: str
    slowness: int = 1
    checks: bool = False
    root: pathlib.Path = paths.KERNEL_ROOT

    def release(self):
        """What uname -r says."""
        if not self.checks:
            return roots.kernel_version(self.root)
        return (OUT / "include/config/kernel.release").read_text().strip()

    def image(self):
        """What virtme-ng is told to boot, in the machine root."""
        return str(_inside(IMAGE)) if self.checks else self.release()

    def headers(self):
        """The directory to build modules against, in @root."""
        return str(_inside(OUT)) if self.checks else f"/lib/modules/{self.release()}/build"

    def modules(self):
        """All modules that came with the kernel, on the host."""
        base = INSTALL if self.checks else self.root / "usr"
        return base / "lib/modules" / self.release()

    def parameters(self):
        """More words for its command line. Without block devices it has to be told its root."""
        return " root=/dev/root" if self.checks else ""

    def binds(self):
        """What has to be shown inside a root for the other paths to hold."""
        if self.checks:
            return ((paths.DEBUG_KERNEL, paths.IN_ROOT_KERNEL),)
        if self.root == paths.KERNEL_ROOT:
            return ()
        return ((self.modules(), f"/usr/lib/modules/{self.release()}"),)

    def suffix(self):
        """Makes names of build directories differ from those for the distribution's kernel."""
        return "" if self.name == NAMES[0] else f"-for-{self.name}-kernel"


@dataclasses.dataclass(frozen=True)
class Installed(Kernel):
    """
    Another kernel of the distribution.

    @directory: all its modules on the host, its name the release; 'vmlinuz' in it is the image
    """

    name: str = "installed"
    directory: Path = Path()

    def release(self):
        return self.directory.name

    def image(self):
        return self.release()

    def headers(self):
        raise ui.HarnessError(f"there is nothing to build against for {self.release()}")

    def modules(self):
        return self.directory

    def binds(self):
        return ((self.directory, f"/usr/lib/modules/{self.release()}"),)

    def suffix(self):
        return f"-for-{self.release()}"


_KERNELS = {"distribution": Kernel("distribution"),
            "debug": Kernel("debug", slowness=5, checks=True),
            **{name: Kernel(name, root=paths.ROOTS / name) for name in OTHERS}}
_selected = _KERNELS["distribution"]


def select(name):
    """From now on, guests boot this kernel, and modules are built for it."""
    global _selected
    _selected = _KERNELS[name]


def use(kernel):
    """From now on, guests boot @kernel, which has no name on the command line."""
    global _selected
    _selected = kernel


def current():
    """The kernel of this run."""
    return _selected


def module_tree(driver):
    """The directory with the modules a guest with @driver gets, on the host."""
    return paths.MODULES / f"{driver}{current().suffix()}"


def _inside(path):
    return paths.IN_ROOT_KERNEL / path.relative_to(paths.DEBUG_KERNEL)


def _enter(*command):
    return paths.enter(paths.KERNEL_ROOT, *command, binds=_KERNELS["debug"].binds())


_WANTED = re.compile(r"^(CONFIG_\w+)=(.*)$|^# (CONFIG_\w+) is not set$", re.M)


def unmet(wanted, got):
    """Lines of the configuration @wanted that do not hold in the complete configuration @got."""
    values = dict(re.findall(r"^(CONFIG_\w+)=(.*)$", got, re.M))
    bad = []
    for match in _WANTED.finditer(wanted):
        name, value, off = match.groups()
        if values.get(name or off) != value:
            bad.append(match.group(0))
    return bad


def archive():
    """The kernel's source, packed."""
    found = sorted((paths.KERNEL_ROOT / "usr/src").glob("linux-source-*.tar.xz"))
    if not found:
        raise ui.HarnessError(f"{paths.KERNEL_ROOT} holds no kernel source; remove it and run again")
    return found[-1]


def _identity(archive):
    """What the tree must have been built from to be good."""
    text = CONFIG.read_text() + archive.name + roots.kernel_version() + str(RECIPE)
    return hashlib.sha256(text.encode()).hexdigest()


def _remove(path):
    subprocess.run(roots.as_root("rm", "-rf", "--one-file-system", str(path)), check=True)


@contextlib.contextmanager
def _alone():
    """Build trees that share the roots share the kernel's tree: one of them builds it."""
    paths.DEBUG_KERNEL.parent.mkdir(parents=True, exist_ok=True)
    with open(f"{paths.DEBUG_KERNEL}.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with ui.Step("debug kernel: wait for the one who is building it"):
                fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _unpack(archive):
    stamp = paths.DEBUG_KERNEL / "unpacked"
    want = f"{roots.kernel_version()} {archive.name}\n"
    if stamp.exists() and stamp.read_text() == want:
        return
    _remove(paths.DEBUG_KERNEL)
    SOURCE.mkdir(parents=True)
    ui.run_logged("debug kernel: unpack its source",
                  ["tar", "-C", str(SOURCE), "--strip-components=1", "-xf", str(archive)],
                  paths.LOG / "kernel-unpack.log")
    stamp.write_text(want)


def _make(title, log, *arguments, progress=None):
    ui.run_logged(f"debug kernel: {title}",
                  _enter("make", "-C", _inside(SOURCE), f"O={_inside(OUT)}", *arguments),
                  paths.LOG / log, progress=progress)


def _configure():
    OUT.mkdir(parents=True, exist_ok=True)
    wanted = CONFIG.read_text()
    (paths.DEBUG_KERNEL / CONFIG.name).write_text(wanted)
    config = OUT / ".config"
    _make("configure", "kernel-config.log",
          f"KCONFIG_ALLCONFIG={_inside(paths.DEBUG_KERNEL / CONFIG.name)}", "allnoconfig")
    bad = unmet(wanted, config.read_text())
    if bad:
        raise ui.HarnessError(f"{CONFIG}: the source does not offer: {', '.join(bad)}")


def _compiled():
    """For the sign of life: files in the log of the build that runs."""
    text = (paths.LOG / "kernel-build.log").read_text(errors="replace")
    return f"{len(re.findall(r'^  CC', text, re.M))} files compiled"


def _build():
    jobs = f"-j{os.cpu_count()}"
    _make("build (1400 files, half an hour on two quiet processors)", "kernel-build.log", jobs, "all",
          progress=_compiled)
    _remove(INSTALL)
    _make("install its modules", "kernel-modules.log", f"INSTALL_MOD_PATH={_inside(INSTALL)}",
          "modules_install")
    shutil.copyfile(OUT / "arch/x86/boot/bzImage", IMAGE)


def ensure():
    """Makes the selected kernel current; the roots are."""
    if current().name in OTHERS:
        roots.ensure_other(current().name)
    if not current().checks:
        return
    packed = archive()
    identity = _identity(packed)
    with _alone():
        if STAMP.exists() and STAMP.read_text() == identity:
            return
        STAMP.unlink(missing_ok=True)
        _unpack(packed)
        _configure()
        _build()
        STAMP.write_text(identity)


def remove():
    _remove(paths.DEBUG_KERNEL)
