# SPDX-License-Identifier: MIT
"""The table of kernels: what is read from logs, and what makes a row bad."""

import pathlib
import unittest
from unittest import mock

from run import kernel, matrix, results, ui

POLICY = """linux-headers-amd64:
  Installed: 7.2.12-1
  Candidate: 7.2.13-1
  Version table:
     7.2.13-1 500
"""
CONFIG = """CONFIG_CC_IS_GCC=y
CONFIG_CC_VERSION_TEXT="x86_64-linux-gnu-gcc-16 (Debian 16.2.0-3) 16.2.0"
CONFIG_GCC_VERSION=160200
"""
SAID = "driver=ours modprobe=0 seconds=0.42\nrunner=0\nunload=0\nlog=0\n"


def result(test, word):
    return results.Result(test, word, 0.0)


class Reading(unittest.TestCase):
    def test_policy(self):
        self.assertEqual(matrix.parse_policy(POLICY), ("7.2.12-1", "7.2.13-1"))
        self.assertEqual(matrix.parse_policy(""), (None, None))

    def test_newest(self):
        for text, code, newest in ((POLICY, 0, False), (POLICY.replace(".13-1", ".12-1"), 0, True),
                                   ("", 0, None), (POLICY, 100, None)):
            done = mock.Mock(stdout=text, returncode=code)
            with mock.patch.object(matrix.subprocess, "run", return_value=done):
                self.assertEqual(matrix.is_newest(matrix.paths.KERNEL_ROOT), newest)

    def test_compiler(self):
        self.assertEqual(matrix.parse_compiler(CONFIG), "gcc 16.2.0")
        self.assertEqual(matrix.parse_compiler(""), "-")

    def test_load(self):
        self.assertEqual(matrix.parse_load(SAID), "0.42 s")
        for text in ("", SAID.replace("modprobe=0", "modprobe=1")):
            self.assertEqual(matrix.parse_load(text), matrix.NO)


class Rows(unittest.TestCase):
    def row(self, found, complaints=()):
        row = matrix.Row("testing", built=matrix.YES, loaded="0.42 s")
        matrix.fill(row, found, ["a@x", "a@y"], list(complaints))
        return row

    def test_a_good_row(self):
        row = self.row([result("a@X", "pass"), result("a@y", "pass"), result("a@z", "skip")])
        self.assertEqual((row.passed, row.required, row.skipped, row.bad), (2, 2, 1, []))

    def test_a_skip_of_what_must_pass_is_bad(self):
        row = self.row([result("a@x", "pass"), result("a@y", "skip")])
        self.assertEqual(row.passed, 1)
        self.assertEqual(len(row.bad), 1)

    def test_complaints_of_the_kernel_are_bad(self):
        self.assertEqual(len(self.row([result("a@x", "pass"), result("a@y", "pass")],
                                      ["WARNING: x"]).bad), 1)

    def test_the_table_has_a_line_for_each_kernel(self):
        good = self.row([result("a@x", "pass"), result("a@y", "pass")])
        text = matrix.table([good, matrix.Row("unstable", bad=["does not build"])]).splitlines()
        self.assertEqual(len(text), 3)
        self.assertIn("2 of 2", text[1])
        self.assertTrue(text[1].endswith("none"))
        self.assertTrue(text[2].endswith("1"))

    def test_problems_name_their_kernel_and_are_cut(self):
        row = matrix.Row("testing", bad=[str(n) for n in range(matrix.SHOWN + 3)])
        lines = matrix.verdict([row])
        self.assertEqual(len(lines), matrix.SHOWN + 1)
        self.assertTrue(all(line.startswith("testing: ") for line in lines))
        self.assertEqual(matrix.verdict([matrix.Row("testing")]), [])


class Failures(unittest.TestCase):
    def tearDown(self):
        kernel.select("distribution")

    def test_one_kernel_that_does_not_build_is_one_bad_row(self):
        with mock.patch.object(matrix, "_prepare", side_effect=ui.HarnessError("no compiler\nlog")), \
             mock.patch.object(matrix.ui, "say"):
            row = matrix._try("testing", [], 1, False)
        self.assertEqual((row.built, row.loaded, row.bad), (matrix.NO, matrix.NO, ["no compiler"]))

    def prepare(self, name, newest):
        """Which roots are made anew, and what the row says, if the suite's answer is @newest."""
        row = matrix.Row(name)
        kernel.select(name)
        with mock.patch.multiple(matrix, is_newest=mock.Mock(return_value=newest)), \
             mock.patch.object(matrix.roots, "forget_other") as forget, \
             mock.patch.object(matrix.kernel.Kernel, "release", return_value="1"), \
             mock.patch.object(matrix.kernel, "ensure"), \
             mock.patch.object(matrix.build, "everything"), \
             mock.patch.object(pathlib.Path, "exists", return_value=True), \
             mock.patch.object(pathlib.Path, "read_text", return_value=CONFIG):
            matrix._prepare(row, True)
        return [call.args[0] for call in forget.call_args_list], row.newest

    def test_a_root_with_an_old_kernel_is_made_anew(self):
        self.assertEqual(self.prepare("testing", False), (["testing"], matrix.YES))
        self.assertEqual(self.prepare("testing", True), ([], matrix.YES))
        self.assertEqual(self.prepare("testing", None), ([], "?"))

    def test_the_base_is_never_made_anew(self):
        self.assertEqual(self.prepare("distribution", False), ([], matrix.NO))

    def test_every_row_is_a_kernel(self):
        for name in matrix.ROWS:
            kernel.select(name)
            self.assertEqual(kernel.current().name, name)

    def test_each_kernel_has_directories_of_its_own(self):
        trees = set()
        for name in kernel.NAMES:
            kernel.select(name)
            trees.add(kernel.module_tree("ours"))
        self.assertEqual(len(trees), len(kernel.NAMES))


if __name__ == "__main__":
    unittest.main()
