# SPDX-License-Identifier: MIT
"""The meaning of a run's output, checked on small recorded pieces of it."""

import unittest

from run import firmware, lists, results, roots, ui

SKIP_OUT = """Starting subtest: test
Test requirement not met in function igt_require_sw_sync, file ../lib/sw_sync.c:224:
Test requirement: kernel_has_sw_sync()
SUBTEST TEST: SKIP (0.000s)
"""
FAIL_ERR = """(xe_vm:700) CRITICAL: Test assertion failure function test_bind, file ../tests/intel/xe_vm.c:100:
(xe_vm:700) CRITICAL: Failed assertion: data[0] == 0xc0ffee
"""
DOCUMENT = {
    "tests": {
        "igt@xe_vm@bind-once": {"result": "pass", "time": {"start": 1.0, "end": 1.25},
                                "out": "", "err": ""},
        "igt@sw_sync@alloc": {"result": "skip", "time": {"start": 2, "end": 2}, "out": SKIP_OUT,
                              "err": ""},
        "igt@xe_vm@scratch": {"result": "fail", "time": {"start": 0, "end": 3}, "out": "",
                              "err": FAIL_ERR},
        "igt@xe_vm@late": {"result": "notrun"},
    }
}
LOG = """[    1.0] Linux version 6.12
<4>[   10.000001] WARNING: CPU: 0 PID: 700 at drivers/gpu/drm/xe/vm.c:10 xe_bad+0x1/0x2 [xe]
[   11.0] xe 0000:00:09.0: [drm] vcs1 fused off
[   12.0] BUG: kernel NULL pointer dereference, address: 0000000000000008
[   13.0] INFO: possible circular locking dependency detected
"""


class ParseResults(unittest.TestCase):
    def setUp(self):
        self.results = results.parse_results(DOCUMENT)

    def test_order_names_and_times(self):
        self.assertEqual([r.test for r in self.results],
                         ["xe_vm@bind-once", "sw_sync@alloc", "xe_vm@scratch", "xe_vm@late"])
        self.assertAlmostEqual(self.results[0].seconds, 0.25)

    def test_reason_of_a_skip_is_the_requirement(self):
        self.assertEqual(self.results[1].reason, "kernel_has_sw_sync()")

    def test_reason_of_a_failure_is_the_assertion(self):
        self.assertEqual(self.results[2].reason, "data[0] == 0xc0ffee")

    def test_a_test_that_did_not_run_says_so(self):
        self.assertIn("not run", self.results[3].reason)

    def test_counts(self):
        self.assertEqual(results.counts(self.results),
                         {"pass": 1, "skip": 1, "fail": 1, "notrun": 1})

    def test_table_has_a_row_per_test(self):
        self.assertEqual(len(results.table(self.results).splitlines()), 5)


class KnownMessages(unittest.TestCase):
    """A warning of the kernel turns a pass into dmesg-warn, unless all of them are known."""

    def word(self, dmesg, result="dmesg-warn"):
        document = {"tests": {"igt@a@b": {"result": result, "dmesg": dmesg}}}
        return results.parse_results(document, known=["odd state", "gave up"])[0]

    def test_all_known(self):
        found = self.word("<6> [1.0] starting\n<3> [1.1] xe: odd state 7\n<4> [1.2] xe gave up\n")
        self.assertEqual((found.result, found.reason), ("pass", ""))

    def test_one_unknown(self):
        for level in (1, 4):
            found = self.word(f"<3> [1.1] xe: odd state 7\n<{level}> [1.2] something else\n")
            self.assertEqual(found.result, "dmesg-warn")

    def test_quiet_messages_do_not_count(self):
        self.assertEqual(self.word("<3> [1.1] odd state\n<5> [1.2] other\n").result, "pass")

    def test_registers_and_stack_belong_to_a_warning(self):
        trace = ("<4> [1.0] ------------[ cut here ]------------\n<4> [1.1] WARNING: CPU: 0 odd state\n"
                 "<4> [1.2] RIP: 0010:f+0x1\n<4> [1.3] ---[ end trace 0000000000000000 ]---\n")
        self.assertEqual(self.word(trace).result, "pass")
        self.assertEqual(self.word(trace + "<4> [1.4] more\n").result, "dmesg-warn")
        self.assertEqual(self.word(trace.replace("odd", "other")).result, "dmesg-warn")

    def test_no_message_excuses_nothing(self):
        self.assertEqual(self.word("<6> [1.0] odd state\n").result, "dmesg-warn")

    def test_failures_stay(self):
        for result in ("fail", "dmesg-fail", "timeout"):
            self.assertEqual(self.word("<3> [1.1] odd state\n", result).result, result)


class FromTheLogAlone(unittest.TestCase):
    def test_outcomes_of_the_subtests_that_ended(self):
        log = ("[ 1.0] [IGT] xe_vm: starting subtest scratch\n"
               "[ 1.2] [IGT] xe_vm: finished subtest scratch, SUCCESS\n"
               "[ 1.4] [IGT] xe_vm: finished subtest bind-once, FAIL\n"
               "[ 1.6] [IGT] xe_vm: starting subtest hangs\n")
        self.assertEqual([(r.test, r.result) for r in results.parse_log(log)],
                         [("xe_vm@scratch", "pass"), ("xe_vm@bind-once", "fail")])


class Announced(unittest.TestCase):
    LOG = ("[ 1.0] [IGT] xe_wedged: executing\n"
           "[ 1.1] [IGT] add ignored dmesg regex: declared device [0-9:.]* as wedged|reset failed\n"
           "[ 1.2] xe 0000:00:09.0: [drm] *ERROR* declared device 0000:00:09.0 as wedged.\n")

    def test_a_complaint_the_test_announced_is_none(self):
        self.assertEqual(results.kernel_complaints(self.LOG), [])

    def test_another_complaint_of_the_same_test_counts(self):
        self.assertEqual(len(results.kernel_complaints(self.LOG + "[ 1.3] BUG: bad page\n")), 1)

    def test_the_announcement_ends_with_the_binary(self):
        log = self.LOG + "[ 2.0] [IGT] xe_wedged: exiting, ret=0\n"
        log += "[ 2.1] xe 0000:00:09.0: [drm] *ERROR* declared device 0000:00:09.0 as wedged.\n"
        self.assertEqual(len(results.kernel_complaints(log)), 1)

    def test_an_expression_python_cannot_read_hides_nothing(self):
        log = "[ 1.1] [IGT] add ignored dmesg regex: [\n[ 1.3] BUG: bad page\n"
        self.assertEqual(len(results.kernel_complaints(log)), 1)


class Verdict(unittest.TestCase):
    def setUp(self):
        self.results = results.parse_results(DOCUMENT)

    def test_required_pass_is_good(self):
        good = [r for r in self.results if r.result == "pass"]
        self.assertEqual(results.verdict(good, ["xe_vm@bind-once"], []), [])

    def test_required_skip_is_bad(self):
        lines = results.verdict(self.results[:2], ["sw_sync@alloc"], [])
        self.assertEqual(len(lines), 1)
        self.assertIn("skip", lines[0])

    def test_required_but_absent_is_bad(self):
        self.assertIn("did not run", results.verdict([], ["xe_vm@bind-once"], [])[0])

    def test_letter_case_does_not_hide_a_required_test(self):
        self.assertEqual(results.required_of(["xe_vm@Bind"], ["xe_vm@bind"]), ["xe_vm@Bind"])
        skipped = [results.Result("xe_vm@bind", "skip", 0)]
        self.assertEqual(len(results.verdict(skipped, ["xe_vm@Bind"], [])), 1)

    def test_failure_is_bad_even_if_not_required(self):
        self.assertIn("scratch", results.verdict([self.results[2]], [], [])[0])

    def test_kernel_complaint_is_bad(self):
        self.assertEqual(len(results.verdict([], [], ["WARNING: x"])), 1)


class KernelLog(unittest.TestCase):
    def test_finds_each_kind(self):
        found = results.kernel_complaints(LOG)
        self.assertEqual(len(found), 3)
        self.assertTrue(found[0].startswith("WARNING: CPU: 0"))

    def test_known_ones_are_left_out(self):
        self.assertEqual(len(results.kernel_complaints(LOG, known=["xe_bad"])), 2)

    def test_a_known_function_excuses_no_corrupted_memory(self):
        for line in ("BUG: KASAN: slab-use-after-free in add_dma_entry+0x1", "BUG: unable to handle xe_bad"):
            self.assertEqual(len(results.kernel_complaints(line, ["add_dma_entry", "xe_bad"])), 1)
        self.assertEqual(results.kernel_complaints("BUG: KASAN: x in f", ["KASAN: x in f"]), [])

    def test_information_is_not_a_complaint(self):
        self.assertEqual(results.kernel_complaints("[ 1.0] xe 0000:00:09.0: [drm] Using GuC"), [])


class Gaps(unittest.TestCase):
    FOUND = [results.Result("xe_vm@Bind-Once", "pass", 1.0),
             results.Result("xe_pat@dynamic@one", "skip", 1.0)]

    def test_all_there(self):
        self.assertEqual(results.gaps(self.FOUND, ["xe_vm@bind-once", "xe_pat@dynamic"]), [])

    def test_a_test_without_a_result(self):
        self.assertIn("1 of 2", results.gaps(self.FOUND, ["xe_vm@bind-once", "xe_vm@other"])[0])

    def test_nothing_but_skips(self):
        self.assertEqual(len(results.gaps(self.FOUND[1:], ["xe_pat@dynamic"])), 1)


class GuestRemarks(unittest.TestCase):
    GOOD = "driver=ours modprobe=0 seconds=1.52\nrunner=1\nunload=0\nlog=0\n"

    def test_a_clean_end(self):
        self.assertEqual(results.guest_complaints(self.GOOD), [])

    def test_a_module_that_stays_is_a_complaint(self):
        self.assertEqual(len(results.guest_complaints(self.GOOD.replace("unload=0", "unload=1"))), 1)

    def test_a_module_that_does_not_load_or_finds_no_device_is_a_complaint(self):
        for said in (self.GOOD.replace("modprobe=0", "modprobe=1"), self.GOOD.partition("\n")[2],
                     self.GOOD + "no DRM device: the driver did not bind\n"):
            self.assertEqual(len(results.guest_complaints(said)), 1, said)

    def test_a_log_that_ends_early_is_a_complaint(self):
        for said in (self.GOOD.replace("log=0", "log=1"), self.GOOD.replace("log=0\n", "")):
            self.assertEqual(len(results.guest_complaints(said)), 1, said)

    def test_silence_is_a_complaint(self):
        self.assertEqual(len(results.guest_complaints("driver=ours modprobe=0\n")), 1)


class ModelLog(unittest.TestCase):
    def test_processor_time_of_the_summary(self):
        log = "xe-model summary (tgl, seed 1)\n  jobs: 5\n  processor time: 4.20 s of 60.00 s (7.0 %)\n"
        self.assertEqual(results.model_time(log), "processor time: 4.20 s of 60.00 s (7.0 %)")

    def test_a_log_without_summary(self):
        self.assertEqual(results.model_time("killed\n"), "no processor time in its log")


class SideBySide(unittest.TestCase):
    def test_marks_rows_that_differ(self):
        one = [results.Result("a", "pass", 1), results.Result("b", "pass", 1)]
        two = [results.Result("a", "fail", 1), results.Result("b", "pass", 1)]
        lines = results.side_by_side({"stock": one, "ours": two}).splitlines()
        self.assertTrue(lines[1].startswith("* a"))
        self.assertTrue(lines[2].startswith("  b"))


class Lists(unittest.TestCase):
    KNOWN = {"xe_vm": ["bind-once", "bind-twice", "scratch"], "core": []}

    def test_globs_keep_order_without_repeats(self):
        found = lists.expand(["xe_vm@scratch", "xe_vm@bind-*", "xe_vm@*", "core"], self.KNOWN.get)
        self.assertEqual(found, ["xe_vm@scratch", "xe_vm@bind-once", "xe_vm@bind-twice", "core"])

    def test_a_pattern_without_match_is_an_error(self):
        with self.assertRaises(ui.HarnessError):
            lists.expand(["xe_vm@nothing-*"], self.KNOWN.get)

    def test_taking_out(self):
        self.assertNotIn("xe_vm@scratch",
                         lists.expand(["xe_vm@*", "-xe_vm@scr*"], self.KNOWN.get))
        for bad in (["-xe_vm@scratch", "xe_vm@*"], ["xe_vm@*", "-xe_vm@nothing"]):
            with self.assertRaises(ui.HarnessError):
                lists.expand(bad, self.KNOWN.get)

    def test_comments(self):
        self.assertEqual(lists.parse("# x\n\na@b  # c\n"), ["a@b"])

    def test_package_list_settings(self):
        settings, packages = roots.parse_list("# Some text: more.\n# suite: forky\nqemu\n")
        self.assertEqual(settings, {"suite": "forky"})
        self.assertEqual(packages, ["qemu"])


class Firmware(unittest.TestCase):
    def test_sizes_add_up_as_the_loader_checks_them(self):
        blob = firmware.guc_image(4096)
        dword = [int.from_bytes(blob[i:i + 4], "little") for i in range(0, 128, 4)]
        self.assertEqual(dword[1] - dword[7] - dword[8] - dword[9], 32)
        code = 4 * (dword[6] - dword[1])
        self.assertEqual(code, 4096)
        self.assertGreaterEqual(len(blob), 128 + code + 4 * dword[7])
        self.assertGreaterEqual(dword[16], firmware.encode_version(70, 29, 2))


if __name__ == "__main__":
    unittest.main()
