// SPDX-License-Identifier: BSD-2-Clause
#pragma once
#include <stdint.h>

/// What the program has asked of the allocator and of the Swift runtime since the last reset.
struct probe_counts {
  uint64_t mallocs;
  uint64_t retains;
  uint64_t releases;
  uint64_t accesses;
};

/// Sets all counts to zero.
void probe_reset(void);

/// The counts since the last reset.
struct probe_counts probe_read(void);

/// A monotonic clock in nanoseconds.
uint64_t probe_nanoseconds(void);
