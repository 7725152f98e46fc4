# SPDX-License-Identifier: MIT
"""Failure injection and reloading: what their reports mean."""

import unittest

from run import inject, reload

GOOD = ("begin\tmap\ncase\tmap\t10\t3\t9\t1\t0\t1500\n"
        "begin\tunmap\ncase\tunmap\t4\t0\t4\t0\t0\t500\n"
        "step\tlock\t2\nstep\tkilled\t1\nsum\t2\t14\t0\n")


class Report(unittest.TestCase):
    def bad(self, text):
        return inject.parse(text).bad

    def test_a_good_one(self):
        report = inject.parse(GOOD)
        self.assertEqual(report.bad, [])
        self.assertEqual(report.cases["map"], inject.Outcome(10, 3, 9, 1, 0, 1500))
        self.assertEqual(report.steps, {"lock": 2, "killed": 1})
        total = next(line for line in inject.table(report) if line.startswith("2 calls"))
        self.assertEqual(total.split()[2:], ["14", "3", "13", "1", "0", "2.0"])

    def test_a_complaint(self):
        self.assertEqual(self.bad("bad\tmap\t3\terrno 12: driver: 'a' has become 'b'\n" + GOOD),
                         ["map, failure 3: errno 12: driver: 'a' has become 'b'"])

    def test_an_end_that_is_missing(self):
        self.assertEqual(len(self.bad(GOOD.replace("sum\t2\t14\t0\n", ""))), 1)

    def test_a_case_that_is_missing(self):
        self.assertEqual(len(self.bad(GOOD.replace("case\tunmap\t4\t0\t4\t0\t0\t500\n", ""))), 1)

    def test_a_case_without_points(self):
        self.assertEqual(len(self.bad(GOOD.replace("unmap\t4", "unmap\t0"))), 1)

    def test_garbage(self):
        self.assertEqual(len(self.bad(GOOD + "Segmentation fault\n")), 1)


class Shrinkage(unittest.TestCase):
    RECORDED = ["map 10", "unmap 4"]

    def shrinkage(self, recorded=(), steps=()):
        return inject.shrinkage(inject.parse(GOOD), recorded or self.RECORDED, set(steps))

    def test_as_much_as_recorded(self):
        self.assertEqual(self.shrinkage(), [])
        self.assertEqual(self.shrinkage(["map 11", "unmap 4"]), [])

    def test_fewer_steps(self):
        self.assertEqual(len(self.shrinkage(["map 12", "unmap 4"])), 1)

    def test_a_case_that_is_gone(self):
        self.assertEqual(len(self.shrinkage(["map 10", "unmap 4", "exec 7"])), 1)

    def test_a_case_that_is_new(self):
        self.assertEqual(len(self.shrinkage(["map 10"])), 1)

    def test_a_step_that_never_failed(self):
        self.assertEqual(self.shrinkage(steps=("lock", "killed")), [])
        self.assertEqual(self.shrinkage(steps=("lock", "busy")), ["step busy was never made to fail"])

    def test_steps_of_the_driver_are_found(self):
        self.assertIn("lock-vm", inject.named_steps())


class Reload(unittest.TestCase):
    SAID = "round 1: load=0 work=0 unload=0\nround 2: load=0 work=0 unload=0\n"

    def test_all_good(self):
        self.assertEqual(reload.judge(self.SAID, 2), [])

    def test_a_round_that_failed(self):
        self.assertEqual(reload.judge(self.SAID.replace("2: load=0", "2: load=1"), 2),
                         ["round 2: load 1, job 0, unload 0"])

    def test_a_round_that_is_missing(self):
        self.assertEqual(len(reload.judge(self.SAID, 3)), 1)
