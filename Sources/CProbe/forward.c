// SPDX-License-Identifier: BSD-2-Clause
#include <stdlib.h>
#include <string.h>

#include "CProbe.h"
#include "Peers.h"

// An entry is a hop with one added, so that memory that is all zeros is the empty table; or with
// this bit the number of a group of the next level.
enum { GROUP = 256, FURTHER = 0x8000 };
static const uint32_t FURTHER_FIRST = 0x80000000;

struct peer_dir {
  uint32_t *first;
  uint16_t *second, *third;
  uint32_t second_groups, third_groups;
};

struct peer_dir *peer_dir_new(void) {
  struct peer_dir *table = calloc(1, sizeof *table);
  table->first = calloc(1 << 16, sizeof *table->first);
  return table;
}

// Makes a group whose entries are all the same; returns its number.
static uint32_t add_group(uint16_t **groups, uint32_t *count, uint16_t value) {
  // Grown at powers of two.
  if ((*count & (*count - 1)) == 0)
    *groups = realloc(*groups, (size_t)(*count ? *count * 2 : 1) * GROUP * sizeof **groups);
  uint16_t *group = *groups + (size_t)*count * GROUP;
  for (int i = 0; i < GROUP; i++) group[i] = value;
  return (*count)++;
}

void peer_dir_add(struct peer_dir *table, uint32_t address, uint8_t length, uint16_t hop) {
  uint16_t value = (uint16_t)(hop + 1);
  uint32_t *first = &table->first[address >> 16];
  if (length <= 16) {
    for (uint32_t i = 0; i < 1u << (16 - length); i++) first[i] = value;
    return;
  }
  if (!(*first & FURTHER_FIRST))
    *first = FURTHER_FIRST |
             add_group(&table->second, &table->second_groups, (uint16_t)*first);
  size_t place = (size_t)(*first & ~FURTHER_FIRST) * GROUP + (address >> 8 & 255);
  if (length <= 24) {
    for (uint32_t i = 0; i < 1u << (24 - length); i++) table->second[place + i] = value;
    return;
  }
  uint16_t *second = &table->second[place];
  if (!(*second & FURTHER))
    *second = (uint16_t)(FURTHER | add_group(&table->third, &table->third_groups, *second));
  size_t start = (size_t)(*second & ~FURTHER) * GROUP + (address & 255);
  for (uint32_t i = 0; i < 1u << (32 - length); i++) table->third[start + i] = value;
}

static inline uint16_t find(const struct peer_dir *table, uint32_t address) {
  uint32_t first = table->first[address >> 16];
  if (!(first & FURTHER_FIRST)) return (uint16_t)(first - 1);
  uint16_t value =
      table->second[(size_t)(first & ~FURTHER_FIRST) * GROUP + (address >> 8 & 255)];
  if (__builtin_expect(value & FURTHER, 0))
    value = table->third[(size_t)(value & ~FURTHER) * GROUP + (address & 255)];
  return (uint16_t)(value - 1);
}

uint16_t peer_dir_find(const struct peer_dir *table, uint32_t address) {
  return find(table, address);
}

uint64_t peer_dir_run(const struct peer_dir *table, const uint32_t *keys, size_t count) {
  uint64_t sum = 0;
  for (size_t done = 0; done < count; done += PROBE_KEYS) {
    size_t end = count - done < PROBE_KEYS ? count : done + PROBE_KEYS;
    probe_start();
    for (size_t i = done; i < end; i++) sum += find(table, keys[i]);
    probe_stop();
  }
  return sum;
}

void peer_dir_free(struct peer_dir *table) {
  free(table->first);
  free(table->second);
  free(table->third);
  free(table);
}

// What is known of a neighbour: its frame's first 14 bytes, and how much it was sent.
struct neighbour {
  uint8_t ethernet[14];
  uint8_t interface;
  uint64_t packets;
};

struct interface {
  uint64_t packets, bytes;
};

enum { BLOCK = 128, SLOT = 2048, SLOTS = 64 };

struct peer_forwarder {
  const struct peer_dir *table;
  struct neighbour neighbours[PEER_HOPS];
  struct interface in, out[2];
  uint64_t received, forwarded, dropped;
  uint8_t (*slots)[SLOT];
  size_t slot, next;
};

struct peer_forwarder *peer_forwarder_new(const struct peer_dir *table) {
  struct peer_forwarder *it = calloc(1, sizeof *it);
  it->table = table;
  it->slots = calloc(SLOTS, SLOT);
  for (int hop = 0; hop < PEER_HOPS; hop++) {
    uint8_t bytes[14] = {2, 0xcc, 0, 0, 0, (uint8_t)hop, 2, 0, 0, 0, 0, 1, 8, 0};
    memcpy(it->neighbours[hop].ethernet, bytes, sizeof bytes);
    it->neighbours[hop].interface = hop & 1;
  }
  return it;
}

static inline uint16_t load16(const uint8_t *at) {
  uint16_t value;
  memcpy(&value, at, sizeof value);
  return __builtin_bswap16(value);
}

static inline uint32_t load32(const uint8_t *at) {
  uint32_t value;
  memcpy(&value, at, sizeof value);
  return __builtin_bswap32(value);
}

static inline void store16(uint8_t *at, uint16_t value) {
  value = __builtin_bswap16(value);
  memcpy(at, &value, sizeof value);
}

static uint16_t checksum(const uint8_t *bytes, size_t length) {
  uint32_t sum = 0;
  for (size_t i = 0; i < length; i += 2) sum += load16(bytes + i);
  sum = (sum & 0xffff) + (sum >> 16);
  return (uint16_t)~(sum + (sum >> 16));
}

static int is_forwardable(const uint8_t *ip, size_t length) {
  if (length < 20 || ip[0] >> 4 != 4) return 0;
  size_t header = (size_t)(ip[0] & 15) * 4;
  if (header < 20 || header > length || checksum(ip, header) != 0) return 0;
  size_t total = load16(ip + 2);
  if (total < header || total > length) return 0;
  return ip[12] != 127 && ip[16] != 127 && ip[16] < 224 && ip[8] > 1;
}

__attribute__((noinline)) static void receive(
    struct peer_forwarder *it, const uint8_t *frame, size_t length) {
  uint8_t *slot = it->slots[it->slot];
  it->slot = (it->slot + 1) % SLOTS;
  memcpy(slot, frame, length);
  it->in.packets++;
  it->in.bytes += length;
  it->received++;
  uint8_t *ip = slot + 14;
  if (load16(slot + 12) != 0x0800 || !is_forwardable(ip, length - 14)) {
    it->dropped++;
    return;
  }
  uint16_t hop = find(it->table, load32(ip + 16));
  if (hop >= PEER_HOPS) {
    it->dropped++;
    return;
  }
  ip[8]--;
  // RFC 1624: one less in the upper half of a word is one more there in the sum of complements.
  uint32_t sum = (uint32_t)load16(ip + 10) + 0x100;
  store16(ip + 10, (uint16_t)(sum + (sum >> 16)));
  struct neighbour *neighbour = &it->neighbours[hop];
  memcpy(slot, neighbour->ethernet, sizeof neighbour->ethernet);
  neighbour->packets++;
  it->out[neighbour->interface].packets++;
  it->out[neighbour->interface].bytes += length;
  it->forwarded++;
}

uint64_t peer_forwarder_run(
    struct peer_forwarder *it, const uint8_t *frame, size_t length, const uint32_t *destinations,
    size_t destination_count, size_t count) {
  static uint8_t block[BLOCK][1536];
  for (size_t i = 0; i < BLOCK; i++) memcpy(block[i], frame, length);
  for (size_t done = 0; done < count; done += BLOCK) {
    for (size_t i = 0; i < BLOCK; i++) {
      uint32_t address = __builtin_bswap32(destinations[it->next]);
      it->next = it->next + 1 == destination_count ? 0 : it->next + 1;
      uint8_t *ip = block[i] + 14;
      memcpy(ip + 16, &address, sizeof address);
      store16(ip + 10, 0);
      store16(ip + 10, checksum(ip, 20));
    }
    probe_start();
    for (size_t i = 0; i < BLOCK; i++) receive(it, block[i], length);
    probe_stop();
  }
  return it->forwarded;
}

uint64_t peer_forwarder_sent(const struct peer_forwarder *it, uint16_t hop) {
  return it->neighbours[hop].packets;
}

void peer_forwarder_free(struct peer_forwarder *it) {
  free(it->slots);
  free(it);
}
