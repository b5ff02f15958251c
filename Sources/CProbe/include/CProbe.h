// SPDX-License-Identifier: BSD-2-Clause
#pragma once
#include <stdint.h>

#include "Peers.h"

/// What a program asks of the allocator and of the Swift runtime.
struct probe_counts {
  uint64_t mallocs;
  uint64_t retains;
  uint64_t releases;
  uint64_t accesses;
};

/// What a stretch of work took.
struct probe_sample {
  uint64_t nanoseconds;
  struct probe_counts counts;
};

/// How many look-ups make a stretch.
#define PROBE_KEYS 4096

/// Starts the meter. The stretches between start and stop are added up.
void probe_start(void);

/// Stops the meter.
void probe_stop(void);

/// What the meter has added up since the last call.
///
/// Where there are several stretches, which then must be of the same work, one that took five times
/// as long as the median was interrupted by other programs, and counts as the median.
struct probe_sample probe_take(void);

/// How many bytes of malloc's blocks are in use.
int64_t probe_live_bytes(void);

/// A monotonic clock in nanoseconds.
uint64_t probe_nanoseconds(void);

/// Lets standard output out at the end of each line.
void probe_lines(void);

/// Runs a program with /dev/null as its standard input and output; returns its exit status, or -1
/// where it did not start or was killed.
///
/// `words` are its path and its arguments, each with a zero behind it.
int probe_spawn(const char *words, size_t count);
