# SPDX-License-Identifier: MIT
"""Reading the output of test programs: every shape of it, and the ones that lie."""

import unittest

from run import suite

CMOCKA = """[==========] ppgtt: Running 3 test(s).
[ RUN      ] walk_4k
[       OK ] walk_4k
[ RUN      ] walk_bad
[  ERROR   ] --- 0x1 != 0x2
[   LINE   ] --- tests/test_ppgtt.c:10: error: Failure!
[  FAILED  ] walk_bad
[ RUN      ] fuzz
[  SKIPPED ] fuzz
[==========] ppgtt: 3 test(s) run.
[  PASSED  ] 1 test(s).
[  SKIPPED ] ppgtt: 1 test(s), listed below:
[  SKIPPED ] fuzz
[  FAILED  ] ppgtt: 1 test(s), listed below:
[  FAILED  ] walk_bad
"""


class Parsers(unittest.TestCase):
    def test_cmocka_counts_each_test_once(self):
        self.assertEqual(suite.parse_cmocka(CMOCKA), (1, ["walk_bad"], 1))

    def test_no_output_is_no_pass(self):
        self.assertEqual(suite.parse_cmocka(""), (0, [], 0))


    def test_coverage(self):
        text = "coverage TLB 90.4% of 135 lines\nerror: coverage GuC 82.9%, less than 85%\n  x\n"
        self.assertEqual(suite.parse_coverage(text),
                         (1, ["error: coverage GuC 82.9%, less than 85%"], 0))
        self.assertEqual(suite.parse_coverage(""), (0, [], 0))

    def test_races_fail(self):
        text = "[       OK ] a\n" + 2 * "SUMMARY: ThreadSanitizer: data race b.c:1 in f\n"
        self.assertEqual(suite.parse_tsan(text), (1, ["data race b.c:1 in f"], 0))


class Totals(unittest.TestCase):
    def test_nothing_run_is_a_failure(self):
        self.assertEqual(suite.Tally().finish(), 1)

    def test_one_failure_fails(self):
        tally = suite.Tally()
        tally.ok(3)
        tally.bad("x")
        self.assertEqual(tally.finish(), 1)
