# SPDX-License-Identifier: MIT
"""Runs with ordered faults: the list, and what makes a scenario good or bad."""

import unittest

from run import faults, ui

LIST = """
# comment
one; work; irq-lost:engine=guc,after=3; xe_vm@bind-once
two*; load; guc-upload-fails:count=0 irq-lost; a@b c@d   # short
"""
REMARKS = """driver=stock modprobe=0 seconds=1.00
one load=0
ask=one.order
one work=0
one work=98
one unload=0
noise one unload=1
last unload=0
"""
LOG = """[    1.0] before
[    2.0] xe-faults: one begin
[    3.0] xe 0000:00:04.0: [drm] *ERROR* gone
[    4.0] xe-faults: one end
[    5.0] between
[    6.0] xe-faults: two begin
[    7.0] WARNING: CPU: 0 PID: 1 at x.c:1
"""
KNOWN = [r"\*ERROR\*"]


def scenario(when="work"):
    return faults.Scenario("s", when, ("irq-lost",), ("a@b",), False)


def report(hits=1, violations=0, log="", **said):
    base = {"load": [0], "work": [0], "unload": [0], "reload": [0], "plain": [0]}
    base.update(said)
    return faults.Report({k: v for k, v in base.items() if v is not None}, hits, violations, log)


class Parsing(unittest.TestCase):
    def test_list(self):
        one, two = faults.parse(LIST)
        self.assertEqual(one, faults.Scenario("one", "work", ("irq-lost:engine=guc,after=3",),
                                              ("xe_vm@bind-once",), False))
        self.assertEqual(two.name, "two")
        self.assertEqual(two.orders, ("guc-upload-fails:count=0", "irq-lost"))
        self.assertEqual(two.work, ("a@b", "c@d"))
        self.assertTrue(two.short)

    def test_list_errors(self):
        for bad in ("one; work; x", "one; sometimes; x; y@z", "one; work; ; y@z",
                    "one; work; x; y@z\none*; load; x; y@z"):
            with self.assertRaises(ui.HarnessError):
                faults.parse(bad)

    def test_the_list_of_the_tree(self):
        found = faults.load()
        self.assertTrue([s for s in found if s.short])
        self.assertTrue(all("@" in work for s in found for work in s.work))

    def test_remarks(self):
        self.assertEqual(faults.statuses(REMARKS),
                         {"one": {"load": [0], "work": [0, 98], "unload": [0]},
                          "last": {"unload": [0]}})

    def test_sections(self):
        found = faults.sections(LOG)
        self.assertEqual(list(found), ["one", "two"])
        self.assertIn("*ERROR* gone", found["one"])
        self.assertNotIn("between", "".join(found.values()))
        self.assertIn("WARNING", found["two"])

    def test_script_runs_each_scenario(self):
        text = faults.guest_script(faults.parse(LIST))
        self.assertIn("scenario one work xe_vm@bind-once || stuck", text)
        self.assertIn("scenario two load a@b c@d || stuck", text)


class Judging(unittest.TestCase):
    def good(self, verdict, made, when="work"):
        self.assertEqual(faults.judge(scenario(when), made, KNOWN), (verdict, []))

    def bad(self, word, made, when="work"):
        verdict, why = faults.judge(scenario(when), made, KNOWN)
        self.assertEqual(verdict, "NOT GOOD")
        self.assertTrue(any(word in line for line in why), why)

    def test_good(self):
        self.good("recovered", report())
        self.good("recovered", report(work=[77]))
        self.good("recovered, work failed", report(work=[0, 98]))
        self.good("recovered, load failed", report(load=[2], work=[77]), "load")
        self.good("recovered", report(log="xe 0000:00:04.0: [drm] *ERROR* GT reset failed"))

    def test_bad(self):
        self.bad("unload failed (124)", report(unload=[124]))
        self.bad("did not come to 'unload'", report(unload=None, reload=None, plain=None))
        self.bad("reload failed", report(reload=[2]))
        self.bad("plain failed", report(plain=[98]))
        self.bad("did not come to an end", report(work=[124]))
        self.bad("did not come to an end", report(load=[137]))
        self.bad("never injected", report(hits=0))
        self.bad("violations", report(violations=2))
        self.bad("kernel: WARNING: CPU", report(log="[ 1.0] WARNING: CPU: 0 PID: 1 at x.c:1"))
        self.bad("kernel: INFO: task", report(log="INFO: task kworker blocked for more than 20 s"))
        self.bad("could not be removed", report(remove=[1]))

    def test_known_weakness(self):
        oops = ("NOT GOOD", ["kernel: Oops: 0000 [#1]", "unload failed (124)"])
        self.assertEqual(faults.excuse(oops, ["Oops:", "^unload failed"]), ("known weakness", []))
        self.assertEqual(faults.excuse(oops, ["Oops:"]), oops)
        self.assertEqual(faults.excuse(oops, []), oops)
        self.assertEqual(faults.excuse(("recovered", []), ["Oops:"]), ("recovered", []))

    def test_list_of_weaknesses(self):
        self.assertEqual(faults.parse_weaknesses("a; x\n# no\na; y;z\nb; x\n", ["a", "b"]),
                         {"a": ["x", "y;z"], "b": ["x"]})
        for text in ("c; x", "a", "a;"):
            with self.assertRaises(ui.HarnessError):
                faults.parse_weaknesses(text, ["a", "b"])
        faults.weaknesses("stock")

    def test_table(self):
        rows = [scenario()]
        text = faults.table(rows, {"ours": {"s": ("recovered", [])}, "stock": {}})
        self.assertIn("recovered", text)
        self.assertIn("not run", text)


if __name__ == "__main__":
    unittest.main()
