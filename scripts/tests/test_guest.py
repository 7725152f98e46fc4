# SPDX-License-Identifier: MIT
"""What a guest's model is told of the driver in it."""

import unittest

from run import guest, paths


class Allowances(unittest.TestCase):
    def test_our_driver_is_excused_from_no_rule(self):
        self.assertEqual(guest.allowances("ours"), [])

    def test_each_rule_that_another_may_break_is_on_the_page(self):
        page = (paths.TOP / "Documentation/gpu/xe/model.rst").read_text()
        self.assertEqual(guest.allowances("stock"), ["--allow", "ring-tail"])
        self.assertIn("--allow ring-tail", page)


if __name__ == "__main__":
    unittest.main()
