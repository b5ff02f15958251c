// SPDX-License-Identifier: BSD-2-Clause
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CProbe.h"
#include "Peers.h"

// Where the address stands in a socket address.
enum { ADDRESS = 4, KEY_SIZE = 16 };

// A mask that routes below a fork have, which a search that found nothing further down must try.
struct mask_note {
  const uint8_t *mask;
  struct mask_note *next;
};

struct node {
  struct mask_note *masks;
  struct node *parent;
  // The bit that is tested, counted in the whole key; negative in a leaf.
  int16_t bit;
  uint8_t test;
  union {
    struct {
      const uint8_t *key, *mask;
      // The next leaf with this key, of a shorter mask.
      struct node *same;
    };
    struct {
      int32_t offset;
      struct node *zero, *one;
    };
  };
};

// About what a struct rtentry takes: its two nodes, and what packets need of it.
struct route {
  struct node leaf, fork;
  uint8_t length;
  uint16_t hop;
  uint8_t rest[96];
  uint8_t key[KEY_SIZE];
  struct route *previous;
};

struct peer_radix {
  struct node *top;
  struct route *last;
  // Whether the masks are noted at the forks.
  int is_annotated;
  uint8_t masks[33][KEY_SIZE];
};

static void put_address(uint8_t *key, uint32_t address) {
  for (int i = 0; i < 4; i++) key[ADDRESS + i] = (uint8_t)(address >> (24 - 8 * i));
}

struct peer_radix *peer_radix_new(void) {
  struct peer_radix *tree = calloc(1, sizeof *tree);
  for (int length = 1; length <= 32; length++)
    put_address(tree->masks[length], UINT32_MAX << (32 - length));
  return tree;
}

static struct node *descend(struct node *node, const uint8_t *key) {
  while (node->bit >= 0) node = key[node->offset] & node->test ? node->one : node->zero;
  return node;
}

// The first bit in which two keys differ, or -1.
static int first_difference(const uint8_t *a, const uint8_t *b) {
  for (int offset = ADDRESS; offset < ADDRESS + 4; offset++) {
    uint8_t difference = a[offset] ^ b[offset];
    if (difference) return offset * 8 + __builtin_clz(difference) - 24;
  }
  return -1;
}

static void replace_child(struct peer_radix *tree, struct node *old, struct node *new) {
  struct node *parent = old->parent;
  if (parent == NULL) tree->top = new;
  else if (parent->zero == old) parent->zero = new;
  else parent->one = new;
  new->parent = parent;
}

// Puts a leaf among those with the same key, the longest mask first.
static void add_same(struct peer_radix *tree, struct node *first, struct node *leaf) {
  if (memcmp(leaf->mask, first->mask, KEY_SIZE) > 0) {
    replace_child(tree, first, leaf);
    leaf->same = first;
    return;
  }
  struct node *before = first;
  while (before->same && memcmp(before->same->mask, leaf->mask, KEY_SIZE) > 0)
    before = before->same;
  leaf->same = before->same;
  before->same = leaf;
  leaf->parent = first->parent;
}

void peer_radix_add(struct peer_radix *tree, uint32_t address, uint8_t length, uint16_t hop) {
  struct route *route = calloc(1, sizeof *route);
  route->hop = hop;
  route->length = length;
  put_address(route->key, address);
  route->previous = tree->last;
  tree->last = route;
  tree->is_annotated = 0;
  struct node *leaf = &route->leaf;
  leaf->bit = -1;
  leaf->key = route->key;
  leaf->mask = tree->masks[length];
  if (tree->top == NULL) {
    tree->top = leaf;
    return;
  }
  struct node *near = descend(tree->top, route->key);
  int bit = first_difference(near->key, route->key);
  if (bit < 0) return add_same(tree, near, leaf);
  struct node *place = tree->top;
  while (place->bit >= 0 && place->bit < bit)
    place = route->key[place->offset] & place->test ? place->one : place->zero;
  struct node *fork = &route->fork;
  fork->bit = (int16_t)bit;
  fork->offset = bit / 8;
  fork->test = (uint8_t)(0x80 >> bit % 8);
  replace_child(tree, place, fork);
  if (route->key[fork->offset] & fork->test) fork->one = leaf, fork->zero = place;
  else fork->zero = leaf, fork->one = place;
  leaf->parent = place->parent = fork;
}

// Notes each route's mask at the highest fork below which all addresses of the route lie.
static void annotate(struct peer_radix *tree) {
  for (struct route *route = tree->last; route; route = route->previous) {
    struct node *node = descend(tree->top, route->key), *highest = NULL;
    while ((node = node->parent) && node->bit >= ADDRESS * 8 + route->length) highest = node;
    if (highest == NULL) continue;
    struct mask_note **place = &highest->masks;
    const uint8_t *mask = route->leaf.mask;
    while (*place && memcmp((*place)->mask, mask, KEY_SIZE) > 0) place = &(*place)->next;
    if (*place && (*place)->mask == mask) continue;
    struct mask_note *note = malloc(sizeof *note);
    *note = (struct mask_note){mask, *place};
    *place = note;
  }
  tree->is_annotated = 1;
}

static int covers(const struct node *leaf, const uint8_t *key) {
  for (int i = ADDRESS; i < ADDRESS + 4; i++)
    if ((key[i] ^ leaf->key[i]) & leaf->mask[i]) return 0;
  return 1;
}

static const struct node *match(const struct peer_radix *tree, const uint8_t *key) {
  if (tree->top == NULL) return NULL;
  struct node *node = descend(tree->top, key);
  for (struct node *leaf = node; leaf; leaf = leaf->same)
    if (covers(leaf, key)) return leaf;
  for (node = node->parent; node; node = node->parent)
    for (struct mask_note *note = node->masks; note; note = note->next) {
      struct node *leaf = node;
      while (leaf->bit >= 0)
        leaf = key[leaf->offset] & note->mask[leaf->offset] & leaf->test ? leaf->one : leaf->zero;
      while (leaf && leaf->mask != note->mask) leaf = leaf->same;
      if (leaf && covers(leaf, key)) return leaf;
    }
  return NULL;
}

uint16_t peer_radix_find(const struct peer_radix *tree, uint32_t address) {
  if (!tree->is_annotated) annotate((struct peer_radix *)tree);
  uint8_t key[KEY_SIZE] = {KEY_SIZE, 2};
  put_address(key, address);
  const struct node *leaf = match(tree, key);
  return leaf ? ((const struct route *)leaf)->hop : PEER_NO_HOP;
}

uint64_t peer_radix_run(const struct peer_radix *tree, const uint32_t *keys, size_t count) {
  uint64_t sum = 0;
  for (size_t done = 0; done < count; done += PROBE_KEYS) {
    size_t end = count - done < PROBE_KEYS ? count : done + PROBE_KEYS;
    probe_start();
    for (size_t i = done; i < end; i++) sum += peer_radix_find(tree, keys[i]);
    probe_stop();
  }
  return sum;
}

// Reads an address; returns where it ends, or NULL.
static const uint8_t *read_address(const uint8_t *at, uint32_t *address) {
  *address = 0;
  for (int i = 0; i < 4; i++, at++) {
    uint32_t number = 0;
    if (*at < '0' || *at > '9') return NULL;
    for (; *at >= '0' && *at <= '9'; at++) number = number * 10 + (*at - '0');
    *address = *address << 8 | number;
    if (i == 3) return at;
    if (*at != '.') return NULL;
  }
  return NULL;
}

size_t peer_radix_load(struct peer_radix *tree, const uint8_t *text, size_t length) {
  static const char words[] = "route -q add ";
  size_t count = 0;
  for (const uint8_t *at = text, *end = text + length, *next; at < end; at = next) {
    next = memchr(at, '\n', (size_t)(end - at));
    if (next++ == NULL) break;
    uint32_t network, gateway, bits = 0;
    if (memcmp(at, words, sizeof words - 1) != 0) continue;
    if ((at = read_address(at + sizeof words - 1, &network)) == NULL || *at++ != '/') continue;
    for (; *at >= '0' && *at <= '9'; at++) bits = bits * 10 + (*at - '0');
    if (bits > 32 || *at++ != ' ' || read_address(at, &gateway) == NULL) continue;
    peer_radix_add(tree, network, (uint8_t)bits, (uint16_t)(gateway & 255));
    count++;
  }
  return count;
}

size_t peer_radix_print(const struct peer_radix *tree) {
  FILE *nowhere = fopen("/dev/null", "w");
  size_t count = 0;
  for (const struct route *route = tree->last; route; route = route->previous, count++) {
    const uint8_t *key = route->key + ADDRESS;
    char network[32], gateway[32];
    snprintf(network, sizeof network, "%d.%d.%d.%d/%d", key[0], key[1], key[2], key[3],
             route->length);
    snprintf(gateway, sizeof gateway, "10.0.%d.%d", 1 + (route->hop & 1), 2 + route->hop / 2);
    fprintf(nowhere, "%-18s %-18s %-10s %6d %8d %6s\n", network, gateway, "UGS", 0, 0, "em1");
  }
  fclose(nowhere);
  return count;
}

void peer_radix_free(struct peer_radix *tree) {
  for (struct route *route = tree->last, *previous; route; route = previous) {
    previous = route->previous;
    for (struct mask_note *note = route->fork.masks, *next; note; note = next) {
      next = note->next;
      free(note);
    }
    free(route);
  }
  free(tree);
}
