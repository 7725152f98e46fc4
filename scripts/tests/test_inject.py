# SPDX-License-Identifier: MIT
"""Failure injection and reloading: what their reports mean."""

import unittest

from run import inject, reload

GOOD = "case\tmap\t10\t9\t1\t0\ncase\tunmap\t4\t4\t0\t0\nsum\t2\t14\t0\n"
ROWS = [{"first": "0x100000", "last": "0x101fff", "page": "4 KiB", "access": "rw", "pat": 0,
         "leads to": "0x7000"}]


class Report(unittest.TestCase):
    def test_a_good_one(self):
        cases, bad = inject.parse(GOOD)
        self.assertEqual(bad, [])
        self.assertEqual(cases["map"], inject.Outcome(10, 9, 1, 0))
        self.assertIn("2 calls", inject.table(cases)[-1])
        self.assertEqual(inject.table(cases)[-1].split()[2:], ["14", "13", "1", "0"])

    def test_a_complaint(self):
        _, bad = inject.parse("bad\tmap\t3\terrno 12: driver: 'a' has become 'b'\n" + GOOD)
        self.assertEqual(bad, ["map, failure 3: errno 12: driver: 'a' has become 'b'"])

    def test_an_end_that_is_missing(self):
        self.assertEqual(len(inject.parse(GOOD.replace("sum\t2\t14\t0\n", ""))[1]), 1)

    def test_a_case_that_is_missing(self):
        self.assertEqual(len(inject.parse(GOOD.replace("case\tunmap\t4\t4\t0\t0\n", ""))[1]), 1)

    def test_a_case_without_points(self):
        self.assertEqual(len(inject.parse(GOOD.replace("unmap\t4", "unmap\t0"))[1]), 1)

    def test_garbage(self):
        self.assertEqual(len(inject.parse(GOOD + "Segmentation fault\n")[1]), 1)


class Space(unittest.TestCase):
    def test_mark(self):
        self.assertTrue(inject.has_mark(ROWS))
        self.assertFalse(inject.has_mark([dict(ROWS[0], first="0x200000")]))

    def test_every_part_of_a_translation_is_told(self):
        for key, value in (("first", "0x1"), ("last", "0x1"), ("page", "2 MiB"), ("access", "ro"),
                           ("pat", 1), ("leads to", "null")):
            self.assertNotEqual(inject.describe(ROWS), inject.describe([dict(ROWS[0], **{key: value})]))


class Reload(unittest.TestCase):
    SAID = "round 1: load=0 work=0 unload=0\nround 2: load=0 work=0 unload=0\n"

    def test_all_good(self):
        self.assertEqual(reload.judge(self.SAID, 2), [])

    def test_a_round_that_failed(self):
        self.assertEqual(reload.judge(self.SAID.replace("2: load=0", "2: load=1"), 2),
                         ["round 2: load 1, job 0, unload 0"])

    def test_a_round_that_is_missing(self):
        self.assertEqual(len(reload.judge(self.SAID, 3)), 1)
