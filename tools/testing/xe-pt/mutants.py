#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright © 2026 The xe project authors
"""Check that the tests notice deliberate mistakes.

Each mutant is one edit of the driver's pt/ directory, made in a copy; the tests must fail with it.
A mutant that survives means that a test is missing (or that the line is not needed).
"""
import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
XE = HERE / "../../../drivers/gpu/drm/xe"
LIMIT_SECONDS = 120

# (name, file, old, new)
MUTANTS = [
    ("PAT bit 2 at the level-0 place in large pages", "xe_pte.c",
     "return level ? PPGTT_PDE_PAT2 : PPGTT_PTE_PAT2;", "return PPGTT_PTE_PAT2;"),
    ("split leaves PAT bit 2 behind", "xe_pte.c",
     "raw |= PPGTT_PTE_PAT2;", ";"),
    ("writable bit forgotten", "xe_pte.c",
     "bits |= PPGTT_WRITABLE;", ";"),
    ("touching scatter-list entries not merged", "xe_page_iter.h",
     "sg_dma_address(it->sg) != it->addr + it->len)", "true)"),
    ("scatter-list entries past the mapped ones read", "xe_page_iter.h",
     "it->sg = --it->n_sg ? sg_next(it->sg) : NULL;\n\t\tif", "it->sg = sg_next(it->sg);\n\t\tif"),
    ("mark behind the position", "xe_page_index.c",
     "if (index->marks[mid].offset <= offset)", "if (index->marks[mid].offset <= offset + 4096)"),
    ("mark too far in front", "xe_page_index.c",
     "if (index->marks[mid].offset <= offset)", "if (index->marks[mid].offset < offset)"),
    ("mark counts the entries before it", "xe_page_index.c",
     ".n_sg = sgt->nents - i,", ".n_sg = sgt->nents,"),
    ("array runs past the end", "xe_page_iter.h",
     "it->len = min(it->len, it->remaining);", ";"),
    ("empty table stays attached", "xe_pt_plan_ops.c",
     "if (pt_live_is_within(child, start, last))\n\t\t\treturn", "if (false)\n\t\t\treturn"),
    ("table replaced entry by entry", "xe_pt_plan_ops.c",
     "if (child && (!whole || xe_pt_plan_owns(plan, child)))", "if (child)"),
    ("child cleared together with mapped neighbours", "xe_pt_plan_ops.c",
     "if (xe_pt_bits_any_outside(&pt->live, lo, hi))", "if (false)"),
    ("slots above a range not looked at", "xe_pt_bits.h",
     "for (; i < XE_PT_BITS_WORDS; i++)\n\t\tany |=", "for (; false; i++)\n\t\tany |="),
    ("last slot of a range not looked at", "xe_pt_plan_ops.c",
     "if (slot == hi)\n\t\t\treturn true;", "return true;"),
    ("child cleared together with half a large page", "xe_pt_plan_ops.c",
     "if (!child || !pt_live_is_within(child, start, last))", "if (false)"),
    ("misaligned memory in a large page", "xe_pt_plan_ops.c",
     "!(op->src->addr & (size - 1)) &&", ""),
    ("large page longer than its memory", "xe_pt_plan_ops.c",
     "op->src->len >= size &&", ""),
    ("new table without empty entries", "xe_pt.c",
     "if (pt->blank != empty) {", "if (false) {"),
    ("no empty entries below those that are written", "xe_pt.c",
     "memset64(words, empty, first);", ";"),
    ("no empty entries above those that are written", "xe_pt.c",
     "memset64(words + first + n, empty, PPGTT_TABLE_ENTRIES - first - n);", ";"),
    ("cleared pages stay live", "xe_pt_plan_ops.c",
     "xe_pt_bits_clear(&pt->live, first, last);", ";"),
    ("address bits that do not exist", "xe_pt_plan_ops.c",
     "if (!len || !map_is_encodable(op, len))", "if (!len)"),
    ("requested range not in the extent", "xe_pt_plan_ops.c",
     "xe_pt_plan_widen(plan, start, end - 1);", ";"),
    ("allocation failure ignored", "xe_pt_plan_ops.c",
     "if (!dst)\n\t\t\treturn -ENOMEM;\n\t\tmemset64", "if (!dst)\n\t\t\treturn 0;\n\t\tmemset64"),
    ("split forgets the last entry", "xe_pt_stage.c",
     "xe_pt_bits_set(&child->live, 0, XE_PT_LAST_SLOT);",
     "xe_pt_bits_set(&child->live, 0, XE_PT_LAST_SLOT - 1); child->page.words[511] = 0;"),
    ("needless invalidation", "xe_pt_stage.c",
     "if (!plan->needs_inval && xe_pt_bits_any(&stage->old_live, first, last))", "if (true)"),
    ("missing invalidation", "xe_pt_stage.c",
     "if (!plan->needs_inval && xe_pt_bits_any(&stage->old_live, first, last))", "if (false)"),
    ("extent too small", "xe_pt_stage.c",
     "xe_pt_slot_base(pt, last) + xe_pt_level_size(pt->level) - 1);", "xe_pt_slot_base(pt, last));"),
    ("old slots lost when a record grows", "xe_pt_stage.c",
     "if (from->pt->level)\n\t\tmemcpy", "if (false)\n\t\tmemcpy"),
    ("liveness recorded in the middle of a plan", "xe_pt_stage.c",
     "pt->stage ? pt->stage->old_live : pt->live;", "pt->live;"),
    ("records of a table not in a row", "xe_pt_stage.c",
     "link = pt->stage ? &pt->stage->next : plan->last_stage;", "link = plan->last_stage;"),
    ("slots recorded twice", "xe_pt_stage.c",
     "(first <= xe_pt_stage_last(stage) && last >= stage->lo) ||", "false ||"),
    ("record lost when records are joined", "xe_pt_stage.c",
     "xe_pt_bits_add(&to->dirty, &from->dirty);", "to->dirty = from->dirty;"),
    ("room above the first of several records shared", "xe_pt_stage.c",
     "stage = n ? stage_alloc(plan, pt, first, last - first + 1) :\n\t\t    ", "stage = "),
    ("old slot recorded again", "xe_pt_stage.c",
     "if (!xe_pt_bits_test(&stage->dirty, slot))", "if (true)"),
    ("records share memory", "xe_pt_stage.c",
     "plan->free += size;", ";"),
    ("chunk of records longer than allocated", "xe_pt_stage.c",
     "plan->left = bytes - sizeof(*chunk);", "plan->left = bytes;"),
    ("chunks of records leaked", "xe_pt_plan.c",
     "kfree(chunk);", ";"),
    ("table of the last map not forgotten when it goes", "xe_pt_stage.c",
     "plan->near = NULL;", ";"),
    ("table of the last map filled where a page fits", "xe_pt_plan_ops.c",
     " &&\n\t    last - start < xe_pt_last(near) - near->base)", ")"),
    ("table of the last map used for other addresses", "xe_pt_plan_ops.c",
     "start >= near->base && last <= xe_pt_last(near) &&", "start >= near->base &&"),
    ("replaced table leaked", "xe_pt_stage.c",
     "if (child)\n\t\tplan_detach(plan, child);", ";"),
    ("direct writes to the table of another plan", "xe_pt_stage.h",
     "return pt->creator == plan;", "return pt->level == 0 && pt->base >> 21 & 1;"),
    ("abort does not restore slots", "xe_pt_plan.c",
     "pt->slots[slot].raw = xe_pt_stage_old_slots(stage)[slot - stage->lo];", ";"),
    ("abort does not restore liveness", "xe_pt_plan.c",
     "pt->live = stage->old_live;", ";"),
    ("abort leaves tables on the detached list", "xe_pt_plan.c",
     "pt->next_detached = NULL;", ";"),
    ("abort leaks created tables", "xe_pt_plan.c",
     "xe_pt_release(plan->tree, pt);", ";"),
    ("commit leaves the creator", "xe_pt_plan.c",
     "pt->creator = NULL;\n\t}\n\tplan->created", "}\n\tplan->created"),
    ("stores to detached tables", "xe_pt_plan.c",
     "stage->detached = !pt_is_attached(stage->pt);", ""),
    ("tables freed at commit", "xe_pt_plan.c",
     "plan->committed = true;",
     "plan->committed = true;\n\tfor (pt = plan->detached; pt; pt = next) {\n"
     "\t\tnext = pt->next_detached;\n\t\txe_pt_release_subtree(plan->tree, pt, true);\n\t}\n"
     "\tplan->detached = NULL;"),
    ("no barrier before the stores", "xe_pt_plan.c",
     "xe_pt_barrier();\n\txe_pt_run_iter_init", "xe_pt_run_iter_init"),
    ("cleared before it is replaced", "xe_pt_plan.c",
     "xe_pt_store(run.words + i, run.values[i]);",
     "xe_pt_store(run.words + i, 0), xe_pt_store(run.words + i, run.values[i]);"),
    ("written twice", "xe_pt_plan.c",
     "|| plan->written)", ")"),
    ("detached tables leaked", "xe_pt_plan.c",
     "xe_pt_release_subtree(plan->tree, pt, plan->written);", ";"),
    ("tables of a plan that was not written used again", "xe_pt_plan.c",
     "xe_pt_release_subtree(plan->tree, pt, plan->written);",
     "xe_pt_release_subtree(plan->tree, pt, true);"),
    ("entries of a dropped record forgotten", "xe_pt_plan.c",
     "xe_pt_bits_add(&stage->pt->live, &stage->old_live);", ";"),
    ("table used again as it is", "xe_pt_stage.c",
     "xe_pt_reset(plan->tree, pt, first, n);",
     "pt->live = (struct xe_pt_bits){}, pt->blank = plan->tree->empty[pt->level].raw;"),
    ("entries left in a table that is used again", "xe_pt.c",
     "memset64(words + slot, empty, end - slot);", ";"),
    ("entries zeroed where scratch belongs", "xe_pt.c",
     "memset64(words + slot, empty, end - slot);", "memset64(words + slot, 0, end - slot);"),
    ("last of a run of entries left", "xe_pt.c",
     "memset64(words + slot, empty, end - slot);",
     "memset64(words + slot, empty, end - slot - 1);"),
    ("slots left in a table that is used again", "xe_pt.c",
     "memset64(&pt->slots[slot].raw, 0, end - slot);", ";"),
    ("empty entries of the level a table was of left", "xe_pt.c",
     "if (pt->blank != empty) {", "if (!pt->blank && empty) {"),
    ("all is taken for empty of the level a table is for", "xe_pt.c",
     "pt = xe_pt_cache_take(&tree->cache, level) ?: pt_alloc(tree, level);",
     "pt = xe_pt_cache_take(&tree->cache, level);\n\tif (pt)\n"
     "\t\tpt->blank = tree->empty[level].raw;\n\tpt = pt ?: pt_alloc(tree, level);"),
    ("a table that is used again is live", "xe_pt.c",
     "pt->live = (struct xe_pt_bits){};", ";"),
    ("more entries left than are written", "xe_pt.c",
     "xe_pt_bits_clear(&pt->live, first, first + n - 1);",
     "xe_pt_bits_clear(&pt->live, first, min(first + n, 511U));"),
    ("entries that are not live left to who writes them", "xe_pt_plan_ops.c",
     "if (pt->level > 1)\n\t\treturn xe_pt_plan_new_table(plan, pt, slot, 0, 0);",
     "if (pt->level > 1)\n\t\treturn xe_pt_plan_new_table(plan, pt, slot, "
     "xe_pt_slot_of(start, pt->level - 1), 1);"),
    ("table written when it goes", "xe_pt_cache.c",
     "spin_lock(&cache->lock);\n\tkept =",
     "pt->page.words[xe_pt_bits_next(&pt->live, 0) % 512] = 0;\n\tspin_lock(&cache->lock);\n"
     "\tkept ="),
    ("kept table belongs to a plan that was given up", "xe_pt_plan.c",
     "pt->next_created = NULL;\n\t\tpt->creator = NULL;\n\t\txe_pt_release", "xe_pt_release"),
    ("table kept together with the one that is being freed", "xe_pt_cache.c",
     "*list = pt->next_detached;", ";"),
    ("tables kept without a bound", "xe_pt_cache.h",
     "XE_PT_CACHE_MAX\t64", "XE_PT_CACHE_MAX\t640"),
    ("kept tables leaked at the end", "xe_pt.c",
     "destroy_list(tree, xe_pt_cache_empty(&tree->cache, true));", ";"),
    ("validator ignores tables that are kept", "xe_pt_check.c",
     "if (spare)", "if (false)"),
    ("run of stores one short", "xe_pt_plan.c",
     ".count = end - slot,", ".count = end - slot - (end - slot > 3),"),
    ("scratch table forgotten on failure", "xe_pt.c",
     "if (tree->scratch[level])", "if (false)"),
    ("slots leaked when a page cannot be had", "xe_pt.c",
     "free_slots:\n\tkfree(pt->slots);", "free_slots:"),
    ("leaf word found in a table above", "xe_pt.c",
     "while (pt && pt->level)", "while (pt && pt->level > 1)"),
    ("validator trusts level-0 entries", "xe_pt_check.c",
     "return xe_pte_is_present(word) ? xe_pte_check(tree->fmt, 0, word) :", "return true ? NULL :"),
    ("validator trusts the place of a table", "xe_pt_check.c",
     "child->parent != pt ||", ""),
    ("translation ignores the offset", "xe_pt_check.c",
     "out->addr += va & (xe_pt_level_size(level) - 1);", "out->addr += 0;"),
    ("entry stays after its fence signalled", "xe_range_track.c",
     "range_remove(node, &tracker->tree);", ";"),
    ("signalled fence is tracked", "xe_range_track.c",
     "if (dma_fence_add_callback(fence, &node->cb, node_signalled))\n\t\tnode_remove(node);",
     "dma_fence_add_callback(fence, &node->cb, node_signalled);"),
    ("fence reference leaked", "xe_range_track.c",
     "dma_fence_put(node->fence);", ";"),
    ("overlap with the first address only", "xe_range_track.c",
     "node = range_iter_first(&tracker->tree, first, last)",
     "node = range_iter_first(&tracker->tree, first, first)"),
]


def build_and_run(xe, out, seed):
    """Return (builds, names of failed tests or what ended the run; empty if all passed)."""
    make = subprocess.run(["make", "-s", "-C", HERE, f"XE={xe}", f"O={out}", "CC=cc -w"],
                          capture_output=True, text=True)
    if make.returncode:
        return False, [make.stderr]
    try:
        run = subprocess.run([out / "xe-pt", str(seed)], capture_output=True, text=True,
                             errors="replace", timeout=LIMIT_SECONDS)
    except subprocess.TimeoutExpired:
        return True, ["time-out"]
    failed = sorted(set(re.findall(r"\[  FAILED  \] (test_\w+)", run.stdout + run.stderr)))
    if run.returncode and not failed:
        lines = (run.stderr + run.stdout).splitlines()
        failed = [next((line for line in lines if "ERROR" in line or "WARN" in line), "crash")]
    return True, failed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("pattern", nargs="?", default="", help="only mutants whose name has this")
    args = parser.parse_args()
    survived = 0

    with tempfile.TemporaryDirectory() as tmp:
        xe, out = Path(tmp) / "xe", Path(tmp) / "out"
        shutil.copytree(XE / "pt", xe / "pt")
        shutil.copytree(XE / "regs", xe / "regs")
        builds, failed = build_and_run(xe, out, args.seed)
        if not builds or failed:
            sys.exit(f"the unchanged driver fails: {failed}")

        for name, file, old, new in (m for m in MUTANTS if args.pattern in m[0]):
            path = xe / "pt" / file
            text = path.read_text()
            if old not in text:
                print(f"STALE     {name}: text not found in {file}")
                survived += 1
                continue
            path.write_text(text.replace(old, new, 1))
            builds, failed = build_and_run(xe, out, args.seed)
            path.write_text(text)
            if not builds:
                print(f"BROKEN    {name}: does not build\n{failed[0]}")
                survived += 1
            elif failed:
                print(f"caught    {name}: {', '.join(failed)}")
            else:
                print(f"SURVIVED  {name}")
                survived += 1
            sys.stdout.flush()
    sys.exit(1 if survived else 0)


if __name__ == "__main__":
    main()
