# SPDX-License-Identifier: MIT
"""Kernels of guests: configuration, and what a kernel that checks itself has to say."""

import unittest

from run import kernel, results

SAID = "unload=0\ndebug_locks=1\nscan=0\n"
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
        text = kernel.CONFIG.read_text()
        for name in ("PROVE_LOCKING", "DEBUG_WW_MUTEX_SLOWPATH", "KASAN", "DEBUG_KMEMLEAK", "UBSAN",
                     "DEBUG_OBJECTS", "DEBUG_ATOMIC_SLEEP", "FAILSLAB", "FAIL_PAGE_ALLOC"):
            self.assertIn(f"CONFIG_{name}=y\n", text)


class Selection(unittest.TestCase):
    def tearDown(self):
        kernel.select("distribution")

    def test_trees_of_two_kernels_differ(self):
        first = kernel.module_tree("ours")
        kernel.select("debug")
        self.assertNotEqual(kernel.module_tree("ours"), first)
        self.assertGreater(kernel.current().slowness, 1)


class Remarks(unittest.TestCase):
    def test_a_clean_end(self):
        self.assertEqual(results.guest_complaints(SAID, checks=True), [])

    def test_silence_is_a_complaint(self):
        self.assertEqual(len(results.guest_complaints("unload=0\n", checks=True)), 2)
        self.assertEqual(results.guest_complaints("unload=0\n"), [])

    def test_a_lock_checker_that_gave_up(self):
        said = SAID.replace("debug_locks=1", "debug_locks=0")
        self.assertEqual(len(results.guest_complaints(said, checks=True)), 1)


class Log(unittest.TestCase):
    def test_reports_of_checks(self):
        for line in ("ODEBUG: free active (active state 0) object: x object type: timer_list",
                     "INFO: trying to register non-static key.",
                     "kmemleak: Kernel memory leak detector disabled",
                     "DMA-API: xe 0000:00:04.0: device driver frees DMA memory with wrong size",
                     "DMA-API: exceeded 7 overlapping mappings of cacheline 0x1",
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
