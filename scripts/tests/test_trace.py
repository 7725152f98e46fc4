# SPDX-License-Identifier: MIT
import gzip
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from run import trace

TEXT = """[
{"ph":"M","pid":1,"name":"process_name","args":{"name":"xe-model"}},
{"ph":"M","pid":1,"tid":1,"name":"thread_name","args":{"name":"rcs0"}},
{"ph":"M","pid":1,"tid":1,"name":"thread_sort_index","args":{"sort_index":7}},
{"ph":"B","pid":1,"tid":1,"ts":1.000,"name":"context 1","args":{}},
{"ph":"i","pid":1,"tid":1,"ts":2.000,"name":"jump","s":"t","args":{}},
{"ph":"C","pid":1,"tid":0,"ts":3.000,"name":"contexts","args":{"waiting":1}},
{"ph":"s","pid":1,"tid":2,"ts":3.000,"name":"x","cat":"flow","id":"0x1"},
{"ph":"E","pid":1,"tid":1,"ts":4.000,"args":{}}
]
"""


class TraceTest(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.path = Path(self.directory.name) / "trace.json"
        self.path.write_text(TEXT)

    def test_counts_by_track(self):
        self.assertEqual(trace.count(TEXT.splitlines()),
                         {"rcs0": {"spans": 1, "instants": 1, "arrows": 0},
                          "track 2": {"spans": 0, "instants": 0, "arrows": 1}})

    def test_table_has_a_line_for_each_track(self):
        lines = trace.table(trace.count(TEXT.splitlines())).splitlines()
        self.assertEqual([line.split()[0] for line in lines], ["track", "rcs0", "track"])

    def test_cut_off_file_is_noticed(self):
        self.assertTrue(trace.is_complete(self.path))
        self.path.write_text(TEXT[:-4])
        self.assertFalse(trace.is_complete(self.path))

    def test_small_trace_stays_a_big_one_is_packed(self):
        self.assertEqual(trace.pack(self.path), self.path)
        with mock.patch.object(trace, "PACK_FROM", 10):
            packed = trace.pack(self.path)
        self.assertEqual(packed.name, "trace.json.gz")
        self.assertFalse(self.path.exists())
        self.assertEqual(gzip.decompress(packed.read_bytes()).decode(), TEXT)

    def test_run_without_trace_is_no_error(self):
        trace.report(self.path.with_name("absent.json"))


if __name__ == "__main__":
    unittest.main()
