# SPDX-License-Identifier: MIT
"""Builds what a guest needs: model, driver module, firmware, module trees."""

import lzma
import os
import shutil
import subprocess
from pathlib import Path

from . import firmware, kernel, paths, roots, ui

STOCK_EXTRA = ["vgem", "drm_buddy", "drm_gpuvm", "drm_exec", "gpu-sched", "drm_suballoc_helper",
               "drm_ttm_helper", "drm_shmem_helper"]

# A module that is built outside of the kernel brings the types of the kernel that it needs, to be
# fitted to another build of it. That takes 2 MiB at load, and this module is for one build only.
PLAIN_BTF = "MODULE_PAHOLE_FLAGS="


def model():
    ui.run_logged("model: build", ["make", "-C", str(paths.TOP / "tools/xe-model"), "-j2",
                                   f"O={paths.BUILD / 'xe-model'}"], paths.LOG / "model.log")


def write_firmware():
    target = paths.FIRMWARE / "i915" / "tgl_guc_70.bin"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(firmware.guc_image())


def driver_directory(debug=False, counter=None):
    """Where driver() builds."""
    words = f"{'-debug' if debug else ''}{'-counting' if counter else ''}"
    return paths.BUILD / f"driver{words}{kernel.current().suffix()}"


def driver(debug=False, change=None, counter=None):
    """Builds our xe.ko for the selected kernel; returns its path.

    @debug: with CONFIG_DRM_XE_DEBUG, in a directory of its own.
    @change: called with the directory of the copy that is compiled; the next build undoes it.
    @counter: what line_counter() has built: every line counts how often it is executed.
    """
    target = kernel.current()
    source = driver_directory(debug, counter)
    flags = "-Werror -DCONFIG_DRM_XE_DEBUG=1" if debug else "-Werror"
    more = []
    if counter:
        flags += " -fprofile-arcs -ftest-coverage -fno-tree-loop-im"
        more = [f"KBUILD_EXTRA_SYMBOLS={paths.in_root(counter.parent / 'Module.symvers')}"]
    source.mkdir(parents=True, exist_ok=True)
    keep = ["*.o", "*.gcno", ".*.cmd", "*.ko", "*.mod", "*.mod.c", "Module.symvers", "modules.order",
            ".module-common.o"]
    # Compared by content, stamped with the time of the copy: an older file that replaces a newer
    # one must be newer than the objects built from the other.
    command = ["rsync", "-rlp", "--checksum", "--delete"]
    for pattern in keep:
        command.append(f"--exclude={pattern}")
    command += [str(paths.TOP / "drivers"), str(paths.TOP / "include"), f"{source}/"]
    subprocess.run(command, check=True)
    if change:
        change(source / "drivers/gpu/drm/xe")
    tree = paths.in_root(source) / "drivers/gpu/drm/xe"
    ui.run_logged(
        f"driver: build xe.ko for {target.release()}{' with debugging' if debug else ''}",
        paths.enter(target.root, "make", "-C", target.headers(), f"M={tree}",
                    "CONFIG_DRM_XE=m", "W=1", f"KCFLAGS={flags}", PLAIN_BTF, "-j2", *more,
                    "modules",
                    binds=target.binds()),
        paths.LOG / f"{source.name}.log")
    module = source / "drivers/gpu/drm/xe/xe.ko"
    target.inspect(module)
    return module


def _guest_module(name, source):
    """Builds a module of scripts/guest for the selected kernel in @source."""
    target = kernel.current()
    shutil.copytree(paths.SCRIPTS / "guest" / name, source, dirs_exist_ok=True)
    ui.run_logged(
        f"{name}: build", paths.enter(
            target.root, "make", "-C", target.headers(), f"M={paths.in_root(source)}", "modules"),
        paths.LOG / f"{name}.log")


def sw_sync():
    """Builds the kernel's sw_sync as a module; returns its path."""
    target = kernel.current()
    source = paths.BUILD / "sw_sync" / target.release()
    module = source / "sw_sync.ko"
    if module.exists():
        return module
    shutil.rmtree(source, ignore_errors=True)
    parts = target.root / roots.SOURCE_DIR / "drivers/dma-buf"
    shutil.copytree(parts, source / "drivers/dma-buf")
    _guest_module("sw_sync", source)
    return module


def line_counter():
    """Builds the kernel's gcov as a module; returns its path."""
    source = paths.BUILD / "gcov" / roots.kernel_version()
    if not (source / "kernel/gcov/gcc_4_7.c").exists():
        shutil.rmtree(source, ignore_errors=True)
        source.mkdir(parents=True)
        ui.run_logged("gcov: unpack its source",
                      ["tar", "-C", str(source), "--strip-components=1", "--wildcards", "-xf",
                       str(kernel.archive()), "*/kernel/gcov/*"], paths.LOG / "gcov-unpack.log")
    _guest_module("gcov", source)
    return source / "xe_gcov.ko"


def _closure(version, names):
    """Files (relative to the module directory) that the named modules need."""
    files = []
    for name in names:
        out = subprocess.run(
            paths.enter(paths.MACHINE_ROOT, "modprobe", "-S", version, "--show-depends", name,
                        binds=kernel.current().binds()),
            capture_output=True, text=True, check=True).stdout
        for line in out.splitlines():
            if line.startswith("insmod "):
                path = line.split()[1].split(f"/lib/modules/{version}/", 1)[1]
                if path not in files:
                    files.append(path)
    return files


def _unpack(source, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.suffix == ".xz":
        target.with_suffix("").write_bytes(lzma.decompress(source.read_bytes()))
    else:
        shutil.copyfile(source, target)


def _install(source, target):
    """Copies a module without what only a debugger reads, as distributions and DKMS install it.

    It is nine tenths of the file, which the kernel has to read when the module is loaded.
    """
    subprocess.run(paths.enter(kernel.current().root, "strip", "--strip-debug", "-o",
                               paths.in_root(target), paths.in_root(source)), check=True)


def _files(version, full):
    """The modules a guest may need, relative to @full. Kernels that were built here have no others."""
    if isinstance(kernel.current(), kernel.Built):
        return [str(path.relative_to(full)) for path in sorted(full.rglob("*.ko"))]
    return _closure(version, ["xe"] + STOCK_EXTRA)


def module_tree(driver_name, our_module=None, more=()):
    """A small module directory for the guest, with exactly one xe in it.

    @driver_name: "stock" keeps the kernel's own xe, decompressed but otherwise
    untouched; "ours" puts @our_module in its place. @more: paths of modules that are needed, too.
    Returns the directory.
    """
    version = kernel.current().release()
    full = kernel.current().modules()
    tree = kernel.module_tree(driver_name)
    target = tree / "lib/modules" / version
    shutil.rmtree(tree, ignore_errors=True)
    for path in _files(version, full):
        if driver_name == "ours" and Path(path).name.startswith("xe.ko"):
            continue
        _unpack(full / path, target / path)
    for name in ("modules.builtin", "modules.builtin.modinfo", "modules.order"):
        shutil.copyfile(full / name, target / name)
    (target / "updates").mkdir()
    if not isinstance(kernel.current(), kernel.Built):
        shutil.copyfile(sw_sync(), target / "updates/sw_sync.ko")
    if our_module:
        _install(our_module, target / "updates/xe.ko")
    for path in more:
        shutil.copyfile(path, target / "updates" / path.name)
    subprocess.run(paths.enter(paths.MACHINE_ROOT, "depmod", "-b", paths.in_root(tree), version),
                   check=True)
    return target


def uapi_make(target):
    """The command that makes @target of the programs that test the uAPI."""
    selftests = paths.KERNEL_ROOT / roots.SOURCE_DIR / "tools/testing/selftests"
    return ["make", "-s", "-C", str(paths.TOP / "tools/testing/xe"), f"O={paths.BUILD / 'unit/xe'}",
            f"REF_HEADER={paths.KERNEL_ROOT / 'usr/include/drm/xe_drm.h'}",
            f"KSELFTEST={selftests}", target]


def everything(drivers, debug=False):
    """Brings all that a run with @drivers needs up to date; ours is built with @debug."""
    paths.BUILD.mkdir(parents=True, exist_ok=True)
    os.makedirs(paths.LOG, exist_ok=True)
    model()
    write_firmware()
    for name in drivers:
        module_tree(name, driver(debug) if name == "ours" else None)
