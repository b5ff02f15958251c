// SPDX-License-Identifier: BSD-2-Clause
#pragma once
#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>

/// Opens a capture that is in memory, which must stay until pcap_close().
static inline pcap_t *cpcap_open_memory(const void *bytes, size_t count, unsigned precision, char *error) {
  FILE *file = fmemopen((void *)bytes, count, "rb");
  if (file == NULL) {
    snprintf(error, PCAP_ERRBUF_SIZE, "%s", strerror(errno));
    return NULL;
  }
  pcap_t *handle = pcap_fopen_offline_with_tstamp_precision(file, precision, error);
  if (handle == NULL) fclose(file);
  return handle;
}
