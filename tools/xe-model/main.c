// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: xe-model
 *
 * Reads the options, builds the device with all its layers, and serves one vfio-user client after
 * the other. The main thread is the bus thread; engines and the GuC have threads of their own.
 *
 * SIGTERM and SIGINT end the program with a summary, SIGUSR1 prints the state of the device.
 */

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "dev/attach.h"
#include "dev/device.h"
#include "dev/fault.h"
#include "fw/guc.h"
#include "gfx/engine.h"
#include "util/log.h"
#include "util/signals.h"
#include "util/thread.h"
#include "util/trace.h"
#include "util/usage.h"

#ifndef XM_VERSION
#define XM_VERSION "0.1"
#endif

#define DEFAULT_SPIN_US 100

#define MAX_FAULTS 64

#define EXIT_USAGE 2
#define EXIT_VIOLATIONS 3

/**
 * struct options - command line
 * @socket: path of the socket
 * @control: path of the control socket or NULL
 * @trace: trace file or NULL
 * @log: log file or NULL
 * @summary: summary file or NULL for stderr
 * @once: leave after the first client
 * @spin_us: see struct vfu_stream
 * @faults: faults to order, in this order
 * @n_faults: number of @faults
 * @cfg: options of the device
 */
struct options {
	const char *socket;
	const char *control;
	const char *trace;
	const char *log;
	const char *summary;
	bool once;
	unsigned int spin_us;
	const char *faults[MAX_FAULTS];
	unsigned int n_faults;
	struct xm_config cfg;
};

static struct vfu_wake wake;
/* Processor time is counted from the last client, and from the last dump. */
static struct usage since_client, since_dump;
/* Set by the threads of signals and of the control socket. */
static atomic_bool want_stop;
static atomic_bool want_dump;

static void on_signal(int sig)
{
	if (sig == SIGUSR1)
		want_dump = true;
	else
		want_stop = true;
	vfu_wake_raise(&wake);
}

static void on_quit(void *ctx)
{
	want_stop = true;
	vfu_wake_raise(&wake);
}

/* Runs on the bus thread, outside of any message. */
static void on_poked(void *ctx)
{
	if (want_dump) {
		want_dump = false;
		xm_dump(ctx, stderr);
		usage_print(&since_dump, stderr);
		usage_begin(&since_dump);
	}
	if (want_stop)
		wake.stop = true;
}

static void print_help(FILE *out)
{
	const struct xm_platform *p;

	fputs("usage: xe-model --socket PATH [options]\n\n"
	      "Serves a GPU to QEMU's vfio-user-pci device.\n\n"
	      "  --socket PATH     socket to create\n"
	      "  --control PATH    socket for xe-modelctl to create\n"
	      "  --platform NAME   which GPU (default tgl):", out);
	for (unsigned int i = 0; (p = xm_platform_at(i)); i++)
		fprintf(out, " %s", p->name);
	fputs("\n"
	      "  --seed N          seed of every random choice (default 1); 0: nothing is delayed\n"
	      "  --stepped         one thread at a time in virtual time, only while a message is\n"
	      "                    handled; for scripted clients, no guest can run like that\n"
	      "  --permissive      broken rules are reported, but do not fail the run\n"
	      "  --allow KIND      broken rules of one kind are reported, but do not fail the run\n"
	      "  --no-ggtt-map     trap every write to the GGTT\n"
	      "  --forget-in-d3    lose all state in D3hot, as in a sleep of the machine\n"
	      "  --prompt          do what a doorbell asks for before the write to it ends\n"
	      "  --spin-us N       poll the socket so long before sleeping (default 100)\n"
	      "  --once            leave after the first client\n"
	      "  --fault SPEC      order a fault; may be repeated; \"help\" lists them\n"
	      "  --trace FILE      write a Chrome/Perfetto trace\n"
	      "  --trace-registers put register accesses into the trace, too\n"
	      "  --log FILE        append messages to FILE\n"
	      "  --summary FILE    write the summary to FILE instead of stderr\n"
	      "  --verbose         print details\n"
	      "  --help, --version\n\n"
	      "exit status: 0 good, 1 failure, 2 bad usage, 3 rules were broken\n", out);
}

static bool parse_number(const char *text, unsigned long long max, unsigned long long *value)
{
	char *end;

	errno = 0;
	*value = strtoull(text, &end, 0);
	return !errno && end != text && !*end && *value <= max && *text != '-';
}

enum option_id {
	OPT_SOCKET = 256,
	OPT_CONTROL,
	OPT_PLATFORM,
	OPT_SEED,
	OPT_STEPPED,
	OPT_PERMISSIVE,
	OPT_ALLOW,
	OPT_NO_GGTT_MAP,
	OPT_FORGET_IN_D3,
	OPT_PROMPT,
	OPT_SPIN,
	OPT_ONCE,
	OPT_FAULT,
	OPT_TRACE,
	OPT_TRACE_REGISTERS,
	OPT_LOG,
	OPT_SUMMARY,
	OPT_VERBOSE,
	OPT_HELP,
	OPT_VERSION,
};

static const struct option long_options[] = {
	{ "socket", required_argument, NULL, OPT_SOCKET },
	{ "control", required_argument, NULL, OPT_CONTROL },
	{ "platform", required_argument, NULL, OPT_PLATFORM },
	{ "seed", required_argument, NULL, OPT_SEED },
	{ "stepped", no_argument, NULL, OPT_STEPPED },
	{ "permissive", no_argument, NULL, OPT_PERMISSIVE },
	{ "allow", required_argument, NULL, OPT_ALLOW },
	{ "no-ggtt-map", no_argument, NULL, OPT_NO_GGTT_MAP },
	{ "forget-in-d3", no_argument, NULL, OPT_FORGET_IN_D3 },
	{ "prompt", no_argument, NULL, OPT_PROMPT },
	{ "spin-us", required_argument, NULL, OPT_SPIN },
	{ "once", no_argument, NULL, OPT_ONCE },
	{ "fault", required_argument, NULL, OPT_FAULT },
	{ "trace-registers", no_argument, NULL, OPT_TRACE_REGISTERS },
	{ "trace", required_argument, NULL, OPT_TRACE },
	{ "log", required_argument, NULL, OPT_LOG },
	{ "summary", required_argument, NULL, OPT_SUMMARY },
	{ "verbose", no_argument, NULL, OPT_VERBOSE },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ 0 },
};

/* Orders are parsed when the device exists. Return: -1 to go on, or the exit status. */
static int apply_fault(struct options *o)
{
	if (!strcmp(optarg, "help")) {
		fault_help(stdout);
		return EXIT_SUCCESS;
	}
	if (o->n_faults == MAX_FAULTS) {
		fprintf(stderr, "xe-model: more than %d faults\n", MAX_FAULTS);
		return EXIT_USAGE;
	}
	o->faults[o->n_faults++] = optarg;
	return -1;
}

static int apply_allow(void)
{
	if (log_allow(optarg))
		return -1;
	fputs("xe-model: more than eight kinds of rules\n", stderr);
	return EXIT_USAGE;
}

/* Where the argument of an option goes that is a name; NULL if it is none. */
static const char **name_of(struct options *o, int id)
{
	switch (id) {
	case OPT_SOCKET:
		return &o->socket;
	case OPT_CONTROL:
		return &o->control;
	case OPT_PLATFORM:
		return &o->cfg.platform;
	case OPT_TRACE:
		return &o->trace;
	case OPT_LOG:
		return &o->log;
	case OPT_SUMMARY:
		return &o->summary;
	default:
		return NULL;
	}
}

/* Apply one option. Return: -1 to go on, or the exit status. */
static int apply_option(struct options *o, int id)
{
	const char **name = name_of(o, id);
	unsigned long long n;

	if (name) {
		*name = optarg;
		return -1;
	}
	switch (id) {
	case OPT_SEED:
		if (!parse_number(optarg, UINT64_MAX, &n))
			break;
		o->cfg.seed = n;
		return -1;
	case OPT_STEPPED:
		o->cfg.stepped = true;
		return -1;
	case OPT_PERMISSIVE:
		o->cfg.strict = false;
		return -1;
	case OPT_ALLOW:
		return apply_allow();
	case OPT_NO_GGTT_MAP:
		o->cfg.ggtt_map = false;
		return -1;
	case OPT_FORGET_IN_D3:
		o->cfg.forget_in_d3 = true;
		return -1;
	case OPT_PROMPT:
		o->cfg.prompt = true;
		return -1;
	case OPT_SPIN:
		if (!parse_number(optarg, 1000000, &n))
			break;
		o->spin_us = (unsigned int)n;
		return -1;
	case OPT_ONCE:
		o->once = true;
		return -1;
	case OPT_FAULT:
		return apply_fault(o);
	case OPT_TRACE_REGISTERS:
		trace_want_registers(true);
		return -1;
	case OPT_VERBOSE:
		o->cfg.verbose = true;
		return -1;
	case OPT_HELP:
		print_help(stdout);
		return EXIT_SUCCESS;
	case OPT_VERSION:
		puts("xe-model " XM_VERSION);
		return EXIT_SUCCESS;
	default:
		print_help(stderr);
		return EXIT_USAGE;
	}
	fprintf(stderr, "xe-model: bad number \"%s\"\n", optarg);
	return EXIT_USAGE;
}

/* Return: -1 to go on, or the exit status. */
static int parse_options(struct options *o, int argc, char **argv)
{
	int id;

	while ((id = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		int status = apply_option(o, id);

		if (status >= 0)
			return status;
	}
	if (optind < argc || !o->socket) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	if (o->cfg.prompt && o->cfg.stepped) {
		fputs("xe-model: --prompt does not go with --stepped\n", stderr);
		return EXIT_USAGE;
	}
	/* The control socket's thread comes and goes in real time. */
	if (o->control && o->cfg.stepped) {
		fputs("xe-model: --control does not go with --stepped\n", stderr);
		return EXIT_USAGE;
	}
	return -1;
}

static int open_files(const struct options *o)
{
	int err = log_open(o->log, o->cfg.verbose);

	if (err) {
		fprintf(stderr, "xe-model: %s: %s\n", o->log, strerror(-err));
		return err;
	}
	err = o->trace ? trace_open(o->trace) : 0;
	if (err)
		log_error("%s: %s", o->trace, strerror(-err));
	return err;
}

static void log_end(const struct vfu_end *end)
{
	if (!end->greeted)
		log_debug("a connection ended before it was set up");
	else if (end->reason && end->reason != -ECANCELED)
		log_info("connection lost after %llu messages: %s",
			 (unsigned long long)end->messages, strerror(-end->reason));
	else
		log_info("connection ended after %llu messages",
			 (unsigned long long)end->messages);
}

/* Serve clients until told to stop. Return: 0 or a negative errno of the listening socket. */
static int serve(struct xm_device *dev, const struct options *o, int listener)
{
	struct vfu_device vfu;

	xm_device_attach(dev, &vfu);
	while (!wake.stop) {
		struct vfu_end end;
		int fd = vfu_accept(listener, &wake);

		if (fd == -ECANCELED)
			return 0;
		if (fd == -ECONNABORTED || fd == -EINTR)
			continue;
		if (fd < 0) {
			log_error("accept: %s", strerror(-fd));
			return fd;
		}
		usage_begin(&since_client);
		since_dump = since_client;
		end = vfu_serve(&vfu, fd, o->spin_us, &wake);
		close(fd);
		log_end(&end);
		if (end.greeted && o->once)
			return 0;
	}
	return 0;
}

static int listen_and_serve(struct xm_device *dev, const struct options *o)
{
	int listener = vfu_listen(o->socket);
	int err;

	if (listener == -EADDRINUSE) {
		log_error("%s: socket path in use", o->socket);
		return listener;
	}
	if (listener < 0) {
		log_error("%s: %s", o->socket, strerror(-listener));
		return listener;
	}
	printf("listening on %s\n", o->socket);
	fflush(stdout);
	err = serve(dev, o, listener);
	close(listener);
	unlink(o->socket);
	return err;
}

static void print_summary(struct xm_device *dev, const struct options *o)
{
	FILE *out = o->summary ? fopen(o->summary, "we") : stderr;

	if (!out) {
		log_error("%s: %s", o->summary, strerror(errno));
		out = stderr;
	}
	xm_summary(dev, out);
	usage_print(&since_client, out);
	if (out != stderr)
		fclose(out);
}

/* Serve clients, and the control socket meanwhile. Return: 0 or -errno. */
static int run_controlled(struct xm_device *dev, const struct options *o)
{
	const struct ctl_env env = { .dev = dev, .quit = on_quit };
	struct ctl *ctl = NULL;
	int err = o->control ? ctl_start(&env, o->control, &ctl) : 0;

	if (err) {
		log_error("%s: %s", o->control, strerror(-err));
		return err;
	}
	err = listen_and_serve(dev, o);
	ctl_stop(ctl);
	xm_device_reset(dev);
	return err;
}

/* Build the layers above the device, run, and take them off again. Return: 0 or -errno. */
static int run(struct xm_device *dev, const struct options *o)
{
	int err = xm_gfx_create(dev);

	if (err) {
		log_error("engines: %s", strerror(-err));
		return err;
	}
	err = xm_fw_create(dev);
	if (err) {
		log_error("GuC: %s", strerror(-err));
		goto destroy_gfx;
	}
	if (o->cfg.stepped)
		log_info("stepped mode: for scripted clients, the device stands still between "
			 "their messages");
	wake.poked = on_poked;
	wake.ctx = dev;
	thread_urgent();

	err = run_controlled(dev, o);
	if (!err)
		print_summary(dev, o);

	xm_fw_destroy(dev);
destroy_gfx:
	xm_gfx_destroy(dev);
	return err;
}

static bool order_faults(struct xm_device *dev, const struct options *o)
{
	char why[200];

	for (unsigned int i = 0; i < o->n_faults; i++) {
		if (fault_add(dev, o->faults[i], why, sizeof(why))) {
			fprintf(stderr, "xe-model: --fault %s: %s\n", o->faults[i], why);
			return false;
		}
	}
	return true;
}

int main(int argc, char **argv)
{
	struct options o = {
		.spin_us = DEFAULT_SPIN_US,
		.cfg = { .platform = "tgl", .seed = 1, .strict = true, .ggtt_map = true },
	};
	int status = parse_options(&o, argc, argv);
	struct xm_device *dev;
	int err;

	if (status >= 0)
		return status;
	if (open_files(&o))
		return EXIT_FAILURE;
	if (vfu_wake_init(&wake))
		return EXIT_FAILURE;
	err = signals_start(on_signal);
	if (err) {
		log_error("signals: %s", strerror(-err));
		return EXIT_FAILURE;
	}

	status = EXIT_FAILURE;
	dev = xm_device_create(&o.cfg);
	if (dev && !order_faults(dev, &o))
		status = EXIT_USAGE;
	else if (dev && !run(dev, &o))
		status = o.cfg.strict && log_violations() ? EXIT_VIOLATIONS : EXIT_SUCCESS;

	xm_device_destroy(dev);
	signals_stop();
	vfu_wake_fini(&wake);
	err = trace_close();
	if (err) {
		log_error("%s: %s", o.trace ? o.trace : "trace", strerror(-err));
		status = EXIT_FAILURE;
	}
	log_close();
	return status;
}
