// SPDX-License-Identifier: BSD-2-Clause
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// How many bits are set.
///
/// Packages are compiled for the first x86-64 processors, which had no instruction for it; all since
/// 2008 have one. Written like this it is part of the function that asks, without any flag.
static inline int cbits_count(uint64_t word) {
#if defined(__x86_64__)
  uint64_t count;
  __asm__("popcnt %1, %0" : "=r"(count) : "r"(word) : "cc");
  return (int)count;
#else
  return __builtin_popcountll(word);
#endif
}

/// Whether the bytes in two places are the same.
static inline bool cbits_equal(const void *one, const void *other, size_t count) {
  return __builtin_memcmp(one, other, count) == 0;
}

/// Has memory brought near that will be read soon.
static inline void cbits_prefetch(const void *memory) {
  __builtin_prefetch(memory);
}
