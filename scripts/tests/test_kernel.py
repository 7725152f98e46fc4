# SPDX-License-Identifier: MIT
"""Kernels of guests: configuration, and what a kernel that checks itself has to say."""

import fcntl
import hashlib
import pathlib
import shutil
import tempfile
import unittest
from unittest import mock

from run import kernel, results, ui

DEBUG = kernel.named("debug")
KCSAN = kernel.named("kcsan")
GOOD = "driver=ours modprobe=0 seconds=1.00\nunload=0\nlog=0\n"
SAID = f"{GOOD}debug_locks=1\nscan=0\n"
LOADED = """unreferenced object 0xffff888005a5d000 (size 64):
  comm "xe_inject", pid 123, jiffies 4294901234
  hex dump (first 32 bytes):
    00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  ................
  backtrace (crc 0):
    kmemleak_alloc+0x24/0x50
    __kmalloc_cache_noprof+0x1a0/0x2c0
    xe_vma_op_alloc+0x30/0x60 [xe]
    drm_gpuva_sm_step+0x80/0x300 [drm_gpuvm]
"""
END = LOADED.replace("xe_vma_op_alloc+0x30/0x60 [xe]", "0xffffffffc0123456")


class Configuration(unittest.TestCase):
    WANTED = "# a comment\nCONFIG_A=y\nCONFIG_B=m\n# CONFIG_C is not set\n"

    def test_all_is_met(self):
        got = "CONFIG_A=y\nCONFIG_B=m\n# CONFIG_C is not set\nCONFIG_D=y\n"
        self.assertEqual(kernel.unmet(self.WANTED, got), [])

    def test_what_does_not_exist_is_off(self):
        self.assertEqual(kernel.unmet(self.WANTED, "CONFIG_A=y\nCONFIG_B=m\n"), [])

    def test_each_line_counts(self):
        got = "CONFIG_A=m\nCONFIG_C=y\n"
        self.assertEqual(kernel.unmet(self.WANTED, got),
                         ["CONFIG_A=y", "CONFIG_B=m", "# CONFIG_C is not set"])

    def test_the_configuration_names_all_checks(self):
        text = DEBUG.configuration()
        for name in ("PROVE_LOCKING", "DEBUG_WW_MUTEX_SLOWPATH", "KASAN", "DEBUG_KMEMLEAK", "UBSAN",
                     "DEBUG_OBJECTS", "DEBUG_ATOMIC_SLEEP", "FAILSLAB", "FAIL_PAGE_ALLOC"):
            self.assertIn(f"CONFIG_{name}=y\n", text)

    def test_a_fragment_replaces_lines_for_the_same_options(self):
        more = "# why\n# CONFIG_B is not set\nCONFIG_C=4\nCONFIG_E=y\n"
        self.assertEqual(kernel.merged(self.WANTED + "CONFIG_BB=y\n", more),
                         "# a comment\nCONFIG_A=y\nCONFIG_BB=y\n" + more)

    def test_the_race_detector_has_a_kernel_without_what_excludes_it(self):
        text = KCSAN.configuration()
        for name in ("KCSAN", "KCSAN_STRICT", "DRM_XE", "PREEMPT", "DEBUG_FS"):
            self.assertRegex(text, f"(?m)^CONFIG_{name}=[ym]$")
        for name in ("KASAN", "DEBUG_KMEMLEAK", "PROVE_LOCKING"):
            self.assertNotRegex(text, f"(?m)^CONFIG_{name}=")
        self.assertEqual(text.count("CONFIG_LOCALVERSION="), 1)

    def test_each_line_of_the_overlay_is_about_something(self):
        """What is taken back was there: an option that the base no longer has is no reason to stay."""
        base = (kernel.CONFIGS / KCSAN.fragments[0]).read_text()
        for match in kernel._WANTED.finditer((kernel.CONFIGS / KCSAN.fragments[1]).read_text()):
            if match[3] and "KCSAN" not in match[3]:
                self.assertRegex(base, f"(?m)^{match[3]}=")


class Identity(unittest.TestCase):
    ARCHIVE = pathlib.Path("/root/linux-source.tar.xz")

    def setUp(self):
        patch = mock.patch.object(kernel.roots, "kernel_version", return_value="6.12.1")
        patch.start()
        self.addCleanup(patch.stop)

    def test_trees_of_the_debug_kernel_that_are_there_stay_good(self):
        """It was made of one file, before there was another kernel."""
        text = ((kernel.CONFIGS / "xe_debug.config").read_text() + self.ARCHIVE.name + "6.12.1"
                + str(kernel.RECIPE))
        self.assertEqual(kernel._identity(DEBUG, self.ARCHIVE),
                         hashlib.sha256(text.encode()).hexdigest())
        base = kernel.paths.DEBUG_KERNEL
        self.assertEqual((DEBUG.out(), DEBUG.stamp(), DEBUG.installed(), DEBUG.headers()),
                         (base / "out", base / "stamp", base / "vmlinuz", "/xe-kernel/out"))

    def test_kernels_differ(self):
        self.assertNotEqual(kernel._identity(DEBUG, self.ARCHIVE),
                            kernel._identity(KCSAN, self.ARCHIVE))


class Building(unittest.TestCase):
    """Who may build what at the same time, with everything that takes long left out."""

    UNPACKED = ["remove debug-kernel", "kernel source: unpack it"]

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.base = pathlib.Path(scratch.name) / "debug-kernel"
        self.archive = pathlib.Path(scratch.name) / "linux.tar.xz"
        self.done = []
        version = mock.Mock(return_value="6.12.1")
        for target, name, value in (
                (kernel.paths, "DEBUG_KERNEL", self.base), (kernel, "SOURCE", self.base / "linux"),
                (kernel, "archive", lambda: self.archive), (kernel.roots, "kernel_version", version),
                (kernel, "_remove", self.remove),
                (kernel, "_configure", lambda one: one.tree.mkdir(parents=True, exist_ok=True)),
                (kernel, "_build", lambda one: self.done.append(f"build {one.name}")),
                (ui, "run_logged", lambda title, *_, **__: self.done.append(title)),
                (ui, "say", lambda *_: None)):
            patch = mock.patch.object(target, name, value)
            patch.start()
            self.addCleanup(patch.stop)

    def remove(self, path):
        self.done.append(f"remove {path.name}")
        shutil.rmtree(path, ignore_errors=True)

    def ensure(self, name, tree):
        one = kernel.Built(name, fragments=("xe_debug.config",), tree=tree)
        with mock.patch.object(kernel, "_selected", one):
            kernel.ensure()

    def test_the_second_kernel_has_the_source_of_the_first(self):
        self.ensure("debug", self.base)
        self.ensure("kcsan", self.base / "kcsan")
        self.ensure("debug", self.base)
        self.assertEqual(self.done, self.UNPACKED + ["build debug", "build kcsan"])

    def test_another_source_is_unpacked_once(self):
        self.ensure("debug", self.base)
        self.archive = self.archive.with_name("newer.tar.xz")
        self.done.clear()
        self.ensure("kcsan", self.base / "kcsan")
        self.ensure("debug", self.base)
        self.assertEqual(self.done, self.UNPACKED + ["build kcsan", "build debug"])

    def test_one_kernel_does_not_wait_for_the_build_of_another(self):
        self.ensure("debug", self.base)
        with open(f"{self.base}.lock", "w") as build, open(f"{self.base}-source.lock", "w") as source:
            fcntl.flock(build, fcntl.LOCK_EX)
            fcntl.flock(source, fcntl.LOCK_SH)
            with mock.patch.object(kernel.ui, "Step", side_effect=AssertionError("waited")):
                self.ensure("kcsan", self.base / "kcsan")
                with self.assertRaisesRegex(AssertionError, "waited"):
                    self.ensure("debug", self.base)

    def test_the_source_is_not_replaced_below_a_build(self):
        self.ensure("debug", self.base)
        self.archive = self.archive.with_name("newer.tar.xz")
        with open(f"{self.base}-source.lock", "w") as source:
            fcntl.flock(source, fcntl.LOCK_SH)
            with mock.patch.object(kernel.ui, "Step", side_effect=AssertionError("waited")):
                with self.assertRaisesRegex(AssertionError, "waited"):
                    self.ensure("kcsan", self.base / "kcsan")
        self.assertNotIn("build kcsan", self.done)


class Modules(unittest.TestCase):
    def inspect(self, one, content):
        with tempfile.NamedTemporaryFile() as module:
            module.write(content)
            module.flush()
            one.inspect(pathlib.Path(module.name))

    def test_a_module_without_instrumentation_is_refused(self):
        """It would have no race, whatever it does."""
        self.inspect(KCSAN, b"\x7fELF\0__tsan_read8\0")
        with self.assertRaises(ui.HarnessError):
            self.inspect(KCSAN, b"\x7fELF\0xe_vm_create\0")

    def test_other_kernels_take_any(self):
        for name in kernel.NAMES:
            if name != "kcsan":
                self.inspect(kernel.named(name), b"\x7fELF")


class Selection(unittest.TestCase):
    def tearDown(self):
        kernel.select("distribution")

    def test_trees_of_two_kernels_differ(self):
        trees = set()
        for name in ("distribution", *kernel.BUILT):
            kernel.select(name)
            trees.add(kernel.module_tree("ours"))
        self.assertEqual(len(trees), 3)

    def test_kernels_that_check_get_more_time_and_have_to_say_that_they_did(self):
        for name in kernel.BUILT:
            kernel.select(name)
            self.assertGreater(kernel.current().slowness, 1)
            self.assertTrue(set(kernel.current().checks) <= results.CHECKS.keys())
            self.assertEqual(len(results.guest_complaints(GOOD, kernel.current().checks)), 2)


class Remarks(unittest.TestCase):
    def test_a_clean_end(self):
        self.assertEqual(results.guest_complaints(SAID, DEBUG.checks), [])

    def test_silence_is_a_complaint(self):
        self.assertEqual(len(results.guest_complaints(GOOD, DEBUG.checks)), 2)
        self.assertEqual(results.guest_complaints(GOOD), [])

    def test_a_lock_checker_that_gave_up(self):
        said = SAID.replace("debug_locks=1", "debug_locks=0")
        self.assertEqual(len(results.guest_complaints(said, DEBUG.checks)), 1)

    def test_a_check_that_was_switched_off(self):
        said = SAID.replace("scan=0\n", "")
        self.assertEqual(len(results.guest_complaints(said, DEBUG.checks)), 1)
        self.assertEqual(results.guest_complaints(said, DEBUG.checks, ["scan"]), [])

    def test_a_race_detector_that_was_off_or_blind(self):
        said = f"{GOOD}kcsan=1\nwatchpoints=5120\n"
        self.assertEqual(results.guest_complaints(said, KCSAN.checks), [])
        for bad in (said.replace("kcsan=1", "kcsan=0"), said.replace("5120", "0")):
            self.assertEqual(len(results.guest_complaints(bad, KCSAN.checks)), 1)


class Log(unittest.TestCase):
    def test_reports_of_checks(self):
        for line in ("ODEBUG: free active (active state 0) object: x object type: timer_list",
                     "INFO: trying to register non-static key.",
                     "kmemleak: Kernel memory leak detector disabled",
                     "DMA-API: xe 0000:00:04.0: device driver frees DMA memory with wrong size",
                     "DMA-API: exceeded 7 overlapping mappings of cacheline 0x1",
                     "DMA-API: xe 0000:00:04.0: cacheline tracking EEXIST, overlapping mappings",
                     "vm/xe_vma.c:70 module xe func:xe_vma_create has 256 allocated at module unload",
                     "UBSAN: shift-out-of-bounds in x.c:1", "BUG: KASAN: slab-use-after-free in x"):
            self.assertEqual(len(results.kernel_complaints(f"[    1.000000] {line}\n")), 1, line)


class Leaks(unittest.TestCase):
    def test_none(self):
        self.assertEqual(results.leaks("", ""), [])

    def test_what_has_been_freed_at_the_end_is_no_leak(self):
        self.assertEqual(results.leaks(LOADED, ""), [])

    def test_names_come_from_the_report_that_has_them(self):
        found = results.leaks(LOADED, END)
        self.assertEqual(len(found), 1)
        self.assertIn("(size 64): xe_vma_op_alloc", found[0])

    def test_known_ones(self):
        self.assertEqual(results.leaks(LOADED, END, ["drm_gpuva_sm_step"]), [])
        self.assertEqual(len(results.leaks(LOADED, END, ["something_else"])), 1)
