// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Threads that share time: the order of stepped mode, its clock, its mutexes, its lost wake-ups.
 */

#include "tests/lib_cmocka.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/clock.h"
#include "util/pace.h"

#define WORKERS 4u
#define ROUNDS 50u
#define LOG_BYTES 4096u

/**
 * struct crew - threads that write down what they do
 * @pace: how they share time
 * @lock: held over waits
 * @gate: mutex of @cond
 * @cond: @open changed
 * @open: the workers may begin
 * @worker: the threads
 * @number: number of each worker, its argument is a pointer to it
 * @log: one letter for each thing that happened
 * @len: bytes of @log
 * @owner: worker that holds @lock
 */
struct crew {
	struct pace *pace;
	pthread_mutex_t lock;
	pthread_mutex_t gate;
	pthread_cond_t cond;
	bool open;
	struct pace_thread worker[WORKERS];
	unsigned int number[WORKERS];
	char log[LOG_BYTES];
	unsigned int len;
	unsigned int owner;
};

static struct crew crew;

static void note(unsigned int worker)
{
	assert_true(crew.len < LOG_BYTES);
	crew.log[crew.len++] = (char)('a' + worker);
}

static void work(void *arg)
{
	unsigned int n = *(unsigned int *)arg;

	pthread_mutex_lock(&crew.gate);
	while (!crew.open)
		pace_wait(crew.pace, &crew.cond, &crew.gate, 0);
	pthread_mutex_unlock(&crew.gate);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		pace_lock(crew.pace, &crew.lock);
		crew.owner = n;
		note(n);
		/* Nobody else gets the lock while its owner waits for time to pass. */
		pthread_mutex_lock(&crew.gate);
		while (i % 10 == 0 && pace_wait(crew.pace, &crew.cond, &crew.gate,
						clock_ns() + 1000 * (n + 1)))
			;
		pthread_mutex_unlock(&crew.gate);
		assert_int_equal(crew.owner, n);
		pace_unlock(crew.pace, &crew.lock);
		pace_point(crew.pace);
	}
}

/* Return: clock_ns() at the end. */
static u64 run_crew(bool stepped, u64 seed)
{
	u64 end;

	memset(&crew, 0, sizeof(crew));
	crew.pace = pace_create(stepped, seed);
	pthread_mutex_init(&crew.lock, NULL);
	pthread_mutex_init(&crew.gate, NULL);
	pace_cond_init(&crew.cond);
	for (unsigned int i = 0; i < WORKERS; i++) {
		crew.number[i] = i;
		crew.worker[i] = (struct pace_thread){ .name = "worker", .run = work,
						       .arg = &crew.number[i] };
		assert_int_equal(pace_thread_start(crew.pace, &crew.worker[i], RNG_ENGINE + i), 0);
	}
	pthread_mutex_lock(&crew.gate);
	crew.open = true;
	pace_wake(crew.pace, &crew.cond);
	pthread_mutex_unlock(&crew.gate);
	for (unsigned int i = 0; i < WORKERS; i++)
		pace_thread_join(&crew.worker[i]);
	end = clock_ns();
	pthread_mutex_destroy(&crew.lock);
	pthread_mutex_destroy(&crew.gate);
	pthread_cond_destroy(&crew.cond);
	pace_destroy(crew.pace);
	assert_int_equal(crew.len, WORKERS * ROUNDS);
	return end;
}

/* A seed fixes the order and the time; all get their share. */
static void order(void **state)
{
	char first[LOG_BYTES];
	u64 end;

	for (u64 seed = 0; seed < 4; seed++) {
		end = run_crew(true, seed);
		memcpy(first, crew.log, LOG_BYTES);
		for (unsigned int again = 0; again < 5; again++) {
			assert_int_equal(run_crew(true, seed), end);
			assert_memory_equal(first, crew.log, LOG_BYTES);
		}
		run_crew(true, seed + 100);
		assert_memory_not_equal(first, crew.log, LOG_BYTES);
	}
}

static void free_running(void **state)
{
	u64 start = clock_ns();

	run_crew(false, 1);
	run_crew(false, 0);
	/* The waits of all workers were real: each owner of the lock kept the others out. */
	assert_true(clock_ns() - start >= 2 * ROUNDS / 10 * (1 + 2 + 3 + 4) * 1000);
}

#define TURNS 4000u

/* What a thread records of its turns */
static unsigned int turns[2][TURNS];

static void take_turns(void *arg)
{
	unsigned int *turn = arg;

	for (unsigned int i = 0; i < TURNS; i++) {
		turn[i] = pace_room(crew.pace);
		pace_points(crew.pace, turn[i]);
	}
}

static void record_turns(u64 seed, unsigned int *turn)
{
	struct pace_thread t = { .name = "turns", .run = take_turns, .arg = turn };

	crew.pace = pace_create(false, seed);
	assert_int_equal(pace_thread_start(crew.pace, &t, RNG_ENGINE), 0);
	pace_thread_join(&t);
	pace_destroy(crew.pace);
}

/* Turns are short often enough to interleave short sequences, and long enough to be fast. */
static void turns_of_a_seed(void **state)
{
	unsigned int brief = 0, total = 0;

	record_turns(1, turns[0]);
	record_turns(1, turns[1]);
	assert_memory_equal(turns[0], turns[1], sizeof(turns[0]));
	record_turns(2, turns[1]);
	assert_memory_not_equal(turns[0], turns[1], sizeof(turns[0]));
	for (unsigned int i = 0; i < TURNS; i++) {
		assert_in_range(turns[0][i], 1, 16384);
		brief += turns[0][i] <= 16;
		total += turns[0][i];
	}
	assert_true(brief > TURNS / 5);
	assert_true(total > TURNS * 800);
	record_turns(0, turns[0]);
	assert_true(turns[0][0] == ~0u && turns[0][TURNS - 1] == ~0u);
}

static void wait_for_ever(void *arg)
{
	pthread_mutex_lock(&crew.gate);
	pace_wait(crew.pace, &crew.cond, &crew.gate, 0);
	pthread_mutex_unlock(&crew.gate);
}

/* A wake-up that never comes ends the program instead of hanging it. */
static void lost_wakeup(void **state)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		struct pace_thread t = { .name = "sleeper", .run = wait_for_ever };

		signal(SIGABRT, SIG_DFL);
		crew.pace = pace_create(true, 1);
		pthread_mutex_init(&crew.gate, NULL);
		pace_cond_init(&crew.cond);
		pace_thread_start(crew.pace, &t, RNG_ENGINE);
		pace_settle(crew.pace);
		pace_thread_join(&t);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order),
		cmocka_unit_test(free_running),
		cmocka_unit_test(turns_of_a_seed),
		cmocka_unit_test(lost_wakeup),
	};

	return cmocka_run_group_tests_name("pace", tests, NULL, NULL);
}
