# SPDX-License-Identifier: MIT
import tempfile
import unittest
from pathlib import Path

from run import programs, ui

KTAP = """TAP version 13
1..3
ok 1 global.create_flags
not ok 2 global.bind_range
ok 3 global.vram # SKIP the same for all objects
# FAILED: 1 / 3 tests passed.
"""


class Verdicts(unittest.TestCase):
    def test_ktap(self):
        self.assertEqual(programs.parse_ktap(KTAP), (1, ["global.bind_range"], 1))

    def test_a_skip_without_a_good_reason_fails(self):
        good, bad, skipped = programs.parse_ktap("1..1\nok 1 global.wait # SKIP no sw_sync\n")
        self.assertEqual((good, bad, skipped), (0, ["global.wait: skipped (no sw_sync)"], 0))

    def test_status_of_a_program(self):
        for said, bad in (("a=0\n", 0), ("a=4\n", 1), ("", 1)):
            with tempfile.TemporaryDirectory() as name:
                (Path(name) / "a.tap").write_text("1..1\nok 1 a\n")
                (Path(name) / "said.txt").write_text(said)
                self.assertEqual(len(next(programs.verdicts(Path(name), ("a",)))[2]), bad, said)

    def test_no_output_is_no_pass(self):
        self.assertEqual(programs.parse_ktap("Segmentation fault"), (0, [], 0))

    def test_each_program_has_to_say_something(self):
        with tempfile.TemporaryDirectory() as name:
            out = Path(name)
            (out / "a.tap").write_text(KTAP)
            (out / "b.tap").write_text("Segmentation fault\n")
            found = list(programs.verdicts(out, ("a", "b", "c")))
        self.assertEqual([entry[0] for entry in found], ["a", "b", "c"])
        self.assertEqual([entry[1] for entry in found], [1, 0, 0])
        self.assertIn("global.bind_range", found[0][2][0])
        for entry in found[1:]:
            self.assertIn("no verdict", entry[2][0])

    def test_a_program_that_skips_all_fails(self):
        with tempfile.TemporaryDirectory() as name:
            (Path(name) / "a.tap").write_text("1..1\nok 1 a # SKIP no device\n")
            self.assertEqual(len(next(programs.verdicts(Path(name), ("a",)))[2]), 1)


    def test_a_program_that_ends_early_fails(self):
        with tempfile.TemporaryDirectory() as name:
            (Path(name) / "a.tap").write_text("1..2\nok 1 a\n")
            self.assertIn("did not come to its end",
                          next(programs.verdicts(Path(name), ("a",)))[2][0])


class Choice(unittest.TestCase):
    def test_part_of_a_name(self):
        self.assertEqual(programs.chosen("userptr"), ("xe_userptr_test",))
        self.assertEqual(programs.chosen(), programs.NAMES)

    def test_none_is_an_error(self):
        with self.assertRaises(ui.HarnessError):
            programs.chosen("vram")


if __name__ == "__main__":
    unittest.main()
