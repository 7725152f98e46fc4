# SPDX-License-Identifier: MIT
"""What the host has to have: the fuzzers' runtime goes with the version of clang."""

import unittest

from run import host


def answers(version, depends="clang\n  Depends: clang-19 (>= 19~)\n"):
    """A host with clang if @version, and a package manager that would install another one."""
    table = {"-print-resource-dir": "/usr/lib/llvm/lib/clang/x" if version else "",
             "--version": version, "depends": depends}
    return lambda *command: table[command[1]]


class FuzzerRuntime(unittest.TestCase):
    def package(self, version, files, **more):
        return host.fuzzer_runtime_package(lambda pattern: files, answers(version, **more))

    def test_named_after_clang(self):
        self.assertEqual(self.package("Debian clang version 14.0.6\nTarget: x86_64", []),
                         "libclang-rt-14-dev")
        self.assertEqual(self.package("Ubuntu clang version 18.1.3 (1)", []),
                         "libclang-rt-18-dev")

    def test_there(self):
        self.assertIsNone(self.package("Debian clang version 14.0.6", ["libclang_rt.fuzzer.a"]))

    def test_clang_is_still_to_come(self):
        self.assertEqual(self.package("", []), "libclang-rt-19-dev")

    def test_nothing_is_known(self):
        self.assertIsNone(self.package("", [], depends=""))


if __name__ == "__main__":
    unittest.main()
