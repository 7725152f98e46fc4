# SPDX-License-Identifier: MIT
"""One guest with one device model: start both, watch both, end both."""

import contextlib
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from . import contention, kernel, paths, roots, ui

# Seconds. Console and kernel log both silent for that long: the guest hangs.
SILENCE_LIMIT = 240
ACCEL_LIMIT = 12
KERNEL_PARAMETERS = ("xe.force_probe=9a49 xe.probe_display=0 xe.huc_firmware_path= "
                     "i915.force_probe=!9a49 modprobe.blacklist=i915 firmware_class.path=/xe/firmware "
                     "panic_on_oops=0 loglevel=5")
COUNTING = " -icount shift=0,sleep=off"
# Rules that a driver is known to break, by luck: Documentation/gpu/xe/model.rst tells of each.
ALLOWED = {"stock": ("ring-tail",)}
# The model's control socket as a serial port of the guest. vng has a bus for its own ports.
CONTROL_PORT = (" -chardev socket,id=xe-control,path=/gpu/ctl.sock -device virtio-serial-pci,id=xe-serial"
                " -device virtserialport,bus=xe-serial.0,chardev=xe-control,name=xe.model")


def allowances(driver):
    """Options of the model for what @driver is known to break."""
    return [word for kind in ALLOWED.get(driver, ()) for word in ("--allow", kind)]


class GuestHang(ui.HarnessError):
    """The guest was ended by the watchdog."""


def _boots_with_kvm():
    """KVM is believed only if a kernel prints its banner under it."""
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return False
    kernel = f"/boot/vmlinuz-{roots.kernel_version()}"
    command = paths.enter(paths.MACHINE_ROOT, "timeout", ACCEL_LIMIT, "qemu-system-x86_64",
                          "-accel", "kvm", "-machine", "q35", "-m", "512", "-nodefaults",
                          "-display", "none", "-serial", "stdio", "-no-reboot", "-kernel", kernel,
                          "-append", "console=ttyS0 earlyprintk=serial panic=-1")
    try:
        out = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                             errors="replace", timeout=ACCEL_LIMIT + 10).stdout
    except subprocess.TimeoutExpired:
        return False
    return "VFS: Unable to mount root fs" in out


def accelerator():
    """'kvm' or 'tcg'; probed once per build tree by really booting."""
    memo = paths.BUILD / "accelerator"
    with contextlib.suppress(OSError):
        return memo.read_text().strip()
    with ui.Step("guest: does KVM boot a kernel here?"):
        found = "kvm" if _boots_with_kvm() else "tcg"
    memo.write_text(found + "\n")
    if os.path.exists("/dev/kvm") and not os.access("/dev/kvm", os.R_OK | os.W_OK):
        ui.say("   this user may not use /dev/kvm (group kvm), so guests are emulated: several times "
               f"slower.\n   Remove {memo} to have it tried again")
    return found


class Model:
    """The device model as a child process."""

    def __init__(self, directory, options=()):
        self.directory = Path(directory)
        self.options = list(options)
        # A socket path may have 107 bytes at most, so it cannot live in the build tree.
        self.scratch = tempfile.mkdtemp(prefix="xe-model-")
        self.socket = Path(self.scratch) / "gpu.sock"
        self.control = Path(self.scratch) / "ctl.sock"

    def start(self):
        self.log_path = self.directory / "model.log"
        self._log = open(self.log_path, "w")
        command = [str(paths.MODEL), "--socket", str(self.socket), "--control", str(self.control),
                   "--once", *self.options]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self._log,
                                        stderr=subprocess.STDOUT)
        for _ in range(100):
            if self.socket.exists() and "listening" in self.log_path.read_text(errors="replace"):
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        self.stop()
        raise ui.HarnessError(f"the device model did not start:\n{ui.tail(self.log_path)}")

    def dump(self):
        """Asks for the state of engines and contexts; it lands in the model's log."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGUSR1)
            time.sleep(1)

    def stop(self):
        """Ends the model; returns its exit status (None if it had to be killed)."""
        status = None
        if self.process.poll() is None:
            try:
                self.process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self.process.terminate()
        try:
            status = self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._log.close()
        shutil.rmtree(self.scratch, ignore_errors=True)
        return status


class Guest:
    """A virtme-ng guest on the machine root.

    @directory: host directory that the guest sees, writable, as /out
    @driver: "ours" or "stock", which module tree it gets
    @script: shell text to run as root after boot, or None for an interactive shell
    @counting: one processor whose clock counts instructions, a nanosecond each. It never sleeps: a
        clock of that kind would jump to the next time-out, and the model answers in real time
    @plugin: plugin for QEMU's translator with its arguments, or ""
    @control_port: whether the guest gets the model's control socket, as the serial port xe.model
    @parameters: more words for the kernel's command line

    After run(), @waited is the percentage of contention.Contention, or None.
    """

    def __init__(self, directory, driver, script, memory="6G", cpus=2, model_options=(),
                 counting=False, plugin="", control_port=False, parameters=""):
        self.directory = Path(directory)
        self.driver = driver
        self.script = script
        self.memory = memory
        self.cpus = 1 if counting else cpus
        self.counting = counting
        self.plugin = plugin
        self.control_port = control_port
        self.parameters = f" {parameters}" if parameters else ""
        self.model = Model(self.directory, [*allowances(driver), *model_options])
        self.on_line = lambda line: None
        self.on_remark = lambda remark: None
        self.silence_limit = SILENCE_LIMIT
        self.slowness = kernel.current().slowness
        self.log_size = 0
        self.heard = 0
        self.waited = None

    def _prepare(self):
        self.directory.mkdir(parents=True, exist_ok=True)
        (self.directory / "said.txt").unlink(missing_ok=True)
        tree = kernel.module_tree(self.driver) / "lib/modules" / kernel.current().release()
        modules = paths.in_root(tree)
        head = (paths.SCRIPTS / "guest" / "prologue.sh").read_text()
        body = self.script if self.script is not None else "exec bash -l"
        text = (f"#!/bin/bash\nslowness={self.slowness}\n{head}\nprologue {modules} {self.driver}\n"
                f"{body}\nepilogue\n")
        script = self.directory / "guest.sh"
        script.write_text(text)
        script.chmod(0o755)

    def command(self):
        # vng hands the options to a shell, so the JSON carries quotes of its own.
        device = {"driver": "vfio-user-pci", "x-msg-timeout": 60000,
                  "socket": {"type": "unix", "path": "/gpu/gpu.sock"}}
        if self.counting:
            # A write to a register ends when the model has seen it.
            device["x-no-posted-writes"] = True
        qemu = (f"-object memory-backend-memfd,id=ram,size={self.memory},share=on "
                f"-machine memory-backend=ram -device '{json.dumps(device)}'")
        if self.counting:
            qemu += COUNTING
        if self.plugin:
            qemu += f" -plugin {self.plugin}"
        if self.control_port:
            qemu += CONTROL_PORT
        vng = ["vng", "--run", kernel.current().image(), "--force-9p", "--disable-microvm",
               "--cpus", str(self.cpus),
               "--memory", self.memory, "--user", "root", "--rwdir=/out=/out",
               f"--append={KERNEL_PARAMETERS}{kernel.current().parameters()}{self.parameters}"
               f"{' idle=poll' if self.counting else ''}",
               f"--qemu-opts={qemu}"]
        if self.counting or accelerator() == "tcg":
            vng.append("--disable-kvm")
        if self.script is None:
            vng += ["--shell", "/out/guest.sh"]
        else:
            vng += ["--verbose", "-e", "/out/guest.sh; sync; poweroff -f"]
        return paths.enter(paths.MACHINE_ROOT, *vng,
                           binds=((self.model.scratch, "/gpu"), (self.directory, "/out"),
                                  *kernel.current().binds()))

    def _kill(self, process):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _follow(self, process, console):
        """Copies the console to a file and to on_line, noting when it last spoke."""
        for raw in iter(process.stdout.readline, b""):
            console.write(raw)
            console.flush()
            self.last_word = time.monotonic()
            with contextlib.suppress(Exception):
                self.on_line(raw.decode(errors="replace").rstrip())

    def run(self, limit):
        """Boots, runs the script, powers off. Returns the model's exit status.

        Raises GuestHang after @limit seconds, or after silence_limit of silence, with
        the end of the console and the model's state in the message. Limits are those of the
        distribution's kernel; a slower one gets more.
        """
        limit *= self.slowness
        self._prepare()
        self.model.start()
        console_path = self.directory / "console.log"
        self.last_word = start = time.monotonic()
        status = None
        try:
            with open(console_path, "wb") as console:
                process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL,
                                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                           start_new_session=True)
                follower = threading.Thread(target=self._follow, args=(process, console))
                follower.start()
                contended = contention.Contention(process.pid)
                try:
                    why = self._wait(process, start, limit, contended)
                    if why:
                        self.model.dump()
                finally:
                    self._kill(process)
                    follower.join(timeout=10)
                    self.waited = contended.share()
        finally:
            status = self.model.stop()
        if why:
            raise GuestHang(f"{why}\n  console ({console_path}):\n{ui.tail(console_path, 25)}\n"
                            f"  model ({self.model.log_path}):\n{ui.tail(self.model.log_path, 60)}")
        return status

    def remarks(self):
        """All whole lines that the guest's scripts have said so far."""
        try:
            text = (self.directory / "said.txt").read_text(errors="replace")
        except OSError:
            return ""
        return text[:text.rfind("\n") + 1]

    def _listen(self):
        """Hands what was said since the last call to on_remark."""
        text = self.remarks()
        for remark in text[self.heard:].splitlines():
            self.last_word = time.monotonic()
            self.on_remark(remark)
        self.heard = len(text)

    def _log_grew(self):
        """A long test is silent on the console but leaves marks in the kernel log."""
        try:
            size = (self.directory / "dmesg.txt").stat().st_size
        except OSError:
            return False
        grew = size != self.log_size
        self.log_size = size
        return grew

    def _wait(self, process, start, limit, contended):
        while process.poll() is None:
            self._listen()
            now = time.monotonic()
            contended.look(now)
            if self._log_grew():
                self.last_word = now
            if now - start > limit:
                return f"the guest did not finish within {limit} s"
            silence_limit = self.silence_limit * self.slowness
            if now - self.last_word > silence_limit:
                return f"the guest has been silent for {silence_limit} s"
            if self.model.process.poll() not in (None, 0, 3):
                return f"the device model died (status {self.model.process.returncode})"
            time.sleep(0.2)
        self._listen()
        return None

    def interact(self):
        """An interactive guest on this terminal."""
        if not sys.stdin.isatty():
            raise ui.HarnessError("an interactive guest needs a terminal")
        self._prepare()
        self.model.start()
        try:
            subprocess.run(self.command())
        finally:
            self.model.stop()


def show_remark(remark):
    """Passes on what the guest's own scripts say."""
    ui.say(f"   xe-guest: {remark}")


def quote(words):
    return " ".join(shlex.quote(str(word)) for word in words)


ANSI = re.compile(r"\x1b\[[0-9;]*m")
