// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * The rings of the GuC and their credits, with the test in the place of the firmware: registers and
 * rings are memory, a thread answers the mailbox while the channel is opened.
 */
#include <kunit/test.h>

#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/kconfig.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include <drm/drm_mm.h>

#include "base/xe_device.h"
#include "gt/xe_gt.h"
#include "mem/xe_bo.h"
#include "regs/xe_guc_regs.h"
#include "submit/xe_guc_ct.h"
#include "submit/xe_guc_hxg.h"
#include "submit/xe_guc_types.h"
#include "tests/xe_fake.h"

/* Registers up to the mailbox */
#define REGS_BYTES	SZ_2M
#define H2G_DWORDS	(GUC_CT_H2G_RING_BYTES / sizeof(u32))
#define G2H_DWORDS	(GUC_CT_G2H_RING_BYTES / sizeof(u32))
/* Half of the ring, less the dword that tells full from empty */
#define CREDITS		(G2H_DWORDS / 2 - 1)
#define RINGS_ADDR	SZ_8M
#define PATIENCE	(10 * HZ)
/* Messages of a mailbox that opens the channel */
#define MAX_MAILS	8

struct fake_guc {
	struct xe_gt gt;
	struct xe_guc guc;
	struct drm_mm mm;
	u32 *regs;
	/* what the mailbox was told */
	u32 mail[MAX_MAILS][GUC_MAILBOX_COUNT];
	unsigned int n_mails;
	struct task_struct *mailman;
	/* what the driver was told */
	unsigned int n_events, n_fast, n_broken;
	u32 last_event;
	/* positions of the firmware */
	u32 h2g_head, g2h_tail;
};

static u32 *fake_reg(struct fake_guc *f, u32 offset)
{
	return &f->regs[offset / sizeof(u32)];
}

static u32 *rings(struct fake_guc *f, u32 offset)
{
	return xe_bo_vaddr(f->guc.ct.bo) + offset;
}

static u32 credits(struct fake_guc *f)
{
	return READ_ONCE(f->guc.ct.g2h_credits);
}

/* --- the driver above ------------------------------------------------------------------------- */

static bool on_fast_event(void *data, u32 action, const u32 *payload, u32 n_dwords)
{
	struct fake_guc *f = data;

	if (action != GUC_G2H_TLB_INVALIDATION_DONE)
		return false;
	f->n_fast++;

	return true;
}

static int on_event(void *data, u32 action, const u32 *payload, u32 n_dwords)
{
	struct fake_guc *f = data;

	f->n_events++;
	f->last_event = action;

	return 0;
}

static void on_broken(void *data)
{
	struct fake_guc *f = data;

	f->n_broken++;
}

static const struct xe_guc_ct_ops fake_ops = {
	.fast_event = on_fast_event,
	.event = on_event,
	.broken = on_broken,
};

/* --- the firmware ----------------------------------------------------------------------------- */

/* Every configuration value is known, and the channel may be opened. */
static void answer_mail(struct fake_guc *f)
{
	u32 *mailbox = fake_reg(f, GUC_MAILBOX(0));
	bool control = xe_hxg_action(mailbox[0]) == GUC_MMIO_CONTROL_CTB;

	if (f->n_mails < MAX_MAILS)
		memcpy(f->mail[f->n_mails++], mailbox, sizeof(f->mail[0]));
	WRITE_ONCE(mailbox[0], FIELD_PREP(GUC_HXG_ORIGIN_MASK, GUC_HXG_ORIGIN_GUC) |
			       FIELD_PREP(GUC_HXG_TYPE_MASK, GUC_HXG_TYPE_SUCCESS) |
			       FIELD_PREP(GUC_HXG_RESPONSE_DATA0_MASK, !control));
}

static int mailman(void *data)
{
	struct fake_guc *f = data;

	while (!kthread_should_stop()) {
		if (!READ_ONCE(*fake_reg(f, GUC_HOST_INTERRUPT))) {
			*fake_reg(f, GUC_HOST_INTERRUPT) = 1;
			answer_mail(f);
		}
		usleep_range(20, 50);
	}

	return 0;
}

/* Take one message off the H2G ring. Return: its dwords with CT header, 0 if there is none */
static u32 guc_take(struct fake_guc *f, u32 *msg)
{
	u32 *desc = rings(f, GUC_CT_H2G_DESC_OFFSET), *ring = rings(f, GUC_CT_H2G_RING_OFFSET);
	u32 i, n, tail = READ_ONCE(desc[GUC_CT_DESC_TAIL]);

	if (f->h2g_head == tail)
		return 0;
	/* Zeros fill what is left of the ring. */
	if (!ring[f->h2g_head])
		f->h2g_head = 0;
	n = xe_ct_n_dwords(ring[f->h2g_head]) + 1;
	for (i = 0; i < n; i++)
		msg[i] = ring[f->h2g_head + i];
	f->h2g_head = (f->h2g_head + n) % H2G_DWORDS;
	WRITE_ONCE(desc[GUC_CT_DESC_HEAD], f->h2g_head);

	return n;
}

/* Put a message on the G2H ring, of @n dwords with CT header, without an interrupt. */
static void guc_put(struct fake_guc *f, u16 fence, u32 header, u32 n)
{
	u32 *desc = rings(f, GUC_CT_G2H_DESC_OFFSET), *ring = rings(f, GUC_CT_G2H_RING_OFFSET);
	u32 i;

	for (i = 0; i < n; i++) {
		ring[f->g2h_tail] = i == 0 ? xe_ct_header(fence, n - 1) : i == 1 ? header : 0;
		f->g2h_tail = (f->g2h_tail + 1) % G2H_DWORDS;
	}
	/* message, then tail */
	wmb();
	WRITE_ONCE(desc[GUC_CT_DESC_TAIL], f->g2h_tail);
}

static u32 guc_event(u32 action)
{
	return FIELD_PREP(GUC_HXG_ORIGIN_MASK, GUC_HXG_ORIGIN_GUC) |
	       FIELD_PREP(GUC_HXG_TYPE_MASK, GUC_HXG_TYPE_EVENT) |
	       FIELD_PREP(GUC_HXG_ACTION_MASK, action);
}

static void guc_interrupt(struct fake_guc *f)
{
	xe_guc_ct_irq(&f->guc.ct);
	flush_workqueue(f->guc.ct.wq);
}

/* --- set-up ----------------------------------------------------------------------------------- */

static void free_regs(void *regs)
{
	kvfree(regs);
}

static void stop_mailman(void *task)
{
	kthread_stop(task);
}

static void close_channel(void *data)
{
	struct fake_guc *f = data;

	xe_guc_ct_stop(&f->guc.ct);
	/* No GGTT of the driver has the rings. */
	drm_mm_remove_node(&f->guc.ct.bo->ggtt_node);
	drm_mm_takedown(&f->mm);
	xe_guc_ct_fini(&f->guc.ct);
}

static void make_rings(struct kunit *test, struct fake_guc *f)
{
	struct xe_bo *bo = xe_bo_create_kernel(f->gt.xe, GUC_CT_BUFFER_BYTES, 0);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, bo);
	drm_mm_init(&f->mm, RINGS_ADDR, SZ_1M);
	KUNIT_ASSERT_EQ(test, drm_mm_insert_node(&f->mm, &bo->ggtt_node, GUC_CT_BUFFER_BYTES), 0);
	KUNIT_ASSERT_EQ(test, xe_guc_ct_init_rings(&f->guc.ct, bo), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, close_channel, f), 0);
}

static int ct_test_init(struct kunit *test)
{
	struct fake_guc *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	if (IS_ENABLED(CONFIG_UML))
		kunit_skip(test, "memory cannot stand for registers");
	KUNIT_ASSERT_NOT_NULL(test, f);
	test->priv = f;
	f->regs = kvzalloc(REGS_BYTES, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, f->regs);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, free_regs, f->regs), 0);

	f->gt.xe = xe_fake_device(test);
	f->gt.mmio.xe = f->gt.xe;
	f->gt.mmio.regs = (void __iomem __force *)f->regs;
	f->guc.gt = &f->gt;
	f->guc.notify_reg = GUC_HOST_INTERRUPT;
	f->guc.mailbox_reg = GUC_MAILBOX(0);
	f->guc.ct.ops = &fake_ops;
	f->guc.ct.data = f;
	make_rings(test, f);

	*fake_reg(f, GUC_HOST_INTERRUPT) = 1;
	f->mailman = kthread_run(mailman, f, "xe-mailman");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, f->mailman);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, stop_mailman, f->mailman), 0);
	KUNIT_ASSERT_EQ(test, xe_guc_ct_enable(&f->guc.ct), 0);

	return 0;
}

/* A fast request of @n dwords whose answer needs @answer dwords; never sleeps */
static int send(struct fake_guc *f, u32 n, u32 answer)
{
	u32 msg[8] = { xe_hxg_fast_request(GUC_H2G_SCHED_CONTEXT), 0x11, 0x22, 0x33, 0x44 };

	return xe_guc_ct_send(&f->guc.ct, msg, n, answer, XE_GUC_CT_ATOMIC);
}

/* --- tests ------------------------------------------------------------------------------------ */

static bool was_told(struct fake_guc *f, u32 key, u32 len, u32 value)
{
	unsigned int i;

	for (i = 0; i < f->n_mails; i++)
		if (f->mail[i][0] == xe_hxg_request(GUC_MMIO_SELF_CFG) &&
		    f->mail[i][1] == GUC_KLV(key, len) && f->mail[i][2] == value && !f->mail[i][3])
			return true;

	return false;
}

static void test_open(struct kunit *test)
{
	struct fake_guc *f = test->priv;
	const u32 *last;

	KUNIT_EXPECT_TRUE(test, was_told(f, GUC_KLV_SELF_CFG_H2G_DESC_ADDR, 2, 0x800000));
	KUNIT_EXPECT_TRUE(test, was_told(f, GUC_KLV_SELF_CFG_G2H_DESC_ADDR, 2, 0x800800));
	KUNIT_EXPECT_TRUE(test, was_told(f, GUC_KLV_SELF_CFG_H2G_ADDR, 2, 0x801000));
	KUNIT_EXPECT_TRUE(test, was_told(f, GUC_KLV_SELF_CFG_H2G_SIZE, 1, 0x1000));
	KUNIT_EXPECT_TRUE(test, was_told(f, GUC_KLV_SELF_CFG_G2H_ADDR, 2, 0x802000));
	KUNIT_EXPECT_TRUE(test, was_told(f, GUC_KLV_SELF_CFG_G2H_SIZE, 1, 0x20000));
	KUNIT_ASSERT_EQ(test, f->n_mails, 7);
	last = f->mail[6];
	KUNIT_EXPECT_EQ(test, last[0], xe_hxg_request(GUC_MMIO_CONTROL_CTB));
	KUNIT_EXPECT_EQ(test, last[1], 1);

	KUNIT_EXPECT_TRUE(test, xe_guc_ct_is_enabled(&f->guc.ct));
	KUNIT_EXPECT_EQ(test, credits(f), CREDITS);
}

static void test_message(struct kunit *test)
{
	struct fake_guc *f = test->priv;
	u32 msg[GUC_CT_MSG_MAX_DWORDS + 1];

	*fake_reg(f, GUC_HOST_INTERRUPT) = 2;
	KUNIT_ASSERT_EQ(test, send(f, 3, 0), 0);
	KUNIT_EXPECT_EQ(test, credits(f), CREDITS);
	KUNIT_ASSERT_EQ(test, guc_take(f, msg), 4);
	KUNIT_EXPECT_EQ(test, msg[0], xe_ct_header(GUC_CT_FENCE_FAST_REQUEST, 3));
	KUNIT_EXPECT_EQ(test, msg[1], xe_hxg_fast_request(GUC_H2G_SCHED_CONTEXT));
	KUNIT_EXPECT_EQ(test, msg[2], 0x11);
	KUNIT_EXPECT_EQ(test, msg[3], 0x22);
	KUNIT_EXPECT_EQ(test, guc_take(f, msg), 0);
}

struct answer_case {
	const char *name;
	u32 action;
	u32 n_dwords;
	bool fast;
};

static const struct answer_case answer_cases[] = {
	{ "scheduling", GUC_G2H_SCHED_CONTEXT_MODE_DONE, 4, false },
	{ "deregistration", GUC_G2H_DEREGISTER_CONTEXT_DONE, 3, false },
	{ "TLB invalidation", GUC_G2H_TLB_INVALIDATION_DONE, 3, true },
};

static void answer_case_name(const struct answer_case *c, char *name)
{
	strscpy(name, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(answer, answer_cases, answer_case_name);

static void test_answer_returns_credits(struct kunit *test)
{
	const struct answer_case *c = test->param_value;
	struct fake_guc *f = test->priv;

	KUNIT_ASSERT_EQ(test, send(f, 2, c->n_dwords), 0);
	KUNIT_EXPECT_EQ(test, credits(f), CREDITS - c->n_dwords);
	guc_put(f, 0, guc_event(c->action), c->n_dwords);
	guc_interrupt(f);
	KUNIT_EXPECT_EQ(test, credits(f), CREDITS);
	KUNIT_EXPECT_EQ(test, f->n_fast, c->fast);
	KUNIT_EXPECT_EQ(test, f->n_events, !c->fast);
	if (!c->fast)
		KUNIT_EXPECT_EQ(test, f->last_event, c->action);
}

/* Events that nobody asked for cost nothing and give nothing. */
static void test_event_without_credits(struct kunit *test)
{
	struct fake_guc *f = test->priv;

	KUNIT_ASSERT_EQ(test, send(f, 2, 3), 0);
	guc_put(f, 0, guc_event(GUC_G2H_CONTEXT_RESET_NOTIFICATION), 3);
	guc_interrupt(f);
	KUNIT_EXPECT_EQ(test, f->n_events, 1);
	KUNIT_EXPECT_EQ(test, credits(f), CREDITS - 3);
}

/*
 * As many requests as there are credits for, then all their answers at once: half of the ring must
 * hold them. More rounds than one, so that the ring is crossed.
 */
static void test_answers_fit(struct kunit *test)
{
	const u32 answer = GUC_G2H_LEN_SCHED_MODE_DONE;
	struct fake_guc *f = test->priv;
	u32 msg[GUC_CT_MSG_MAX_DWORDS + 1];
	unsigned int round, i, n;

	for (round = 0; round < 3; round++) {
		for (n = 0; !send(f, 2, answer); n++)
			KUNIT_ASSERT_EQ(test, guc_take(f, msg), 3);
		KUNIT_EXPECT_EQ(test, n, CREDITS / answer);
		KUNIT_EXPECT_LT(test, n * answer, G2H_DWORDS / 2);
		KUNIT_EXPECT_EQ(test, send(f, 2, answer), -EBUSY);
		KUNIT_EXPECT_EQ(test, guc_take(f, msg), 0);

		for (i = 0; i < n; i++)
			guc_put(f, 0, guc_event(GUC_G2H_SCHED_CONTEXT_MODE_DONE), answer);
		guc_interrupt(f);
		KUNIT_EXPECT_EQ(test, f->n_events, (round + 1) * n);
		KUNIT_EXPECT_EQ(test, credits(f), CREDITS);
	}
	KUNIT_EXPECT_EQ(test, f->n_broken, 0);
}

/* What needs no answer needs no credits, so the way out of a full G2H ring is never closed. */
static void test_no_credits_left(struct kunit *test)
{
	struct fake_guc *f = test->priv;

	KUNIT_ASSERT_EQ(test, send(f, 2, CREDITS), 0);
	KUNIT_EXPECT_EQ(test, credits(f), 0);
	KUNIT_EXPECT_EQ(test, send(f, 2, 1), -EBUSY);
	KUNIT_EXPECT_EQ(test, send(f, 2, 0), 0);
}

static void test_full_h2g_ring(struct kunit *test)
{
	struct fake_guc *f = test->priv;
	u32 msg[GUC_CT_MSG_MAX_DWORDS + 1];
	unsigned int n;

	/* 170 messages of 6 dwords leave 3 dwords that may be used, and 4 to the end. */
	for (n = 0; !send(f, 5, 0); n++)
		;
	KUNIT_EXPECT_EQ(test, n, 170);

	/* The next one begins at the start of the ring, the rest is lost to it: one is too few. */
	KUNIT_ASSERT_EQ(test, guc_take(f, msg), 6);
	KUNIT_EXPECT_EQ(test, send(f, 5, 0), -EBUSY);
	KUNIT_ASSERT_EQ(test, guc_take(f, msg), 6);
	KUNIT_EXPECT_EQ(test, send(f, 5, 0), 0);
	for (n = 0; guc_take(f, msg); n++)
		;
	KUNIT_EXPECT_EQ(test, n, 169);
	KUNIT_EXPECT_EQ(test, msg[0], xe_ct_header(GUC_CT_FENCE_FAST_REQUEST | 170, 5));
	KUNIT_EXPECT_EQ(test, f->h2g_head, 6);
}

struct sender {
	struct fake_guc *f;
	struct completion begun;
	struct completion done;
	int ret;
};

static int sleeping_sender(void *data)
{
	const u32 msg[] = { xe_hxg_fast_request(GUC_H2G_SCHED_CONTEXT), 0x55 };
	struct sender *s = data;

	complete(&s->begun);
	s->ret = xe_guc_ct_send(&s->f->guc.ct, msg, ARRAY_SIZE(msg), 4, 0);
	complete(&s->done);

	return 0;
}

static void start_sender(struct kunit *test, struct sender *s)
{
	struct task_struct *task;

	s->f = test->priv;
	s->ret = 1;
	init_completion(&s->begun);
	init_completion(&s->done);
	task = kthread_run(sleeping_sender, s, "xe-sender");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	wait_for_completion(&s->begun);
}

/* Who may sleep waits for credits and is woken by them. */
static void test_sender_waits_for_credits(struct kunit *test)
{
	struct fake_guc *f = test->priv;
	struct sender s;

	KUNIT_ASSERT_EQ(test, send(f, 2, 4), 0);
	KUNIT_ASSERT_EQ(test, send(f, 2, CREDITS - 4), 0);
	start_sender(test, &s);
	KUNIT_EXPECT_EQ(test, wait_for_completion_timeout(&s.done, HZ / 20), 0);
	guc_put(f, 0, guc_event(GUC_G2H_SCHED_CONTEXT_MODE_DONE), 4);
	guc_interrupt(f);
	KUNIT_ASSERT_GT(test, wait_for_completion_timeout(&s.done, PATIENCE), 0);
	KUNIT_EXPECT_EQ(test, s.ret, 0);
	KUNIT_EXPECT_EQ(test, credits(f), 0);
}

static void test_stop_wakes_sender(struct kunit *test)
{
	struct fake_guc *f = test->priv;
	struct sender s;

	KUNIT_ASSERT_EQ(test, send(f, 2, CREDITS), 0);
	start_sender(test, &s);
	xe_guc_ct_stop(&f->guc.ct);
	KUNIT_ASSERT_GT(test, wait_for_completion_timeout(&s.done, PATIENCE), 0);
	KUNIT_EXPECT_EQ(test, s.ret, -ECANCELED);
	KUNIT_EXPECT_EQ(test, send(f, 2, 0), -ECANCELED);

	/* Opened again, nothing is owed. */
	f->h2g_head = 0;
	f->g2h_tail = 0;
	KUNIT_ASSERT_EQ(test, xe_guc_ct_enable(&f->guc.ct), 0);
	KUNIT_EXPECT_EQ(test, credits(f), CREDITS);
	KUNIT_EXPECT_EQ(test, send(f, 2, 4), 0);
}

static int asker(void *data)
{
	const u32 msg[] = { xe_hxg_request(GUC_H2G_SCHED_CONTEXT), 0x55 };
	struct sender *s = data;
	u32 data0 = 0;

	s->ret = xe_guc_ct_request(&s->f->guc.ct, msg, ARRAY_SIZE(msg), &data0) ?: (int)data0;
	complete(&s->done);

	return 0;
}

/* --- notification ----------------------------------------------------------------------------- */

#define NOT_NOTIFIED	2

static bool was_notified(struct fake_guc *f)
{
	return *fake_reg(f, GUC_HOST_INTERRUPT) != NOT_NOTIFIED;
}

static int send_more(struct fake_guc *f, u32 answer)
{
	const u32 msg[] = { xe_hxg_fast_request(GUC_H2G_SCHED_CONTEXT), 0x66 };

	return xe_guc_ct_send(&f->guc.ct, msg, ARRAY_SIZE(msg), answer,
			      XE_GUC_CT_ATOMIC | XE_GUC_CT_MORE);
}

/* Of several messages the GuC is told once, by the one that is not followed by more. */
static void test_notified_by_last(struct kunit *test)
{
	struct fake_guc *f = test->priv;
	u32 msg[GUC_CT_MSG_MAX_DWORDS + 1];
	unsigned int n;

	*fake_reg(f, GUC_HOST_INTERRUPT) = NOT_NOTIFIED;
	KUNIT_ASSERT_EQ(test, send_more(f, 0), 0);
	KUNIT_ASSERT_EQ(test, send_more(f, 0), 0);
	KUNIT_EXPECT_FALSE(test, was_notified(f));
	KUNIT_ASSERT_EQ(test, send(f, 2, 0), 0);
	KUNIT_EXPECT_TRUE(test, was_notified(f));
	for (n = 0; guc_take(f, msg); n++)
		;
	KUNIT_EXPECT_EQ(test, n, 3);

	/* nothing is due any more */
	*fake_reg(f, GUC_HOST_INTERRUPT) = NOT_NOTIFIED;
	xe_guc_ct_notify(&f->guc.ct);
	KUNIT_EXPECT_FALSE(test, was_notified(f));
}

static void test_notified_on_request(struct kunit *test)
{
	struct fake_guc *f = test->priv;

	*fake_reg(f, GUC_HOST_INTERRUPT) = NOT_NOTIFIED;
	KUNIT_ASSERT_EQ(test, send_more(f, 0), 0);
	KUNIT_EXPECT_FALSE(test, was_notified(f));
	xe_guc_ct_notify(&f->guc.ct);
	KUNIT_EXPECT_TRUE(test, was_notified(f));

	/* not while the channel is closed */
	KUNIT_ASSERT_EQ(test, send_more(f, 0), 0);
	xe_guc_ct_stop(&f->guc.ct);
	*fake_reg(f, GUC_HOST_INTERRUPT) = NOT_NOTIFIED;
	xe_guc_ct_notify(&f->guc.ct);
	KUNIT_EXPECT_FALSE(test, was_notified(f));
}

/* Whoever waits for room shows the GuC what it has not been told of: nobody else might. */
static void test_waiting_sender_notifies(struct kunit *test)
{
	struct fake_guc *f = test->priv;
	struct sender s;

	*fake_reg(f, GUC_HOST_INTERRUPT) = NOT_NOTIFIED;
	KUNIT_ASSERT_EQ(test, send_more(f, 4), 0);
	KUNIT_ASSERT_EQ(test, send_more(f, CREDITS - 4), 0);
	KUNIT_EXPECT_FALSE(test, was_notified(f));
	start_sender(test, &s);
	KUNIT_EXPECT_EQ(test, wait_for_completion_timeout(&s.done, HZ / 20), 0);
	KUNIT_EXPECT_TRUE(test, was_notified(f));

	guc_put(f, 0, guc_event(GUC_G2H_SCHED_CONTEXT_MODE_DONE), 4);
	guc_interrupt(f);
	KUNIT_ASSERT_GT(test, wait_for_completion_timeout(&s.done, PATIENCE), 0);
	KUNIT_EXPECT_EQ(test, s.ret, 0);
}

/* --- requests --------------------------------------------------------------------------------- */

/* A request sets room for the longest answer aside, and gets that of its own fence. */
static void test_request(struct kunit *test)
{
	const unsigned long end = jiffies + PATIENCE;
	struct sender s = { .f = test->priv };
	u32 msg[GUC_CT_MSG_MAX_DWORDS + 1];
	struct fake_guc *f = test->priv;
	struct task_struct *task;

	init_completion(&s.done);
	task = kthread_run(asker, &s, "xe-asker");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	while (!guc_take(f, msg) && time_before(jiffies, end))
		usleep_range(100, 200);
	KUNIT_EXPECT_EQ(test, xe_ct_fence(msg[0]) & GUC_CT_FENCE_FAST_REQUEST, 0);
	KUNIT_EXPECT_EQ(test, credits(f), CREDITS - GUC_G2H_LEN_RESPONSE);

	guc_put(f, xe_ct_fence(msg[0]), FIELD_PREP(GUC_HXG_ORIGIN_MASK, GUC_HXG_ORIGIN_GUC) |
		FIELD_PREP(GUC_HXG_TYPE_MASK, GUC_HXG_TYPE_SUCCESS) | 0x1234, 2);
	guc_interrupt(f);
	KUNIT_ASSERT_GT(test, wait_for_completion_timeout(&s.done, PATIENCE), 0);
	KUNIT_EXPECT_EQ(test, s.ret, 0x1234);
	KUNIT_EXPECT_EQ(test, credits(f), CREDITS);
}

#define EXPECT_ERROR(_test, _text) \
	kunit_info(_test, "provokes: GuC command transport is broken: " _text)

static void expect_broken(struct kunit *test)
{
	struct fake_guc *f = test->priv;

	KUNIT_EXPECT_EQ(test, f->n_broken, 1);
	KUNIT_EXPECT_FALSE(test, xe_guc_ct_is_enabled(&f->guc.ct));
	KUNIT_EXPECT_EQ(test, send(f, 2, 0), -ECANCELED);
}

/* More credits than were taken: rings and books do not agree any more. */
static void test_event_not_asked_for(struct kunit *test)
{
	struct fake_guc *f = test->priv;

	EXPECT_ERROR(test, "an event came that was not asked for");
	KUNIT_ASSERT_EQ(test, send(f, 2, 3), 0);
	guc_put(f, 0, guc_event(GUC_G2H_SCHED_CONTEXT_MODE_DONE), 4);
	guc_interrupt(f);
	expect_broken(test);
}

static void test_corrupt_tail(struct kunit *test)
{
	struct fake_guc *f = test->priv;

	EXPECT_ERROR(test, "G2H ring is corrupt");
	rings(f, GUC_CT_G2H_DESC_OFFSET)[GUC_CT_DESC_TAIL] = G2H_DWORDS;
	guc_interrupt(f);
	expect_broken(test);
}

static void test_descriptor_reports_error(struct kunit *test)
{
	struct fake_guc *f = test->priv;

	EXPECT_ERROR(test, "H2G descriptor reports an error");
	rings(f, GUC_CT_H2G_DESC_OFFSET)[GUC_CT_DESC_STATUS] = GUC_CT_STATUS_MISMATCH;
	KUNIT_EXPECT_EQ(test, send(f, 2, 0), -ECANCELED);
	expect_broken(test);
}

/* A GuC that moves nothing for a second is taken for dead; who waits for it is let go. */
static void test_guc_does_not_read(struct kunit *test)
{
	struct fake_guc *f = test->priv;
	struct sender s;

	EXPECT_ERROR(test, "the GuC does not read its messages");
	/* as long as the message of the sender: no room is left for that */
	while (!send(f, 2, 0))
		;
	start_sender(test, &s);
	KUNIT_ASSERT_GT(test, wait_for_completion_timeout(&s.done, PATIENCE), 0);
	KUNIT_EXPECT_EQ(test, s.ret, -ECANCELED);
	expect_broken(test);
}

static struct kunit_case ct_cases[] = {
	KUNIT_CASE(test_open),
	KUNIT_CASE(test_message),
	KUNIT_CASE_PARAM(test_answer_returns_credits, answer_gen_params),
	KUNIT_CASE(test_event_without_credits),
	KUNIT_CASE(test_answers_fit),
	KUNIT_CASE(test_no_credits_left),
	KUNIT_CASE(test_full_h2g_ring),
	KUNIT_CASE(test_sender_waits_for_credits),
	KUNIT_CASE(test_stop_wakes_sender),
	KUNIT_CASE(test_notified_by_last),
	KUNIT_CASE(test_notified_on_request),
	KUNIT_CASE(test_waiting_sender_notifies),
	KUNIT_CASE(test_request),
	KUNIT_CASE(test_event_not_asked_for),
	KUNIT_CASE(test_corrupt_tail),
	KUNIT_CASE(test_descriptor_reports_error),
	KUNIT_CASE(test_guc_does_not_read),
	{}
};

static struct kunit_suite ct_suite = {
	.name = "xe_guc_ct",
	.init = ct_test_init,
	.test_cases = ct_cases,
};

kunit_test_suite(ct_suite);
