# SPDX-License-Identifier: MIT
"""The verdict about a guest that ran the package's module, and the kernel it ran."""

import unittest
from pathlib import Path

from run import kernel, package, ui

SAID = "driver=ours modprobe=0\nkernel=6.12.1-rt\nmodule=abc\nasked=1\nagain=0\nunasked=0\nunload=0\n"


class Remarks(unittest.TestCase):
    def complaints(self, *change):
        return package.guest_complaints(SAID.replace(*change) if change else SAID, "6.12.1-rt", "abc")

    def test_good(self):
        self.assertEqual(self.complaints(), [])

    def test_each_promise(self):
        for change, text in ((("6.12.1-rt", "6.12.1"), "it ran kernel 6.12.1"),
                             (("abc", "stock"), "another module, stock"),
                             (("asked=1", "asked=0"), "told to, .* 0 devices"),
                             (("again=0", "again=1"), "without force_probe"),
                             (("unasked=0", "unasked=1"), "not told to, .* 1 devices")):
            found = self.complaints(*change)
            self.assertEqual(len(found), 1, found)
            self.assertRegex(found[0], text)

    def test_silence(self):
        self.assertEqual(len(package.guest_complaints("", "6.12.1-rt", "abc")), 5)


class InstalledKernel(unittest.TestCase):
    def test_where_it_is(self):
        one = kernel.Installed(directory=Path("/layer/usr/lib/modules/6.12.1-rt"))
        self.assertEqual(one.release(), "6.12.1-rt")
        self.assertEqual(one.binds(), ((one.modules(), "/usr/lib/modules/6.12.1-rt"),))
        self.assertFalse(one.checks)
        with self.assertRaises(ui.HarnessError):
            one.headers()

    def test_its_modules_have_a_place_of_their_own(self):
        self.addCleanup(kernel.select, "distribution")
        first = kernel.module_tree("ours")
        kernel.use(kernel.Installed(directory=Path("/layer/6.12.1-rt")))
        self.assertNotEqual(kernel.module_tree("ours"), first)


if __name__ == "__main__":
    unittest.main()
