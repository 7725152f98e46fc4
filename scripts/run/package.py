# SPDX-License-Identifier: MIT
"""'make package' and 'make package-check': what a user of Debian installs.

The package is built in a layer over the kernel root. The check installs it in a further layer that
is thrown away, lets DKMS build the module for two kernels, and removes it; nothing may be left.
Then each module is loaded and tried in a guest with its kernel.
"""

import hashlib
import os
import re
import shutil
import time

from . import build, kernel, lists, paths, release, results, revision, series, session, ui

WORK = release.WORK / "package"
MODULES = WORK / "modules"
INPUT = paths.SCRIPTS / "package"
NAME = "xe-dkms"
# Seconds for a guest: boot, the list 'smoke', the module loaded once more.
GUEST_LIMIT = 900


def version():
    """(version of the package, time of the last commit in the form of a Debian changelog)."""
    seconds, commit = (revision.git("log", "-1", "--abbrev=10", form).stdout.strip()
                       for form in ("--format=%ct", "--format=%h"))
    seconds = int(seconds or time.time())
    name = "0." + time.strftime("%Y%m%d", time.gmtime(seconds)) + (f"+git{commit}" if commit else "")
    return name, time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(seconds))


def _write_source(source, number, date):
    """The source package below @source."""
    shutil.copytree(INPUT / "debian", source / "debian")
    author = series.author()
    who = f"{author['GIT_AUTHOR_NAME']} <{author['GIT_AUTHOR_EMAIL']}>"
    control = source / "debian/control"
    control.write_text(control.read_text().replace("@MAINTAINER@", who))
    (source / "debian/changelog").write_text(
        f"{NAME} ({number}) unstable; urgency=medium\n\n"
        f"  * The driver as it is in its repository at this version.\n\n -- {who}  {date}\n")
    for name in ("dkms.conf", "xe.conf"):
        shutil.copy(INPUT / name, source)
    tree = f"usr/src/xe-{number}"
    install = []
    for directory in (series.DRIVER, "include/uapi/drm"):
        shutil.copytree(paths.TOP / directory, source / directory,
                        ignore=shutil.ignore_patterns("*.o", "*.ko", "*.mod*", ".*.cmd"))
        install.append(f"{directory} {tree}/{os.path.dirname(directory)}\n")
    (source / f"debian/{NAME}.install").write_text("".join(install))


def make():
    """Builds the package; returns its path. lintian has nothing to say about it."""
    release.tools()
    number, date = version()
    release.remove_layer(WORK)
    source = WORK / f"{NAME}-{number}"
    source.mkdir(parents=True)
    _write_source(source, number, date)
    script = (f"cd {paths.in_root(source)} && "
              f"SOURCE_DATE_EPOCH=$(date -d '{date}' +%s) dpkg-buildpackage -us -uc && "
              "lintian --allow-root --fail-on error,warning,info --display-info --pedantic "
              f"../{NAME}_{number}_amd64.changes")
    log = paths.LOG / "package.log"
    ui.run_logged("package: build, lintian", release.enter("sh", "-c", script), log)
    said = re.findall(r"^[EWIP]: .*$", log.read_text(), re.M)
    if said:
        raise ui.HarnessError("lintian:\n  " + "\n  ".join(said))
    package = WORK / f"{NAME}_{number}_all.deb"
    ui.say(f"package: {package}")
    return package


def _try(package, versions):
    """Installs @package in a layer, has DKMS build for the kernels @versions, removes it.

    scripts/package/try says what is compared; it fails if a trace of the package is left. Returns
    the modules, in the order of @versions.
    """
    release.remove_layer(release.TRIAL)
    release.TRIAL.mkdir(parents=True)
    MODULES.mkdir()
    log = paths.LOG / "package-try.log"
    over = (release.TOOLS, release.KERNELS, release.TRIAL)
    command = ("sh", "/scripts/package/try", paths.in_root(package), paths.in_root(MODULES), *versions)
    ui.run_logged(f"package: install, build {len(versions)} modules with DKMS, remove",
                  release.enter(*command, over=over, binds=((paths.SCRIPTS, "/scripts"),)), log)
    release.remove_layer(release.TRIAL)
    modules = [MODULES / name / "xe.ko" for name in versions]
    missing = [str(module) for module in modules if not module.exists()]
    if missing:
        raise ui.HarnessError(f"package: {', '.join(missing)} not built, see {log}")
    return modules


# After the tests: which module that was, and that it binds nothing unless told to.
_AFTER = """
say "kernel=$(uname -r)"
say "module=$(md5sum <"$(modinfo -F filename xe)" | cut -d' ' -f1)"
say "asked=$(ls -d /sys/bus/pci/drivers/xe/0000:* 2>/dev/null | wc -l)"
drop_records
modprobe -r xe && modprobe xe force_probe=
say "again=$?"
say "unasked=$(ls -d /sys/bus/pci/drivers/xe/0000:* 2>/dev/null | wc -l)"
"""


def guest_complaints(said, name, digest):
    """What is wrong with the remarks @said of a guest that had to run a module on kernel @name."""
    words = dict(re.findall(r"^(\w+)=(.*)$", said, re.M))
    want = {"kernel": name, "module": digest, "asked": "1", "again": "0", "unasked": "0"}
    text = {"kernel": "it ran kernel {}", "module": "it loaded another module, {}",
            "asked": "told to, the module has bound {} devices",
            "again": "it could not be loaded without force_probe: {}",
            "unasked": "not told to, the module has bound {} devices"}
    return [text[key].format(words.get(key, "(unknown)")) for key, value in want.items()
            if words.get(key) != value]


def _run(target, module):
    """Runs the list 'smoke' on @module in a guest with kernel @target. Returns what is not good."""
    kernel.use(target)
    build.module_tree("ours", module)
    name = target.release()
    tests = lists.load("smoke")
    label = f"package-{name}"
    found, complaints = session.run_tests("ours", tests, label, GUEST_LIMIT, after=_AFTER)
    ui.say(results.table(found))
    ui.say(f"the package's module on {name}: {results.counts_line(found)}")
    said = (paths.RESULTS / label / "ours/said.txt").read_text()
    digest = hashlib.md5(module.read_bytes()).hexdigest()
    bad = results.verdict(found, tests, complaints + guest_complaints(said, name, digest))
    return [f"{name}: {line}" for line in bad]


def check():
    """Builds the package, tries it in a root and its modules in guests; returns what is not good."""
    release.tools()
    targets = [kernel.current()] + [kernel.Installed(directory=path) for path in release.kernels()]
    package = make()
    versions = [target.release() for target in targets]
    modules = _try(package, versions)
    ui.say(f"{package.name}: lintian is content; installed, built for {' and '.join(versions)}, "
           "removed without a trace")
    build.everything([])
    bad = []
    for target, module in zip(targets, modules):
        bad += _run(target, module)
    return bad
