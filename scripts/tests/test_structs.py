# SPDX-License-Identifier: MIT
"""The bound on what a mapping costs, on made-up sizes."""

import unittest

from run import structs

TEXT = "xe_vma\t216\t1\ndrm_gpuvm_bo\t88\t1\nxe_pt\t152\t1\nxe_vm\t800\t3\nnot a size\n"


class Structs(unittest.TestCase):
    def test_sizes_are_read(self):
        self.assertEqual(structs.parse(TEXT),
                         {"xe_vma": 216, "drm_gpuvm_bo": 88, "xe_pt": 152, "xe_vm": 800})

    def test_what_is_shared_counts_by_its_share(self):
        self.assertEqual(structs.per_mapping(structs.parse(TEXT)), 216 + 88 + 1)

    def test_the_bound_holds_and_one_byte_more_does_not(self):
        sizes = {"xe_vma": structs.LIMIT - 89, "drm_gpuvm_bo": 88, "xe_pt": 512}
        self.assertTrue(structs.report(sizes)[0])
        sizes["xe_vma"] += 1
        self.assertFalse(structs.report(sizes)[0])

    def test_a_missing_struct_is_no_pass(self):
        good, text = structs.report({"xe_vma": 1, "xe_pt": 1})
        self.assertFalse(good)
        self.assertIn("drm_gpuvm_bo", text)

    def test_what_the_kernel_takes(self):
        self.assertEqual([structs.taken(n) for n in (1, 96, 97, 200, 10000)],
                         [8, 96, 128, 256, 10000])


if __name__ == "__main__":
    unittest.main()
