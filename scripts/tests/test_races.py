# SPDX-License-Identifier: MIT
"""Whose a data race is, on reports as KCSAN prints them."""

import pathlib
import tempfile
import unittest
from unittest import mock

from run import kernel, races, results, session

BAR = "=" * 66
HEAD = "{bar}\nBUG: KCSAN: data-race in {title}\n\n"
END = """
value changed: 0x0000000000000041 -> 0x0000000000000042

Reported by Kernel Concurrency Sanitizer on:
CPU: 1 UID: 0 PID: 812 Comm: xe_exec_threads Tainted: G           O       6.12.118-xe-kcsan #1
Tainted: [O]=OOT_MODULE
Hardware name: QEMU Standard PC (Q35 + ICH9, 2009), BIOS 1.16.3-debian-1.16.3-2 04/01/2014
{bar}
"""
SYSCALL = """ drm_ioctl_kernel+0x13b/0x1f0
 drm_ioctl+0x3a1/0x6b0
 __x64_sys_ioctl+0xc5/0x100
 do_syscall_64+0x7e/0x150
 entry_SYSCALL_64_after_hwframe+0x76/0x7e
"""


def report(title, writer, reader):
    """A report: the frames of who writes and of who reads, innermost first."""
    return (HEAD.format(bar=BAR, title=title)
            + "write to 0xffff8881048c2a10 of 8 bytes by task 811 on cpu 0:\n" + writer + "\n"
            + "read to 0xffff8881048c2a10 of 8 bytes by task 812 on cpu 1:\n" + reader
            + END.format(bar=BAR))


def stamped(text, level="", start=70.0):
    """@text as a kernel log has it; @level: as igt_runner puts it in front."""
    return "".join(f"{level}[{start + n / 1000:12.6f}] {line}\n"
                   for n, line in enumerate(text.splitlines()))


OURS = report("xe_lrc_next_seqno [xe] / xe_lrc_write_seqno [xe]",
              " xe_lrc_write_seqno+0x2b/0x60 [xe]\n xe_exec_ioctl+0x7a1/0xc20 [xe]\n" + SYSCALL,
              " xe_lrc_next_seqno+0x19/0x40 [xe]\n xe_exec_ioctl+0x6f0/0xc20 [xe]\n" + SYSCALL)
ONE_SIDE = report("dma_resv_reset_max_fences / xe_bo_peek [xe]",
                  " dma_resv_reset_max_fences+0x1b/0x40\n drm_exec_fini+0x33/0x90 [drm_exec]\n" + SYSCALL,
                  " xe_bo_peek+0x19/0x40 [xe]\n xe_exec_ioctl+0x6f0/0xc20 [xe]\n" + SYSCALL)
BELOW = report("__list_add / rb_next",
               " __list_add+0x2b/0x60\n xe_vm_bind_ioctl+0x7a1/0xc20 [xe]\n" + SYSCALL,
               " rb_next+0x19/0x40\n worker_thread+0x11/0x200\n kthread+0x1/0x2\n")
UNKNOWN_ORIGIN = (HEAD.format(bar=BAR, title="xe_hw_fence_signaled+0x71/0xd0 [xe]") +
                  "race at unknown origin, with read to 0xffffc9000009bdb0 of 4 bytes by interrupt on cpu 1:\n"
                  " xe_hw_fence_signaled+0x71/0xd0 [xe]\n xe_hw_fence_irq_run+0x5/0x10 [xe]\n"
                  " asm_common_interrupt+0x26/0x40\n cpuidle_enter+0x1/0x2\n" + END.format(bar=BAR))
THEIRS = report("_find_next_bit / tick_nohz_stop_tick",
                " tick_nohz_stop_tick+0x2b/0x60\n do_idle+0x7a/0xc0\n",
                " _find_next_bit+0x19/0x40\n kick_all_cpus_sync+0x6f/0xc2\n" + SYSCALL)
INTERRUPTED = report("jiffies_read / tick_do_update_jiffies64",
                     " tick_do_update_jiffies64+0x1b/0x60\n tick_nohz_handler+0x11/0x60\n"
                     " sysvec_apic_timer_interrupt+0x6a/0x80\n asm_sysvec_apic_timer_interrupt+0x1a/0x20\n"
                     " xe_pt_walk+0x31/0x100 [xe]\n xe_vm_bind_ioctl+0x7a1/0xc20 [xe]\n" + SYSCALL,
                     " jiffies_read+0x19/0x40\n kthread+0x1/0x2\n")


class Whose(unittest.TestCase):
    def complaints(self, text, known=()):
        return results.kernel_complaints(stamped(text), known)

    def test_two_functions_of_the_driver(self):
        self.assertEqual(self.complaints(OURS), [
            "BUG: KCSAN: data-race in xe_lrc_next_seqno [xe] / xe_lrc_write_seqno [xe]"])

    def test_one_function_of_the_driver(self):
        self.assertEqual(len(self.complaints(ONE_SIDE)), 1)

    def test_a_helper_that_the_driver_has_called(self):
        found = self.complaints(BELOW)
        self.assertEqual(len(found), 1)
        self.assertIn("xe_vm_bind_ioctl", found[0])

    def test_memory_that_the_device_writes(self):
        self.assertEqual(len(self.complaints(UNKNOWN_ORIGIN)), 1)

    def test_the_kernel_alone(self):
        self.assertEqual(self.complaints(THEIRS), [])

    def test_who_is_interrupted_has_nothing_to_do_with_it(self):
        self.assertEqual(self.complaints(INTERRUPTED), [])

    def test_a_function_that_has_gone_may_have_been_the_drivers(self):
        text = THEIRS.replace(" do_idle+0x7a/0xc0\n", " 0xffffffffc0123456\n")
        self.assertEqual(len(self.complaints(text)), 1)

    def test_another_module_whose_name_begins_like_the_drivers(self):
        self.assertEqual(self.complaints(THEIRS.replace("do_idle+0x7a/0xc0", "f+0x7a/0xc0 [xen]")), [])

    def test_known_ones(self):
        self.assertEqual(self.complaints(OURS, ["xe_exec_ioctl.*\\n.*drm_ioctl_kernel"]), [])
        self.assertEqual(len(self.complaints(OURS, ["something_else"])), 1)


class Logs(unittest.TestCase):
    def test_reports_one_after_the_other(self):
        found, rest = races.split(stamped(THEIRS + OURS) + "[   80.000000] WARNING: odd\n"
                                  + stamped(THEIRS, start=90))
        self.assertEqual([race.is_ours() for race in found], [False, True, False])
        self.assertTrue(all(race.whole for race in found))
        self.assertEqual(rest, "[   80.000000] WARNING: odd")

    def test_what_another_processor_prints_meanwhile_is_judged(self):
        lines = stamped(THEIRS).splitlines()
        for place in range(len(lines) + 1):
            text = "\n".join(lines[:place] + ["[   70.100000] WARNING: odd"] + lines[place:])
            self.assertEqual(results.kernel_complaints(text), ["WARNING: odd"], place)

    def test_a_report_that_breaks_off_may_be_ours(self):
        lines = stamped(THEIRS).splitlines()
        for end in range(2, len(lines)):
            self.assertEqual(len(results.kernel_complaints("\n".join(lines[:end]))), 1, end)
        found = results.kernel_complaints("\n".join(lines[:9]) + "\n" + stamped(OURS))
        self.assertEqual(len(found), 2)

    def test_other_detectors_are_left_alone(self):
        text = stamped(f"{BAR}\nBUG: KASAN: slab-use-after-free in xe_x+0x1/0x2 [xe]\n{BAR}\n")
        self.assertEqual(races.split(text), ([], text.rstrip("\n")))
        self.assertEqual(len(results.kernel_complaints(text)), 1)

    def test_the_log_without_the_others(self):
        text = races.without_others(stamped(THEIRS) + stamped(OURS, start=80))
        self.assertEqual(text, stamped(OURS, start=80).rstrip("\n"))


class OfATest(unittest.TestCase):
    """igt_runner marks a test for whatever the kernel prints while it runs."""

    def word(self, dmesg, log, known=()):
        document = {"tests": {"igt@a@b": {"result": "dmesg-warn", "dmesg": dmesg}}}
        return results.parse_results(document, known, races.excused_lines(log, known))[0].result

    def test_races_of_the_kernel_alone(self):
        self.assertEqual(self.word(stamped(THEIRS, "<3> "), stamped(THEIRS)), "pass")

    def test_a_report_across_the_end_of_a_test(self):
        lines = stamped(THEIRS, "<4> ").splitlines()
        for half in (lines[:8], lines[8:]):
            self.assertEqual(self.word("\n".join(half), stamped(THEIRS)), "pass")

    def test_races_of_ours(self):
        log = stamped(THEIRS) + stamped(OURS, start=80)
        dmesg = stamped(THEIRS, "<3> ") + stamped(OURS, "<3> ", start=80)
        self.assertEqual(self.word(dmesg, log), "dmesg-warn")
        self.assertEqual(self.word(dmesg, log, ["xe_lrc_next_seqno"]), "pass")

    def test_something_else_beside_them(self):
        self.assertEqual(self.word(stamped(THEIRS, "<3> ") + "<4> [80.000000] odd\n", stamped(THEIRS)),
                         "dmesg-warn")


class Telling(unittest.TestCase):
    LOG = stamped(THEIRS) + stamped(OURS, start=80) + stamped(THEIRS, start=90) + stamped(INTERRUPTED)

    def test_numbers(self):
        head, lines = races.summary(races.split(self.LOG)[0])
        self.assertEqual(head, "data races: 1 of the driver, 3 of the kernel alone (2 pairs of functions)")
        self.assertEqual(lines[0].split(), ["2", *"data-race in _find_next_bit / tick_nohz_stop_tick".split()])

    def test_known_ones_are_told(self):
        self.assertIn("0 of the driver, 3 of the kernel alone (2 pairs of functions), 1 known",
                      races.summary(races.split(self.LOG)[0], ["xe_lrc_next_seqno"])[0])

    def tell(self, log):
        with tempfile.TemporaryDirectory() as name, mock.patch.object(session.ui, "say") as say:
            session.tell_races(pathlib.Path(name), log)
            path = pathlib.Path(name) / "races.txt"
            return [call.args[0] for call in say.call_args_list], path.read_text() if path.exists() else ""

    def test_the_file_has_the_drivers_in_full(self):
        said, text = self.tell(self.LOG)
        self.assertEqual(len(said), 1)
        self.assertIn("xe_exec_ioctl+0x7a1/0xc20 [xe]", text)
        self.assertNotIn("kick_all_cpus_sync", text)
        self.assertIn("2  data-race in _find_next_bit", text)

    def test_none_is_worth_a_word_only_where_they_are_looked_for(self):
        self.assertEqual(self.tell("")[0], [])
        self.addCleanup(kernel.select, "distribution")
        kernel.select("kcsan")
        self.assertIn("data races: 0 of the driver", self.tell("")[0][0])


if __name__ == "__main__":
    unittest.main()
