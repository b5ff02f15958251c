// SPDX-License-Identifier: BSD-2-Clause
#pragma once
#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>

/// What glibc calls cookie_io_functions_t; its own declarations want _GNU_SOURCE, which Swift's Glibc has not.
struct cpcap_functions {
  ssize_t (*read)(void *, char *, size_t);
  ssize_t (*write)(void *, const char *, size_t);
  int (*seek)(void *, off_t *, int);
  int (*close)(void *);
};
extern FILE *cpcap_fopencookie(void *, const char *, struct cpcap_functions) __asm__("fopencookie");

/// Opens a capture whose bytes a function gives, a piece at a time; `close` is called once, at the latest by
/// pcap_close(), and before this returns if it fails.
static inline pcap_t *cpcap_open_stream(void *cookie, ssize_t (*read)(void *, char *, size_t), int (*close)(void *),
                                        unsigned precision, char *error) {
  struct cpcap_functions functions = {.read = read, .close = close};
  FILE *file = cpcap_fopencookie(cookie, "rb", functions);
  if (file == NULL) {
    snprintf(error, PCAP_ERRBUF_SIZE, "%s", strerror(errno));
    close(cookie);
    return NULL;
  }
  setvbuf(file, NULL, _IOFBF, 1 << 16);
  pcap_t *handle = pcap_fopen_offline_with_tstamp_precision(file, precision, error);
  if (handle == NULL) fclose(file);
  return handle;
}

/// Makes a failed read say no more than that.
static inline void cpcap_set_read_error(void) { errno = EIO; }
