# SPDX-License-Identifier: MIT
"""Figures of the benchmark, from lines of its output to the table."""

import unittest

from run import bench, lists, paths, ui

OUTPUT = """{"case": "map", "per": 1, "ticks": [100, 110, 90, 100, 400]}
{"case": "array", "per": 4, "ticks": [40, 40, 44]}
"""


class Parsing(unittest.TestCase):
    def test_rows(self):
        rows = bench.parse(OUTPUT)
        self.assertEqual(rows["map"], (1, [100, 110, 90, 100, 400]))
        self.assertEqual(bench.cost(rows["map"]), 100)
        self.assertEqual(bench.cost(rows["array"]), 10)
        self.assertAlmostEqual(bench.spread(rows["map"]), 0.1)

    def test_half_a_line_is_an_error(self):
        with self.assertRaises(ui.HarnessError):
            bench.parse(OUTPUT + '{"case": "exec", "per"')

    def test_targets(self):
        self.assertEqual(bench.parse_targets("# why\nmap 1/4\n"), {"map": 0.25})
        for bad in ("map", "map 4", "map 1/0", "map one/4"):
            with self.assertRaises(ui.HarnessError):
                bench.parse_targets(bad)

    def test_the_list_of_targets_names_cases(self):
        text = (paths.LISTS / bench.TARGETS).read_text()
        cases = (paths.TOP / "tools/testing/xe/xe_bench_cases.c").read_text()
        self.assertTrue(lists.parse(text))
        for case in bench.parse_targets(text):
            self.assertIn(f'"{case}"', cases)


class Table(unittest.TestCase):
    def test_side_by_side(self):
        runs = {"stock": {"map": (1, [1000] * 3), "load": (1, [7])},
                "ours": {"map": (1, [200] * 3)}}
        lines = bench.table(runs, {"map": 0.25, "load": 0.5})
        self.assertRegex(lines[1], r"^map +1,000 .* 200 .* 0\.200 +0\.250$")
        self.assertRegex(lines[2], r"^load +7 .* -$")
        self.assertIn("missed", bench.table(runs, {"map": 0.1})[1])

    def test_one_driver(self):
        lines = bench.table({"ours": {"map": (1, [200])}}, {})
        self.assertNotIn("ratio", lines[0])
        self.assertRegex(lines[1], r"^map +200 ± *0\.0%$")


if __name__ == "__main__":
    unittest.main()
