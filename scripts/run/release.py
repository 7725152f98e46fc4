# SPDX-License-Identifier: MIT
"""'make pages': what a reader opens; and layers over the kernel root.

Pages and packages need programs that the kernel root does not have. They are installed over it, in
layers of their own (enter-root --over), so that the root stays as it is.
"""

import hashlib
import re
import subprocess

from . import paths, roots, series, ui

WORK = paths.BUILD / "release"
TOOLS = WORK / "tools"
KERNELS = WORK / "kernels"
TRIAL = WORK / "trial"
PAGES = WORK / "pages"


def enter(*command, over=(TOOLS,), binds=()):
    """The command line that runs @command in the kernel root below the layers @over."""
    return paths.enter(paths.KERNEL_ROOT, *command, binds=binds, over=over)


def remove_layer(path):
    """Removes a layer, whose files may belong to users of the root."""
    if path.exists():
        subprocess.run(roots.as_root("rm", "-rf", "--one-file-system", str(path)), check=True)


def _layer(path, title, below=()):
    """Makes the layer @path of the list kernel-NAME, or makes it anew where something has changed.

    @below: layers between the kernel root and this one; they are current.
    """
    text = (paths.SCRIPTS / "roots" / f"kernel-{path.name}.list").read_text()
    ground = (paths.KERNEL_ROOT / roots.STAMP).read_text() + roots.kernel_version()
    ground += "".join(_stamp(layer).read_text() for layer in below)
    want = hashlib.sha256((text + ground).encode()).hexdigest()
    stamp = _stamp(path)
    if stamp.exists() and stamp.read_text() == want:
        return
    stamp.unlink(missing_ok=True)
    remove_layer(path)
    path.mkdir(parents=True)
    apt = "apt-get -q -y -o Acquire::Check-Valid-Until=false"
    # Nobody boots from a layer.
    script = (f"export DEBIAN_FRONTEND=noninteractive INITRD=No; {apt} update && {apt} install "
              f"--no-install-recommends {' '.join(roots.parse_list(text)[1])} && apt-get clean")
    ui.run_logged(title, enter("sh", "-c", script, over=(*below, path)),
                  paths.LOG / f"release-{path.name}.log")
    stamp.write_text(want)


def _stamp(layer):
    return layer.with_suffix(".stamp")


def tools():
    """Makes the layer with the tools current."""
    _layer(TOOLS, "release: tools over the kernel root (a minute)")


def kernels():
    """Makes the layer with more kernels current, which lies over the tools.

    Returns their modules' directories on the host; each holds the kernel's image as well.
    """
    _layer(KERNELS, "release: another kernel over the kernel root (two minutes)", (TOOLS,))
    found = sorted(path for path in (KERNELS / "upper/usr/lib/modules").iterdir()
                   if path.name != roots.kernel_version())
    for path in found:
        inside = f"/usr/lib/modules/{path.name}/vmlinuz"
        if not (path / "vmlinuz").exists():
            subprocess.run(enter("cp", f"/boot/vmlinuz-{path.name}", inside, over=(TOOLS, KERNELS)),
                           check=True)
    return found


def remove():
    """Removes the layers."""
    for layer in (TRIAL, KERNELS, TOOLS):
        remove_layer(layer)


# What 'make htmldocs' needs of the kernel's source, beside the files at its top.
PAGES_NEED = ("Documentation", "scripts", "arch/x86/Makefile", "arch/x86/Makefile.um",
              "include/uapi", "tools/scripts", "tools/build", "tools/net/ynl")


def _write_pages_tree(tree):
    """The part of the kernel's source that builds pages, this driver's files laid over it."""
    tree.mkdir(parents=True)
    top = [name for name in series.git("ls-tree", "--name-only", series.BASE).split()
           if (series.TREE / name).is_file()]
    have = set(series.git("ls-tree", "-r", "--name-only", "-d", series.BASE).split())
    need = [name for name in PAGES_NEED if name in have or (series.TREE / name).is_file()]
    archive = subprocess.Popen(["git", "archive", series.BASE, "--", *top, *need],
                               cwd=series.TREE, stdout=subprocess.PIPE)
    # The pages of the driver that was there stay behind.
    subprocess.run(["tar", "-C", str(tree), "--exclude=Documentation/gpu/xe", "-x"],
                   stdin=archive.stdout, check=True)
    if archive.wait():
        raise ui.HarnessError("pages: git archive failed")
    series.copy_files((name for patch in series.load() for name in patch.files
                       if name != series.MAINTAINERS), tree)


def pages():
    """Has the kernel's own 'make htmldocs' build Documentation/gpu/xe; returns its complaints."""
    tools()
    series.base_tree()
    remove_layer(PAGES)
    with ui.Step("pages: lay the files over the kernel's source"):
        _write_pages_tree(PAGES / "linux")
    log = paths.LOG / "pages.log"
    ui.run_logged("pages: make htmldocs SPHINXDIRS=gpu/xe", enter(
        "make", "-C", paths.in_root(PAGES / "linux"), "htmldocs", "SPHINXDIRS=gpu/xe"), log)
    text = log.read_text(errors="replace")
    bad = re.findall(r"^.*\b(?:WARNING|ERROR|CRITICAL|SEVERE|warning|error)\b:.*$", text, re.M)
    index = PAGES / "linux/Documentation/output/gpu/xe/index.html"
    written = {path.stem for path in index.parent.glob("*.html")}
    bad += [f"page {path.stem} was not written, see {log}" for path in
            sorted((paths.TOP / "Documentation/gpu/xe").glob("*.rst")) if path.stem not in written]
    if not bad:
        ui.say(f"pages: {len(written)} without a warning, {index}")
    return bad
