// SPDX-License-Identifier: BSD-2-Clause
//
// Counts calls by standing in front of the functions that are counted: a program's own definition of
// a symbol wins over a library's. Each counts and forwards.
#define _GNU_SOURCE
#include "CProbe.h"

#include <dlfcn.h>
#include <stddef.h>
#include <time.h>

static struct probe_counts counts;

void probe_reset(void) { counts = (struct probe_counts){0}; }

struct probe_counts probe_read(void) { return counts; }

uint64_t probe_nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

// glibc's own names: dlsym may itself allocate, so it cannot be used to find malloc.
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

void *malloc(size_t size) {
  counts.mallocs++;
  return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
  counts.mallocs++;
  return __libc_calloc(count, size);
}

void *realloc(void *block, size_t size) {
  counts.mallocs++;
  return __libc_realloc(block, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  counts.mallocs++;
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size) {
  counts.mallocs++;
  *block = __libc_memalign(alignment, size);
  return *block ? 0 : 12;
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
