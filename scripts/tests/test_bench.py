# SPDX-License-Identifier: MIT
"""Figures of the benchmark, from lines of its output to the table."""

import json
import tempfile
import unittest
import unittest.mock
import xml.dom.minidom
from pathlib import Path

from run import (bench, bench_counters, bench_figures, bench_guard, bench_page, cli, lists, paths,
                 roots, suite, ui)

OUTPUT = """{"case": "map", "per": 1, "uncounted": 4, "ticks": [100, 110, 90, 100, 400]}
{"case": "array", "per": 4, "uncounted": 1, "ticks": [40, 40, 44]}
"""


class Parsing(unittest.TestCase):
    def test_rows(self):
        rows = bench_figures.parse(OUTPUT)
        self.assertEqual(rows["map"], (1, [100, 110, 90, 100, 400], 4))
        self.assertEqual(bench_figures.cost(rows["map"]), 100)
        self.assertEqual(bench_figures.cost(rows["array"]), 10)

    def test_half_a_line_is_an_error(self):
        with self.assertRaises(ui.HarnessError):
            bench_figures.parse(OUTPUT + '{"case": "exec", "per"')

    def test_targets(self):
        self.assertEqual(bench_figures.parse_targets("# why\nmap 1/4\n"), {"map": 0.25})
        for bad in ("map", "map 4", "map 1/0", "map one/4"):
            with self.assertRaises(ui.HarnessError):
                bench_figures.parse_targets(bad)

    def test_the_list_of_targets_names_cases(self):
        text = (paths.LISTS / bench_figures.TARGETS).read_text()
        cases = (paths.TOP / "tools/testing/xe/xe_bench_cases.c").read_text()
        self.assertTrue(lists.parse(text))
        for case in bench_figures.parse_targets(text):
            self.assertIn(f'"{case}"', cases)


class Table(unittest.TestCase):
    def test_side_by_side(self):
        runs = {"stock": {"map": (1, [1000] * 3, 4), "load": (1, [7], 1)},
                "ours": {"map": (1, [200] * 3, 4)}}
        lines = bench_figures.table(runs, {"map": 0.25, "load": 0.5})
        self.assertRegex(lines[1], r"^map +1,000 .* 200 .* 0\.200 +0\.250$")
        self.assertRegex(lines[2], r"^load +7 .* -$")
        self.assertIn("missed", bench_figures.table(runs, {"map": 0.1})[1])

    def test_one_driver(self):
        lines = bench_figures.table({"ours": {"map": (1, [200], 4)}}, {})
        self.assertNotIn("ratio", lines[0])
        self.assertRegex(lines[1], r"^map +200 +200$")

    def test_the_middle_half(self):
        row = (2, [20, 10, 30, 50, 40], 4)
        self.assertEqual(bench_figures.interval(row), (10, 20))
        self.assertEqual(bench_figures.interval_text(row), "10 - 20")
        # Of few samples, all.
        self.assertEqual(bench_figures.interval((1, [7, 9, 5], 1)), (5, 9))

    def test_missed(self):
        runs = {"stock": {"map": (1, [100], 4), "exec": (1, [10], 4)},
                "ours": {"map": (1, [30], 4), "exec": (1, [5], 4), "load": (1, [1], 4)}}
        targets = {"map": 0.25, "exec": 0.5, "load": 0.1}
        self.assertEqual(bench_figures.missed(runs, targets), ["map"])
        self.assertEqual(bench_figures.missed({"ours": runs["ours"]}, {"map": 0.25}), [])


def reply(**counters):
    """A reply of the model to "counters"."""
    numbers = {name: 0 for name in (*bench_counters.REGISTER_ACCESSES, bench_counters.BY_ENGINE,
                                    "GuC messages in", "GuC messages out", "interrupt messages")}
    numbers.update({name.replace("_", " "): n for name, n in counters.items()})
    invalidations = numbers.pop("invalidations", 0)
    return {"ok": True, "result": {
        "counters": numbers, "requests": {"TLB_INVALIDATION (0x7000)": invalidations,
                                          "TLB_INVALIDATION_ALL (0x7002)": 100}}}


def tables(*addresses):
    """Replies of the model to "tables", for one address space."""
    return [{"ok": True, "result": {"tables": [hex(a) for a in addresses]}}]


def sample(**counters):
    return {"tables before": tables(0x1000), "tables after": tables(0x1000, 0x2000, 0x2000),
            "before": reply(), "after": reply(**counters),
            "memory": {"objects": 8, "object bytes": 512, "blocks": 1, "block bytes": 8192}}


def line(case, per, *samples):
    return json.dumps({"case": case, "per": per, "samples": samples}) + "\n"


class Counters(unittest.TestCase):
    def test_one_operation(self):
        stores = bench_counters.parse_stores(["= 0", "1000 24", "2000 4096", "3000 7"])
        text = line("map", 4, sample(GuC_messages_in=4, GuC_messages_out=8, register_reads=2,
                                     register_writes=6, interrupt_messages=4, invalidations=4,
                                     immediate_bytes_of_batches=32))
        found = bench_counters.parse(text, stores)["map"]
        self.assertEqual(list(found), list(bench_counters.NAMES))
        # Page 0x3000 is no table; a table that has many parents counts once.
        self.assertEqual([numbers for numbers in found.values()],
                         [[1030], [8], [1], [1], [2], [2], [1], [2], [128], [0.25], [2048]])

    def test_stretches_belong_to_samples_in_order(self):
        stores = bench_counters.parse_stores(["= 0", "1000 8", "= 1", "= 2", "1000 16"])
        text = line("map", 1, sample(), sample()) + line("unmap", 1, sample())
        found = bench_counters.parse(text, stores)
        self.assertEqual(found["map"][bench_counters.NAMES[0]], [8, 0])
        self.assertEqual(found["unmap"][bench_counters.NAMES[0]], [16])
        for missing in (stores[:2], []):
            with self.assertRaises(ui.HarnessError):
                bench_counters.parse(text, missing)
        with self.assertRaises(ui.HarnessError):
            bench_counters.parse_stores(["= 0", "= 2"])

    def test_what_the_model_refuses_is_an_error(self):
        bad = sample()
        bad["after"] = {"ok": False, "error": "busy"}
        cut = sample()
        cut["tables after"][0]["result"]["cut at"] = "0x0"
        for one in (bad, cut):
            with self.assertRaises(ui.HarnessError):
                bench_counters.parse(line("map", 1, one), [{}])

    def test_half_a_line_is_an_error(self):
        with self.assertRaises(ui.HarnessError):
            bench_counters.parse('{"case": "map", "per"', [{}])

    def test_worse_is_marked(self):
        runs = {driver: bench_counters.parse(
            line("map", 1, sample(GuC_messages_in=n, register_reads=2 - n)), [{}])
            for driver, n in (("stock", 1), ("ours", 2))}
        lines = bench_counters.table(runs, {})
        worse = [one for one in lines if one.endswith("worse")]
        self.assertEqual(len(worse), 1)
        self.assertIn("GuC messages to it", worse[0])
        # The name of a case stands once; what neither driver needs is left out.
        self.assertEqual(sum(one.startswith("map") for one in lines), 1)
        self.assertFalse([one for one in lines if "TLB invalidations" in one])
        compared, bad, remarks = bench_counters.judge(runs, {})
        self.assertEqual((compared, len(bad), remarks), (len(bench_counters.NAMES), 1, []))
        self.assertEqual(bad[0], "map: GuC messages to it: 2, the stock driver needs 1")

    def judge(self, ours, known, case="map"):
        """The verdict if ours needs @ours slab objects where the stock driver needs 8."""
        runs = {driver: {name: {counter: [n] for counter in bench_counters.NAMES}}
                for driver, name, n in (("stock", "map", 8), ("ours", case, 8))}
        runs["ours"][case]["slab objects"] = [ours]
        return bench_counters.judge(runs, bench_counters.parse_known(known))

    def test_worse_for_a_reason(self):
        row = "map: slab objects: 10: one more would be too many\n"
        _, bad, remarks = self.judge(10, row)
        self.assertFalse(bad)
        self.assertIn("one more would be too many", remarks[0])
        # A reason for some is no reason for more.
        self.assertEqual(self.judge(11, row)[1:],
                         (["map: slab objects: 11, the stock driver needs 8"], []))
        _, bad, remarks = self.judge(8, row)
        self.assertFalse(bad)
        self.assertIn("no worse any more", remarks[0])

    def test_a_case_of_one_driver_is_a_complaint(self):
        bad = self.judge(8, "", "unmap")[1]
        self.assertEqual(bad, ["counters: map was counted with one driver only",
                               "counters: unmap was counted with one driver only"])

    def test_reasons_are_rows(self):
        self.assertEqual(bench_counters.parse_known("map: slab bytes: 1,024: they: must be\n"),
                         {("map", "slab bytes"): (1024, "they: must be")})
        for text in ("map: slab bytes: 7", "map: slab bytes: many: why", "map: slabs: 7: why",
                     "map: slab bytes: 7: "):
            with self.assertRaises(ui.HarnessError):
                bench_counters.parse_known(text)

    def test_what_is_listed_names_cases(self):
        cases = (paths.TOP / "tools/testing/xe/xe_bench_cases.c").read_text()
        text = (paths.LISTS / bench_counters.WORSE).read_text()
        for case, _ in bench_counters.parse_known(text):
            self.assertIn(f'"{case}"', cases)

    def test_worse_than_nothing(self):
        self.assertTrue(bench_counters.is_worse(1, 0))
        self.assertFalse(bench_counters.is_worse(0, 0))
        self.assertFalse(bench_counters.is_worse(1001, 1000))


class Guard(unittest.TestCase):
    THEN = {"map": 1000.0, "unmap": 500.0}

    def compare(self, **now):
        found = {case: (1, [n, n, n], 4) for case, n in now.items()}
        return bench_guard.compare(found, self.THEN, list(self.THEN))

    def test_what_is_recorded_passes(self):
        self.assertEqual(self.compare(map=1000, unmap=500), ([], []))
        self.assertEqual(self.compare(map=1030, unmap=486), ([], []))

    def test_a_rise_fails(self):
        bad, remarks = self.compare(map=1031, unmap=500)
        self.assertRegex(bad[0], r"^map needs 1,031 instructions, \+3\.1% of the 1,000")
        self.assertFalse(remarks)

    def test_four_percent_fail_whatever_the_case(self):
        recorded = bench_guard.recorded()
        for case in recorded:
            found = {name: (1, 5 * [n], 4) for name, n in recorded.items()}
            self.assertEqual(bench_guard.compare(found, recorded, list(recorded)), ([], []))
            found[case] = (1, 5 * [recorded[case] * 1.04], 4)
            bad, _ = bench_guard.compare(found, recorded, list(recorded))
            self.assertEqual([line.split()[0] for line in bad], [case])

    def test_a_cheap_sample_counts(self):
        found = {"map": (1, 36 * [1500] + 5 * [1000], 4), "unmap": (2, 20 * [1000] + 21 * [9000], 4)}
        self.assertEqual(bench_guard.compare(found, self.THEN, ["map", "unmap"]), ([], []))
        # A few may be luck.
        found["map"] = (1, 37 * [1500] + 4 * [1000], 4)
        self.assertEqual(len(bench_guard.compare(found, self.THEN, ["map", "unmap"])[0]), 1)

    def test_a_case_that_is_missing_fails(self):
        self.assertEqual(self.compare(map=1000)[0], ["unmap was not measured"])

    def test_a_gain_is_a_remark(self):
        bad, remarks = self.compare(map=900, unmap=500)
        self.assertFalse(bad)
        self.assertRegex(remarks[0], r"^map needs 900 instructions, -10\.0% of the 1,000 recorded")

    def test_a_record_comes_back(self):
        text = bench_guard.render({"map": (2, [9, 8, 9], 4), "long-name": (1, [7], 1)}, "6.12.1")
        self.assertEqual(bench_guard.parse(text), {"map": 4, "long-name": 7})
        self.assertIn("# Kernel: 6.12.1\n", text)
        for bad in ("map", "map many", "map 0", "map 1 2"):
            with self.assertRaises(ui.HarnessError):
                bench_guard.parse(bad)

    def test_what_is_committed_names_the_cases(self):
        cases = (paths.TOP / "tools/testing/xe/xe_bench_cases.c").read_text()
        recorded = bench_guard.recorded()
        for case in recorded:
            self.assertIn(f'"{case}"', cases)
        targets = bench_figures.parse_targets((paths.LISTS / bench_figures.TARGETS).read_text())
        self.assertLessEqual(set(targets), set(recorded))

    def run_guard(self, found, complaints=()):
        tally = suite.Tally()
        with tempfile.TemporaryDirectory() as directory:
            (Path(directory) / bench_guard.RECORD).write_text("map 1000\nunmap 500\n")
            with unittest.mock.patch.object(paths, "LISTS", Path(directory)), \
                 unittest.mock.patch.object(bench, "build_program"), \
                 unittest.mock.patch.object(bench_guard.roots, "kernel_version", lambda: "6"), \
                 unittest.mock.patch.object(bench, "count_instructions",
                                            lambda *args: (found, list(complaints))):
                bench_guard.check(tally)
        return tally

    def test_part_of_make_test(self):
        good = {"map": (1, [1000], 4), "unmap": (1, [500], 4)}
        tally = self.run_guard(good)
        self.assertEqual((tally.passed, tally.failed), (2, 0))
        tally = self.run_guard({**good, "map": (1, [2000], 4)})
        self.assertEqual((tally.passed, tally.failed), (1, 1))
        tally = self.run_guard({}, ["the guest had a bad day"])
        self.assertEqual((tally.passed, tally.failed), (0, 3))

    def test_about_ours_and_all_cases_only(self):
        for more in (["--driver", "both"], ["--case", "map-64k"]):
            args = cli.parser().parse_args(["bench", "--guard", *more])
            with self.assertRaises(ui.HarnessError):
                cli.command_bench(args)


class Page(unittest.TestCase):
    RUNS = {"stock": {"map": (1, [1000, 1010, 1000], 4), "load": (1, [7], 1)},
            "ours": {"map": (1, [200, 200, 201], 4)}}
    COUNTERS = {driver: {"map": {name: [n] for name in bench_counters.NAMES}}
                for driver, n in (("stock", 1), ("ours", 2))}

    def drawings(self, text):
        out = []
        while "<svg viewBox" in text:
            start = text.index("<svg viewBox")
            end = text.index("</svg>", start) + len("</svg>")
            out.append(xml.dom.minidom.parseString(text[start:end]))
            text = text[end:]
        return out

    def test_needs_nothing_from_elsewhere(self):
        text = bench_page.page(self.RUNS, self.COUNTERS, {"map": 0.25}, {})
        for word in ("http", "src=", "<script", "url(", "@import"):
            self.assertNotIn(word, text)

    def test_bars_and_dots(self):
        ratios, samples = self.drawings(bench_page.page(self.RUNS, {}, {"map": 0.25}, {}))
        bars = ratios.getElementsByTagName("rect")
        whole = bench_page.WIDTH - bench_page.LEFT - bench_page.RIGHT
        self.assertEqual([bar.getAttribute("width") for bar in bars], [f"{whole * 0.2:.1f}"])
        self.assertEqual(bars[0].getAttribute("class"), "ours")
        dots = [dot.getAttribute("class") for dot in samples.getElementsByTagName("circle")]
        self.assertEqual((dots.count("stock"), dots.count("ours")), (4, 3))

    def test_a_missed_target_shows(self):
        ratios = self.drawings(bench_page.page(self.RUNS, {}, {"map": 0.1}, {}))[0]
        self.assertEqual(ratios.getElementsByTagName("rect")[0].getAttribute("class"), "missed")
        self.assertIn("missed</td>", bench_page.page(self.RUNS, {}, {"map": 0.1}, {}))
        self.assertNotIn("missed</td>", bench_page.page(self.RUNS, {}, {"map": 0.25}, {}))

    def test_worse_counters_show(self):
        text = bench_page.page(self.RUNS, self.COUNTERS, {}, {})
        self.assertEqual(text.count("worse</td>"), len(bench_counters.NAMES))

    def test_one_driver(self):
        text = bench_page.page({"ours": self.RUNS["ours"]}, {"ours": self.COUNTERS["ours"]}, {}, {})
        self.assertEqual(len(self.drawings(text)), 1)
        self.assertNotIn("worse", text)

    def test_no_case_at_all(self):
        self.assertIn("</h1>", bench_page.page({"ours": {}}, {}, {}, {}))


class Report(unittest.TestCase):
    def run_bench(self, directory, counted):
        """bench.run() with both drivers, without guests."""
        def instructions(driver, *_args):
            return Page.RUNS[driver], ["it complained"] if driver == "stock" else []

        def functions(driver, cases, _samples):
            self.assertEqual((driver, cases), ("ours", ["map"]))
            return {"map": {"drm_ioctl": 150, "xe_foo [xe]": 50, "default_idle": 9}}, []

        with unittest.mock.patch.multiple(
                bench, build_program=lambda: None, count_instructions=instructions,
                count_others=lambda driver, cases: (Page.COUNTERS[driver], []),
                count_functions=functions, FREQUENT=("map",)), \
             unittest.mock.patch.object(roots, "kernel_version", lambda: "6.12.1"), \
             unittest.mock.patch.object(paths, "RESULTS", Path(directory)):
            (Path(directory) / bench.LABEL).mkdir()
            return bench.run(["stock", "ours"], [], 3, counted)

    def test_raw_samples_and_page(self):
        with tempfile.TemporaryDirectory() as directory:
            bad = self.run_bench(directory, True)
            where = Path(directory) / bench.LABEL
            raw = json.loads((where / "samples.json").read_text())
            table = (where / "table.txt").read_text()
            page = (where / "report.html").read_text()
        self.assertEqual(raw["instructions"]["ours"]["map"], {"per": 1, "ticks": [200, 200, 201]})
        self.assertEqual(raw["counters"], Page.COUNTERS)
        self.assertEqual(raw["profiles"]["map"]["drm_ioctl"], 150)
        self.assertIn("worse", table)
        self.assertIn("75.0%", table)
        # Each counter that is worse is a line of the verdict.
        self.assertEqual(bad[0], "stock: it complained")
        self.assertEqual(len(bad), 1 + len(bench_counters.NAMES))
        self.assertIn("worse than stock: map: slab bytes: 2, the stock driver needs 1", bad)
        self.assertIn("What else one operation takes", page)

    def test_instructions_only(self):
        with tempfile.TemporaryDirectory() as directory:
            self.run_bench(directory, False)
            self.assertEqual(json.loads((Path(directory) / bench.LABEL / "samples.json")
                                        .read_text())["counters"], {})


if __name__ == "__main__":
    unittest.main()
