// SPDX-License-Identifier: BSD-2-Clause
#include <stdlib.h>

#include "CProbe.h"
#include "Peers.h"

struct state {
  struct state *next;
  struct peer_flow flow;
  uint64_t packets, bytes;
  uint32_t expiry;
};

struct peer_states {
  struct state **chains;
  uint32_t mask, count, second;
};

struct peer_states *peer_states_new(uint32_t chains) {
  struct peer_states *states = calloc(1, sizeof *states);
  states->chains = calloc(chains, sizeof *states->chains);
  states->mask = chains - 1;
  return states;
}

static int is_of(const struct peer_flow *a, const struct peer_flow *b) {
  if (a->protocol != b->protocol) return 0;
  if (a->source == b->source && a->destination == b->destination &&
      a->source_port == b->source_port && a->destination_port == b->destination_port)
    return 1;
  return a->source == b->destination && a->destination == b->source &&
         a->source_port == b->destination_port && a->destination_port == b->source_port;
}

// A packet: counts under its state, and makes one where there is none.
__attribute__((noinline)) static struct state *pass(
    struct peer_states *states, const struct peer_flow *flow) {
  // The same both ways.
  uint32_t hash = flow->source ^ flow->destination ^ (flow->source_port ^ flow->destination_port);
  struct state **chain = &states->chains[hash & states->mask], *state = *chain;
  for (; state; state = state->next)
    if (is_of(&state->flow, flow)) break;
  if (state == NULL) {
    state = calloc(1, sizeof *state);
    state->flow = *flow;
    state->next = *chain;
    *chain = state;
    states->count++;
  }
  state->packets++;
  state->bytes += 46;
  state->expiry = states->second + 10;
  return state;
}

uint32_t peer_states_run(
    struct peer_states *states, const struct peer_flow *flows, size_t flow_count, size_t first,
    size_t count) {
  size_t next = first % flow_count;
  for (size_t done = 0; done < count; done += PROBE_KEYS) {
    size_t end = count - done < PROBE_KEYS ? count : done + PROBE_KEYS;
    probe_start();
    for (size_t i = done; i < end; i++) {
      pass(states, &flows[next]);
      next = next + 1 == flow_count ? 0 : next + 1;
    }
    probe_stop();
  }
  return states->count;
}

void peer_states_free(struct peer_states *states) {
  for (uint32_t i = 0; i <= states->mask; i++)
    for (struct state *state = states->chains[i], *next; state; state = next) {
      next = state->next;
      free(state);
    }
  free(states->chains);
  free(states);
}
