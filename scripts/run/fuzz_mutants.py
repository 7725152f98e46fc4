# SPDX-License-Identifier: MIT
"""'make fuzz-mutants': does the fuzzer find deliberate mistakes, make them small, find them again?

Each mutant is one edit of the driver, made in the copy that is compiled. xe_fuzz_vm has to fail with
it; the smaller program it writes has to fail as well when it is replayed, and must not with the
driver as it is. A mutant that survives means that the fuzzer does not look at something.
"""

import dataclasses
import shutil

from . import build, faults, fuzz, guest, paths, session, ui

LABEL = "fuzz-mutants"
# Steps until a mutant has survived
STEPS = 12000
# Seconds for making a failure smaller, in the guest
SHRINK = 120
# Seconds of one guest
LIMIT = 1500
# What the harness asks xe_fuzz_vm to do with a program that it wrote
REPEAT = 3


@dataclasses.dataclass(frozen=True)
class Mutant:
    """
    @name: what is wrong with it
    @file: of the driver
    @old: text that is there once
    @new: what takes its place
    """

    name: str
    file: str
    old: str
    new: str

    def apply(self, tree):
        path = tree / self.file
        text = path.read_text()
        if text.count(self.old) != 1:
            raise ui.HarnessError(f"mutant '{self.name}': {self.file} has its text "
                                  f"{text.count(self.old)} times, not once")
        path.write_text(text.replace(self.old, self.new))


MUTANTS = (
    Mutant("an unmapping does not invalidate TLBs", "vm/xe_vm_update.c",
           "return xe_pt_plan_needs_inval(u->plan);", "return false;"),
    Mutant("a new mapping over scratch is not seen by long-running jobs", "vm/xe_vm_update.c",
           "== lr_scratch && xe_pt_plan_n_words(u->plan))", "== lr_scratch && false)"),
    Mutant("a bind that fails does not put mappings back", "vm/xe_vm_ops.c",
           "base->op == DRM_GPUVA_OP_UNMAP || base->op == DRM_GPUVA_OP_REMAP)\n\t\t\t"
           "xe_vm_ops_undo_old", "base->op == DRM_GPUVA_OP_REMAP)\n\t\t\txe_vm_ops_undo_old"),
    Mutant("pieces of a mapping forget advice", "vm/xe_vma.h",
           "XE_VMA_DONTNEED | DRM_GPUVA_SPARSE)", "DRM_GPUVA_SPARSE)"),
    Mutant("what is unmapped counts as a mapping of its object", "vm/xe_vma.c",
           "xe_bo_count_mappings(to_xe_bo(vma->gpuva.gem.obj), n,",
           "xe_bo_count_mappings(to_xe_bo(vma->gpuva.gem.obj), max(n, 0),"),
)


def _program():
    return str(paths.in_root(paths.BUILD / "unit/xe/xe_fuzz_vm"))


def hunt_script(seed):
    """Shell text for the guest: look for a failure, then replay the smaller program."""
    hunt = guest.quote([_program(), "--seed", seed, "--steps", STEPS, "--ask", "/out", "--out", "/out",
                        "--shrink-seconds", SHRINK])
    return (f'{hunt} >/out/hunt.txt 2>&1; say "hunt=$?"\n'
            "for program in /out/*.min.txt; do\n"
            f'\t{_program()} --ask /out --out /tmp --no-shrink --repeat {REPEAT} --replay $program '
            '>/out/replay.txt 2>&1; say "replay=$?"\ndone\nsleep 1\n')


def replay_script(names):
    """The same programs with the driver as it is."""
    replays = " ".join(f"--replay /out/{guest.quote([name])}" for name in names)
    return (f'{_program()} --ask /out --out /tmp --no-shrink {replays} >/out/replay.txt 2>&1; '
            'say "good=$?"\nleave\nsleep 1\n')


def said(remarks, name):
    """What the guest said of @name, or None."""
    found = [line.split("=")[1] for line in remarks.splitlines() if line.startswith(f"{name}=")]
    return found[-1] if found else None


def verdict(remarks, text):
    """(how it was found, or None; what falls short, or None) of a hunt and its hunt.txt."""
    failure = [line for line in text.splitlines() if line.startswith("FAILED")]
    if said(remarks, "hunt") != "1" or not failure:
        return None, f"not found (status {said(remarks, 'hunt')})"
    if said(remarks, "replay") != "1":
        return failure[-1], f"found, but its replay ended with status {said(remarks, 'replay')}"
    return failure[-1], None


def _boot(out, module, text):
    """Runs @text in a guest with @module. What the model complains about is no matter here."""
    build.module_tree("ours", module)
    machine = guest.Guest(out, "ours", text)
    machine.on_remark = guest.show_remark
    machine.silence_limit = LIMIT
    referee = fuzz.Referee(out, faults.Control(machine.model.control))
    referee.start()
    try:
        machine.run(LIMIT)
    except guest.GuestHang as error:
        ui.say(f"   {str(error).splitlines()[0]}")
    finally:
        referee.stop()
    return machine.remarks()


def _hunt(number, mutant, seed):
    """Returns (program that fails, or None; reason why the hunt is bad, or None)."""
    out = paths.RESULTS / LABEL / str(number)
    session.empty(out)
    ui.say(f"-- mutant {number}: {mutant.name}")
    module = build.driver(change=mutant.apply)
    remarks = _boot(out, module, hunt_script(seed))
    path = out / "hunt.txt"
    text = path.read_text(errors="replace") if path.exists() else ""
    how, bad = verdict(remarks, text)
    small = sorted(out.glob("*.min.txt"))
    if how:
        ui.say(f"   {how}")
    for line in text.splitlines():
        if " steps to " in line:
            ui.say(f"  {line.split('; again')[0]}")
    return (small[0] if small else None), bad


def _with_good_driver(programs):
    """Returns a sentence if the programs fail with the driver as it is."""
    out = paths.RESULTS / LABEL / "good"
    session.empty(out)
    names = []
    for number, path in programs:
        names.append(f"mutant-{number}.txt")
        shutil.copyfile(path, out / names[-1])
    remarks = _boot(out, build.driver(), replay_script(names))
    return None if said(remarks, "good") == "0" else f"with the driver as it is: see {out}/replay.txt"


def run(seed, chosen=""):
    """Hunts all mutants with @chosen in their names; returns sentences about what is not good."""
    fuzz.build_programs()
    bad, programs = [], []
    try:
        for number, mutant in enumerate(MUTANTS):
            if chosen not in mutant.name:
                continue
            small, reason = _hunt(number, mutant, seed)
            if reason:
                bad.append(f"mutant {number}, {mutant.name}: {reason}")
            if small:
                programs.append((number, small))
    finally:
        build.module_tree("ours", build.driver())
    if programs:
        reason = _with_good_driver(programs)
        bad += [reason] if reason else []
    ui.say(f"{len(programs)} mutants found; results: {paths.RESULTS / LABEL}")
    return bad
