// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Tests of GT resets while an engine stands still at each of the commands of a job in turn, which
 * the device model is asked for: whatever has been done by then, no job is done twice.
 */
#define _GNU_SOURCE

#include "xe_client.h"
#include "xe_model.h"
#include "xe_uapi.h"

/* Offsets in the memory of the batches */
#define BATCH_COUNT	0x0000
#define BATCH_STORE	0x0400
#define WORD_COUNT	0x1800
#define WORD_STORED	0x1840
#define STORED		0x600d0000u

#define ENGINE		"vcs0"
/* More commands than the driver and the batch have for a job together */
#define COMMANDS	24
/* Time for a job to come to where it stands still. It may be reset earlier as well. */
#define REACH_NS	(NSEC_PER_SEC / 20)

FIXTURE(reset) {
	struct xe_client client;
	int port;
};

static void write_batches(uint32_t *batches)
{
	uint32_t *dw = batches + BATCH_COUNT / 4;

	xe_put_end(xe_put_increment(dw, XE_BATCH_ADDR + WORD_COUNT));
	dw = batches + BATCH_STORE / 4;
	xe_put_end(xe_put_store(dw, XE_BATCH_ADDR + WORD_STORED, STORED));
}

FIXTURE_SETUP(reset)
{
	int fd = xe_open();

	if (fd < 0)
		SKIP(return, "no xe device");
	self->port = xe_model_open();
	if (self->port < 0)
		SKIP(return, "no way to talk to the model");
	ASSERT_EQ(0, xe_client_init_aside(&self->client, fd));
	write_batches(self->client.batches);
}

FIXTURE_TEARDOWN(reset)
{
	char reply[1024];

	if (self->port >= 0) {
		xe_model_ask(self->port, "faults clear\n", reply, sizeof(reply));
		close(self->port);
	}
	close(self->client.fd);
}

/* Reset the GT that all engines belong to; 0 or -1 */
static int reset_gt(void)
{
	FILE *f = xe_open_debugfs("gt0/force_reset_sync", "w");

	if (!f)
		return -1;
	fputs("1\n", f);

	return fclose(f);
}

/* Is the model told to have the engine stand still at its command after the next @n? */
static bool order_hang(int port, unsigned int n)
{
	char order[64], reply[1024];

	snprintf(order, sizeof(order), "fault engine-hang:engine=%s,after=%u\n", ENGINE, n);

	return !xe_model_ask(port, order, reply, sizeof(reply)) && !strstr(reply, "error");
}

static bool clear_hang(int port)
{
	char reply[1024];

	return !xe_model_ask(port, "faults clear\n", reply, sizeof(reply));
}

/*
 * A job counts, and is reset. If the queue survives that, it was either done or is done now; and
 * the next job of the queue finds nothing of it left to do.
 */
TEST_F_TIMEOUT(reset, jobs_are_done_once, 300)
{
	struct xe_client *c = &self->client;
	volatile uint32_t *count = xe_client_word(c, WORD_COUNT);
	volatile uint32_t *stored = xe_client_word(c, WORD_STORED);
	unsigned int n, survived = 0;
	int banned;

	for (n = 0; n < COMMANDS; n++) {
		*count = 0;
		*stored = 0;
		ASSERT_TRUE(order_hang(self->port, n));
		ASSERT_EQ(0, xe_client_start(c, BATCH_COUNT));
		xe_syncobj_wait(c->fd, c->out, REACH_NS);
		ASSERT_EQ(0, reset_gt());
		ASSERT_TRUE(clear_hang(self->port));
		ASSERT_EQ(0, xe_syncobj_wait(c->fd, c->out, XE_PATIENCE));

		banned = xe_queue_is_banned(c->fd, c->queue);
		ASSERT_LE(0, banned);
		if (banned) {
			EXPECT_GE(1, *count);
			ASSERT_EQ(0, xe_queue_destroy(c->fd, c->queue));
			c->queue = xe_queue_of_class(c->fd, c->vm,
						     DRM_XE_ENGINE_CLASS_VIDEO_DECODE);
			ASSERT_NE(0, c->queue);
			continue;
		}

		survived++;
		EXPECT_EQ(1, *count);
		ASSERT_EQ(0, xe_client_run(c, BATCH_STORE));
		EXPECT_EQ(STORED, *stored);
		EXPECT_EQ(1, *count) TH_LOG("stood still after %u commands", n);
	}

	/* Some have not begun, some are over. */
	EXPECT_LE(2, survived);
	EXPECT_GT(COMMANDS, survived);
}

TEST_HARNESS_MAIN
