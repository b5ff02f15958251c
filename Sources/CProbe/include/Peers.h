// SPDX-License-Identifier: BSD-2-Clause
//
// What the same work costs in plain C: small programs of ours in the manner of what is compared, which
// get the same tables and the same packets. Each run is metered by probe_start() and probe_stop().
#pragma once
#include <stddef.h>
#include <stdint.h>

/// The hop of an address that has no route.
#define PEER_NO_HOP 0xffff

/// A tree of bits in the manner of BSD's radix.c: forks that test one bit of a socket address, leaves
/// with a key and masks, and a way back up through masks.
struct peer_radix;

struct peer_radix *peer_radix_new(void);
/// Adds a prefix that is not there.
void peer_radix_add(struct peer_radix *, uint32_t address, uint8_t length, uint16_t hop);
/// The hop of the longest prefix.
uint16_t peer_radix_find(const struct peer_radix *, uint32_t address);
/// Looks all keys up; returns the sum of their hops.
uint64_t peer_radix_run(const struct peer_radix *, const uint32_t *keys, size_t count);
/// Adds a route for each line "route -q add a.b.c.d/length a.b.c.d" of a text; returns how many.
size_t peer_radix_load(struct peer_radix *, const uint8_t *text, size_t length);
/// Prints a line for each route to /dev/null, in no order; returns how many.
size_t peer_radix_print(const struct peer_radix *);
void peer_radix_free(struct peer_radix *);

/// A trie of three levels, of 16, 8 and 8 bits.
struct peer_dir;

/// Prefixes come by length, the shortest first.
struct peer_dir *peer_dir_new(void);
void peer_dir_add(struct peer_dir *, uint32_t address, uint8_t length, uint16_t hop);
uint16_t peer_dir_find(const struct peer_dir *, uint32_t address);
uint64_t peer_dir_run(const struct peer_dir *, const uint32_t *keys, size_t count);
void peer_dir_free(struct peer_dir *);

/// A forwarder that does what must be done and no more: copies a frame in, checks the header, looks
/// the destination up in a `peer_dir`, takes one from the TTL, writes the next hop's Ethernet header,
/// counts.
struct peer_forwarder;

/// How many next hops it has, the even ones by its first interface, the odd ones by its second.
#define PEER_HOPS 250

struct peer_forwarder *peer_forwarder_new(const struct peer_dir *);
/// Sends `count` packets like `frame`, to the next of the destinations each; returns how many have
/// been forwarded so far.
uint64_t peer_forwarder_run(
    struct peer_forwarder *, const uint8_t *frame, size_t length, const uint32_t *destinations,
    size_t destination_count, size_t count);
/// How many packets have gone to a next hop.
uint64_t peer_forwarder_sent(const struct peer_forwarder *, uint16_t hop);
void peer_forwarder_free(struct peer_forwarder *);

/// A list of rules in the manner of ipfw_chk(): each a list of instructions, tried one by one.
struct peer_rules;

/// What a rule asks for; a mask of 0 and ports from 0 to 65535 ask for nothing.
struct peer_rule {
  uint32_t source, source_mask, destination, destination_mask;
  uint16_t source_low, source_high, destination_low, destination_high;
  /// -1 for any.
  int16_t protocol;
  /// Else it only counts.
  uint8_t allows;
};

struct peer_flow {
  uint32_t source, destination;
  uint16_t source_port, destination_port;
  uint8_t protocol;
};

struct peer_rules *peer_rules_new(void);
void peer_rules_add(struct peer_rules *, const struct peer_rule *);
/// Has packets pass, starting with flow number `first`; what no rule allows is allowed at the end.
void peer_rules_run(
    struct peer_rules *, const struct peer_flow *flows, size_t flow_count, size_t first,
    size_t count);
/// How many packets a rule has counted.
uint64_t peer_rules_packets(const struct peer_rules *, size_t rule);
void peer_rules_zero(struct peer_rules *);
void peer_rules_free(struct peer_rules *);

/// A table of flows in the manner of ipfw's dynamic rules: chains by a sum of addresses and ports.
struct peer_states;

/// The number of chains is a power of two.
struct peer_states *peer_states_new(uint32_t chains);
/// Has packets pass, starting with flow number `first`; returns how many flows there are.
uint32_t peer_states_run(
    struct peer_states *, const struct peer_flow *flows, size_t flow_count, size_t first,
    size_t count);
void peer_states_free(struct peer_states *);
