// SPDX-License-Identifier: BSD-2-Clause
#include <stdlib.h>
#include <string.h>

#include "CProbe.h"
#include "Peers.h"

// What an instruction asks, or does.
enum opcode { PROTO, SOURCE, DESTINATION, SOURCE_PORTS, DESTINATION_PORTS, ALLOW, COUNT };

// The first word of an instruction; its arguments follow.
struct instruction {
  uint8_t opcode;
  // In words, with this one.
  uint8_t length;
  uint16_t argument;
};

struct rule {
  struct rule *next;
  uint16_t action, words;
  uint64_t packets, bytes;
  uint32_t last;
  struct instruction code[];
};

struct peer_rules {
  struct rule *first, *last;
  size_t count, capacity;
  struct rule **by_number;
  uint64_t allowed;
  uint32_t second;
};

struct peer_rules *peer_rules_new(void) { return calloc(1, sizeof(struct peer_rules)); }

static void append(struct rule *rule, uint8_t opcode, uint16_t argument, int count, uint32_t a,
                   uint32_t b) {
  uint32_t words[2] = {a, b};
  rule->code[rule->words] = (struct instruction){opcode, (uint8_t)(1 + count), argument};
  memcpy(&rule->code[rule->words + 1], words, (size_t)count * sizeof *words);
  rule->words += (uint16_t)(1 + count);
}

static uint32_t ports(uint16_t low, uint16_t high) { return (uint32_t)low << 16 | high; }

void peer_rules_add(struct peer_rules *rules, const struct peer_rule *asked) {
  // Six instructions of three words at most.
  struct rule *rule = calloc(1, sizeof *rule + 18 * sizeof(struct instruction));
  if (asked->protocol >= 0) append(rule, PROTO, (uint16_t)asked->protocol, 0, 0, 0);
  if (asked->source_mask) append(rule, SOURCE, 0, 2, asked->source, asked->source_mask);
  if (asked->source_low > 0 || asked->source_high < 65535)
    append(rule, SOURCE_PORTS, 0, 1, ports(asked->source_low, asked->source_high), 0);
  if (asked->destination_mask)
    append(rule, DESTINATION, 0, 2, asked->destination, asked->destination_mask);
  if (asked->destination_low > 0 || asked->destination_high < 65535)
    append(rule, DESTINATION_PORTS, 0, 1, ports(asked->destination_low, asked->destination_high), 0);
  rule->action = rule->words;
  append(rule, asked->allows ? ALLOW : COUNT, 0, 0, 0, 0);
  if (rules->last) rules->last->next = rule;
  else rules->first = rule;
  rules->last = rule;
  if (rules->count == rules->capacity) {
    rules->capacity = rules->capacity ? rules->capacity * 2 : 16;
    rules->by_number = realloc(rules->by_number, rules->capacity * sizeof *rules->by_number);
  }
  rules->by_number[rules->count++] = rule;
}

static int in_ports(const struct instruction *code, uint16_t port) {
  for (int i = 1; i < code->length; i++) {
    uint32_t range;
    memcpy(&range, &code[i], sizeof range);
    if (port >= range >> 16 && port <= (range & 0xffff)) return 1;
  }
  return 0;
}

static int in_network(const struct instruction *code, uint32_t address) {
  uint32_t words[2];
  memcpy(words, &code[1], sizeof words);
  return (address & words[1]) == words[0];
}

// One packet: what it is, from its bytes, then rule by rule.
__attribute__((noinline)) static uint64_t pass(struct peer_rules *rules, const uint8_t *ip) {
  uint32_t source, destination;
  uint16_t source_port = 0, destination_port = 0, length;
  memcpy(&source, ip + 12, 4);
  memcpy(&destination, ip + 16, 4);
  memcpy(&length, ip + 2, 2);
  source = __builtin_bswap32(source);
  destination = __builtin_bswap32(destination);
  length = __builtin_bswap16(length);
  uint8_t protocol = ip[9];
  int has_ports = protocol == 6 || protocol == 17;
  if (has_ports) {
    memcpy(&source_port, ip + 20, 2);
    memcpy(&destination_port, ip + 22, 2);
    source_port = __builtin_bswap16(source_port);
    destination_port = __builtin_bswap16(destination_port);
  }
  for (struct rule *rule = rules->first; rule; rule = rule->next) {
    const struct instruction *code = rule->code;
    for (int left = rule->words; left > 0; left -= code->length, code += code->length) {
      int is_met = 0;
      switch (code->opcode) {
        case PROTO: is_met = protocol == code->argument; break;
        case SOURCE: is_met = in_network(code, source); break;
        case DESTINATION: is_met = in_network(code, destination); break;
        case SOURCE_PORTS: is_met = has_ports && in_ports(code, source_port); break;
        case DESTINATION_PORTS: is_met = has_ports && in_ports(code, destination_port); break;
        case ALLOW:
        case COUNT:
          rule->packets++;
          rule->bytes += length;
          rule->last = rules->second;
          if (code->opcode == ALLOW) return 1;
          break;
      }
      if (!is_met) break;
    }
  }
  rules->allowed++;
  return 0;
}

void peer_rules_run(
    struct peer_rules *rules, const struct peer_flow *flows, size_t flow_count, size_t first,
    size_t count) {
  enum { BLOCK = 128 };
  static uint8_t block[BLOCK][48];
  size_t part = rules->count < 1000 ? BLOCK : BLOCK / 16;
  size_t next = first % flow_count;
  for (size_t done = 0; done < count; done += part) {
    for (size_t i = 0; i < part; i++) {
      const struct peer_flow *flow = &flows[next];
      next = next + 1 == flow_count ? 0 : next + 1;
      uint32_t ends[2] = {
          __builtin_bswap32(flow->source), __builtin_bswap32(flow->destination)};
      uint16_t two[2] = {
          __builtin_bswap16(flow->source_port), __builtin_bswap16(flow->destination_port)};
      memcpy(block[i], (uint8_t[4]){0x45, 0, 0, 46}, 4);
      block[i][9] = flow->protocol;
      memcpy(block[i] + 12, ends, sizeof ends);
      memcpy(block[i] + 20, two, sizeof two);
    }
    size_t here = count - done < part ? count - done : part;
    probe_start();
    for (size_t i = 0; i < here; i++) pass(rules, block[i]);
    probe_stop();
  }
}

uint64_t peer_rules_packets(const struct peer_rules *rules, size_t rule) {
  return rules->by_number[rule]->packets;
}

void peer_rules_zero(struct peer_rules *rules) {
  for (struct rule *rule = rules->first; rule; rule = rule->next) rule->packets = 0;
}

void peer_rules_free(struct peer_rules *rules) {
  for (struct rule *rule = rules->first, *next; rule; rule = next) {
    next = rule->next;
    free(rule);
  }
  free(rules->by_number);
  free(rules);
}
