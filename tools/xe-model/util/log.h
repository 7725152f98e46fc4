/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_UTIL_LOG_H
#define XM_UTIL_LOG_H

#include "util/types.h"

/**
 * enum log_level - how important a message is
 * @LOG_ERROR: the model cannot do what it was asked to do
 * @LOG_GUEST: the guest (or the client) did something a real device would not accept
 * @LOG_INFO: life cycle of the model
 * @LOG_DEBUG: details, only printed with --verbose
 */
enum log_level {
	LOG_ERROR,
	LOG_GUEST,
	LOG_INFO,
	LOG_DEBUG,
};

/**
 * log_open() - choose where messages go
 * @path: file to append to, or NULL for stderr only
 * @verbose: print LOG_DEBUG messages too
 *
 * Errors, guest errors and violations go to stderr as well when @path is given.
 *
 * Context: before other threads exist.
 * Return: 0, or the negative errno of the failed open.
 */
int log_open(const char *path, bool verbose);

/** log_close() - flush and close the log file; later messages go to stderr. */
void log_close(void);

/** log_verbose() - Return: true if LOG_DEBUG messages are printed. */
bool log_verbose(void);

/**
 * log_msg() - print one message with time stamp and level
 * @level: see enum log_level; LOG_GUEST messages are limited to 1000 per run, the rest is counted
 * @fmt: printf format, without a final newline
 *
 * Context: any thread; takes the internal log lock only.
 */
void log_msg(enum log_level level, const char *fmt, ...) XM_PRINTF(2, 3);

#define log_error(...) log_msg(LOG_ERROR, __VA_ARGS__)
#define log_guest(...) log_msg(LOG_GUEST, __VA_ARGS__)
#define log_info(...) log_msg(LOG_INFO, __VA_ARGS__)
#define log_debug(...)                                    \
	do {                                              \
		if (log_verbose())                        \
			log_msg(LOG_DEBUG, __VA_ARGS__); \
	} while (0)

/**
 * log_violation() - report a broken rule of the hardware (strict mode)
 * @kind: short stable name of the rule, e.g. "dma-unmapped"; counted per kind
 * @fmt: printf format of the report, may contain several lines, without a final newline
 *
 * The report is printed as one block. Only the first 50 blocks of each kind are printed, all are
 * counted. A run with violations ends with exit status 3 unless --permissive was given.
 *
 * Context: any thread; takes the internal log lock only.
 */
void log_violation(const char *kind, const char *fmt, ...) XM_PRINTF(2, 3);

/**
 * log_allow() - violations of one kind are reported and counted by kind, but do not fail the run
 * @kind: name of the kind, valid as long as it is allowed
 *
 * Context: any thread; takes the internal log lock only.
 * Return: false if that many are allowed already that there is no place for it.
 */
bool log_allow(const char *kind);

/**
 * log_forbid() - end what log_allow() has begun
 * @kind: name of the kind
 *
 * Context: any thread; takes the internal log lock only.
 */
void log_forbid(const char *kind);

/**
 * log_excuse() - begin or end what the guest is not to blame for
 * @on: an access of this thread was refused because of an ordered fault: until the next call with
 *      false, violations of this thread are counted as consequences and not as violations
 *
 * Context: any thread; concerns the calling thread only.
 */
void log_excuse(bool on);

/** log_excused() - Return: number of consequences of ordered faults so far. */
unsigned long log_excused(void);

/** log_violations() - Return: violations so far, of all kinds that log_allow() does not name. */
unsigned long log_violations(void);

/**
 * log_violation_at() - walk over the kinds of violations seen
 * @i: index from 0
 * @kind: set to the name of the kind
 *
 * Return: how often the kind was reported, 0 when @i is past the last kind.
 */
unsigned long log_violation_at(unsigned int i, const char **kind);

/* How many reports of violations are kept for log_last_report() */
#define LOG_LAST_REPORTS 16u

/**
 * log_last_report() - a recent report of a violation, as it was printed
 * @back: 0 for the latest one, below LOG_LAST_REPORTS
 *
 * Return: the text, to be freed; NULL if there were not so many, or without memory.
 */
char *log_last_report(unsigned int back);

#endif
