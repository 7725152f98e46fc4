# SPDX-License-Identifier: MIT
"""Mutants of the driver: their edits still apply, and silence is no success."""

import tempfile
import unittest
from pathlib import Path

from run import fuzz_mutants, paths, ui

FOUND = "seed 0x1, 2 threads\nFAILED: VM_BIND returned 0\n  more\nFAILED: VM_BIND returned 0, smaller\n"


class Edits(unittest.TestCase):
    def test_each_applies_to_the_driver_as_it_is(self):
        for mutant in fuzz_mutants.MUTANTS:
            with self.subTest(mutant.name), tempfile.TemporaryDirectory() as name:
                copy = Path(name) / mutant.file
                copy.parent.mkdir()
                before = (paths.TOP / "drivers/gpu/drm/xe" / mutant.file).read_text()
                copy.write_text(before)
                mutant.apply(Path(name))
                self.assertNotEqual(copy.read_text(), before)

    def test_text_that_is_not_there(self):
        with tempfile.TemporaryDirectory() as name:
            (Path(name) / "a.c").write_text("one two two")
            fuzz_mutants.Mutant("x", "a.c", "one", "1").apply(Path(name))
            for old in ("one", "two"):
                with self.assertRaises(ui.HarnessError):
                    fuzz_mutants.Mutant("x", "a.c", old, "").apply(Path(name))


class Verdict(unittest.TestCase):
    def test_found_and_found_again(self):
        self.assertEqual(fuzz_mutants.verdict("hunt=1\nreplay=1\n", FOUND),
                         ("FAILED: VM_BIND returned 0, smaller", None))

    def test_survivor(self):
        self.assertIn("not found", fuzz_mutants.verdict("hunt=0\n", "seed 1\n9 programs")[1])

    def test_guest_that_died(self):
        self.assertIn("not found", fuzz_mutants.verdict("", FOUND)[1])

    def test_replay_that_passes(self):
        for remarks in ("hunt=1\nreplay=0\n", "hunt=1\n"):
            self.assertIn("its replay", fuzz_mutants.verdict(remarks, FOUND)[1])


if __name__ == "__main__":
    unittest.main()
