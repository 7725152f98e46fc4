# SPDX-License-Identifier: MIT
"""The host: its packages, its limits, and whether it can do the job at all."""

import glob
import os
import platform
import re
import shutil
import subprocess

from . import paths, ui

# Command (or file) that proves a package is there, and the package.
NEEDED = {
    "mmdebstrap": "mmdebstrap",
    "gcc": "gcc",
    "make": "make",
    "rsync": "rsync",
    "unshare": "util-linux",
    "newuidmap": "uidmap",
    "pgrep": "procps",
    "clang": "clang",
    "/usr/include/cmocka.h": "libcmocka-dev",
    "/usr/include/jansson.h": "libjansson-dev",
    "/usr/share/keyrings/debian-archive-keyring.gpg": "debian-archive-keyring",
}
GIB = 1 << 30


def ask(*command):
    """What @command prints, "" where there is no such command."""
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except OSError:
        return ""
    return done.stdout.strip()


def fuzzer_runtime_package(installed=glob.glob, ask=ask):
    """The package of the library the fuzzers of the model link with, or None if it is there.

    It belongs to one version of clang: the one here, or else the one that the package manager would
    install. The answer is None if neither is known.
    """
    runtime = "libclang_rt.fuzzer*.a"
    directory = ask("clang", "-print-resource-dir")
    version = (re.search(r"clang version (\d+)", ask("clang", "--version")) or
               re.search(r"Depends: clang-(\d+)", ask("apt-cache", "depends", "clang")))
    if not version or (directory and installed(f"{directory}/lib/*/{runtime}")):
        return None
    return f"libclang-rt-{version.group(1)}-dev"


def missing_packages(more=None):
    """Packages this host lacks. @more: what is needed beside NEEDED, in the same form."""
    out = []
    for proof, package in {**NEEDED, **(more or {})}.items():
        found = os.path.exists(proof) if proof.startswith("/") else shutil.which(proof)
        if not found:
            out.append(package)
    runtime = fuzzer_runtime_package()
    if runtime:
        out.append(runtime)
    return out


def install_packages(more=None):
    """Installs what is missing, @more included, through the system's package manager.

    Raises HarnessError where that manager is not apt, or this user may not use it, or may not be
    root of a user namespace.
    """
    missing = missing_packages(more)
    if missing:
        _install(missing)
    # Which runtime clang needs may be known only now, with fresh package lists.
    missing = missing_packages() if "clang" in missing else []
    if missing:
        _install(missing)
    # It takes one of the packages.
    if os.getuid() != 0:
        _check_user_namespace()


def _install(missing):
    names = " ".join(missing)
    if not shutil.which("apt-get"):
        raise ui.HarnessError(
            f"this host lacks: {names}\n  They are installed automatically on Debian and its "
            "relatives only; install their equivalents and run again.")
    lead = []
    if os.getuid() != 0:
        lead = ["sudo", "-n"]
        if not shutil.which("sudo") or subprocess.run(
                ["sudo", "-n", "true"], stderr=subprocess.DEVNULL).returncode:
            raise ui.HarnessError(
                f"this host lacks packages and this user may not install them; as root:\n"
                f"    apt-get install {names}")
    env = {"DEBIAN_FRONTEND": "noninteractive"}
    ui.run_logged("host: package lists", lead + ["apt-get", "update"],
                  paths.LOG / "host-apt-update.log", env)
    ui.run_logged(f"host: install {names}",
                  lead + ["apt-get", "install", "-y", "--no-install-recommends"] + missing,
                  paths.LOG / "host-apt-install.log", env)


def check():
    """Refuses hosts on which a later step would fail with a riddle."""
    if platform.system() != "Linux" or platform.machine() != "x86_64":
        raise ui.HarnessError(
            f"unsupported host: {platform.system()} {platform.machine()} (needs Linux x86_64)")
    paths.BUILD.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(paths.BUILD).free
    if free < 4 * GIB:
        raise ui.HarnessError(
            f"{paths.BUILD} has {free / GIB:.1f} GiB free; a build needs 4 GiB "
            "(XE_BUILD=DIR moves it elsewhere)")


def _check_user_namespace():
    done = subprocess.run([str(paths.SCRIPTS / "user-root"), "true"], capture_output=True, text=True)
    if done.returncode:
        raise ui.HarnessError(
            f"this user cannot make user namespaces with subordinate ids:\n  {done.stderr.strip()}\n"
            "  Running as root works without.")
