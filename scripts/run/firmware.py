# SPDX-License-Identifier: MIT
"""A synthetic GuC image: a valid CSS header around zeroed micro-code.

The host never checks the signature, and the model emulates the GuC by its
interface, so the code itself is of no interest. Field offsets: the layout of
the 128-byte CSS header in Documentation/gpu/xe/model.rst.
"""

import struct

HEADER_BYTES = 128
KEY_DW = 64
MODULUS_DW = 64
EXPONENT_DW = 1
RELEASE = (70, 29, 2)
SUBMISSION = (1, 13, 4)


def encode_version(major, minor, patch):
    return major << 16 | minor << 8 | patch


def guc_image(code_bytes=16384):
    """Returns the bytes of the image; @code_bytes must be a multiple of 4."""
    if code_bytes % 4:
        raise ValueError("micro-code is counted in dwords")
    header_dw = HEADER_BYTES // 4 + KEY_DW + MODULUS_DW + EXPONENT_DW
    words = [0] * (HEADER_BYTES // 4)
    words[0x00 // 4] = 6
    words[0x04 // 4] = header_dw
    words[0x08 // 4] = 0x10000
    words[0x10 // 4] = 0x8086
    words[0x18 // 4] = header_dw + code_bytes // 4
    words[0x1C // 4] = KEY_DW
    words[0x20 // 4] = MODULUS_DW
    words[0x24 // 4] = EXPONENT_DW
    words[0x40 // 4] = encode_version(*RELEASE)
    words[0x44 // 4] = encode_version(*SUBMISSION)
    words[0x78 // 4] = 4096
    return struct.pack(f"<{len(words)}I", *words) + bytes(code_bytes) + bytes(KEY_DW * 4)
