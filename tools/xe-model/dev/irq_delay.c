// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Interrupt messages on their way
 *
 * A message of the interrupt tree leaves at once or after a drawn delay:
 *
 *	idle --send, delay--> late --time is up--> idle
 *	     --send, no delay--------------------> idle
 *
 * The host may have turned interrupts off or handled all events when a late message arrives. It has
 * to cope with that: hardware sends such messages, too.
 *
 * Locking: everything is under dev->lock. The thread sleeps with it released.
 */

#include "dev/irq_delay.h"

#include <errno.h>
#include <stdlib.h>

#include "dev/device.h"
#include "util/clock.h"
#include "util/pace.h"
#include "util/rng.h"
#include "util/trace.h"

/**
 * struct irq_delay - the message on its way
 * @dev: device
 * @thread: sends late messages
 * @cond: @due or @quit changed
 * @rng: draws delays
 * @due: clock_ns() when the late message is sent, 0 = there is none
 * @quit: the thread has to end
 */
struct irq_delay {
	struct xm_device *dev;
	struct pace_thread thread;
	pthread_cond_t cond;
	struct xm_rng rng;
	u64 due;
	bool quit;
};

static void send_locked(struct xm_device *dev)
{
	trace_instant("interrupts", "MSI sent", "%s", "");
	xm_stat_inc(dev, irq_sent);
	irq_signal(dev->irq, IRQ_MSI, 0);
}

static void run(void *arg)
{
	struct irq_delay *d = arg;
	struct xm_device *dev = d->dev;

	pthread_mutex_lock(&dev->lock);
	while (!d->quit) {
		if (d->due && clock_ns() >= d->due) {
			d->due = 0;
			send_locked(dev);
		}
		pace_wait(dev->pace, &d->cond, &dev->lock, d->due);
	}
	pthread_mutex_unlock(&dev->lock);
}

void irq_delay_send_locked(struct xm_device *dev)
{
	struct irq_delay *d = dev->irq_delay;
	u64 delay;

	if (d->due)
		return;
	delay = dev->cfg.seed ? rng_delay_ns(&d->rng) : 0;
	if (!delay) {
		send_locked(dev);
		return;
	}
	trace_instant("interrupts", "MSI held back", "\"us\":%llu",
		      (unsigned long long)(delay / 1000));
	d->due = clock_ns() + delay;
	pace_wake(dev->pace, &d->cond);
}

void irq_delay_forget_locked(struct xm_device *dev)
{
	dev->irq_delay->due = 0;
}

int irq_delay_create(struct xm_device *dev)
{
	struct irq_delay *d = calloc(1, sizeof(*d));
	int err;

	if (!d)
		return -ENOMEM;
	d->dev = dev;
	pace_cond_init(&d->cond);
	rng_init(&d->rng, dev->cfg.seed, RNG_IRQ);
	d->thread.name = "irq";
	d->thread.run = run;
	d->thread.arg = d;
	err = pace_thread_start(dev->pace, &d->thread, RNG_IRQ_THREAD);
	if (err) {
		pthread_cond_destroy(&d->cond);
		free(d);
		return err;
	}
	dev->irq_delay = d;
	return 0;
}

void irq_delay_destroy(struct xm_device *dev)
{
	struct irq_delay *d = dev->irq_delay;

	if (!d)
		return;
	pthread_mutex_lock(&dev->lock);
	d->quit = true;
	pace_wake(dev->pace, &d->cond);
	pthread_mutex_unlock(&dev->lock);
	pace_thread_join(&d->thread);
	pthread_cond_destroy(&d->cond);
	free(d);
	dev->irq_delay = NULL;
}
