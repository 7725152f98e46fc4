// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * xe_fuzz_vm: options, and the loop that makes programs.
 */
#include <getopt.h>
#include <stdio.h>
#include <sys/time.h>

#include "fuzz.h"
#include "log.h"
#include "../xe_calls.h"

struct options options = { .shrink_seconds = 120 };
struct result *result;

static struct program program;

static const char usage[] =
	"usage: xe_fuzz_vm [OPTIONS] [--replay FILE]...\n"
	"\n"
	"Drives random sequences of VM, BO, bind, userptr, exec and close calls of the xe\n"
	"driver, and compares what comes of them with a reference address space: errnos,\n"
	"contents as the engines and the processor see them and, with --ask, page tables and\n"
	"TLBs of the device model.\n"
	"\n"
	"  --seed N        random numbers begin here (default: from the clock; it is printed)\n"
	"  --steps N       end after N steps (default 10000)\n"
	"  --seconds N     end after N seconds, whatever --steps says\n"
	"  --threads N     threads of a program, 1 to 4 (default 2)\n"
	"  --length N      steps of a program (default 300)\n"
	"  --out DIR       where failing programs go (default: the current directory)\n"
	"  --ask DIR       directory shared with the harness, which asks the model\n"
	"  --replay FILE   run this program and no random ones; may be repeated\n"
	"  --repeat N      run each program of --replay N times (default 1)\n"
	"  --no-shrink     keep a failing program as it is\n"
	"  --shrink-seconds N  time for making it smaller (default 120)\n"
	"  --referee       leave open what drivers other than ours are free to do\n"
	"  --no-log        do not look at the kernel log, on machines so slow that time-outs hit\n"
	"  --verbose       print every step\n"
	"  --help          this text\n"
	"\n"
	"A program that fails is written to DIR/SEED.txt, made smaller, and written to\n"
	"DIR/SEED.min.txt; either is a file for --replay. Lines of such a file are steps:\n"
	"thread, name, arguments.\n"
	"Exit status: 0 if all went as the reference says, 1 if not, 2 for wrong usage,\n"
	"4 without a device.\n";

/**
 * struct settings - what only this file has to know
 */
struct settings {
	uint64_t seed;
	uint64_t steps;
	uint64_t seconds;
	unsigned int threads;
	unsigned int length;
	unsigned int repeat;
	bool shrink;
	bool log;
	const char *out;
	const char *replay[64];
	unsigned int n_replays;
};

static struct settings settings = {
	.steps = 10000,
	.threads = 2,
	.length = 300,
	.repeat = 1,
	.shrink = true,
	.log = true,
	.out = ".",
};

enum {
	OPT_SEED = 1, OPT_STEPS, OPT_SECONDS, OPT_THREADS, OPT_LENGTH, OPT_OUT, OPT_ASK,
	OPT_REPLAY, OPT_REPEAT, OPT_NO_SHRINK, OPT_SHRINK_SECONDS, OPT_REFEREE, OPT_VERBOSE,
	OPT_NO_LOG, OPT_HELP,
};

static const struct option long_options[] = {
	{ "seed", required_argument, NULL, OPT_SEED },
	{ "steps", required_argument, NULL, OPT_STEPS },
	{ "seconds", required_argument, NULL, OPT_SECONDS },
	{ "threads", required_argument, NULL, OPT_THREADS },
	{ "length", required_argument, NULL, OPT_LENGTH },
	{ "out", required_argument, NULL, OPT_OUT },
	{ "ask", required_argument, NULL, OPT_ASK },
	{ "replay", required_argument, NULL, OPT_REPLAY },
	{ "repeat", required_argument, NULL, OPT_REPEAT },
	{ "no-shrink", no_argument, NULL, OPT_NO_SHRINK },
	{ "shrink-seconds", required_argument, NULL, OPT_SHRINK_SECONDS },
	{ "referee", no_argument, NULL, OPT_REFEREE },
	{ "verbose", no_argument, NULL, OPT_VERBOSE },
	{ "no-log", no_argument, NULL, OPT_NO_LOG },
	{ "help", no_argument, NULL, OPT_HELP },
	{ 0 }
};

static uint64_t parse_number(const char *text)
{
	char *end;
	uint64_t value = strtoull(text, &end, 0);

	if (!*text || *end) {
		fprintf(stderr, "xe_fuzz_vm: '%s' is no number\n", text);
		exit(2);
	}
	return value;
}

static void set_option(int option)
{
	switch (option) {
	case OPT_SEED:
		settings.seed = parse_number(optarg);
		break;
	case OPT_STEPS:
		settings.steps = parse_number(optarg);
		break;
	case OPT_SECONDS:
		settings.seconds = parse_number(optarg);
		break;
	case OPT_THREADS:
		settings.threads = parse_number(optarg);
		break;
	case OPT_LENGTH:
		settings.length = parse_number(optarg);
		break;
	case OPT_OUT:
		settings.out = optarg;
		break;
	case OPT_ASK:
		options.ask = optarg;
		break;
	case OPT_REPLAY:
		if (settings.n_replays < ARRAY_SIZE(settings.replay))
			settings.replay[settings.n_replays++] = optarg;
		break;
	case OPT_REPEAT:
		settings.repeat = parse_number(optarg);
		break;
	case OPT_NO_SHRINK:
		settings.shrink = false;
		break;
	case OPT_SHRINK_SECONDS:
		options.shrink_seconds = parse_number(optarg);
		break;
	case OPT_REFEREE:
		options.referee = true;
		break;
	case OPT_VERBOSE:
		options.verbose = true;
		break;
	case OPT_NO_LOG:
		settings.log = false;
		break;
	case OPT_HELP:
		fputs(usage, stdout);
		exit(0);
	default:
		fputs("xe_fuzz_vm: try --help\n", stderr);
		exit(2);
	}
}

static void parse(int argc, char **argv)
{
	struct timeval now;
	int option;

	gettimeofday(&now, NULL);
	settings.seed = now.tv_sec * 1000000ull + now.tv_usec;
	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1)
		set_option(option);
	if (optind == argc && settings.threads && settings.threads <= MAX_THREADS &&
	    settings.length && settings.length <= MAX_STEPS)
		return;
	fputs("xe_fuzz_vm: try --help\n", stderr);
	exit(2);
}

static void tell(const char *what)
{
	printf("FAILED: %s\n", result->text);
	if (result->step < (int)program.n) {
		char text[2048];

		step_text(&program.step[result->step], text, sizeof(text));
		printf("  in step %d of %u: %s\n", result->step, program.n, text);
	}
	printf("  %s: %u steps\n", what, program.n);
	fflush(stdout);
}

/* Report a failure, and make it small. */
static void report(const char *name)
{
	static struct program whole;
	char path[600], why[sizeof(result->text)];
	unsigned int trials;

	snprintf(path, sizeof(path), "%s/%s.txt", settings.out, name);
	snprintf(why, sizeof(why), "%s", result->text);
	program_write(&program, path, why);
	tell(path);
	if (!settings.shrink)
		return;
	whole = program;
	trials = shrink(&program);
	if (run_isolated(&program)) {
		printf("  smaller programs do not fail every time\n");
		snprintf(result->text, sizeof(result->text), "%s", why);
	}
	snprintf(path, sizeof(path), "%s/%s.min.txt", settings.out, name);
	program_write(&program, path, result->text);
	tell(path);
	printf("  from %u steps to %u, %u programs tried; again with: xe_fuzz_vm --replay %s\n",
	       whole.n, program.n, trials, path);
}

static int replay_files(void)
{
	int bad = 0;

	for (unsigned int i = 0; i < settings.n_replays; i++) {
		const char *name = strrchr(settings.replay[i], '/');
		char stem[128];
		bool good = true;

		snprintf(stem, sizeof(stem), "%.100s", name ? name + 1 : settings.replay[i]);
		stem[strcspn(stem, ".")] = '\0';
		if (program_read(&program, settings.replay[i])) {
			fprintf(stderr, "xe_fuzz_vm: cannot read %s\n", settings.replay[i]);
			return 2;
		}
		for (unsigned int n = 0; n < settings.repeat && good; n++)
			good = run_isolated(&program);
		printf("replay %s: %s\n", stem, good ? "ok" : "FAILED");
		if (!good)
			report(stem);
		bad |= !good;
	}
	return bad;
}

static int fuzz(void)
{
	int64_t end = xe_now() + settings.seconds * NSEC_PER_SEC;
	uint64_t seed = settings.seed, done = atomic_load(&result->steps);
	unsigned int programs = 0;
	char name[32];

	printf("seed 0x%llx, %u threads\n", (unsigned long long)settings.seed, settings.threads);
	fflush(stdout);
	while (settings.seconds ? xe_now() < end :
				  atomic_load(&result->steps) - done < settings.steps) {
		/* The first program has the seed of the run, so a failing one is easy to get. */
		program_make(&program, seed, settings.threads, settings.length);
		programs++;
		if (!run_isolated(&program)) {
			snprintf(name, sizeof(name), "%llx", (unsigned long long)seed);
			report(name);
			return 1;
		}
		random_next(&seed);
	}
	printf("%u programs: %llu steps, %llu binds (%llu refused), "
	       "%llu pages read, %llu asked, %llu purged\n",
	       programs, (unsigned long long)result->steps, (unsigned long long)result->binds,
	       (unsigned long long)result->refused, (unsigned long long)result->pages,
	       (unsigned long long)result->asked, (unsigned long long)result->purged);
	return 0;
}

int main(int argc, char **argv)
{
	int fd;

	parse(argc, argv);
	result = mmap(NULL, sizeof(*result), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (result == MAP_FAILED)
		return 2;
	fd = xe_open();
	if (fd < 0) {
		fputs("xe_fuzz_vm: no xe device\n", stderr);
		return 4;
	}
	close(fd);
	if (settings.log && !log_begin()) {
		fputs("xe_fuzz_vm: the kernel log cannot be read\n", stderr);
		return 2;
	}
	return settings.n_replays ? replay_files() : fuzz();
}
