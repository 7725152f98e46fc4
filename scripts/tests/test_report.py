# SPDX-License-Identifier: MIT
"""The page of 'make report': what it reads, what it draws, what its check in a browser sees."""

import dataclasses
import html
import json
import re
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from run import (browser, coverage, paths, report, report_coverage, report_data, report_html,
                 report_sections, report_space, report_time, results)

VMS = """client 3 vm 1
 number 4
 mappings:
 counters:
  binds: 0
client 7 vm 1
 number 12
 mappings:
  [000000100000-00000010ffff] shared bo 100000 of 0x10000, offset 0x0, pat 0, pages 16x4K
  [000000200000-0000003fffff] private bo 110000 of 0x400000, offset 0x0, pat 0, pages 1x2M
  [000040000000-00007fffffff] null, pat 0, pages 1x1G
  [000100000000-000100001fff] userptr 0x7f80f4e34000, pat 0, read-only, pages 2x4K, to be rebound
 counters:
  binds: 3
 page tables, address space 0:
  [000000000000-007fffffffff] level 3 table 00000001053f7003
"""
MAP = [
    {"first": "0x100000", "last": "0x107fff", "page": "4 KiB", "access": "rw", "leads to": "0x1"},
    {"first": "0x108000", "last": "0x10ffff", "page": "4 KiB", "access": "rw", "leads to": "0x2"},
    {"first": "0x200000", "last": "0x3fffff", "page": "2 MiB", "access": "rw", "leads to": "0x3"},
    {"first": "0x40000000", "last": "0x7fffffff", "page": "1 GiB", "access": "rw", "leads to": "null"},
    {"first": "0x100000000", "last": "0x100001fff", "page": "4 KiB", "access": "ro", "leads to": "0x4"},
]
EVENTS = """# tracer: nop
  xe_sample-80 [000] .....  10.000100: xe_bind_create: dev=0 vm=4 bind=1 index=0 op=map addr=0x1000 steps=1
  xe_sample-80 [000] .....  10.000200: xe_bind_parse: dev=0 vm=4 bind=1 entries=5 deferred=1 inval=0
  xe_sample-80 [000] .....  10.000300: xe_bind_commit: dev=0 vm=4 bind=1 fence=0:0 error=0
  xe_sample-80 [000] .....  10.000400: xe_bind_finish: dev=0 vm=4 bind=1 fence=9:1 error=0
  xe_sample-80 [000] .....  10.000500: xe_job_push: dev=0 queue=rcs fence=7:1 number=1 batch=0x100000 error=0
  kworker-3    [001] .....  10.000600: xe_job_run: dev=0 queue=rcs fence=7:1 number=1 batch=0x100000 error=0
  kworker-3    [001] .....  10.000700: xe_tlb_inval_issue: dev=0 gt=0 fence=5:2 number=0 start=0x0 end=0x1
  kworker-3    [001] .....  10.000710: xe_tlb_inval_send: dev=0 gt=0 fence=5:2 number=9 start=0x0 end=0x1
  kworker-3    [001] .....  10.000900: xe_job_done: dev=0 queue=rcs fence=7:1 number=1 batch=0x100000 error=0
  kworker-3    [001] .....  10.001000: xe_tlb_inval_ack: dev=0 gt=0 fence=5:2 number=9 start=0x0 end=0x1
  kworker-3    [001] .....  10.001300: xe_bind_write: dev=0 vm=4 bind=1 entries=5 deferred=1 inval=0
  kworker-3    [001] .....  10.001400: xe_bind_done: dev=0 vm=4 bind=1 fence=9:1 error=0
"""
TRACE = """[
{"ph":"M","pid":1,"tid":1,"name":"thread_name","args":{"name":"rcs0"}},
{"ph":"M","pid":1,"tid":2,"name":"thread_name","args":{"name":"GuC"}},
{"ph":"M","pid":1,"tid":3,"name":"thread_name","args":{"name":"host"}},
{"ph":"B","pid":1,"tid":1,"ts":1000.000,"name":"context 1","args":{}},
{"ph":"i","pid":1,"tid":3,"ts":1010.000,"name":"doorbell of the GuC","s":"t","args":{}},
{"ph":"B","pid":1,"tid":1,"ts":1500.000,"name":"batch 0x1","args":{}},
{"ph":"B","pid":1,"tid":1,"ts":1520.000,"name":"wait","args":{"at":"0x1"}},
{"ph":"E","pid":1,"tid":1,"ts":1530.000,"args":{}},
{"ph":"E","pid":1,"tid":1,"ts":1600.000,"args":{}},
{"ph":"E","pid":1,"tid":1,"ts":4000.000,"args":{}},
{"ph":"B","pid":1,"tid":2,"ts":4500.000,"name":"TLB_INVALIDATION","args":{"seqno":9,"type":"full"}},
{"ph":"E","pid":1,"tid":2,"ts":4510.000,"args":{}},
{"ph":"i","pid":1,"tid":2,"ts":5000.000,"name":"x","s":"t","args":{}}
]
"""


class Space(unittest.TestCase):
    def setUp(self):
        self.mappings = report_space.parse(VMS)

    def test_the_vm_with_most_mappings(self):
        self.assertEqual([one.kind for one in self.mappings],
                         ["shared", "private", "null", "userptr"])

    def test_a_line_is_taken_apart(self):
        one = self.mappings[3]
        self.assertEqual((one.first, one.size()), (0x100000000, 0x2000))
        self.assertEqual((one.flags, one.pages, one.state),
                         (["read-only"], {"4K": 2}, ["to be rebound"]))

    def test_neighbouring_runs_of_one_size_are_told_together(self):
        self.assertEqual(report_space.walked(MAP, self.mappings[0]), [("4K", 16, "rw")])

    def test_driver_and_device_agree(self):
        self.assertEqual(report_space.disagree(self.mappings, MAP), [])

    def test_a_page_that_is_missing_is_seen(self):
        self.assertEqual(report_space.disagree(self.mappings, MAP[:-1]), [0x100000000])

    def test_another_page_size_is_seen(self):
        rows = [dict(row, page="4 KiB") if row["first"] == "0x200000" else row for row in MAP]
        self.assertEqual(report_space.disagree(self.mappings, rows), [0x200000])

    def test_another_access_is_seen(self):
        rows = [dict(row, access="rw") for row in MAP]
        self.assertEqual(report_space.disagree(self.mappings, rows), [0x100000000])

    def test_memory_instead_of_null_is_seen(self):
        rows = [dict(row, **{"leads to": "0x4"}) for row in MAP]
        self.assertEqual(report_space.disagree(self.mappings, rows), [0x40000000])

    def test_a_page_where_nothing_is_mapped_is_seen(self):
        for first, last in (("0x110000", "0x110fff"), ("0x100001000", "0x100002fff"),
                            ("0x200000000", "0x2001fffff")):
            rows = MAP + [dict(MAP[-1], first=first, last=last)]
            self.assertIn(int(first, 16), report_space.disagree(self.mappings, rows))

    def test_a_list_that_was_cut_is_no_list(self):
        reply = {"ok": True, "result": {"map": MAP, "cut at": "0x1"}}
        with self.assertRaises(ValueError):
            report_space.read(VMS, json.dumps(reply))

    def test_a_row_of_the_drawing_for_each_mapping(self):
        drawing = report_space.drawing(self.mappings, MAP)
        self.assertEqual(drawing.count("<rect"), 8)
        self.assertIn("1020 MiB unmapped", drawing)

    def test_sizes(self):
        self.assertEqual([report_space.bytes_text(n) for n in (4096, 3 << 20, 1 << 30)],
                         ["4 KiB", "3 MiB", "1 GiB"])


class Time(unittest.TestCase):
    def setUp(self):
        self.events = report_time.events(EVENTS)
        self.rows = report_time.trace_rows(TRACE)

    def lengths(self, spans):
        return [round((span.end - span.begin) * 1e6) for span in spans]

    def test_a_bind_is_prepared_committed_written_and_completed(self):
        spans = report_time.bind_spans(self.events)
        self.assertEqual(self.lengths(spans), [200, 100, 1000, 0])
        self.assertIn("by the copy engine", spans[0].about)
        self.assertEqual({span.row for span in spans}, {"bind 1: map 0x1000"})

    def test_a_bind_of_many_operations_begins_with_the_first(self):
        again = dataclasses.replace(self.events[0], time=10.00015)
        spans = report_time.bind_spans([self.events[0], again, *self.events[1:]])
        self.assertEqual((self.lengths(spans)[0], spans[0].row), (200, "bind 1: 2 operations"))

    def test_a_job_waits_and_runs(self):
        spans = report_time.job_spans(self.events)
        self.assertEqual(self.lengths(spans), [100, 300])
        self.assertEqual(spans[0].row, "job 1 of queue rcs A")

    def test_invalidations(self):
        self.assertEqual(self.lengths(report_time.invalidation_spans(self.events)), [300])

    def test_rows_in_the_order_in_which_they_begin(self):
        rows = list(dict.fromkeys(span.row for span in report_time.driver_spans(self.events)))
        self.assertEqual([row.split()[0] for row in rows], ["bind", "job", "TLB"])

    def test_the_outermost_spans_of_the_model_and_waits_in_them(self):
        spans = report_time.model_spans(self.rows)
        self.assertEqual([(span.row, span.about) for span in spans],
                         [("rcs0", "context 1"), ("rcs0", "wait: at 0x1"),
                          ("GuC", "TLB_INVALIDATION: seqno 9, type full"), ("GuC", "x")])
        self.assertEqual(self.lengths(spans), [3000, 10, 10, 0])

    def test_a_trace_that_was_cut_off(self):
        self.assertEqual(report_time.trace_rows(TRACE.rstrip()[:-1]), self.rows)
        self.assertEqual(report_time.trace_rows(TRACE.rstrip()[:-1].rstrip() + ","), self.rows)

    def test_the_clocks_differ_by_what_lets_every_answer_follow_its_request(self):
        by, error = report_time.shift(self.events, self.rows)
        self.assertAlmostEqual(by, 10.00085 - 0.0045)
        self.assertAlmostEqual(error, 0.00015)
        driver, device, _ = report_time.merge(EVENTS, TRACE)
        self.assertAlmostEqual(device[-2].begin, 10.00085)
        self.assertEqual(len(driver), 7)

    def test_clocks_that_nothing_relates(self):
        text = TRACE.replace('"seqno":9', '"seqno":8')
        self.assertIsNone(report_time.shift(self.events, report_time.trace_rows(text)))
        self.assertEqual(report_time.merge(EVENTS, text)[1], [])
        self.assertEqual(report_time.merge(EVENTS, None)[1], [])

    def test_the_axis_keeps_order_and_cuts_what_is_long(self):
        times = [i * 1e-6 for i in range(100)]
        spans = [report_time.Span("a", at, at + 1e-6, "c1", "") for at in times + [1.0]]
        axis = report_time.Axis(spans)
        self.assertEqual(axis.at, sorted(axis.at))
        self.assertAlmostEqual(axis.at[-1], report_time.WIDTH - report_time.RIGHT)
        self.assertEqual(len(axis.cuts), 1)
        at = axis.cuts[0]
        share = (axis.at[at] - axis.at[at - 1]) / (axis.at[-1] - axis.at[0])
        self.assertAlmostEqual(share, report_time.LONGEST)
        self.assertIn((axis.at[at], 1.0, True), axis.marks())

    def test_an_axis_of_few_points(self):
        for times in ((1.0,), (1.0, 2.0), (1.0, 2.0, 5.0)):
            spans = [report_time.Span("a", at, at, "mark", "") for at in times]
            self.assertEqual(report_time.Axis(spans).cuts, [])

    def test_a_bar_or_a_line_for_each_span(self):
        driver, device, _ = report_time.merge(EVENTS, TRACE)
        drawing = report_time.drawing([("driver", driver), ("device", device)], "x")
        bars = drawing.count("<rect") - drawing.count('class="cut"')
        self.assertEqual(bars + drawing.count('class="mark"'), len(driver) + len(device))


class Html(unittest.TestCase):
    def test_text_is_no_markup(self):
        made = report_html.table("t", "a <b>", ["<i>"], [["<script>"]])
        self.assertNotIn("<script>", made)
        self.assertNotIn("<i>", made)

    def test_a_long_table_has_a_filter(self):
        self.assertIn('class="filter"', report_html.table("t", "c", ["n"], [[n] for n in range(20)]))
        self.assertNotIn('class="filter"', report_html.table("t", "c", ["n"], [[1]]))

    def test_the_page_asks_for_nothing_from_elsewhere(self):
        page = report_html.page("t", "s", [], [("a", "A", "<section id=a></section>")])
        self.assertFalse(re.search(r"(src|href)=\"(?!#)", page))
        self.assertIn("default-src 'none'", page)


class Igt(unittest.TestCase):
    RUNS = {"ours": [results.Result("x@a", "pass", 1.0), results.Result("x@b", "skip", 0.0, "why"),
                     results.Result("x@c", "fail", 0.0)],
            "stock": [results.Result("x@a", "pass", 1.0), results.Result("x@b", "pass", 0.0)]}

    def test_states(self):
        _, states = report_sections.igt_rows(self.RUNS, {"ours": {"x@c": "VRAM"}})
        self.assertEqual(states, ["pass", "skip pass differs unexplained", "fail - bad"])

    def test_reasons(self):
        rows, _ = report_sections.igt_rows(self.RUNS, {"ours": {"x@c": "VRAM"}})
        self.assertEqual([row[-1] for row in rows], ["", "why", "needs VRAM"])

    def test_tables_are_read_back(self):
        self.assertEqual(report_data.parse_table(results.table(self.RUNS["ours"])),
                         self.RUNS["ours"])


class Coverage(unittest.TestCase):
    def test_stretches(self):
        self.assertEqual(report_coverage.stretches([1, 2, 4, 9]), [(1, 4), (9, 9)])

    def test_excerpt_marks_lines_and_shows_their_neighbours(self):
        text = report_coverage.excerpt(["a", "b", "c", "d"], {2})
        self.assertEqual([line.split() for line in text.splitlines()],
                         [["1", "a"], ["2", "✗", "b"], ["3", "c"]])


class Page(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.results = Path(directory.name)
        for patch in (mock.patch.object(paths, "RESULTS", self.results),
                      mock.patch.object(report_data, "SAMPLE", self.results / "sample"),
                      mock.patch.object(report_data, "COVERED", self.results / "coverage.json"),
                      mock.patch.object(report_data.suite, "TOTALS", self.results / "totals.txt")):
            patch.start()
            self.addCleanup(patch.stop)

    def put(self, name, text):
        path = self.results / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def test_without_data_each_section_names_its_command(self):
        page = report.make()
        self.assertEqual(page.count("No data:"), len(report_sections.ALL))
        for command in ("make igt-all", "make kunit", "make inject", "make fuzz", "make bench",
                        "make coverage", "make sample"):
            self.assertIn(command, page)

    def test_with_data(self):
        self.put("all/ours.txt", results.table(Igt.RUNS["ours"]))
        self.put("inject/ours/inject.txt", "case\tmap\t12\t12\t0\t0\t0\t1\nsum\t1\t0\t0\n")
        self.put("fuzz/ours/xe_fuzz_vm.txt", "done: 4000 steps\n")
        self.put("fuzz/ours/said.txt", "xe_fuzz_vm=0\n")
        self.put("kunit/console.log", "KTAP version 1\n1..1\n    KTAP version 1\n    # Subtest: xe_a\n"
                 "    1..1\n    ok 1 one\nok 1 xe_a\n")
        self.put("bench/samples.json", json.dumps({"instructions": {
            "stock": {"map": {"per": 1, "ticks": [100]}},
            "ours": {"map": {"per": 1, "ticks": [50]}}}, "counters": {}}))
        self.put("sample/vms.txt", VMS)
        self.put("sample/map.json", json.dumps({"ok": True, "result": {"map": MAP}}))
        self.put("sample/events.txt", EVENTS)
        self.put("sample/trace.json", TRACE)
        files = {"vm/xe_vma.c": coverage.File({1: 1, 2: 0}, {"xe_vma_f": (1, 2)})}
        self.put("coverage.json", coverage.dump(files, {"igt": "IGT x: 3 pass"},
                                                coverage.identity()))
        page = report.make()
        self.assertEqual(page.count("No data:"), 2)
        self.assertNotIn("cannot be read", page)
        for words in ("0.500", "done: 4000 steps", "12 injection points",
                      "Driver and device agree", "job 1 of queue rcs A", "context 1", "xe_vma_f", "    2 ✗",
                      "IGT x: 3 pass", "Not counted: programs, fuzz, tables"):
            self.assertIn(words, page)

    def test_a_file_that_cannot_be_read_spoils_its_section_only(self):
        self.put("bench/samples.json", "{")
        page = report.make()
        self.assertEqual(page.count("cannot be read"), 1)
        self.assertEqual(page.count("No data:"), len(report_sections.ALL) - 1)


def verdict(**changes):
    said = {"problems": [], "empty": [], "filters": 3, "width": 1280, "dark": False, "ready": True}
    said.update(changes)
    return f'<html data-ready="yes" data-verdict="{html.escape(json.dumps(said))}">'


class Browser(unittest.TestCase):
    def test_good(self):
        self.assertEqual(browser.judge(verdict(), "ERROR:dbus/bus.cc:405] no bus\n", False), [])

    def test_each_thing_that_may_be_wrong(self):
        for dom in (verdict(problems=["x"]), verdict(filters=0), verdict(dark=True),
                    verdict(ready=False), "<html>"):
            self.assertEqual(len(browser.judge(dom, "", False)), 1, dom)

    def test_sections_without_data(self):
        dom = verdict(empty=["kunit"])
        self.assertEqual(browser.judge(dom, "", False), [])
        self.assertEqual(browser.judge(dom, "", False, complete=True), ["section kunit has no data"])

    def test_the_console(self):
        log = '[1:1:1127/1:INFO:CONSOLE:12] "Uncaught ReferenceError: x", source: file:///p (12)\n'
        self.assertEqual(len(browser.judge(verdict(), log, False)), 1)

    def test_the_script_is_at_the_end_of_the_page(self):
        page = browser.probe(report_html.page("t", "s", [], []))
        self.assertLess(page.index("problems = []"), page.index("dataset.ready"))
        self.assertLess(page.index("dataset.ready"), page.index("SECTIONS = ["))
