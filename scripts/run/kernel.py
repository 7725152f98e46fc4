# SPDX-License-Identifier: MIT
"""The kernels that guests boot: the distribution's, one that checks itself (KERNEL=debug, KERNEL=kcsan),
or one of another suite.

Those that check themselves are built from the source package of the kernel root, with configurations
of tools/testing/kunit. They share one copy of the source. It lies beside the roots, and their build
trees in it, so that all who share the roots share them; a tree keeps until its configuration or the
source changes.

Kernels of other suites are in a root of their own each (roots.py), with headers and compiler. Guests
are on the machine root all the same; all they see of the other root is the kernel with its modules.
"""

import contextlib
import dataclasses
import fcntl
import functools
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
from pathlib import Path

from . import paths, roots, ui

CONFIGS = paths.TOP / "tools/testing/kunit"
BUILT = ("debug", "kcsan")
OTHERS = ("testing", "unstable")
NAMES = ("distribution", *BUILT, *OTHERS)
# Changes when trees that were built by an older version of this file are not good enough.
RECIPE = 1

SOURCE = paths.DEBUG_KERNEL / "linux"


@dataclasses.dataclass(frozen=True)
class Kernel:
    """
    @name: as on the command line
    @slowness: how much longer everything may take
    @checks: what its checks have to say at the end of a run: names of results.CHECKS
    @root: where modules for it are built
    """

    name: str
    slowness: int = 1
    checks: tuple = ()
    root: pathlib.Path = paths.KERNEL_ROOT

    def release(self):
        """What uname -r says."""
        return roots.kernel_version(self.root)

    def image(self):
        """What virtme-ng is told to boot, in the machine root."""
        return self.release()

    def headers(self):
        """The directory to build modules against, in @root."""
        return f"/lib/modules/{self.release()}/build"

    def modules(self):
        """All modules that came with the kernel, on the host."""
        return self.root / "usr/lib/modules" / self.release()

    def parameters(self):
        """More words for its command line."""
        return ""

    def binds(self):
        """What has to be shown inside a root for the other paths to hold."""
        if self.root == paths.KERNEL_ROOT:
            return ()
        return ((self.modules(), f"/usr/lib/modules/{self.release()}"),)

    def suffix(self):
        """Makes names of build directories differ from those for the distribution's kernel."""
        return "" if self.name == NAMES[0] else f"-for-{self.name}-kernel"

    def inspect(self, module):
        """Raises HarnessError if the file @module is not what this kernel needs."""


@dataclasses.dataclass(frozen=True)
class Built(Kernel):
    """
    A kernel that checks itself.

    @fragments: files of its configuration; a line replaces that of an earlier file
    @tree: everything of it but the source
    @mark: name, or a part of one, of a symbol that each module for it uses
    """

    fragments: tuple = ()
    tree: Path = paths.DEBUG_KERNEL
    mark: str = ""

    def out(self):
        """Where it is compiled."""
        return self.tree / "out"

    def installed(self):
        """The bzImage that was built last."""
        return self.tree / "vmlinuz"

    def stamp(self):
        """The file that tells what it was built from."""
        return self.tree / "stamp"

    def configuration(self):
        """All that its configuration has to have."""
        texts = [(CONFIGS / name).read_text() for name in self.fragments]
        return functools.reduce(merged, texts)

    def release(self):
        return (self.out() / "include/config/kernel.release").read_text().strip()

    def image(self):
        return str(_inside(self.installed()))

    def headers(self):
        return str(_inside(self.out()))

    def modules(self):
        return self.tree / "install/lib/modules" / self.release()

    def parameters(self):
        # Without block devices it has to be told its root.
        return " root=/dev/root"

    def binds(self):
        return ((paths.DEBUG_KERNEL, paths.IN_ROOT_KERNEL),)

    def inspect(self, module):
        if self.mark.encode() not in module.read_bytes():
            raise ui.HarnessError(f"{module} was built without the checks of the {self.name} kernel: "
                                  f"it has no symbol {self.mark}")


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
            "debug": Built("debug", slowness=5, checks=("debug_locks", "scan"),
                           fragments=("xe_debug.config",)),
            "kcsan": Built("kcsan", slowness=5, checks=("kcsan", "watchpoints"), mark="__tsan_",
                           fragments=("xe_debug.config", "xe_kcsan.config"),
                           tree=paths.DEBUG_KERNEL / "kcsan"),
            **{name: Kernel(name, root=paths.ROOTS / name) for name in OTHERS}}
_selected = _KERNELS["distribution"]


def named(name):
    """The kernel with that name."""
    return _KERNELS[name]


def select(name):
    """From now on, guests boot this kernel, and modules are built for it."""
    global _selected
    _selected = named(name)


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


_WANTED = re.compile(r"^(CONFIG_\w+)=(.*)$|^# (CONFIG_\w+) is not set$", re.M)


def merged(base, more):
    """The configuration @base with @more in place of its lines for the same options."""
    replaced = {match[1] or match[3] for match in _WANTED.finditer(more)}
    kept = [line for line in base.splitlines(keepends=True)
            if not (match := _WANTED.match(line)) or (match[1] or match[3]) not in replaced]
    return "".join(kept) + more


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


def _identity(kernel, archive):
    """What the tree of @kernel must have been built from to be good."""
    text = kernel.configuration() + archive.name + roots.kernel_version() + str(RECIPE)
    return hashlib.sha256(text.encode()).hexdigest()


def _remove(path):
    subprocess.run(roots.as_root("rm", "-rf", "--one-file-system", str(path)), check=True)


def _lock(lock, how, title):
    try:
        fcntl.flock(lock, how | fcntl.LOCK_NB)
    except BlockingIOError:
        with ui.Step(title):
            fcntl.flock(lock, how)


@contextlib.contextmanager
def _alone(kernel):
    """Build trees that share the roots share the kernel's tree: one of them builds it."""
    kernel.tree.parent.mkdir(parents=True, exist_ok=True)
    which = "" if kernel.tree == paths.DEBUG_KERNEL else f"-{kernel.name}"
    with open(f"{paths.DEBUG_KERNEL}{which}.lock", "w") as lock:
        _lock(lock, fcntl.LOCK_EX, f"{kernel.name} kernel: wait for the one who is building it")
        yield


@contextlib.contextmanager
def _source(archive):
    """Unpacks the source if need be. It stays as it is while one kernel or another is built from it."""
    paths.DEBUG_KERNEL.parent.mkdir(parents=True, exist_ok=True)
    with open(f"{paths.DEBUG_KERNEL}-source.lock", "w") as lock:
        if not _is_unpacked(archive):
            _lock(lock, fcntl.LOCK_EX, "kernel source: wait for those who build from it")
            _unpack(archive)
        _lock(lock, fcntl.LOCK_SH, "kernel source: wait for the one who is unpacking it")
        yield


def _wanted_source(archive):
    return f"{roots.kernel_version()} {archive.name}\n"


def _is_unpacked(archive):
    stamp = paths.DEBUG_KERNEL / "unpacked"
    return stamp.exists() and stamp.read_text() == _wanted_source(archive)


def _unpack(archive):
    """Unpacks the source unless somebody else just did, and forgets all that was built from another."""
    if _is_unpacked(archive):
        return
    _remove(paths.DEBUG_KERNEL)
    SOURCE.mkdir(parents=True)
    ui.run_logged("kernel source: unpack it",
                  ["tar", "-C", str(SOURCE), "--strip-components=1", "-xf", str(archive)],
                  paths.LOG / "kernel-unpack.log")
    (paths.DEBUG_KERNEL / "unpacked").write_text(_wanted_source(archive))


def _log(kernel, step):
    return paths.LOG / f"{kernel.name}-kernel-{step}.log"


def _make(kernel, title, step, *arguments, progress=None):
    ui.run_logged(f"{kernel.name} kernel: {title}",
                  paths.enter(paths.KERNEL_ROOT, "make", "-C", _inside(SOURCE),
                              f"O={_inside(kernel.out())}", *arguments, binds=kernel.binds()),
                  _log(kernel, step), progress=progress)


def _configure(kernel):
    kernel.out().mkdir(parents=True, exist_ok=True)
    wanted = kernel.configuration()
    fragment = kernel.tree / kernel.fragments[-1]
    fragment.write_text(wanted)
    _make(kernel, "configure", "config", f"KCONFIG_ALLCONFIG={_inside(fragment)}", "allnoconfig")
    bad = unmet(wanted, (kernel.out() / ".config").read_text())
    if bad:
        raise ui.HarnessError(f"{' and '.join(kernel.fragments)}: the source does not offer: "
                              f"{', '.join(bad)}")


def _compiled(log):
    """For the sign of life: files in the log of the build that runs."""
    text = log.read_text(errors="replace")
    return f"{len(re.findall(r'^  CC', text, re.M))} files compiled"


def _build(kernel):
    jobs = f"-j{os.cpu_count()}"
    _make(kernel, "build (1400 files, half an hour on two quiet processors)", "build", jobs, "all",
          progress=lambda: _compiled(_log(kernel, "build")))
    install = kernel.tree / "install"
    _remove(install)
    _make(kernel, "install its modules", "modules", f"INSTALL_MOD_PATH={_inside(install)}",
          "modules_install")
    shutil.copyfile(kernel.out() / "arch/x86/boot/bzImage", kernel.installed())


def ensure():
    """Makes the selected kernel current; the roots are."""
    target = current()
    if target.name in OTHERS:
        roots.ensure_other(target.name)
    if not isinstance(target, Built):
        return
    packed = archive()
    identity, stamp = _identity(target, packed), target.stamp()
    with _alone(target):
        if stamp.exists() and stamp.read_text() == identity:
            return
        with _source(packed):
            stamp.unlink(missing_ok=True)
            _configure(target)
            _build(target)
            stamp.write_text(identity)


def remove():
    """Removes the kernels that were built, and their source."""
    _remove(paths.DEBUG_KERNEL)
