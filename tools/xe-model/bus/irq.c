// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Interrupt outlets
 *
 * One eventfd per vector, handed over by the client. Signalling writes the value 1 without ever
 * blocking; a vector without descriptor remembers that it fired.
 *
 * Locking: one mutex per sink, a leaf, taken by every function.
 */

#include "bus/irq.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/log.h"

struct irq_vector {
	int fd;
	bool pending;
};

struct irq_sink {
	pthread_mutex_t lock;
	unsigned int count[IRQ_TYPES];
	struct irq_vector vectors[IRQ_TYPES][IRQ_MAX_VECTORS];
};

struct irq_sink *irq_create(const unsigned int vectors[IRQ_TYPES])
{
	struct irq_sink *sink = calloc(1, sizeof(*sink));

	if (!sink)
		return NULL;
	pthread_mutex_init(&sink->lock, NULL);
	for (unsigned int t = 0; t < IRQ_TYPES; t++) {
		sink->count[t] = XM_MIN(vectors[t], IRQ_MAX_VECTORS);
		for (unsigned int v = 0; v < IRQ_MAX_VECTORS; v++)
			sink->vectors[t][v].fd = -1;
	}
	return sink;
}

void irq_destroy(struct irq_sink *sink)
{
	if (!sink)
		return;
	for (unsigned int t = 0; t < IRQ_TYPES; t++)
		irq_disable(sink, t);
	pthread_mutex_destroy(&sink->lock);
	free(sink);
}

unsigned int irq_vectors(const struct irq_sink *sink, enum irq_type type)
{
	return type < IRQ_TYPES ? sink->count[type] : 0;
}

static bool write_event(struct irq_vector *vec)
{
	const u64 one = 1;

	if (write(vec->fd, &one, sizeof(one)) == sizeof(one))
		return true;
	/* EAGAIN: the counter is full, so the client has an unread interrupt already. */
	if (errno != EAGAIN)
		log_guest("interrupt descriptor cannot be written: %s", strerror(errno));
	return false;
}

int irq_set_fd(struct irq_sink *sink, enum irq_type type, unsigned int vector, int fd)
{
	struct irq_vector *vec;

	if (vector >= irq_vectors(sink, type)) {
		if (fd >= 0)
			close(fd);
		return -EINVAL;
	}
	if (fd >= 0)
		fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);

	pthread_mutex_lock(&sink->lock);
	vec = &sink->vectors[type][vector];
	if (vec->fd >= 0)
		close(vec->fd);
	vec->fd = fd;
	if (fd >= 0 && vec->pending) {
		vec->pending = false;
		write_event(vec);
	}
	pthread_mutex_unlock(&sink->lock);
	return 0;
}

void irq_disable(struct irq_sink *sink, enum irq_type type)
{
	pthread_mutex_lock(&sink->lock);
	for (unsigned int v = 0; v < sink->count[type]; v++) {
		struct irq_vector *vec = &sink->vectors[type][v];

		if (vec->fd >= 0)
			close(vec->fd);
		vec->fd = -1;
		vec->pending = false;
	}
	pthread_mutex_unlock(&sink->lock);
}

void irq_forget(struct irq_sink *sink)
{
	pthread_mutex_lock(&sink->lock);
	for (unsigned int t = 0; t < IRQ_TYPES; t++)
		for (unsigned int v = 0; v < sink->count[t]; v++)
			sink->vectors[t][v].pending = false;
	pthread_mutex_unlock(&sink->lock);
}

bool irq_signal(struct irq_sink *sink, enum irq_type type, unsigned int vector)
{
	struct irq_vector *vec;
	bool sent = false;

	if (vector >= irq_vectors(sink, type))
		return false;

	pthread_mutex_lock(&sink->lock);
	vec = &sink->vectors[type][vector];
	if (vec->fd >= 0)
		sent = write_event(vec);
	else
		vec->pending = true;
	pthread_mutex_unlock(&sink->lock);
	return sent;
}
