// SPDX-License-Identifier: GPL-2.0
/*
 * The distribution's kernel is built without CONFIG_GCOV_KERNEL, which collects what code that was
 * compiled with counters has executed. Its sources come from the source package of that very
 * kernel; this file makes a module of them. A module with counters needs its symbols, so it is
 * loaded first.
 */
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/string.h>

/* Each source has an entry point of its own; a module has one. */
#undef device_initcall
#define device_initcall(_function)

#include "base.c"
#include "fs.c"
#include "gcc_base.c"
#include "gcc_4_7.c"

/* Functions by which the compiler has each object register its counters. */
#define CONSTRUCTOR	"_sub_I_"

/*
 * A kernel without CONFIG_CONSTRUCTORS does not call them. They are in the table of symbols, which
 * is complete while a module is on its way in, and does not change then.
 */
static void call_constructors(struct module *mod)
{
	const struct mod_kallsyms *symbols = rcu_dereference_protected(mod->kallsyms, true);
	unsigned int i;

	for (i = 0; i < symbols->num_symtab; i++) {
		const Elf_Sym *symbol = &symbols->symtab[i];

		if (strstarts(symbols->strtab + symbol->st_name, CONSTRUCTOR))
			((void (*)(void))symbol->st_value)();
	}
}

static int notify_coming(struct notifier_block *nb, unsigned long event, void *data)
{
	if (event == MODULE_STATE_COMING)
		call_constructors(data);

	return NOTIFY_OK;
}

static struct notifier_block coming = { .notifier_call = notify_coming };

static int __init xe_gcov_init(void)
{
	int err = gcov_init();

	if (!err)
		err = gcov_fs_init();
	if (!err)
		err = register_module_notifier(&coming);
	/* What was counted outlives the module that was counted; nothing here can be undone. */
	if (!err)
		__module_get(THIS_MODULE);

	return err;
}
module_init(xe_gcov_init);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Counting of executed lines for testing");
