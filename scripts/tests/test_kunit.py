# SPDX-License-Identifier: MIT
"""What the console of a KUnit kernel means, above all when it does not say so by itself."""

import tempfile
import unittest
from pathlib import Path

from run import kunit, ui

GOOD = """Linux version 6.12.118
KTAP version 1
1..2
    KTAP version 1
    # Subtest: xe_lrc
    # module: xe
    1..2
        KTAP version 1
        # Subtest: test_frame
        ok 1 copy
        ok 2 copy, GGTT batch
        ok 3 render # SKIP no such engine
    # test_frame: pass:2 fail:0 skip:1 total:3
    ok 1 test_frame
    ok 2 test_image_unknown
# xe_lrc: pass:2 fail:0 skip:0 total:2
# Totals: pass:3 fail:0 skip:1 total:4
ok 1 xe_lrc
    KTAP version 1
    # Subtest: xe_pte
    1..1
random: crng init done
    ok 1 test_split
ok 2 xe_pte
"""
END = """xe-kunit: debug_locks=1
xe-kunit: leaks=0
xe-kunit: end=1
reboot: Restarting system
"""
SUITES = ["xe_lrc", "xe_pte"]


def bad(text, wanted=SUITES):
    return kunit.verdict(text, wanted)[1]


class Results(unittest.TestCase):
    def test_parameters_count_one_by_one(self):
        suites, reasons = kunit.verdict(GOOD + END, SUITES)
        self.assertEqual(reasons, [])
        self.assertEqual([(s.name, s.total(), s.passed, s.skipped) for s in suites],
                         [("xe_lrc", 4, 3, 1), ("xe_pte", 1, 1, 0)])

    def test_failed_parameter(self):
        text = GOOD.replace("ok 2 copy, GGTT", "not ok 2 copy, GGTT")
        text = text.replace("    ok 1 test_frame", "    not ok 1 test_frame")
        text = text.replace("ok 1 xe_lrc", "not ok 1 xe_lrc")
        self.assertEqual(bad(text + END), ["xe_lrc: test_frame: copy, GGTT batch"])

    def test_failed_test(self):
        text = GOOD.replace("    ok 1 test_split", "    not ok 1 test_split")
        self.assertEqual(bad(text + END), ["xe_pte: test_split"])

    def test_suite_that_fails_as_a_whole(self):
        text = GOOD.replace("ok 2 xe_pte", "not ok 2 xe_pte")
        self.assertEqual(bad(text + END), ["xe_pte: the suite failed as a whole"])

    def test_suite_without_tests(self):
        text = GOOD.replace("    ok 1 test_split\n", "").replace("    1..1\n", "")
        self.assertEqual(bad(text + END), ["xe_pte: the suite ran no test"])

    def test_missing_result(self):
        text = GOOD.replace("    ok 2 test_image_unknown\n", "")
        self.assertEqual(bad(text + END),
                         ["xe_lrc: the suite: 1 results, not all that were planned"])

    def test_missing_suite(self):
        self.assertEqual(bad(GOOD + END, SUITES + ["xe_sync"]), ["xe_sync: did not run"])

    def test_kernel_that_dies_in_a_test(self):
        text = GOOD[:GOOD.index("        ok 3 render")] + "Kernel panic - not syncing: oops\n"
        suites, reasons = kunit.verdict(text, SUITES)
        self.assertEqual([(s.name, s.passed) for s in suites], [("xe_lrc", 2)])
        self.assertIn("xe_lrc: test_frame: 2 results, not all that were planned",
                      [line.replace("the suite: ", "") for line in reasons])
        self.assertIn("xe_pte: did not run", reasons)
        self.assertIn("the kernel did not come to its end (end=not said)", reasons)

    def test_time_stamps(self):
        text = "".join(f"[    1.{i:06}] {line}\n" for i, line in enumerate(GOOD.splitlines()))
        self.assertEqual(bad(text + END), [])

    def test_table(self):
        lines = kunit.table(kunit.parse_ktap(GOOD)).splitlines()
        self.assertEqual(lines[1].split(), ["xe_lrc", "4", "3", "0", "1"])


class Complaints(unittest.TestCase):
    def test_reports_of_the_kernel(self):
        for line in ("BUG: KASAN: slab-use-after-free in xe_vma_free+0x1/0x2",
                     "UBSAN: shift-out-of-bounds in drivers/gpu/drm/xe/vm/xe_vm.c:1:2",
                     "WARNING: possible circular locking dependency detected",
                     "BUG: sleeping function called from invalid context at mm/slab.c:1",
                     "ODEBUG: free active (active state 0) object: 0000 object type: timer_list",
                     "INFO: lockdep is turned off. turning off the locking correctness validator.",
                     "kmemleak: unreferenced object 0xffff888 (size 64):",
                     "kmemleak: Kernel memory leak detector disabled",
                     "kunit gpu: [drm] *ERROR* VM banned"):
            with self.subTest(line):
                self.assertEqual(bad(GOOD + line + "\n" + END), [line])

    def test_what_a_test_provokes(self):
        log = "kunit gpu: [drm] *ERROR* GT0: transport is broken: corrupt\n"
        says = "    # test_split: provokes: transport is broken: corrupt\n"
        before, after = GOOD[:GOOD.index("    ok 1 test_split")], GOOD[GOOD.index("    ok 1 test_split"):]
        self.assertEqual(bad(before + says + log + after + END), [])
        self.assertEqual(bad(before + log + after + END), [log.strip()])
        self.assertEqual(bad(before + says + log + log + after + END), [log.strip()])
        self.assertEqual(bad(before + says + after + log + END),
                         ["a test provoked, but the kernel did not log: transport is broken: corrupt",
                          log.strip()])
        self.assertEqual(len(bad(before + says + "WARNING: CPU: 0 transport is broken: corrupt\n"
                                 + after + END)), 2)

    def test_ends_that_prove_nothing(self):
        for good, wrong in (("debug_locks=1", "debug_locks=0"), ("leaks=0", "leaks=2"),
                            ("leaks=0", "leaks=unknown"), ("xe-kunit: end=1\n", "")):
            with self.subTest(wrong):
                self.assertEqual(len(bad(GOOD + END.replace(good, wrong))), 1)

    def test_carriage_returns(self):
        self.assertEqual(bad((GOOD + END).replace("\n", "\r\n")), [])

    def test_empty_console(self):
        self.assertEqual(len(bad("")), 5)


class Sources(unittest.TestCase):
    def test_names(self):
        with tempfile.TemporaryDirectory() as name:
            tree = Path(name)
            (tree / "a_kunit.c").write_text('static struct kunit_suite a = {\n\t.name = "xe_a",\n};')
            self.assertEqual(kunit.defined_suites(tree), ["xe_a"])
            (tree / "b_kunit.c").write_text("/* nothing */")
            with self.assertRaises(ui.HarnessError):
                kunit.defined_suites(tree)
