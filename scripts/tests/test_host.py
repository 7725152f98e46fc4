# SPDX-License-Identifier: MIT
"""What the host has to have: the fuzzers' runtime goes with the version of clang."""

import unittest

from run import host


def clang(version):
    answers = {"-print-resource-dir": "/usr/lib/llvm/lib/clang/x", "--version": version}
    return lambda *arguments: answers[arguments[0]]


class FuzzerRuntime(unittest.TestCase):
    def package(self, version, files):
        return host.fuzzer_runtime_package(lambda pattern: files, clang(version))

    def test_named_after_clang(self):
        self.assertEqual(self.package("Debian clang version 14.0.6\nTarget: x86_64", []),
                         "libclang-rt-14-dev")
        self.assertEqual(self.package("Ubuntu clang version 18.1.3 (1)", []),
                         "libclang-rt-18-dev")

    def test_there(self):
        self.assertIsNone(self.package("Debian clang version 14.0.6", ["libclang_rt.fuzzer.a"]))

    def test_no_clang(self):
        self.assertIsNone(host.fuzzer_runtime_package(lambda pattern: [], lambda *a: ""))


if __name__ == "__main__":
    unittest.main()
