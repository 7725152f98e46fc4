# SPDX-License-Identifier: MIT
"""Figures of the benchmark, from lines of its output to the table."""

import unittest

from run import bench, lists, paths, ui

OUTPUT = """{"case": "map", "per": 1, "uncounted": 4, "ticks": [100, 110, 90, 100, 400]}
{"case": "array", "per": 4, "uncounted": 1, "ticks": [40, 40, 44]}
"""


class Parsing(unittest.TestCase):
    def test_rows(self):
        rows = bench.parse(OUTPUT)
        self.assertEqual(rows["map"], (1, [100, 110, 90, 100, 400], 4))
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


class Profile(unittest.TestCase):
    def test_blocks_belong_to_the_function_before(self):
        symbols = bench.parse_symbols("""ffffffff81000100 T beta
ffffffff81000000 t alpha
ffffffff81000080 d data
ffffffffc0000000 t gamma\t[xe]
""")
        found = bench.profile("ffffffff81000000 3 2\nffffffff81000090 1 5\n"
                              "ffffffff81000100 7 1\nffffffffc0000010 2 2\n10 1 1\n", symbols)
        self.assertEqual(found, {"alpha": 11, "beta": 7, "gamma": 4, "?": 1})


class Table(unittest.TestCase):
    def test_side_by_side(self):
        runs = {"stock": {"map": (1, [1000] * 3, 4), "load": (1, [7], 1)},
                "ours": {"map": (1, [200] * 3, 4)}}
        lines = bench.table(runs, {"map": 0.25, "load": 0.5})
        self.assertRegex(lines[1], r"^map +1,000 .* 200 .* 0\.200 +0\.250$")
        self.assertRegex(lines[2], r"^load +7 .* -$")
        self.assertIn("missed", bench.table(runs, {"map": 0.1})[1])

    def test_one_driver(self):
        lines = bench.table({"ours": {"map": (1, [200], 4)}}, {})
        self.assertNotIn("ratio", lines[0])
        self.assertRegex(lines[1], r"^map +200 ± *0\.0%$")


if __name__ == "__main__":
    unittest.main()
