// SPDX-License-Identifier: BSD-2-Clause
//
// Counts calls by standing in front of the functions that are counted: a program's own definition of
// a symbol wins over a library's. Each counts and forwards.
#define _GNU_SOURCE
#include "CProbe.h"

#include <dlfcn.h>
#include <malloc.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static struct probe_counts counts;
static int64_t live;

int64_t probe_live_bytes(void) { return live; }

void probe_lines(void) { setvbuf(stdout, NULL, _IOLBF, 0); }

uint64_t probe_nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

// What the meter has seen since it was last read; the times of the stretches, those past the most
// all in the last.
enum { MOST_STRETCHES = 8192 };
static uint64_t stretches[MOST_STRETCHES];
static size_t stretch_count;
static struct probe_counts counted_calls, counts_at_start;
static uint64_t start;

void probe_start(void) {
  counts_at_start = counts;
  start = probe_nanoseconds();
}

void probe_stop(void) {
  uint64_t elapsed = probe_nanoseconds() - start;
  if (stretch_count < MOST_STRETCHES) stretches[stretch_count++] = elapsed;
  else stretches[MOST_STRETCHES - 1] += elapsed;
  counted_calls.mallocs += counts.mallocs - counts_at_start.mallocs;
  counted_calls.retains += counts.retains - counts_at_start.retains;
  counted_calls.releases += counts.releases - counts_at_start.releases;
  counted_calls.accesses += counts.accesses - counts_at_start.accesses;
}

static int compare(const void *a, const void *b) {
  uint64_t first = *(const uint64_t *)a, second = *(const uint64_t *)b;
  return first < second ? -1 : first > second;
}

struct probe_sample probe_take(void) {
  struct probe_sample taken = {0, counted_calls};
  qsort(stretches, stretch_count, sizeof *stretches, compare);
  uint64_t median = stretch_count ? stretches[stretch_count / 2] : 0;
  for (size_t i = 0; i < stretch_count; i++)
    taken.nanoseconds += stretches[i] > 5 * median ? median : stretches[i];
  stretch_count = 0;
  counted_calls = (struct probe_counts){0};
  return taken;
}

// glibc's own names: dlsym may itself allocate, so it cannot be used to find malloc.
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

static void *counted(void *block) {
  counts.mallocs++;
  if (block != NULL) live += (int64_t)malloc_usable_size(block);
  return block;
}

void *malloc(size_t size) { return counted(__libc_malloc(size)); }

void *calloc(size_t count, size_t size) { return counted(__libc_calloc(count, size)); }

void *realloc(void *block, size_t size) {
  int64_t old = block == NULL ? 0 : (int64_t)malloc_usable_size(block);
  void *moved = __libc_realloc(block, size);
  if (moved != NULL || size == 0) live -= old;
  return counted(moved);
}

void *aligned_alloc(size_t alignment, size_t size) {
  return counted(__libc_memalign(alignment, size));
}

void *memalign(size_t alignment, size_t size) { return counted(__libc_memalign(alignment, size)); }

int posix_memalign(void **block, size_t alignment, size_t size) {
  *block = counted(__libc_memalign(alignment, size));
  return *block ? 0 : 12;
}

void free(void *block) {
  if (block != NULL) live -= (int64_t)malloc_usable_size(block);
  __libc_free(block);
}

typedef void *retain_function(void *);
typedef void release_function(void *);
typedef void *retain_n_function(void *, uint32_t);
typedef void release_n_function(void *, uint32_t);
typedef void access_function(void *, void *, uintptr_t, void *);

// The next definition after ours, found once.
#define NEXT(type, name)                                   \
  static type *next;                                       \
  if (next == NULL) next = (type *)dlsym(RTLD_NEXT, name)

#define RETAIN(name)                                       \
  void *name(void *object) {                               \
    NEXT(retain_function, #name);                          \
    counts.retains++;                                      \
    return next(object);                                   \
  }

#define RELEASE(name)                                      \
  void name(void *object) {                                \
    NEXT(release_function, #name);                         \
    counts.releases++;                                     \
    next(object);                                          \
  }

RETAIN(swift_retain)
RETAIN(swift_bridgeObjectRetain)
RETAIN(swift_unknownObjectRetain)
RELEASE(swift_release)
RELEASE(swift_bridgeObjectRelease)
RELEASE(swift_unknownObjectRelease)

void *swift_retain_n(void *object, uint32_t count) {
  NEXT(retain_n_function, "swift_retain_n");
  counts.retains += count;
  return next(object, count);
}

void swift_release_n(void *object, uint32_t count) {
  NEXT(release_n_function, "swift_release_n");
  counts.releases += count;
  next(object, count);
}

void swift_beginAccess(void *pointer, void *buffer, uintptr_t flags, void *pc) {
  NEXT(access_function, "swift_beginAccess");
  counts.accesses++;
  next(pointer, buffer, flags, pc);
}
