# SPDX-License-Identifier: MIT
"""The machine of 'make kunit', for --qemu_config of the kernel's KUnit wrapper.

The wrapper appends "kunit_shutdown=reboot" to the command line. Behind "--" it is no business of
the kernel, which goes on to the initial RAM disk when the suites are done: xe_init.c has the leak
detector look for what they have left behind, and ends the machine.
"""

from ..qemu_config import QemuArchParams

QEMU_ARCH = QemuArchParams(linux_arch="x86_64",
                           kconfig="""
CONFIG_SERIAL_8250=y
CONFIG_SERIAL_8250_CONSOLE=y""",
                           qemu_arch="x86_64",
                           kernel_path="arch/x86/boot/bzImage",
                           kernel_command_line="console=ttyS0 rdinit=/init panic=-1 --",
                           extra_qemu_params=["-bios", "qboot.rom"])
